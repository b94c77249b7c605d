"""A text with paragraphs left out, and a record of it brought back to the whole text."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from dealspan.gate.paragraphs import Paragraph
from dealspan.records import Attribution, DateSlot, Deal, Hedge, Mention, Record

T = TypeVar("T", Mention, Hedge, Attribution)
_CUT = "\n\n"  # a blank line: whatever the layout, no sentence goes on over it


class Excerpt(NamedTuple):
    """Some paragraphs of a text; `starts` are those of its parts here, `shifts` how far each stood from there."""

    text: str
    starts: list[int]
    shifts: list[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the excerpt, not empty, stands in the whole text."""
        first, last = (bisect_right(self.starts, at) - 1 for at in (start, end - 1))
        return start + self.shifts[first], end + self.shifts[last]

    def restored(self, record: Record) -> Record:
        """The record of the excerpt with the offsets of the whole text."""
        if not any(self.shifts):
            return record
        return replace(
            record,
            mentions=[self._moved(mention) for mention in record.mentions],
            deals=[self._deal(deal) for deal in record.deals],
        )

    def _moved(self, one: T) -> T:
        start, end = self.place(one.start, one.end)
        return replace(one, start=start, end=end)

    def _deal(self, deal: Deal) -> Deal:
        return replace(
            deal,
            hedges=[replace(self._moved(hedge), scope=list(self.place(*hedge.scope))) for hedge in deal.hedges],
            attribution=[self._moved(source) for source in deal.attribution],
            date=deal.date and self._date(deal.date),
            evidence=[list(self.place(*stretch)) for stretch in deal.evidence],
        )

    def _date(self, date: DateSlot) -> DateSlot:
        return replace(date, evidence=[list(self.place(*stretch)) for stretch in date.evidence])


def excerpt(text: str, kept: Sequence[Paragraph]) -> Excerpt:
    """The excerpt of the paragraphs that are kept, in order; those that follow each other stay as they stand."""
    parts: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    length = 0
    for i, (start, end) in enumerate(kept):
        gap = text[kept[i - 1][1] : start] if i else ""
        if i and gap.strip():
            gap = _CUT
        length += len(gap)
        starts.append(length)
        shifts.append(start - length)
        parts += [gap, text[start:end]]
        length += end - start
    return Excerpt("".join(parts), starts, shifts)


def whole(text: str) -> Excerpt:
    """All of a text."""
    return Excerpt(text, [0], [0])
