"""`dealspan_names`: companies, investors and the publications that statements are taken from.

Candidates (capitalised stretches), evidence for each (lists, shapes, context) and entities (the occurrences of one
name), a module each, lead to a decision: by the weights of the rules, or by a trained model that sees the evidence
among much else. The occurrences of one name are decided together, so that one telling context ("led by Novena
Capital") settles every other.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Name
from dealspan.components.names.candidates import Candidate, find_candidates, title_case_lines
from dealspan.components.names.entities import Entity, group
from dealspan.components.names.evidence import Evidence, evidence_of
from dealspan.components.names.features import Context, Occurrences, features
from dealspan.components.names.lexicon import Kind, Lexicon, key, load
from dealspan.components.names.model import CLASSES, NameModel, read_model
from dealspan.loglinear import model_file

_LABELS: dict[Kind, str] = {"company": "COMPANY", "investor": "INVESTOR", "publication": "PUBLICATION"}
# A firm is called a company where it raises, whatever it is elsewhere.
_RAISING = frozenset(("raises", "closes_round", "digest_item"))
LEARNED = "learned"
"""The rule of a name that only the model speaks for."""


class Surroundings(NamedTuple):
    """What other components found in a text: where its sentences start, amounts and round types, its sections."""

    openings: frozenset[int] = frozenset()
    blocked: tuple[tuple[int, int], ...] = ()
    sections: tuple[tuple[int, str], ...] = ()

    def context(self) -> Context:
        """What of it the model looks at."""
        return Context(sorted(start for start, _ in self.blocked), self.sections)


_NOTHING = Surroundings()


def surroundings(doc: Doc) -> Surroundings:
    """Read what other components wrote on a Doc."""
    return Surroundings(
        openings=frozenset(f.start for f in annotations.read(doc, "sentences")),
        blocked=tuple((f.start, f.end) for layer in ("money", "rounds") for f in annotations.read(doc, layer)),
        sections=tuple((f.start, f.label) for f in annotations.read(doc, "sections")),
    )


Decided = dict[int, tuple[Kind, str]]
"""What each candidate is taken for, by its index, and the rule that says so."""


class Reading(NamedTuple):
    """The candidates of a text with the evidence for each, and their entities."""

    candidates: list[Candidate]
    evidence: list[list[Evidence]]
    entities: list[Entity]


def read_names(text: str, lexicon: Lexicon, around: Surroundings = _NOTHING) -> Reading:
    """Find what could be a name, what speaks for and against it, and which candidates are one name."""
    found = find_candidates(text, lexicon, around.openings, around.blocked)
    candidates = sorted(found, key=lambda c: (c.start, -c.end))
    candidates = [c for i, c in enumerate(candidates) if i == 0 or c.start >= candidates[i - 1].end]
    evidence = evidence_of(text, candidates, lexicon, sorted(around.openings))
    return Reading(candidates, evidence, group(candidates, evidence, lexicon))


def decided_by_rules(reading: Reading) -> Decided:
    """What the rules take each candidate for, by its index, and the rule that says most for it."""
    found = {}
    for entity in reading.entities:
        kind, rule = entity.decide()
        for i in entity.occurrences:
            raising = kind == "investor" and any(e.rule in _RAISING for e in reading.evidence[i])
            found[i] = ("company" if raising else kind), rule
    return found


def features_of(text: str, reading: Reading, by_rules: Decided, context: Context, lexicon: Lexicon) -> list[list[str]]:
    """What the model sees of each candidate; `by_rules` is what `decided_by_rules` takes them for."""
    kinds = {i: kind for i, (kind, _) in by_rules.items()}
    entities = [
        Occurrences(
            entity.occurrences,
            max((reading.candidates[i].text for i in entity.occurrences), key=len),
            sorted({rule for rule, _ in entity.evidence}),
        )
        for entity in reading.entities
    ]
    return list(features(text, reading.candidates, reading.evidence, entities, kinds, context, lexicon))


def decided_by_model(text: str, reading: Reading, context: Context, lexicon: Lexicon, model: NameModel) -> Decided:
    """What the model takes each candidate for; listed names and publications are left to the rules."""
    found = decided_by_rules(reading)
    alone = model.kinds.log_probabilities(features_of(text, reading, found, context, lexicon))
    for entity in reading.entities:
        if entity.listed:
            continue
        joint = alone[entity.occurrences] + model.spread * alone[entity.occurrences].mean(axis=0)
        joint[:, 0] -= model.doubt
        for i, best in zip(entity.occurrences, joint.argmax(axis=1), strict=True):
            kind = CLASSES[int(best)]
            if kind != "other" or found[i][0] != "publication":
                found[i] = kind, entity.strongest(kind) or LEARNED
    return found


def find_names(
    text: str, lexicon: Lexicon, around: Surroundings = _NOTHING, *, model: NameModel | None = None
) -> Iterator[Found[Name]]:
    """Yield every occurrence of a company, an investor or a publication, in text order.

    Parameters
    ----------
    text
        The raw text.
    lexicon
        The lists of facts and the patterns.
    around
        What other components found in the text.
    model
        A trained model that decides; without it the rules do.

    """
    reading = read_names(text, lexicon, around)
    if model and reading.candidates:
        decided = decided_by_model(text, reading, around.context(), lexicon, model)
    else:
        decided = decided_by_rules(reading)
    found: list[Found[Name]] = []
    for entity in reading.entities:
        members = [i for i in entity.occurrences if decided[i][0] in _LABELS]
        names = [reading.candidates[i].text for i in members]
        if not names:
            continue
        fullest = max(names, key=lambda n: (len(n), -names.index(n)))
        for i in members:
            candidate, (kind, rule) = reading.candidates[i], decided[i]
            found.append(Found(candidate.start, candidate.end, _LABELS[kind], rule, Name(fullest)))
    yield from _with_headlines(text, found)


def _with_headlines(text: str, found: list[Found[Name]]) -> list[Found[Name]]:
    """Add the occurrences in lines of title case, where an ordinary word may be a name that the body has settled."""
    lines = title_case_lines(text)
    if not lines:
        return sorted(found)
    settled = {text[f.start : f.end]: f for f in reversed(found)}
    settled.update(
        {
            text[f.start : f.end].split()[0]: f
            for f in found
            if len(text[f.start : f.end].split()[0]) > 3 and f.value.entity.count(" ") == 1 and f.rule == "legal_form"
        }
    )
    names = sorted(settled, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, names)) + r")(?!\w)") if names else None
    for start, end in lines if pattern else ():
        assert pattern is not None
        for match in pattern.finditer(text, start, end):
            inside = [f for f in found if f.start < match.end() and match.start() < f.end]
            if all(
                match.start() <= f.start and f.end <= match.end() and f.end - f.start < match.end() - match.start()
                for f in inside
            ):
                for f in inside:
                    found.remove(f)
                model = settled[match.group()]
                found.append(Found(match.start(), match.end(), model.label, model.rule, model.value))
    return sorted(found)


class NamesComponent:
    """Writes the layer `names`."""

    def __init__(self, lexicon: Lexicon, model: NameModel | None = None) -> None:
        self.lexicon = lexicon
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Find the names of a Doc."""
        found = find_names(annotations.text_of(doc), self.lexicon, surroundings(doc), model=self.model)
        annotations.write(doc, "names", found)
        return doc


@Language.factory(
    "dealspan_names",
    assigns=["doc._.dealspan_names"],
    default_config={"companies": [], "investors": [], "publications": [], "model": None},
)
def make_names(
    nlp: Language,
    name: str,
    companies: list[str],
    investors: list[str],
    publications: list[str],
    model: str | None,
) -> NamesComponent:
    """Build the component.

    The lists add names to the lexicon of the package; `model` names a shipped model or is a file of your own.
    """
    lexicon = load()
    known = dict(lexicon.known)
    own: tuple[tuple[list[str], Kind], ...] = (
        (companies, "company"),
        (investors, "investor"),
        (publications, "publication"),
    )
    for names, kind in own:
        known.update({key(n): (kind, f"user_{kind}") for n in names})
    return NamesComponent(lexicon._replace(known=known), read_model(model_file(model)) if model else None)
