"""Where reviewers disagree, and what all of them say.

Items are the same where they have one id, as everything has that the machine found; else mentions of one span, and
deals that the evaluation would take for one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import ScoredDeal, parse
from dealspan.review.conversion import gold_deal, says
from dealspan.review.state import ReviewDeal, ReviewMention, Slot, State

I = TypeVar("I")  # noqa: E741
NOTHING: dict[str, Any] = {"extension": False, "investors": [], "hedges": [], "attribution": []}
"""What a field is that nobody has filled, where it is not None."""
REQUIRED = ("kind", "stage", "certainty")
"""Fields that a deal is not without: until they are settled, the first reviewer's value stands."""


class Disagreement(Struct, frozen=True):
    """One thing that reviewers say differently; `choices` is what each says, None where there is nothing."""

    id: str
    kind: Literal["mention", "deal", "field"]
    item: str
    field: str | None
    choices: dict[str, Any]


class _Item(NamedTuple, Generic[I]):
    """One mention or deal in the readings that have it, under the id that it goes by."""

    id: str
    by: dict[str, I]
    ids: dict[str, str]

    def joins(self, other: "_Item[I]") -> bool:
        return not self.by.keys() & other.by.keys()

    def join(self, other: "_Item[I]") -> None:
        self.by.update(other.by)
        self.ids.update(other.ids)


class Comparison:
    """The readings of several reviewers, item by item."""

    def __init__(self, readings: Mapping[str, State], text: str) -> None:
        self._readings = readings
        self._text = text
        self._mentions: list[_Item[ReviewMention]] = []
        for mention in _by_id({name: state.mentions for name, state in readings.items()}):
            _put(self._mentions, mention, self._same_span)
        deals = {
            name: {id: deal for id, deal in state.deals.items() if deal.verdict != "rejected"}
            for name, state in readings.items()
        }
        self._deals: list[_Item[ReviewDeal]] = []
        for deal in _by_id(deals):
            _put(self._deals, deal, self._same_deal)
        self._canonical = {
            (reviewer, id): mention.id for mention in self._mentions for reviewer, id in mention.ids.items()
        }

    def agreed(self) -> State:
        """Return what all say; of a deal that all have, the fields that they agree on."""
        mentions = {one.id: _first(one.by) for one in self._mentions if self._all(one) and not _differ(one.by)}
        deals = {}
        for one in self._deals:
            if not self._all(one):
                continue
            disputed = list(self._disputed(one))
            reviewer, deal = next(iter(one.by.items()))
            here = self._with_ids(deal, reviewer, mentions)
            open_fields = {field: NOTHING.get(field) for field in disputed if field not in REQUIRED}
            deals[one.id] = replace(here, **open_fields, verdict="open" if disputed else "accepted")
        return State(mentions=mentions, deals=deals)

    def disagreements(self, state: State) -> Iterator[Disagreement]:
        """Yield what they say differently; evidence names the mentions that are in a state."""
        for mention in sorted(self._mentions, key=lambda one: _first(one.by).start):
            if not self._all(mention) or _differ(mention.by):
                item = f"mentions/{mention.id}"
                yield Disagreement(item, "mention", item, None, {name: mention.by.get(name) for name in self._readings})
        for deal in self._deals:
            item = f"deals/{deal.id}"
            here = {name: self._with_ids(one, name, state.mentions) for name, one in deal.by.items()}
            if not self._all(deal):
                yield Disagreement(item, "deal", item, None, {name: here.get(name) for name in self._readings})
                continue
            for field in self._disputed(deal):
                choices = {name: getattr(here[name], field) for name in self._readings}
                yield Disagreement(f"{item}/{field}", "field", item, field, choices)

    def _all(self, item: _Item[Any]) -> bool:
        return len(item.by) == len(self._readings)

    def _same_span(self, one: _Item[ReviewMention], other: _Item[ReviewMention]) -> bool:
        spans = {(mention.start, mention.end) for mention in one.by.values()}
        return any((mention.start, mention.end) in spans for mention in other.by.values())

    def _same_deal(self, one: _Item[ReviewDeal], other: _Item[ReviewDeal]) -> bool:
        return bool(pairs([self._scored(one)], [self._scored(other)]))

    def _scored(self, item: _Item[ReviewDeal]) -> ScoredDeal:
        reviewer, deal = next(iter(item.by.items()))
        gold = gold_deal(item.id, deal, self._readings[reviewer], self._text)
        _, document = parse(msgspec.json.encode({"id": "", "mentions": [], "deals": [gold]}))
        return document.deals[0]

    def _disputed(self, item: _Item[ReviewDeal]) -> Iterator[str]:
        """Yield the fields of a deal that are not the same in all readings."""
        said = [says(gold_deal(item.id, deal, self._readings[name], self._text)) for name, deal in item.by.items()]
        for field in said[0]:
            if any(one[field] != said[0][field] for one in said[1:]):
                yield field

    def _with_ids(self, deal: ReviewDeal, reviewer: str, mentions: Mapping[str, ReviewMention]) -> ReviewDeal:
        """Return a deal of a reviewer with the ids that its mentions go by; without those that are not there."""

        def known(ids: Iterable[str]) -> list[str]:
            found = (self._canonical[reviewer, id] for id in ids)
            return list(dict.fromkeys(id for id in found if id in mentions))

        def moved(slot: Any) -> Any:
            return replace(slot, evidence=known(slot.evidence)) if isinstance(slot, Slot) else slot

        return replace(
            deal,
            **{
                field: moved(getattr(deal, field))
                for field in ("company", "amount", "round_type", "valuation", "stage", "certainty")
            },
            companies=[moved(one) for one in deal.companies] if deal.companies else None,
            investors=[moved(one) for one in deal.investors],
            hedges=known(deal.hedges),
        )


def _by_id(items: Mapping[str, Mapping[str, I]]) -> Iterator[_Item[I]]:
    """Yield the items of all reviewers, those of one id together."""
    ids = dict.fromkeys(id for held in items.values() for id in held)
    for id in ids:
        by = {reviewer: held[id] for reviewer, held in items.items() if id in held}
        yield _Item(id, by, dict.fromkeys(by, id))


def _put(items: list[_Item[I]], item: _Item[I], same: Any) -> None:
    """Add an item, to the one that it is the same as if there is one."""
    held = next((one for one in items if one.joins(item) and same(one, item)), None)
    if held:
        held.join(item)
    else:
        items.append(item)


def _first(by: Mapping[str, I]) -> I:
    return next(iter(by.values()))


def _differ(by: Mapping[str, ReviewMention]) -> bool:
    return len({(one.label, one.start, one.end) for one in by.values()}) > 1
