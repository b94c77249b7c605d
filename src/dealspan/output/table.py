"""A table for the terminal: one row per deal, hedged deals marked.

The rows are printed as they come, so the widths of the columns follow from the width of the terminal alone. From
`WIDE` columns on every slot has a column; below that, slots share cells and the document stands above its deals.
"""

from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dealspan.output.wording import amount, companies, count, investors, is_hedged, plain, purpose, valuation, words
from dealspan.records import Article, Deal, Record

WIDE = 130
MARK = "?"

# Relative widths; "" is the column of the mark.
_WIDE = {
    "": 1, "document": 16, "company": 18, "amount": 12, "round": 13, "investors": 26, "stage": 11, "certainty": 11,
    "valuation": 10, "date": 10, "conf.": 5,
}  # fmt: skip
_NARROW = {"": 1, "company": 16, "deal": 16, "investors": 20, "status": 12, "conf.": 5}


class TerminalTable:
    """Prints the deals of each document, and at the end how many there were."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._wide = self._console.width >= WIDE
        self._widths = _fit(_WIDE if self._wide else _NARROW, self._console.width)
        self._documents = self._empty = self._deals = self._hedged = 0

    def write(self, article: Article, record: Record) -> None:
        """Print the rows of one document."""
        self._documents += 1
        self._empty += not record.deals
        if not record.deals:
            return
        if not self._deals:
            self._print(self._widths, style="bold")
        name = plain(record.document.id)
        if not self._wide:
            title = plain(record.document.title or "")
            self._console.print(Text(f"{name}  {title}".rstrip(), style="dim"), no_wrap=True, overflow="ellipsis")
        for deal in record.deals:
            self._deals += 1
            self._hedged += is_hedged(deal)
            cells = _wide(name, deal) if self._wide else _narrow(deal)
            # Yellow and slanted repeat what the mark says, for those who see them.
            self._print((MARK if is_hedged(deal) else " ", *cells), style="italic yellow" if is_hedged(deal) else "")

    def close(self) -> None:
        """Print the sums and what the mark means."""
        documents = count(self._documents, "document")
        if not self._deals:
            self._console.print(f"No deals in {documents}.")
            return
        lines = [f"{count(self._deals, 'deal')} in {documents}" + (f", {self._empty} without" if self._empty else "")]
        if self._hedged:
            lines.append(f"{MARK} hedged ({self._hedged}): the text does not vouch for the deal as done")
        self._console.print()
        self._console.print(*lines, sep="\n", style="dim")

    def _print(self, cells: Iterable[str], style: str) -> None:
        row = Table.grid(padding=(0, 1, 0, 0))
        for name, width in self._widths.items():
            row.add_column(width=width, overflow="fold", justify="right" if name == "conf." else "left")
        row.add_row(*(Text(_lines(cell)) for cell in cells), style=style)
        self._console.print(row)


def _lines(cell: str) -> str:
    """Return a cell whose line breaks are ours and whose other control characters are gone."""
    return "\n".join(plain(line) for line in cell.split("\n"))


def _fit(widths: dict[str, int], room: int) -> dict[str, int]:
    """Give each column its share of the room; the mark and the confidence keep their width."""
    fixed = {"": 1, "conf.": 5}
    shared = sum(width for name, width in widths.items() if name not in fixed)
    free = max(room - len(widths) - sum(fixed.values()), shared // 2)
    return {name: fixed.get(name) or free * width // shared for name, width in widths.items()}


def _wide(document: str, deal: Deal) -> tuple[str, ...]:
    return (
        document,
        " + ".join(companies(deal)) or "(unnamed)",
        amount(deal.amount.value) if deal.amount else "",
        purpose(deal),
        ", ".join(investors(deal)),
        words(deal.stage.value),
        deal.certainty.value,
        valuation(deal.valuation.value) if deal.valuation else "",
        deal.date.value if deal.date else "",
        f"{deal.confidence:.0%}",
    )


def _narrow(deal: Deal) -> tuple[str, ...]:
    about = [amount(deal.amount.value)] if deal.amount else []
    about += [purpose(deal)] if purpose(deal) else []
    about += [f"at {valuation(deal.valuation.value)}"] if deal.valuation else []
    about += [deal.date.value] if deal.date else []
    return (
        " + ".join(companies(deal)) or "(unnamed)",
        "\n".join(about),
        ", ".join(investors(deal)),
        f"{words(deal.stage.value)}\n{deal.certainty.value}",
        f"{deal.confidence:.0%}",
    )
