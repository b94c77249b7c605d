"""How the values of a deal are put for people."""

import re
from collections.abc import Iterable

from dealspan.records import Amount, Deal, DealAmount, Kind, RoundType, Valuation

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹"}
_MAGNITUDES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_hedged(deal: Deal) -> bool:
    """Whether the text does not vouch for the deal as done: it is not asserted, or not completed."""
    return deal.certainty.value != "asserted" or deal.stage.value != "completed"


def plain(text: str) -> str:
    """Return a text on one line, without characters that steer a terminal or turn the writing direction."""
    return _CONTROL.sub(" ", text)


def words(value: str) -> str:
    """Return a value of the record as words: `in_progress` is "in progress"."""
    return value.replace("_", " ")


def count(number: int, noun: str) -> str:
    """Return a number with its noun: 1 deal, 2,000 deals."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def money(number: float, currency: str) -> str:
    """Return a sum in short form: $600M, €1.25B, SEK 40M."""
    # A number a hair under a magnitude (999,999,999) rounds up to it.
    scale, letter = next(((s, m) for s, m in _MAGNITUDES if round(number / s, 2) >= 1), (1.0, ""))
    short = f"{number / scale:.2f}".rstrip("0").rstrip(".")
    return f"{_SYMBOLS.get(currency) or plain(currency) + ' '}{short}{letter}"


def amount(value: Amount | DealAmount) -> str:
    """Return an amount with its bounds: $600M+, up to $5M, ~$40M, $50M to $60M."""
    about = "~" if value.approx else ""
    low, high = value.min, value.max
    if low is None and high is None:
        return plain(value.currency)
    if low is None:
        return f"up to {about}{money(high or 0.0, value.currency)}"
    if high is None:
        return f"{about}{money(low, value.currency)}+"
    if low == high:
        return about + money(low, value.currency)
    return f"{about}{money(low, value.currency)} to {money(high, value.currency)}"


def valuation(value: Valuation) -> str:
    """Return a valuation, with its kind where the text says it."""
    kind = "" if value.kind == "unspecified" else f" {value.kind}-money"
    return money(value.amount, value.currency) + kind


def companies(deal: Deal) -> list[str]:
    """Return the companies that raise: one, several counted together, or none where the text names none."""
    slots = deal.companies or ([deal.company] if deal.company else [])
    return [slot.value for slot in slots]


def purpose(deal: Deal) -> str:
    """Return the round type of a financing; or that it is a total, or a fund."""
    return purpose_of(deal.kind, deal.round_type.value if deal.round_type else None, extension=deal.extension is True)


def purpose_of(kind: Kind, round_type: RoundType | None, *, extension: bool) -> str:
    """Return the same of a kind and a round type."""
    what = {"round": "", "total": "total to date", "fund": "own fund"}[kind]
    name = words(round_type) if round_type else ""
    if name.startswith("series "):
        name = "Series " + name[-1].upper()
    if extension:
        name = f"{name} extension".strip()
    return ", ".join(part for part in (name, what) if part)


def investors(deal: Deal) -> list[str]:
    """Return the investors in the order of the record, the leading ones marked."""
    return [f"{slot.value} (lead)" if slot.role == "lead" else slot.value for slot in deal.investors]


def quotes(text: str, spans: Iterable[list[int]]) -> list[str]:
    """Return the stretches of the text that the spans delimit."""
    return [text[start:end] for start, end in spans]
