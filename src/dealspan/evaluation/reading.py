"""Gold and predicted documents, in one shape.

Gold gives the bare value of a slot; a record wraps it with its confidence and its evidence.
"""

from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct


class EvaluationError(ValueError):
    """A file that cannot be scored: which line, what is wrong, what to do."""


class Span(NamedTuple):
    """A mention: its label and its code points, end exclusive; gold has no confidence."""

    label: str
    start: int
    end: int
    confidence: float | None = None

    @property
    def place(self) -> tuple[str, int, int]:
        """What makes two mentions the same: label and offsets."""
        return self.label, self.start, self.end


class Sum(NamedTuple):
    """An amount, or a valuation with both bounds equal."""

    currency: str | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """Write the sum as its currency and bounds."""
        low, high = ("" if bound is None else f"{bound:.12g}" for bound in (self.low, self.high))
        return f"{self.currency} {low}" if low == high else f"{self.currency} {low}..{high}"


SlotName = Literal["company", "amount", "round_type", "valuation", "date", "investor", "lead"]


class Slot(NamedTuple):
    """One scored item of a deal; gold has no confidence."""

    name: SlotName
    value: str | Sum
    confidence: float | None


class ScoredDeal(NamedTuple):
    """What is compared of a deal."""

    kind: str | None
    stage: str | None
    certainty: str | None
    slots: list[Slot]
    confidence: float | None = None
    hedges: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def first(self, name: SlotName) -> str | Sum | None:
        """Return the value of the first slot of this name."""
        return next((slot.value for slot in self.slots if slot.name == name), None)

    @property
    def hedged(self) -> bool:
        """Whether the text does not vouch for the deal as done."""
        return self.certainty != "asserted" or self.stage != "completed"

    def __str__(self) -> str:
        """Write the deal as its slots."""
        slots = ", ".join(f"{slot.name} {slot.value}" for slot in self.slots)
        return f"{self.kind} ({self.stage}, {self.certainty}): {slots}"


class ScoredDocument(NamedTuple):
    """What is compared of a document."""

    mentions: list[Span]
    deals: list[ScoredDeal]


class _Text(Struct):
    """A slot of text: `name` in the investors of gold, `value` in a record; `text` in the hedges of one."""

    value: str | None = None
    name: str | None = None
    text: str | None = None
    role: str | None = None
    confidence: float | None = None


class _Sum(Struct):
    """An amount or a valuation, bare or wrapped."""

    currency: str | None = None
    min: float | None = None
    max: float | None = None
    amount: float | None = None
    value: "_Sum | None" = None
    confidence: float | None = None


class _Deal(Struct):
    kind: str | None = None
    company: str | _Text | None = None
    companies: list[str | _Text] | None = None
    amount: _Sum | None = None
    round_type: str | _Text | None = None
    valuation: _Sum | None = None
    investors: list[_Text] | None = None
    stage: str | _Text | None = None
    certainty: str | _Text | None = None
    hedges: list[str | _Text] | None = None
    attribution: list[str | _Text] | None = None
    date: str | _Text | None = None
    confidence: float | None = None


class _Mention(Struct):
    label: str
    start: int
    end: int
    confidence: float | None = None


class _Header(Struct):
    id: str


class _Line(Struct):
    mentions: list[_Mention]
    deals: list[_Deal]
    id: str | None = None
    document: _Header | None = None


_decoder = msgspec.json.Decoder(_Line)


def load(path: Path) -> dict[str, ScoredDocument]:
    """Return the documents of a gold file or of a JSONL file of records, by id; raises `EvaluationError`."""
    documents: dict[str, ScoredDocument] = {}
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    name, document = parse(line, f"{path}:{number}")
                    if name in documents:
                        raise EvaluationError(
                            f"{path}:{number}: the id {name!r} occurs twice; score each document once"
                        )
                    documents[name] = document
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if not documents:
        raise EvaluationError(f"{path}: is empty; give a JSONL file with a document per line")
    return documents


def groups(path: Path, field: str) -> dict[str, list[str]]:
    """Return the ids of the documents of a gold file by the value of a field, in the order of the file.

    Raises
    ------
    EvaluationError
        Where a document has no such field, or its value is no text.

    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            fields = msgspec.json.decode(line)
            name = fields["document"]["id"] if "document" in fields else fields["id"]
            value = fields.get(field)
            if not isinstance(value, str):
                texts = ", ".join(
                    sorted(name for name, held in fields.items() if isinstance(held, str) and name != "text")
                )
                raise EvaluationError(f"{path}:{number}: {field!r} is no field of text; there are: {texts}")
            found.setdefault(value, []).append(name)
    return found


def parse(line: bytes, place: str = "line") -> tuple[str, ScoredDocument]:
    """Return the id and the document of a line of gold or a record; raises `EvaluationError`, which names `place`."""
    try:
        found = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{place}: is neither gold nor a record ({error}); give JSONL of either") from None
    name = found.document.id if found.document else found.id
    if name is None:
        raise EvaluationError(f"{place}: has neither `id` (gold) nor `document.id` (a record); add it")
    mentions = [Span(one.label, one.start, one.end, one.confidence) for one in found.mentions]
    return name, ScoredDocument(mentions, [_deal(deal) for deal in found.deals])


def _deal(deal: _Deal) -> ScoredDeal:
    slots: list[Slot] = []
    for company in deal.companies or (deal.company,):
        if name := _text(company):
            slots.append(Slot("company", name, _confidence(company)))
    if deal.amount:
        bare = deal.amount.value or deal.amount
        slots.append(Slot("amount", Sum(bare.currency, bare.min, bare.max), deal.amount.confidence))
    if (round_type := _text(deal.round_type)) is not None:
        slots.append(Slot("round_type", round_type, _confidence(deal.round_type)))
    if deal.valuation:
        bare = deal.valuation.value or deal.valuation
        slots.append(Slot("valuation", Sum(bare.currency, bare.amount, bare.amount), deal.valuation.confidence))
    if (date := _text(deal.date)) is not None:
        slots.append(Slot("date", date, _confidence(deal.date)))
    for investor in deal.investors or ():
        name = investor.name or investor.value or ""
        slots.append(Slot("investor", name, investor.confidence))
        if investor.role == "lead":
            slots.append(Slot("lead", name, investor.confidence))
    return ScoredDeal(
        deal.kind,
        _text(deal.stage),
        _text(deal.certainty),
        slots,
        deal.confidence,
        _texts(deal.hedges),
        _texts(deal.attribution),
    )


def _texts(field: list[str | _Text] | None) -> tuple[str, ...]:
    return tuple(text for one in field or () if (text := _text(one)))


def _text(field: str | _Text | None) -> str | None:
    return (field.value or field.text) if isinstance(field, _Text) else field


def _confidence(field: str | _Text | None) -> float | None:
    return field.confidence if isinstance(field, _Text) else None
