"""How often each rule was right on gold documents: the counts that confidences are made of.

What counts as right is what the scorer counts:

- a mention: a span of gold has its offsets and its label;
- a deal: it is paired with one of gold;
- a slot of a paired deal: its value agrees with gold. For an investor that is the name, whatever its role: the
  confidence of an investor says that it takes part. For stage and certainty it is the same value, for an attribution
  a name among those of gold.

A slot of a deal without a counterpart is wrong, for the deal is not there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from dealspan.evaluation.align import matched, pairs, same_name
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument, Span

Counts = dict[str, dict[str, list[int]]]
"""For each slot and rule: how often it was right, how often it fired."""


class Reason(NamedTuple):
    """The rule that filled a slot of a deal, and the value it gave; the value of a sum is not looked at."""

    slot: str
    value: str
    rule: str


class FiredDeal(NamedTuple):
    """What a predicted deal rests on as a whole, and the reasons of its slots."""

    rule: str
    reasons: Sequence[Reason]


class Fired(NamedTuple):
    """The rules behind a predicted document: of each mention, and of each deal in the order of the record."""

    mentions: Sequence[tuple[Span, str]]
    deals: Sequence[FiredDeal]


def precision(
    gold: Mapping[str, ScoredDocument],
    predicted: Mapping[str, ScoredDocument],
    fired: Mapping[str, Fired],
    attributions: Mapping[str, Sequence[Sequence[str]]],
) -> Counts:
    """Count for each slot and rule how often it was right, over predicted documents that all have gold.

    `fired` holds the rules behind each predicted document; `attributions` the named sources of each deal of gold, as
    `read_attributions` gives them.
    """
    counts: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for name, document in predicted.items():
        for slot, rule, right in _judged(gold[name], document, fired[name], attributions[name]):
            counts[slot][rule][0] += right
            counts[slot][rule][1] += 1
    return {slot: dict(rules) for slot, rules in counts.items()}


def _judged(
    gold: ScoredDocument, predicted: ScoredDocument, fired: Fired, attributions: Sequence[Sequence[str]]
) -> Iterable[tuple[str, str, bool]]:
    """Yield slot, rule and whether it was right, for all that fired in a document."""
    places = {span.place for span in gold.mentions}
    for span, rule in fired.mentions:
        yield span.label, rule, span.place in places
    counterparts = {p: g for g, p in pairs(gold.deals, predicted.deals)}
    for p, (deal, made) in enumerate(zip(predicted.deals, fired.deals, strict=True)):
        g = counterparts.get(p)
        yield "deal", made.rule, g is not None
        if g is None:
            yield from ((reason.slot, reason.rule, False) for reason in made.reasons)
        else:
            yield from _slots(gold.deals[g], deal, made.reasons, attributions[g])


def _slots(
    gold: ScoredDeal, predicted: ScoredDeal, reasons: Sequence[Reason], attributions: Sequence[str]
) -> Iterable[tuple[str, str, bool]]:
    """Yield slot, rule and whether it was right, for the slots of a paired deal."""
    hits = [predicted.slots[p] for _, p in matched(gold.slots, predicted.slots)]
    for slot, value, rule in reasons:
        match slot:
            case "stage":
                right = value == gold.stage
            case "certainty":
                right = value == gold.certainty
            case "attribution":
                right = any(same_name(value, source) for source in attributions)
            case "company" | "investor":
                right = any(hit.name == slot and hit.value == value for hit in hits)
            case _:
                right = any(hit.name == slot for hit in hits)
        yield slot, rule, right


class _Deal(msgspec.Struct):
    attribution: list[str] = []


class _Line(msgspec.Struct):
    id: str
    deals: list[_Deal]


def read_attributions(gold: Path) -> dict[str, list[list[str]]]:
    """Return the named sources of each deal of a gold file that `load` takes, by document."""
    lines = msgspec.json.Decoder(_Line).decode_lines(gold.read_bytes())
    return {line.id: [deal.attribution for deal in line.deals] for line in lines}
