"""A deal while it is being put together, and the sentences it is put together from."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import AmountRole, Claim, Found, Money, Name, ResolvedDate, Round
from dealspan.records import Kind, Role, ValuationKind

# More amounts, names or dates than this is no sentence of prose, and what is built from it would only cost time.
_MOST = 60


class Filled(NamedTuple):
    """A slot's mention and the rule that put it there; `sure` is the probability of a model, where one decided."""

    mention: Found[Any]
    rule: str
    sure: float | None = None


class Investor(NamedTuple):
    """An investor of a draft."""

    mention: Found[Name]
    role: Role
    rule: str
    sure: float | None = None


class Valued(NamedTuple):
    """A valuation of a draft."""

    mention: Found[Money]
    kind: ValuationKind
    rule: str
    sure: float | None = None


@dataclass(slots=True)
class Draft:
    """One statement of a financing; drafts of the same financing are merged.

    `earlier` marks an earlier round of the company; `refers` a statement that speaks of a deal made known before ("the
    round was led by …") and is none of its own; `weak` one that is too vague to be a deal unless it joins another.
    `parts` are the drafts of the sentences that a merged copy was put together from.
    """

    kind: Kind
    sentence: int
    start: int
    end: int
    headline: bool = False
    earlier: bool = False
    refers: bool = False
    weak: bool = False
    company: Filled | None = None
    companies: list[Filled] = field(default_factory=list)
    amount: Filled | None = None
    round: Filled | None = None
    valuation: Valued | None = None
    investors: list[Investor] = field(default_factory=list)
    date: Filled | None = None
    claims: list[Found[Claim]] = field(default_factory=list)
    headline_claims: list[Found[Claim]] = field(default_factory=list)
    asides: list[Found[Claim]] = field(default_factory=list)
    stretches: list[tuple[int, int]] = field(default_factory=list)
    sure: float | None = None
    parts: list["Draft"] = field(default_factory=list)

    def entity(self) -> str | None:
        """The fullest name of the company, None where it is not known."""
        name: str | None = self.company.mention.value.entity if self.company else None
        return name

    def copy(self) -> "Draft":
        """A draft that can be merged while this one stays as it is."""
        return replace(
            self,
            parts=[self],
            companies=[*self.companies],
            investors=[*self.investors],
            claims=[*self.claims],
            headline_claims=[*self.headline_claims],
            asides=[*self.asides],
            stretches=[*self.stretches],
        )

    def says_something(self) -> bool:
        """Whether it has any of the slots that make a deal."""
        return bool(self.amount or self.round or self.investors or self.valuation)


@dataclass(slots=True)
class Focus:
    """What the text is speaking of when a sentence says "the company", "it" or "the round"."""

    main: Found[Name] | None = None
    company: Found[Name] | None = None
    draft: Draft | None = None
    investor: Found[Name] | None = None
    sentence: int = -9


class Amount(NamedTuple):
    """An amount with its role in the text."""

    mention: Found[Money]
    role: AmountRole
    rule: str


class Sentence(NamedTuple):
    """A sentence with everything the components found in it, each in text order.

    `lower` is the whole text in lower case: frames of words alone are searched there, several times as fast as with
    case ignored.
    """

    number: int
    start: int
    end: int
    section: str
    lower: str
    amounts: list[Amount]
    rounds: list[Found[Round]]
    names: list[Found[Name]]
    dates: list[Found[ResolvedDate]]
    claims: list[Found[Claim]]

    @property
    def organisations(self) -> list[Found[Name]]:
        """The names of companies and investors."""
        return [name for name in self.names if name.label in ("COMPANY", "INVESTOR")]


def sentences(doc: Doc) -> Iterator[Sentence]:
    """Yield the sentences of a Doc with what lies in them."""
    found = annotations.read(doc, "money")
    # Without the roles no amount is known to be raised.
    roles = annotations.read(doc, "amount_roles")
    amounts = [Amount(m, r.value, r.rule) for m, r in zip(found, roles, strict=True)] if roles else []
    layers: list[tuple[list[int], Sequence[Any]]] = [([a.mention.start for a in amounts], amounts)]
    for name in ("rounds", "names", "dates", "claims"):
        found = annotations.read(doc, name)
        layers.append(([f.start for f in found], found))
    sections = annotations.read(doc, "sections")
    lower = annotations.lower_case(annotations.text_of(doc))
    section = 0
    for number, (start, end) in enumerate(annotations.sentences_of(doc)):
        inside: list[list[Any]] = []
        for starts, layer in layers:
            first = bisect_left(starts, start)
            inside.append(list(layer[first : min(bisect_left(starts, end, first), first + _MOST)]))
        while section + 1 < len(sections) and sections[section].end <= start:
            section += 1
        label = sections[section].label if sections else "BODY"
        yield Sentence(number, start, end, label, lower, *inside)
