"""The state of a document for one reviewer, and how events change it.

A change names an item (a mention, a deal, the status), what is there before and what shall be there after. To apply it
is to check the one and put the other: nothing else, in Python and in the page alike.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Meta, Struct

from dealspan.records import Amount, Certainty, DealAmount, Kind, Label, Role, RoundType, Stage, Valuation

Origin = Literal["machine", "hand"]
"""Who gave a value: dealspan or an import, or a person."""
Status = Literal["open", "done", "skipped"]
Verdict = Literal["open", "accepted", "rejected"]

Confidence = Annotated[float, Meta(ge=0, le=1)]
Offset = Annotated[int, Meta(ge=0)]
Name = Annotated[str, Meta(min_length=1)]
T = TypeVar("T")

_IDS = {"mentions": re.compile(r"m[A-Za-z0-9_-]{1,40}"), "deals": re.compile(r"d[A-Za-z0-9_-]{1,40}")}


class InvalidError(ValueError):
    """A change that is not well-formed: says what and where."""


class ConflictError(ValueError):
    """A change of what is no longer there."""


class ReviewMention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A labelled span, end exclusive, in code points."""

    label: Label
    start: Offset
    end: Offset
    origin: Origin = "hand"
    confidence: Confidence | None = None
    amount: Amount | None = None
    entity: str | None = None


class Slot(Struct, Generic[T], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value of a deal with the mentions that it rests on; made by hand it has no confidence."""

    value: T
    confidence: Confidence | None = None
    evidence: list[str] = []
    origin: Origin = "hand"


class InvestorSlot(Slot[Name], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An investor and the part it plays."""

    role: Role = "participant"


class SourceSlot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named source of the claim, and where it is named."""

    value: Name
    start: Offset
    end: Offset
    confidence: Confidence | None = None
    origin: Origin = "hand"


class DateSlot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date, month or year; it rests on stretches of text."""

    value: Name
    confidence: Confidence | None = None
    evidence: list[tuple[Offset, Offset]] = []
    origin: Origin = "hand"


class ReviewDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal and what the reviewer thinks of it; `hedges` are ids of mentions."""

    kind: Kind
    company: Slot[Name] | None = None
    companies: list[Slot[Name]] | None = None
    amount: Slot[DealAmount] | None = None
    round_type: Slot[RoundType] | None = None
    extension: bool = False
    valuation: Slot[Valuation] | None = None
    investors: list[InvestorSlot] = []
    stage: Slot[Stage]
    certainty: Slot[Certainty]
    hedges: list[str] = []
    attribution: list[SourceSlot] = []
    date: DateSlot | None = None
    confidence: Confidence | None = None
    evidence: list[tuple[Offset, Offset]] = []
    origin: Origin = "hand"
    verdict: Verdict = "open"

    def resting(self) -> Iterator[tuple[str, Slot[Any]]]:
        """Yield the fields that rest on mentions, under their names; lists one by one."""
        for field in ("company", "amount", "round_type", "valuation", "stage", "certainty"):
            if (slot := getattr(self, field)) is not None:
                yield field, slot
        for field, slots in (("companies", self.companies or ()), ("investors", self.investors)):
            for slot in slots:
                yield field, slot


Value = ReviewMention | ReviewDeal | Status | None


class State(Struct, frozen=True, kw_only=True):
    """What a reviewer holds a document to say; `version` counts the events that led here."""

    version: int = 0
    status: Status = "open"
    mentions: dict[str, ReviewMention] = {}
    deals: dict[str, ReviewDeal] = {}

    def get(self, item: str) -> Value:
        """Return what an item is now, None where there is none."""
        kind, _, name = item.partition("/")
        match kind:
            case "mentions":
                return self.mentions.get(name)
            case "deals":
                return self.deals.get(name)
            case _:
                return self.status


class Change(NamedTuple):
    """An item, what is there before and what after; None is not there."""

    item: str
    before: Value
    after: Value


class _Raw(Struct, forbid_unknown_fields=True):
    item: str
    before: Any
    after: Any


def read_changes(raw: Any) -> list[Change]:
    """Return changes as they came in JSON, typed.

    Raises
    ------
    InvalidError
        Where they are not well-formed in themselves.

    """
    try:
        listed = msgspec.convert(raw, list[_Raw])
    except msgspec.ValidationError as error:
        raise InvalidError(f"changes: {error}") from None
    changes = []
    for one in listed:
        changes.append(Change(one.item, *(_value(one.item, side, one) for side in ("before", "after"))))
    items = [change.item for change in changes]
    if repeated := next((item for item in items if items.count(item) > 1), None):
        raise InvalidError(f"{repeated}: is changed twice in one event")
    return changes


def _value(item: str, side: str, raw: _Raw) -> Value:
    """Return one side of a change in the type of its item."""
    kind, _, name = item.partition("/")
    held = getattr(raw, side)
    try:
        if item == "status":
            return _status(held)
        if kind not in _IDS or not _IDS[kind].fullmatch(name):
            raise InvalidError(
                f"{item!r} is no item; write mentions/m… or deals/d… with up to 40 letters, digits, _ or -, or status"
            )
        typed: Value = msgspec.convert(held, ReviewMention | None if kind == "mentions" else ReviewDeal | None)
    except msgspec.ValidationError as error:
        raise InvalidError(f"{item}, {side}: {error}") from None
    return typed


def _status(held: Any) -> Status:
    status: Status = msgspec.convert(held, Status)
    return status


def apply(state: State, changes: Iterable[Change]) -> State:
    """Return the state after an event; raises `ConflictError` where something else is there than the event says."""
    mentions, deals, status = dict(state.mentions), dict(state.deals), state.status
    for item, before, after in changes:
        if state.get(item) != before:
            raise ConflictError(f"{item} is no longer what was changed")
        kind, _, name = item.partition("/")
        held: dict[str, Any] = mentions if kind == "mentions" else deals
        if kind == "status":
            status = _status(after)
        elif after is None:
            held.pop(name, None)
        else:
            held[name] = after
    return State(version=state.version + 1, status=status, mentions=mentions, deals=deals)


def turned(changes: Sequence[Change]) -> list[Change]:
    """Return the changes that take an event back."""
    return [Change(item, after, before) for item, before, after in changes]


def validate(state: State, text: str) -> None:
    """Check a state against the text.

    Raises
    ------
    InvalidError
        Where a span is empty or leaves the text, or something rests on a mention that is not there.

    """
    for name, mention in state.mentions.items():
        _within(f"mentions/{name}", mention.start, mention.end, text)
        if not text[mention.start : mention.end].strip():
            raise InvalidError(f"mentions/{name}: covers nothing but white space")
    for name, deal in state.deals.items():
        for field, slot in deal.resting():
            for mention_id in slot.evidence:
                if mention_id not in state.mentions:
                    raise InvalidError(f"deals/{name}, {field}: rests on mention {mention_id!r}, which is not there")
        for hedge in deal.hedges:
            if hedge not in state.mentions:
                raise InvalidError(f"deals/{name}, hedges: mention {hedge!r} is not there")
        for source in deal.attribution:
            _within(f"deals/{name}, attribution", source.start, source.end, text)
        for start, end in (*deal.evidence, *(deal.date.evidence if deal.date else ())):
            _within(f"deals/{name}, evidence", start, end, text)


def _within(place: str, start: int, end: int, text: str) -> None:
    if not start < end <= len(text):
        raise InvalidError(f"{place}: {start} to {end} is no stretch of the text, which has {len(text)} characters")
