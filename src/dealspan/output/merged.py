"""Merged deals as JSON Lines, as one JSON array, or for the terminal with the timeline of each."""

from typing import Literal, Protocol, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from dealspan.merged import MergedDeal, Source, Step
from dealspan.output.wording import amount, count, plain, purpose_of, valuation, words


class MergedWriter(Protocol):
    """Writes merged deals to a text stream, which stays open."""

    def write(self, deal: MergedDeal) -> None:
        """Write one deal."""

    def close(self) -> None:
        """Write what ends the output."""


def writer(name: Literal["jsonl", "json", "table"], stream: TextIO) -> MergedWriter:
    """Return a writer of the named format."""
    if name == "table":
        return Timelines(stream)
    return MergedJson(stream, array=name == "json")


class MergedJson:
    """Writes each deal as a line of JSON; the lines of an array stand in brackets, with commas between them."""

    def __init__(self, stream: TextIO, *, array: bool) -> None:
        self._stream, self._array = stream, array
        self._begun = False

    def write(self, deal: MergedDeal) -> None:
        """Write one deal."""
        if self._array:
            self._stream.write(",\n" if self._begun else "[\n")
        self._begun = True
        self._stream.write(msgspec.json.encode(deal).decode() + ("" if self._array else "\n"))

    def close(self) -> None:
        """End the array."""
        if self._array:
            self._stream.write("\n]\n" if self._begun else "[]\n")


class Timelines:
    """Prints each deal as a line, and below it how the claim went, a line for each thing said anew."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._deals = self._sources = 0

    def write(self, deal: MergedDeal) -> None:
        """Print one deal."""
        self._deals += 1
        self._sources += len(deal.sources)
        hedged = (deal.stage, deal.certainty) != ("completed", "asserted")
        self._console.print(Text(headline(deal), style="bold italic yellow" if hedged else "bold"))
        sources = {source.id: source for source in deal.sources}
        for step in deal.timeline:
            self._console.print(f"  {line(step, sources)}")

    def close(self) -> None:
        """Print the sums."""
        if self._deals:
            self._console.print()
        sums = f"{count(self._deals, 'deal')} of {count(self._sources, 'deal')} in documents"
        self._console.print(sums, style="dim")


def headline(deal: MergedDeal) -> str:
    """Return what a deal is: company, sum, round, valuation, how it stands, and how many sources tell it."""
    slots = deal.companies or ([deal.company] if deal.company else [])
    parts = [" + ".join(plain(slot.value) for slot in slots) or "(unnamed)"]
    if deal.amount:
        parts.append(amount(deal.amount.value) + (" (disputed)" if deal.amount.conflict else ""))
    round_type = deal.round_type.value if deal.round_type else None
    if purpose := purpose_of(deal.kind, round_type, extension=deal.extension):
        parts.append(purpose)
    if deal.valuation:
        parts.append(f"at {valuation(deal.valuation.value)}")
    parts += [_standing(deal.stage, deal.certainty), count(len(deal.sources), "source")]
    return ", ".join(parts)


def line(step: Step, sources: dict[str, Source]) -> str:
    """Return a point of a timeline: the day, what is said, who is quoted for it, and the outlets that say it."""
    quoted = f" ({', '.join(map(plain, step.attribution))})" if step.attribution else ""
    parts = [_standing(step.stage, step.certainty) + quoted]
    if step.amount:
        parts.append(amount(step.amount))
    if purpose := purpose_of("round", step.round_type, extension=False):
        parts.append(purpose)
    outlets = [plain(sources[name].outlet or sources[name].document) for name in step.sources]
    return f"{step.date or 'no date   '}  {', '.join(parts)} [{'; '.join(dict.fromkeys(outlets))}]"


def _standing(stage: str, certainty: str) -> str:
    """How a claim stands: its stage, and how sure it is where it is not simply stated."""
    return words(stage) if certainty == "asserted" else f"{words(stage)}, {certainty}"
