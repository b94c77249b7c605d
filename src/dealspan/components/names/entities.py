"""The occurrences of one name brought together, and what the rules take them for."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from dealspan.components.names.candidates import Candidate
from dealspan.components.names.evidence import Evidence
from dealspan.components.names.lexicon import Kind, Lexicon, key

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


# The user knows better than a tagger what a name is.
_LISTED_BY_USER = frozenset(("user_company", "user_investor", "user_publication"))


class Entity:
    """The occurrences of one name and what was observed about them."""

    def __init__(self) -> None:
        self.occurrences: list[int] = []
        self.evidence: dict[tuple[str, Kind], int] = {}

    def add(self, evidence: Evidence) -> None:
        """Note an observation; of one rule the weightiest counts."""
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
        return kind, self.strongest(kind) or "no_evidence"

    @property
    def listed_by_user(self) -> bool:
        """Whether the user's own list says what it is."""
        return any(rule in _LISTED_BY_USER for rule, _ in self.evidence)

    def strongest(self, kind: Kind) -> str | None:
        """The rule that says most for a kind; what a firm is says more than what it does in one sentence."""
        rules = [(weight + (rule in _BY_NATURE), rule) for (rule, k), weight in self.evidence.items() if k == kind]
        return max(rules)[1] if rules else None


def group(candidates: Sequence[Candidate], evidence: Sequence[Sequence[Evidence]], lexicon: Lexicon) -> list[Entity]:
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
    entities: dict[str, Entity] = defaultdict(Entity)
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


def _longer_forms(by_key: dict[str, list[int]], evidence: Sequence[Sequence[Evidence]]) -> dict[str, str]:
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
