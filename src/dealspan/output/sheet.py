"""CSV: one row per deal, for a spreadsheet."""

import csv
from collections.abc import Iterable
from typing import TextIO

from dealspan.output.wording import companies, quotes
from dealspan.records import Article, Deal, Record

COLUMNS = {
    "document": "id of the document",
    "source": "path or address of the document",
    "title": "title of the document",
    "published": "publication date of the document",
    "deal": "id of the deal within its document",
    "kind": "round, total or fund",
    "company": "who raises; several are separated by '; '",
    "amount_min": "lower bound, in units of the currency; empty for 'up to'",
    "amount_max": "upper bound; empty for 'at least'",
    "currency": "ISO 4217 code of the amount",
    "amount_approx": "true where the text says 'about'",
    "amount_text": "the amount as written",
    "round_type": "normal value of the round type, such as series_a",
    "extension": "true for an extension of a round",
    "valuation": "valuation, in units of its currency",
    "valuation_currency": "ISO 4217 code of the valuation",
    "valuation_kind": "pre, post or unspecified",
    "lead_investors": "who leads, separated by '; '",
    "investors": "all investors, separated by '; '",
    "stage": "completed, in_progress, planned or cancelled",
    "certainty": "asserted, attributed, rumored, speculative or denied",
    "hedges": "the hedging words, separated by '; '",
    "attribution": "the named sources, separated by '; '",
    "date": "date, month or year of the deal",
    "confidence": "probability that the deal is right",
    "evidence": "the sentences that state the deal, separated by '; '",
}
"""The columns, in order, and what they hold."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheet:
    """Writes CSV with a header; no cell of text can be taken for a formula."""

    def __init__(self, stream: TextIO) -> None:
        self._rows = csv.writer(stream, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def write(self, article: Article, record: Record) -> None:
        """Write a row for each deal."""
        for deal in record.deals:
            self._rows.writerow([_cell(value) for value in _row(article, record, deal)])

    def close(self) -> None:
        """Nothing ends the rows."""


def _row(article: Article, record: Record, deal: Deal) -> Iterable[str | float | bool | None]:
    document = record.document
    total = deal.amount.value if deal.amount else None
    worth = deal.valuation.value if deal.valuation else None
    return (
        *(document.id, document.source, document.title, document.published),
        *(deal.id, deal.kind, "; ".join(companies(deal))),
        *((total.min, total.max, total.currency, total.approx, total.text) if total else (None,) * 5),
        deal.round_type.value if deal.round_type else None,
        deal.extension is True or None,
        *((worth.amount, worth.currency, worth.kind) if worth else (None,) * 3),
        "; ".join(slot.value for slot in deal.investors if slot.role == "lead"),
        "; ".join(slot.value for slot in deal.investors),
        *(deal.stage.value, deal.certainty.value),
        "; ".join(hedge.text for hedge in deal.hedges),
        "; ".join(source.value for source in deal.attribution),
        deal.date.value if deal.date else None,
        deal.confidence,
        "; ".join(quotes(article.text, deal.evidence)),
    )


def _cell(value: str | float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.15g}" if value < 1e15 else f"{value:.0f}"
    # A spreadsheet would run "=…" as a formula; the apostrophe makes it text.
    return f"'{value}" if value.startswith(_FORMULA) else value
