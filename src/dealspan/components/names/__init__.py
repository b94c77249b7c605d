"""`dealspan_names`: companies, investors and the publications that statements are taken from.

Candidates (capitalised stretches), evidence for each (lists, shapes, context) and entities (the occurrences of one
name), a module each, lead to a decision: by the weights of the rules, or by a trained tagger that sees the evidence
among much else. The occurrences of one name are decided together, so that one telling context ("led by Novena
Capital") settles every other.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Name
from dealspan.components.names.candidates import Candidate, find_candidates, title_case_lines
from dealspan.components.names.columns import Columns, Place, Tokens, columns, tokens_of
from dealspan.components.names.encoder import Encoder, read_encoder
from dealspan.components.names.entities import Entity, group
from dealspan.components.names.evidence import Evidence, evidence_of
from dealspan.components.names.features import Context, Occurrences, features
from dealspan.components.names.lexicon import Kind, Lexicon, key, load
from dealspan.components.names.tagger import Probabilities, Tagger, names_in, read_tagger
from dealspan.loglinear import LogLinear, model_file, read_models

_LABELS: dict[Kind, str] = {"company": "COMPANY", "investor": "INVESTOR", "publication": "PUBLICATION"}
# A firm is called a company where it raises, whatever it is elsewhere.
_RAISING = frozenset(("raises", "closes_round", "digest_item"))
# What an occurrence of a name opens with, and what does not follow one.
_OPENING, _WORD = re.compile(r"(?<![\w-])(?:\w+|\S)"), re.compile(r"\w")
LEARNED = "learned"
"""The rule of a name that only the tagger speaks for."""
# What the rules say where a tagger sees no name: of publications, and of names in the lists of facts.
_UNSEEN = frozenset(("publication", "known_company", "known_investor"))
KINDS: tuple[Kind, ...] = ("other", "company", "investor")
DOUBT = 1.0
"""Taken off the logarithm of "no name" where the tagger's names are cut out: one too many may still be dropped."""
SURE = 0.8
"""A name that the tagger finds less likely than this is shown to the model of candidates too; with 0.9 no F1 of names,
deals or slots on the development part is better by more than 0.001, with 0.6 slots are 0.004 worse."""
SECOND = 0.6
"""How much that model counts beside the tagger. Of 0, 0.3, 0.6 and 1 the best mean F1 of companies and investors."""
SPREAD = 1.0
"""How much the mean over the occurrences of a name counts beside one; with 3 no F1 moved by more than 0.007."""
LENIENCE = 0.5
"""Taken off the logarithm of "no name" in the end: a name that is missed costs a deal, one too many mostly nothing."""


class Surroundings(NamedTuple):
    """What other components found in a text: where its sentences start, its sections, and amounts and round types."""

    openings: frozenset[int] = frozenset()
    sections: tuple[tuple[int, str], ...] = ()
    blocked: tuple[tuple[int, int, str], ...] = ()


_NOTHING = Surroundings()


def surroundings(doc: Doc) -> Surroundings:
    """Read what other components wrote on a Doc."""
    return Surroundings(
        openings=frozenset(f.start for f in annotations.read(doc, "sentences")),
        sections=tuple((f.start, f.label) for f in annotations.read(doc, "sections")),
        blocked=tuple((f.start, f.end, layer) for layer in ("money", "rounds") for f in annotations.read(doc, layer)),
    )


class Decided(NamedTuple):
    """What a candidate is taken for, the rule that says so, and how probable it is where a tagger says it."""

    kind: Kind
    rule: str
    sure: float | None = None


class Reading(NamedTuple):
    """The candidates of a text with the evidence for each, and their entities."""

    candidates: list[Candidate]
    evidence: list[list[Evidence]]
    entities: list[Entity]


def read_names(text: str, lexicon: Lexicon, around: Surroundings = _NOTHING) -> Reading:
    """Find what could be a name, what speaks for and against it, and which candidates are one name."""
    found = find_candidates(text, lexicon, around.openings, [(start, end) for start, end, _ in around.blocked])
    candidates = sorted(found, key=lambda c: (c.start, -c.end))
    candidates = [c for i, c in enumerate(candidates) if i == 0 or c.start >= candidates[i - 1].end]
    evidence = evidence_of(text, candidates, lexicon, sorted(around.openings))
    return Reading(candidates, evidence, group(candidates, evidence, lexicon))


def decided_by_rules(reading: Reading) -> list[Decided]:
    """What the rules take each candidate for, and the rule that says most for it."""
    found = [Decided("other", "no_evidence")] * len(reading.candidates)
    for entity in reading.entities:
        kind, rule = entity.decide()
        for i in entity.occurrences:
            raising = kind == "investor" and any(e.rule in _RAISING for e in reading.evidence[i])
            found[i] = Decided("company" if raising else kind, rule)
    return found


class NameModel(NamedTuple):
    """A tagger, and the model of candidates that is asked where it is not sure."""

    tagger: Tagger | Encoder
    candidates: LogLinear


def columns_of(
    reading: Reading, by_rules: Sequence[Decided], tokens: Tokens, around: Surroundings, lexicon: Lexicon
) -> Columns:
    """What the tagger sees of a text; `by_rules` is what `decided_by_rules` takes the candidates for."""
    place = Place(around.openings, around.blocked, around.sections)
    return columns(tokens, reading.candidates, [(one.kind, one.rule) for one in by_rules], place, lexicon)


def features_of(
    text: str,
    reading: Reading,
    by_rules: Sequence[Decided],
    around: Surroundings,
    lexicon: Lexicon,
    chosen: Sequence[int] | None = None,
) -> list[list[str]]:
    """What the model of candidates sees of those that are `chosen` by their index, or of all."""
    entities = [
        Occurrences(
            entity.occurrences,
            max((reading.candidates[i].text for i in entity.occurrences), key=len),
            sorted({rule for rule, _ in entity.evidence}),
        )
        for entity in reading.entities
    ]
    context = Context(sorted(start for start, _, _ in around.blocked), around.sections)
    kinds = [one.kind for one in by_rules]
    return list(features(text, reading.candidates, reading.evidence, entities, kinds, context, lexicon, chosen))


def decided_by_model(
    text: str, reading: Reading, tokens: Tokens, around: Surroundings, lexicon: Lexicon, model: NameModel
) -> tuple[Reading, list[Decided]]:
    """The names that a model sees, as a reading of their own, and what each is.

    What the rules say stands for names that the user lists, and where the tagger sees no name also for publications and
    for names in the lists of facts.
    """
    by_rules = decided_by_rules(reading)
    found = model.tagger.probabilities(tokens, columns_of(reading, by_rules, tokens, around, lexicon))
    listed = {i for entity in reading.entities if entity.listed_by_user for i in entity.occurrences}
    own = sorted((reading.candidates[i].start, reading.candidates[i].end) for i in listed)
    spans = np.array(list(_trimmed(names_in(found, DOUBT), tokens)), dtype=np.intp).reshape(-1, 2)
    places = [(tokens.starts[first], tokens.ends[last - 1]) for first, last in spans.tolist()]
    free = [not _overlaps(own, start, end) for start, end in places]
    spans, places = spans[free], [place for place, one in zip(places, free, strict=True) if one]
    same = {(c.start, c.end): i for i, c in enumerate(reading.candidates)}
    # Each with its number among the candidates of the rules and among the tagger's spans, where it is one.
    merged: list[tuple[Candidate, int | None, int | None]] = []
    for number, (start, end) in enumerate(places):
        i = same.get((start, end))
        candidate = Candidate(start, end, text[start:end], start in around.openings, False, False)
        merged.append((candidate if i is None else reading.candidates[i], i, number))
    alone = _of_spans(found, spans)
    unsure = [number for number, best in enumerate(alone.max(axis=1, initial=-9).tolist()) if best < np.log(SURE)]
    asked = [(number, i) for number in unsure if (i := merged[number][1]) is not None]
    weight = np.full(len(alone), 1 + SECOND)
    if asked:
        numbers = [number for number, _ in asked]
        rows = features_of(text, reading, by_rules, around, lexicon, [i for _, i in asked])
        weight[numbers] = 1
        alone[numbers] += SECOND * model.candidates.log_probabilities(rows)
    alone *= weight[:, None]
    alone[:, 0] -= LENIENCE
    merged += [
        (c, i, None)
        for i, c in enumerate(reading.candidates)
        if i in listed or (by_rules[i].rule in _UNSEEN and not _overlaps(places, c.start, c.end))
    ]
    merged.sort(key=lambda item: item[0].start)
    candidates = [c for c, _, _ in merged]
    evidence = [[] if i is None else reading.evidence[i] for _, i, _ in merged]
    entities = group(candidates, evidence, lexicon)
    decided = [Decided("other", "no_evidence") if i is None else by_rules[i] for _, i, _ in merged]
    members = [
        (n, own_number, e)
        for e, entity in enumerate(entities)
        for n in entity.occurrences
        if (own_number := merged[n][2]) is not None
    ]
    if members:
        order, homes = np.array([one for _, one, _ in members]), np.array([e for _, _, e in members])
        joint = _joint(alone[order], homes)
        for (n, _, e), best, row in zip(members, joint.argmax(axis=1).tolist(), joint, strict=True):
            kind = KINDS[best]
            decided[n] = Decided(kind, entities[e].strongest(kind) or LEARNED, float(row[best]))
    return Reading(candidates, evidence, entities), decided


def _trimmed(spans: Sequence[tuple[int, int]], tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Spans without the white space at their ends, which is tokens where it is more than one blank."""
    for first, last in spans:
        words = tokens.orths[tokens.word[first:last]].tolist()
        inked = [i for i, orth in enumerate(words, first) if not tokens.strings[orth].isspace()]
        if inked:
            yield inked[0], inked[-1] + 1


def _overlaps(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a stretch overlaps one of some that are sorted and lie apart."""
    i = bisect_left(spans, (end,))
    return i > 0 and spans[i - 1][1] > start


def _of_spans(found: Probabilities, spans: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """The mean logarithm of the probability of each kind over the tokens of each span, (spans, kinds)."""
    by_kind = np.stack([found[:, 0], found[:, 1:5].sum(axis=1), found[:, 5:9].sum(axis=1)], axis=1)
    sums = np.concatenate([np.zeros((1, len(KINDS))), np.log(by_kind + 1e-4).cumsum(axis=0, dtype=np.float64)])
    means: npt.NDArray[np.float64] = (sums[spans[:, 1]] - sums[spans[:, 0]]) / (spans[:, 1] - spans[:, 0])[:, None]
    return means


def _joint(alone: npt.NDArray[np.float64], homes: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """The probability of each kind where the other occurrences of a name count beside one, (names, kinds)."""
    sums, counts = np.zeros((int(homes.max()) + 1, len(KINDS))), np.bincount(homes)
    np.add.at(sums, homes, alone)
    joint = alone + SPREAD * sums[homes] / counts[homes, None]
    odds = np.exp(joint - joint.max(axis=1, keepdims=True))
    result: npt.NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return result


def find_names(
    text: str,
    lexicon: Lexicon,
    around: Surroundings = _NOTHING,
    *,
    tokens: Tokens | None = None,
    model: NameModel | None = None,
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
    tokens, model
        The tokens of the text and a trained model that decides; without them the rules do.

    """
    reading = read_names(text, lexicon, around)
    if tokens and model:
        reading, decided = decided_by_model(text, reading, tokens, around, lexicon, model)
    else:
        decided = decided_by_rules(reading)
    yield from _with_headlines(text, _named(reading, decided))


def _named(reading: Reading, decided: Sequence[Decided]) -> list[Found[Name]]:
    found: list[Found[Name]] = []
    for entity in reading.entities:
        members = [i for i in entity.occurrences if decided[i].kind in _LABELS]
        names = [reading.candidates[i].text for i in members]
        if not names:
            continue
        fullest = max(names, key=lambda n: (len(n), -names.index(n)))
        for i in members:
            candidate, (kind, rule, sure) = reading.candidates[i], decided[i]
            found.append(Found(candidate.start, candidate.end, _LABELS[kind], rule, Name(fullest, sure)))
    return found


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
    before = sorted(found)
    starts, ends = [f.start for f in before], [f.end for f in before]
    replaced: set[int] = set()
    lengths = _lengths(settled)
    for line in lines:
        for start, end in _occurrences(text, line, settled, lengths):
            inside = range(bisect_right(ends, start), bisect_left(starts, end))
            if all(start <= starts[i] and ends[i] <= end and ends[i] - starts[i] < end - start for i in inside):
                replaced.update(inside)
                model = settled[text[start:end]]
                found.append(Found(start, end, model.label, model.rule, model.value))
    return sorted({*found} - {before[i] for i in replaced})


def _lengths(names: Collection[str]) -> dict[str, list[int]]:
    """The lengths of names by what they open with, from the longest."""
    lengths = defaultdict(set)
    for name in names:
        lengths[_OPENING.match(name)[0]].add(len(name))  # type: ignore[index]
    return {opening: sorted(some, reverse=True) for opening, some in lengths.items()}


def _occurrences(
    text: str, line: tuple[int, int], names: Container[str], lengths: dict[str, list[int]]
) -> Iterator[tuple[int, int]]:
    """Where names stand in a line as whole words; of those that begin at one place the longest.

    A pattern of all names would be tried name by name at every word, and a text can have very many.
    """
    at, stop = line
    while opening := _OPENING.search(text, at, stop):
        start, at = opening.span()
        for length in lengths.get(opening[0], ()):
            end = start + length
            if text[start:end] in names and end <= stop and not _WORD.match(text, end, stop):
                yield start, end
                at = end
                break


class NamesComponent:
    """Writes the layer `names`."""

    def __init__(self, lexicon: Lexicon, model: NameModel | None = None) -> None:
        self.lexicon = lexicon
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Find the names of a Doc."""
        tokens = tokens_of(doc) if self.model else None
        text = annotations.text_of(doc)
        found = find_names(text, self.lexicon, surroundings(doc), tokens=tokens, model=self.model)
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

    The lists add names to the lexicon of the package; `model` is "names" for the shipped model, "accurate" for the
    one with an encoder for a tagger, or the file of a tagger of your own with its model of candidates beside it.
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
    return NamesComponent(lexicon._replace(known=known), read_model(model) if model else None)


def read_model(name: str) -> NameModel:
    """Read a model by its name or the file of its tagger; raises `ValueError` where a file is none."""
    if name == "accurate":
        encoder = read_encoder(model_file("accurate", ".onnx"), model_file("wordpieces", ".json"))
        return NameModel(encoder, _candidates(model_file("names")))
    path = model_file(name, ".tagger")
    return NameModel(read_tagger(path), _candidates(path.with_suffix(".npz")))


def _candidates(path: Path) -> LogLinear:
    models = read_models(path)
    if "kinds" not in models or models["kinds"].classes != KINDS:
        raise ValueError(f"{path}: holds no model of candidates; make one with `dealspan train`")
    return models["kinds"]
