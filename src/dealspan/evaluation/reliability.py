"""How often what has a confidence is right: bins for a diagram, and what a threshold leaves.

What is judged, and when it is right:

- a mention: a span of gold has its offsets and its label;
- a slot: its value agrees with gold, as the scorer counts it (a lead investor is two slots, stage and certainty none);
- a deal: it is paired with one of gold.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from dealspan.evaluation.align import matched, pairs
from dealspan.evaluation.reading import ScoredDocument
from dealspan.evaluation.scores import NOTHING, calibration_error

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95)
BINS = 10
"""As many as the calibration error is counted over."""


class Judged(NamedTuple):
    """Something predicted: its confidence, the highest threshold that leaves it, whether it is right."""

    confidence: float
    stays_up_to: float
    right: bool


class Share(NamedTuple):
    """Of how many which share is right, and the 95 % interval of the share (Wilson, 1927).

    The interval takes the cases for independent, which those of one article are not quite.
    """

    of: int
    right: float
    low: float
    high: float


class Bin(NamedTuple):
    """Neighbours in confidence: their mean confidence, and which share of them is right."""

    confidence: float
    share: Share


class Reliability(NamedTuple):
    """What is known of one kind of prediction.

    The calibration error is that of `scores.score`. Its bins part equal confidences, the wrong ones first, so that it
    can be higher than the bins here would give: these keep equal confidences together, or the diagram would mislead.
    """

    error: float | None
    bins: list[Bin]
    thresholds: dict[float, Share | None]


def reliability(gold: Mapping[str, ScoredDocument], predicted: Mapping[str, ScoredDocument]) -> dict[str, Reliability]:
    """Return for mentions, slots and deals how well their confidences hold; what gives no confidence is left out."""
    found: dict[str, list[Judged]] = {"mentions": [], "slots": [], "deals": []}
    for name, document in gold.items():
        for kind, one in _judged(document, predicted.get(name, NOTHING)):
            found[kind].append(one)
    return {
        kind: Reliability(
            calibration_error([(one.confidence, int(one.right)) for one in judged], BINS),
            bins(judged),
            {least: share([one.right for one in judged if one.stays_up_to >= least]) for least in THRESHOLDS},
        )
        for kind, judged in found.items()
    }


def _judged(gold: ScoredDocument, predicted: ScoredDocument) -> Iterator[tuple[str, Judged]]:
    """Yield what has a confidence in a document, with its kind."""
    places = {span.place for span in gold.mentions}
    for span in predicted.mentions:
        if span.confidence is not None:
            yield "mentions", Judged(span.confidence, span.confidence, span.place in places)
    counterparts = {p: g for g, p in pairs(gold.deals, predicted.deals)}
    for p, deal in enumerate(predicted.deals):
        paired = p in counterparts
        hits = {hit for _, hit in matched(gold.deals[counterparts[p]].slots, deal.slots)} if paired else set()
        slots = [(slot.confidence, n in hits) for n, slot in enumerate(deal.slots) if slot.confidence is not None]
        # A slot goes with its deal, and a deal with the last of its slots (output/confident.py).
        whole = 1.0 if deal.confidence is None else deal.confidence
        yield from (("slots", Judged(sure, min(sure, whole), right)) for sure, right in slots)
        if deal.confidence is not None:
            surest = max((sure for sure, _ in slots), default=0.0)
            yield "deals", Judged(deal.confidence, min(deal.confidence, surest), paired)


def bins(judged: Sequence[Judged], number: int = BINS) -> list[Bin]:
    """Return bins by rising confidence, each with at least its part of the cases; equal confidences share a bin."""
    least = len(judged) / number
    groups: list[list[Judged]] = []
    for _, equal in groupby(sorted(judged), key=lambda one: one.confidence):
        if not groups or len(groups[-1]) >= least:
            groups.append([])
        groups[-1] += equal
    if len(groups) > 1 and len(groups[-1]) < least:
        rest = groups.pop()
        groups[-1] += rest
    return [
        Bin(sum(one.confidence for one in group) / len(group), counted)
        for group in groups
        if (counted := share([one.right for one in group]))
    ]


def share(right: Sequence[bool]) -> Share | None:
    """Return the share of what is right, with its interval; None of nothing."""
    n = len(right)
    if not n:
        return None
    z = 1.96
    p = sum(right) / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At 0 and 1 a bound is the share itself, which rounding would miss.
    return Share(n, p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))
