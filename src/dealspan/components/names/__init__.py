"""`dealspan_names`: companies, investors and the publications that statements are taken from.

Three steps, a module each: candidates (capitalised stretches), evidence (lists, shapes, context), and here entities:
the occurrences of one name are decided together, so that one telling context ("led by Novena Capital") settles every
other.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Name
from dealspan.components.names.candidates import Candidate, find_candidates, title_case_lines
from dealspan.components.names.evidence import Evidence, evidence_of
from dealspan.components.names.lexicon import Kind, Lexicon, key, load

_LABELS: dict[Kind, str] = {"company": "COMPANY", "investor": "INVESTOR", "publication": "PUBLICATION"}
# Evidence below this is no name at all: a capital alone may be a product, a street, a feast.
_THRESHOLD = 2


# What only an organisation is called; a person "raises", "says" and "announces" as well.
_ORGANISATION = frozenset(
    (
        "company_noun",
        "appositive",
        "legal_form",
        "trade_shape",
        "company_shape",
        "known_company",
        "ambiguous_company",
        "user_company",
        "digest_item",
        "domain_shape",
        "officer",
        "possessive_company",
        "renamed",
    )
)
_BY_NATURE = frozenset(("known_investor", "user_investor", "investor_shape", "investor_apposition"))
_ACTS = frozenset(
    ("led_by", "participation_from", "investors_include", "raised_from", "leads_round", "participated", "backed_by")
)


class _Entity:
    """The occurrences of one name and what was observed about them."""

    def __init__(self) -> None:
        self.occurrences: list[int] = []
        self.evidence: dict[tuple[str, Kind], int] = {}

    def add(self, evidence: Evidence) -> None:
        slot = (evidence.rule, evidence.kind)
        self.evidence[slot] = max(self.evidence.get(slot, 0), evidence.weight)

    def decide(self) -> tuple[Kind, str]:
        """The kind with the most evidence, and the rule that says most for it.

        Who invests anywhere in a text is an investor throughout (guidelines), unless it is the one that raises.
        """
        scores = Counter[Kind]()
        for (_, k), weight in self.evidence.items():
            scores[k] += weight
        company, investor, other = scores["company"], scores["investor"], scores["other"]
        rules = {rule for rule, _ in self.evidence}
        raising = bool(rules & {"raises", "closes_round"})
        by_nature = bool(rules & _BY_NATURE)
        # A person who acts as an investor is one; a person who speaks for a firm is not.
        acts = bool(rules & _ACTS)
        if acts and investor >= 3 and "person_titled" not in rules:
            other = sum(
                w for (rule, k), w in self.evidence.items() if k == "other" and rule not in ("person", "person_after")
            )
        kind: Kind = "company"
        if investor >= 3 and (by_nature or not raising or investor > 2 * company):
            kind = "investor"
        if "person" in rules and kind == "company" and not rules & _ORGANISATION:
            other += company
        if scores["publication"] and not (raising and company > 5):
            kind = "publication"
        best = scores[kind]
        if best < _THRESHOLD or other >= best:
            kind = "other"
        # What a firm is says more than what it does in one sentence.
        strongest = [(weight + (rule in _BY_NATURE), rule) for (rule, k), weight in self.evidence.items() if k == kind]
        return kind, max(strongest)[1] if strongest else "no_evidence"


def find_names(
    text: str,
    lexicon: Lexicon,
    openings: frozenset[int] = frozenset(),
    blocked: tuple[tuple[int, int], ...] = (),
) -> Iterator[Found[Name]]:
    """Yield every occurrence of a company, an investor or a publication, in text order."""
    candidates = list(find_candidates(text, lexicon, openings, blocked))
    candidates.sort(key=lambda c: (c.start, -c.end))
    candidates = [c for i, c in enumerate(candidates) if i == 0 or c.start >= candidates[i - 1].end]
    evidence = evidence_of(text, candidates, lexicon, sorted(openings))
    entities = _group(candidates, evidence, lexicon)
    found: list[Found[Name]] = []
    for entity in entities:
        kind, rule = entity.decide()
        if kind not in _LABELS:
            continue
        names = [candidates[i].text for i in entity.occurrences]
        fullest = max(names, key=lambda n: (len(n), -names.index(n)))
        for i in entity.occurrences:
            c = candidates[i]
            label = _LABELS[kind]
            if kind == "investor" and any(e.rule in ("raises", "closes_round", "digest_item") for e in evidence[i]):
                label = "COMPANY"
            found.append(Found(c.start, c.end, label, rule, Name(fullest)))
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


def _group(candidates: list[Candidate], evidence: list[list[Evidence]], lexicon: Lexicon) -> list[_Entity]:
    """Bring the writings of one name together: legal form, article and case apart, short forms, surnames, initials."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for i, candidate in enumerate(candidates):
        by_key[key(candidate.text)].append(i)
    longer = _longer_forms(by_key, evidence)
    home: dict[str, str] = {}
    for short in by_key:
        known = lexicon.known.get(short)
        long = longer.get(short)
        if long and known and known[1] != "ambiguous_company":
            # A known name is its own, but for the legal name of this very text: "Lightspeed" of "Lightspeed POS Inc.".
            legal = any(e.rule == "legal_form" for i in by_key[long] for e in evidence[i])
            long = long if legal and known[0] != "other" and by_key[long][0] - by_key[short][0] < 3 else None
        # An abbreviation comes after the name it stands for.
        home[short] = long if long and (long.startswith(short) or by_key[long][0] < by_key[short][0]) else short
    entities: dict[str, _Entity] = defaultdict(_Entity)
    for k, indices in by_key.items():
        target = k
        while home[target] != target:
            target = home[target]
        entity = entities[target]
        entity.occurrences.extend(indices)
        for i in indices:
            for e in evidence[i]:
                entity.add(e)
    return list(entities.values())


def _longer_forms(by_key: dict[str, list[int]], evidence: list[list[Evidence]]) -> dict[str, str]:
    """What a short form may stand for: the first words of a longer name, a surname, initials; the longest name wins."""
    longer: dict[str, str] = {}
    for long in sorted(by_key, key=lambda k: -len(k.split())):
        words = long.split()
        if len(words) == 1:
            continue
        if any(e.rule == "person" for i in by_key[long] for e in evidence[i]):
            longer.setdefault(words[-1], long)
            continue
        for n in range(1, len(words)):
            longer.setdefault(" ".join(words[:n]), long)
        initials = "".join(w[0] for w in words if w[0].isalnum())
        if len(initials) >= 3:
            longer.setdefault(initials, long)
    return longer


class NamesComponent:
    """Writes the layer `names`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __call__(self, doc: Doc) -> Doc:
        """Find the names of a Doc."""
        openings = frozenset(s.start for s in annotations.read(doc, "sentences"))
        blocked = tuple((f.start, f.end) for layer in ("money", "rounds") for f in annotations.read(doc, layer))
        annotations.write(doc, "names", find_names(annotations.text_of(doc), self.lexicon, openings, blocked))
        return doc


@Language.factory(
    "dealspan_names",
    assigns=["doc._.dealspan_names"],
    default_config={"companies": [], "investors": [], "publications": []},
)
def make_names(
    nlp: Language, name: str, companies: list[str], investors: list[str], publications: list[str]
) -> NamesComponent:
    """Build the component; the lists add names to the lexicon of the package."""
    lexicon = load()
    known = dict(lexicon.known)
    own: tuple[tuple[list[str], Kind], ...] = (
        (companies, "company"),
        (investors, "investor"),
        (publications, "publication"),
    )
    for names, kind in own:
        known.update({key(n): (kind, f"user_{kind}") for n in names})
    return NamesComponent(lexicon._replace(known=known))
