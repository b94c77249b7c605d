"""Whether two sums can be one: within rounding, within the bounds that are said, or in another currency."""

from collections.abc import Sequence
from typing import Literal

from dealspan.records import Amount

Fit = Literal["same", "fits", "near", "converted", "convertible", "misprint", "apart", "far"]
"""How two sums agree: equal; one within the bounds of the other; nearly; by the conversion that an article gives; as
far as coarse bounds of a rate can tell; one is ten times the other; within a factor of two; not at all."""

# Two writings of one sum differ by rounding ("$1.6B", "$1.58 billion"), as within one article.
ROUNDING = 0.02
# "About $40m" is as good as $44m; a conversion of another day's rate is no closer.
ABOUT = 0.1
# "At least $40m" and "more than $40m" reach to one and a half times the bound, "up to $40m" to half of it.
OPEN = 1.5
NEAR, APART = 1.15, 2.0

_PER_DOLLAR = {
    "USD": (1.0, 1.0), "EUR": (0.62, 1.2), "GBP": (0.47, 0.95), "CHF": (0.75, 1.85), "JPY": (75, 165),
    "CNY": (6.0, 8.4), "INR": (38, 95), "KRW": (900, 1500), "SEK": (5.8, 11.5), "NOK": (4.9, 12), "DKK": (4.6, 9),
    "CAD": (0.9, 1.65), "AUD": (0.88, 2.1), "NZD": (1.1, 2.6), "SGD": (1.15, 1.9), "HKD": (7.7, 7.9), "ILS": (2.9, 5),
    "BRL": (1.5, 6.5), "MXN": (9, 22), "ZAR": (5.5, 20), "PLN": (2, 4.8), "CZK": (14, 42), "RUB": (23, 120),
    "TRY": (0.6, 45), "IDR": (6500, 17500), "MYR": (2.9, 4.8), "THB": (28, 46), "PHP": (39, 60), "VND": (14000, 27000),
    "TWD": (26, 36), "NGN": (95, 1700), "KES": (60, 165), "EGP": (3.4, 55), "AED": (3.65, 3.7), "SAR": (3.7, 3.8),
}  # fmt: skip
"""Units of a currency for a US dollar between 2000 and 2025: the lowest and the highest, rounded outward.

They are coarse on purpose and written from general knowledge, not taken from a table of rates: they can rule a
conversion out and never prove one. A currency that is not here is never ruled out.
"""


def fit(first: Sequence[Amount], second: Sequence[Amount]) -> Fit | None:
    """Say how two sums agree, each with the conversions that its article gives; None where nothing can be said."""
    a, b = first[0], second[0]
    if a.currency == b.currency:
        return _compare(a, b)
    for x in first:
        for y in second:
            if x.currency == y.currency and _compare(x, y, about=True) in ("same", "fits"):
                return "converted"
    return _across(a, b)


def _compare(a: Amount, b: Amount, *, about: bool = False) -> Fit | None:
    ones, others = _bounds(a), _bounds(b)
    if not ones or not others:
        return None
    if any(abs(x - y) <= ROUNDING * max(abs(x), abs(y)) for x in ones for y in others):
        return "same"
    (low, high), (least, most) = _reach(a, about), _reach(b, about)
    if low <= most and least <= high:
        return "fits"
    ratio = least / high if high < least else low / most
    if ratio > APART:
        return "misprint" if any(abs(max(x, y) / min(x, y) - 10) <= 0.01 for x in ones for y in others) else "far"
    return "near" if ratio <= NEAR else "apart"


def _across(a: Amount, b: Amount) -> Fit | None:
    """Two sums in two currencies, by coarse bounds."""
    if a.currency not in _PER_DOLLAR or b.currency not in _PER_DOLLAR or not _bounds(a) or not _bounds(b):
        return None
    (low, high), (least, most) = _reach(a, True), _reach(b, True)
    strong, weak = _PER_DOLLAR[a.currency]
    other_strong, other_weak = _PER_DOLLAR[b.currency]
    possible = low / weak <= most / other_strong and least / other_weak <= high / strong
    return "convertible" if possible else "far"


def _bounds(amount: Amount) -> list[float]:
    return [bound for bound in (amount.min, amount.max) if bound is not None and bound > 0]


def _reach(amount: Amount, about: bool) -> tuple[float, float]:
    """The least and the most that the words allow."""
    low = amount.min if amount.min is not None else (amount.max or 0) / OPEN
    high = amount.max if amount.max is not None else (amount.min or 0) * OPEN
    slack = ABOUT if amount.approx or about else ROUNDING
    return max(low * (1 - slack), 1e-9), max(high * (1 + slack), 1e-9)
