"""What was right on gold documents, and how often each rule was: what confidences are made of.

What counts as right is what the scorer counts:

- a mention: a span of gold has its offsets and its label;
- a deal: it is paired with one of gold;
- a slot of a paired deal: its value agrees with gold. For an investor that is the name, whatever its role: the
  confidence of an investor says that it takes part. For stage and certainty it is the same value, for an attribution
  a name among those of gold.

A slot of a deal without a counterpart is wrong, for the deal is not there.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from dealspan.evaluation.align import matched, pairs, same_name
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument, Span

R = TypeVar("R", bound=Hashable)
"""What stands behind a value: the name of a rule, or more than that."""
Counts = dict[str, dict[str, list[int]]]
"""For each slot and rule: how often it was right, how often it fired."""


class Reason(NamedTuple, Generic[R]):
    """The rule that filled a slot of a deal, and the value it gave; the value of a sum is not looked at."""

    slot: str
    value: str
    rule: R


class FiredDeal(NamedTuple, Generic[R]):
    """What a predicted deal rests on as a whole, and the reasons of its slots."""

    rule: R
    reasons: Sequence[Reason[R]]


class Fired(NamedTuple, Generic[R]):
    """The rules behind a predicted document: of each mention, and of each deal in the order of the record."""

    mentions: Sequence[tuple[Span, R]]
    deals: Sequence[FiredDeal[R]]


def counts(judged: Iterable[tuple[str, str, bool]]) -> Counts:
    """Count for each slot and rule how often it was right."""
    found: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for slot, rule, right in judged:
        found[slot][rule][0] += right
        found[slot][rule][1] += 1
    return {slot: dict(rules) for slot, rules in found.items()}


def judged(
    gold: Mapping[str, ScoredDocument],
    predicted: Mapping[str, ScoredDocument],
    fired: Mapping[str, Fired[R]],
    attributions: Mapping[str, Sequence[Sequence[str]]],
) -> Iterator[tuple[str, R, bool]]:
    """Yield slot, rule and whether it was right, for all that fired in predicted documents that all have gold.

    `fired` holds the rules behind each predicted document; `attributions` the named sources of each deal of gold, as
    `read_attributions` gives them.
    """
    for name, document in predicted.items():
        yield from _judged(gold[name], document, fired[name], attributions[name])


def _judged(
    gold: ScoredDocument, predicted: ScoredDocument, fired: Fired[R], attributions: Sequence[Sequence[str]]
) -> Iterator[tuple[str, R, bool]]:
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
    gold: ScoredDeal, predicted: ScoredDeal, reasons: Sequence[Reason[R]], attributions: Sequence[str]
) -> Iterator[tuple[str, R, bool]]:
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
