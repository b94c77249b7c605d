"""What is kept of a deal of a record: enough to compare it with the deals of other documents, and to report it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from dealspan.archive.names import clean
from dealspan.records import (
    Amount,
    AmountSlot,
    Certainty,
    Deal,
    DealAmount,
    Entity,
    Kind,
    Mention,
    NameSlot,
    Record,
    Role,
    RoundType,
    Stage,
    Valuation,
)

# An amount in another currency that begins within so many characters after the first is its conversion: "2 billion
# kroner ($184 million)", "€40m, or about $43m". Longer than every lead-in of the train stories (", or about ").
CONVERSION_GAP = 12


class Days(NamedTuple):
    """A stretch of days, as ordinals, both ends included."""

    first: int
    last: int

    def apart(self, other: "Days") -> int:
        """How many days lie between two stretches; 0 where they overlap."""
        return max(0, self.first - other.last, other.first - self.last)


class Claim:
    """One deal as one document states it."""

    __slots__ = (
        "amount", "amounts", "attribution", "backers", "certainty", "companies", "confidence", "date", "deal",
        "document", "extension", "investors", "kind", "leads", "outlet", "published", "round_type", "said", "stage",
        "title", "together", "valuation", "when",
    )  # fmt: skip

    def __init__(self, record: Record, deal: Deal, entities: dict[str, Entity], mentions: Sequence[Mention]) -> None:
        document = record.document
        self.document: tuple[str, str] = (document.id, document.sha256)
        self.deal: str = deal.id
        self.outlet: str | None = document.source
        self.title: str | None = document.title
        self.published: str | None = document.published
        self.kind: Kind = deal.kind
        slots = deal.companies or ([deal.company] if deal.company else [])
        # Each company as written, and its names in the form in which names are compared.
        self.companies: list[tuple[str, tuple[str, ...]]] = [(slot.value, _names(slot, entities)) for slot in slots]
        self.together: bool = bool(deal.companies)
        self.amount: DealAmount | None = deal.amount.value if deal.amount else None
        self.amounts: list[Amount] = _amounts(deal.amount, mentions) if deal.amount else []
        self.round_type: RoundType | None = deal.round_type.value if deal.round_type else None
        self.extension: bool = deal.extension is True
        self.valuation: Valuation | None = deal.valuation.value if deal.valuation else None
        self.investors: list[tuple[str, Role]] = [(slot.value, slot.role) for slot in deal.investors]
        self.backers: frozenset[str] = frozenset(clean(slot.value) for slot in deal.investors)
        self.leads: frozenset[str] = frozenset(clean(slot.value) for slot in deal.investors if slot.role == "lead")
        self.stage: Stage = deal.stage.value
        self.certainty: Certainty = deal.certainty.value
        self.attribution: list[str] = list(dict.fromkeys(one.value for one in deal.attribution))
        self.date: str | None = deal.date.value if deal.date else None
        self.confidence: float = deal.confidence
        self.said: Days | None = days(document.published)
        self.when: Days | None = days(self.date) or self.said

    @property
    def settled(self) -> bool:
        """Whether the document vouches for the deal as done or as called off."""
        return self.certainty == "asserted" and self.stage in ("completed", "cancelled")

    @property
    def place(self) -> tuple[str, str, int, str]:
        """An order of all claims that does not depend on the order of the input."""
        number = self.deal.removeprefix("d")
        return (*self.document, int(number) if number.isdecimal() else 0, self.deal)


def claims(record: Record) -> Iterator[Claim]:
    """Yield what a record claims."""
    entities = {entity.id: entity for entity in record.entities}
    for deal in record.deals:
        yield Claim(record, deal, entities, record.mentions)


def days(value: str | None) -> Days | None:
    """The days of `2026`, `2026-03` or `2026-03-02`; None for anything else."""
    if not value:
        return None
    try:
        match value.split("-"):
            case [year]:
                return Days(date(int(year), 1, 1).toordinal(), date(int(year), 12, 31).toordinal())
            case [year, month]:
                first = date(int(year), int(month), 1)
                return Days(first.toordinal(), ((first + timedelta(31)).replace(day=1) - timedelta(1)).toordinal())
            case _:
                day = date.fromisoformat(value).toordinal()
                return Days(day, day)
    except (ValueError, OverflowError):
        return None


def _names(slot: NameSlot, entities: dict[str, Entity]) -> tuple[str, ...]:
    """The clean names of a company: the one in the slot, then those that the document calls it too."""
    entity = entities.get(slot.entity or "")
    written = (slot.value, entity.name, *entity.aliases) if entity else (slot.value,)
    return tuple(dict.fromkeys(name for one in written if (name := clean(one))))


def _amounts(slot: AmountSlot, mentions: Sequence[Mention]) -> list[Amount]:
    """The amount of a deal, and the conversions of it that the document gives."""
    value = slot.value
    found = [Amount(value.min, value.max, value.currency, value.approx)]
    evidence = set(slot.evidence)
    # The headline may give the sum and the body its conversion.
    written = {mention.text for mention in mentions if mention.id in evidence}
    sums = [mention for mention in mentions if isinstance(mention.amount, Amount)]
    for one, following in pairwise(sums):
        if one.text in written and 0 < following.start - one.end <= CONVERSION_GAP:
            assert isinstance(following.amount, Amount)
            if following.amount.currency != value.currency:
                found.append(following.amount)
    return found
