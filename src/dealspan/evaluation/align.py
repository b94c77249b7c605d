"""Which predicted values and deals are the same as which gold ones."""

import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

from dealspan.evaluation.reading import ScoredDeal, Slot, Span, Sum

T = TypeVar("T")
# Words that say nothing about which organisation is meant.
_LEGAL = re.compile(
    r"\b(inc|incorporated|ltd|limited|llc|llp|lp|plc|corp|corporation|co|company|gmbh|ag|sa|sas|bv|nv|"
    r"pte|pvt|private|oy|ab|as|spa|srl|kk|holdings?|group|the)\b"
)
_POSSESSIVE = re.compile(r"[’']s\b")
_WORD = re.compile(r"\w+")
_PUNCTUATION = re.compile(r"[^\w+&]+")


def normal(name: str) -> str:
    """Return a name without case, punctuation and legal form."""
    bare = _PUNCTUATION.sub(" ", _POSSESSIVE.sub("", name.casefold())).strip()
    return " ".join(_LEGAL.sub(" ", bare).split()) or bare


def same_name(a: str, b: str) -> bool:
    """Whether two names are equal, or one is the leading or trailing words of the other."""
    short, long = sorted((normal(a).split(), normal(b).split()), key=len)
    if not short:
        return not long
    return long[: len(short)] == short or long[-len(short) :] == short


def close(a: float | None, b: float | None) -> bool:
    """Whether two numbers agree within 0.5 %."""
    if a is None or b is None:
        return a is b
    return abs(a - b) <= 0.005 * max(abs(a), abs(b))


def same_sum(a: Sum, b: Sum) -> bool:
    """Whether two sums agree in currency and bounds."""
    return a.currency == b.currency and close(a.low, b.low) and close(a.high, b.high)


def same_size(a: Sum, b: Sum) -> bool:
    """Whether any bounds of two sums agree, whatever the currency: enough to pair deals by."""
    bounds = product((a.low, a.high), (b.low, b.high))
    return any(x is not None and y is not None and close(x, y) for x, y in bounds)


def agree(gold: Slot, predicted: Slot) -> bool:
    """Whether two slots are of one name and their values agree."""
    a, b = gold.value, predicted.value
    if gold.name != predicted.name or isinstance(a, Sum) != isinstance(b, Sum):
        return False
    if isinstance(a, Sum) and isinstance(b, Sum):
        return same_sum(a, b)
    if gold.name in ("company", "investor", "lead"):
        return same_name(str(a), str(b))
    if gold.name == "date":
        return str(a)[:7] == str(b)[:7]
    return a == b


def matched(gold: Sequence[Slot], predicted: Sequence[Slot]) -> list[tuple[int, int]]:
    """Return the index pairs of agreeing slots, one to one."""
    return one_to_one(gold, predicted, agree)


def one_to_one(gold: Sequence[T], predicted: Sequence[T], same: Callable[[T, T], bool]) -> list[tuple[int, int]]:
    """Return the index pairs of what is the same, one to one, first come first served."""
    free = list(range(len(predicted)))
    found: list[tuple[int, int]] = []
    for g, one in enumerate(gold):
        p = next((p for p in free if same(one, predicted[p])), None)
        if p is not None:
            free.remove(p)
            found.append((g, p))
    return found


def matched_spans(gold: Sequence[Span], predicted: Sequence[Span], *, exact: bool) -> int:
    """Count the gold spans that have a predicted span of their own, equal or overlapping."""
    free = list(predicted)
    for g in gold:
        for p in free:
            if (g.start, g.end) == (p.start, p.end) if exact else g.start < p.end and p.start < g.end:
                free.remove(p)
                break
    return len(predicted) - len(free)


def same_phrase(a: str, b: str) -> bool:
    """Whether one phrase holds the words of the other side by side."""
    short, long = sorted((f" {' '.join(_WORD.findall(phrase.casefold()))} " for phrase in (a, b)), key=len)
    return short in long


def pairs(gold: Sequence[ScoredDeal], predicted: Sequence[ScoredDeal]) -> list[tuple[int, int]]:
    """Return the index pairs of deals that are the same, one to one, the most agreeing ones first."""
    ranked: list[tuple[int, int, int]] = []
    for (g, a), (p, b) in product(enumerate(gold), enumerate(predicted)):
        strength = _strength(a, b)
        if strength is not None:
            ranked.append((-strength, g, p))
    found: list[tuple[int, int]] = []
    for _, g, p in sorted(ranked):
        if all(g != other_g and p != other_p for other_g, other_p in found):
            found.append((g, p))
    return found


def _strength(gold: ScoredDeal, predicted: ScoredDeal) -> int | None:
    """How much two deals agree, or None where they cannot be the same.

    They are the same kind, and agree in the amount, in company and round type, or in the company where one of them has
    no amount.
    """
    if gold.kind != predicted.kind:
        return None
    companies = ([slot for slot in deal.slots if slot.name == "company"] for deal in (gold, predicted))
    company = any(agree(a, b) for a, b in product(*companies))
    a, b = gold.first("amount"), predicted.first("amount")
    size = isinstance(a, Sum) and isinstance(b, Sum) and same_size(a, b)
    round_type = gold.first("round_type")
    same_round = bool(round_type) and round_type == predicted.first("round_type")
    sparse = a is None or b is None
    if size or (company and (same_round or sparse)):
        return len(matched(gold.slots, predicted.slots)) + 2 * (company and size)
    return None
