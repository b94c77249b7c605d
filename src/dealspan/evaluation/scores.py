"""The figures: mentions, deals, slots, stage and certainty, hedged deals, calibration."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from dealspan.evaluation.align import matched, matched_spans, one_to_one, pairs, same_name, same_phrase
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument
from dealspan.records import Label

NOTHING = ScoredDocument([], [])
OF_DEALS_FOUND = {"deal_hedges": "hedges of the deals found", "deal_sources": "sources of the deals found"}
"""The figures of what bears on the deals that gold and prediction both have, and how they are shown."""


class Disagreement(NamedTuple):
    """One difference between gold and prediction."""

    document: str
    what: str
    value: str


class Counts(NamedTuple):
    """How many are right, how many gold has, how many were predicted."""

    both: int
    gold: int
    predicted: int


class _Tally:
    """True positives, false positives and false negatives."""

    def __init__(self) -> None:
        self.tp = self.fp = self.fn = 0

    def add(self, *, gold: int, predicted: int, both: int) -> None:
        self.tp += both
        self.fp += predicted - both
        self.fn += gold - both

    def counts(self) -> Counts:
        return Counts(self.tp, self.tp + self.fn, self.tp + self.fp)

    def figures(self) -> dict[str, float | int]:
        gold, predicted = self.tp + self.fn, self.tp + self.fp
        p = self.tp / predicted if predicted else 0.0
        r = self.tp / gold if gold else 0.0
        f1 = 2 * p * r / (p + r) if p + r else 0.0
        return {"p": round(p, 4), "r": round(r, 4), "f1": round(f1, 4), "gold": gold, "predicted": predicted}


class _Count:
    """Everything counted over a corpus."""

    def __init__(self) -> None:
        self.exact = {label: _Tally() for label in get_args(Label)}
        self.overlap = {label: _Tally() for label in get_args(Label)}
        self.all_exact = _Tally()
        self.deals = _Tally()
        self.hedged = _Tally()
        self.of_deals_found = {name: _Tally() for name in OF_DEALS_FOUND}
        self.slots: dict[str, _Tally] = {}
        self.all_slots = _Tally()
        self.paired = 0
        self.right: Counter[str] = Counter()
        self.points: list[tuple[float, int]] = []
        self.disagreements: list[Disagreement] = []

    def document(self, name: str, gold: ScoredDocument, predicted: ScoredDocument) -> None:
        """Count one document."""
        for label in self.exact:
            expected = [span for span in gold.mentions if span.label == label]
            given = [span for span in predicted.mentions if span.label == label]
            same = matched_spans(expected, given, exact=True)
            for tally in (self.exact[label], self.all_exact):
                tally.add(gold=len(expected), predicted=len(given), both=same)
            same = matched_spans(expected, given, exact=False)
            self.overlap[label].add(gold=len(expected), predicted=len(given), both=same)
        found = pairs(gold.deals, predicted.deals)
        self.deals.add(gold=len(gold.deals), predicted=len(predicted.deals), both=len(found))
        self.hedged.add(
            gold=sum(deal.hedged for deal in gold.deals),
            predicted=sum(deal.hedged for deal in predicted.deals),
            both=sum(gold.deals[g].hedged and predicted.deals[p].hedged for g, p in found),
        )
        paired_gold, paired_predicted = {g for g, _ in found}, {p for _, p in found}
        for i, deal in enumerate(gold.deals):
            if i not in paired_gold:
                self._slots(name, deal, None)
                self.disagreements.append(Disagreement(name, "missed deal", str(deal)))
        for i, deal in enumerate(predicted.deals):
            if i not in paired_predicted:
                self._slots(name, None, deal)
                self.disagreements.append(Disagreement(name, "spurious deal", str(deal)))
        for g, p in found:
            self._slots(name, gold.deals[g], predicted.deals[p])
            self._readings(name, gold.deals[g], predicted.deals[p])

    def _slots(self, name: str, gold: ScoredDeal | None, predicted: ScoredDeal | None) -> None:
        """Count the slots of a pair, or those of a deal that has no counterpart."""
        expected = gold.slots if gold else []
        given = predicted.slots if predicted else []
        same = matched(expected, given)
        hit_gold, hit_given = {g for g, _ in same}, {p for _, p in same}
        for g, slot in enumerate(expected):
            self._slot(slot.name, gold=1, predicted=int(g in hit_gold), both=int(g in hit_gold))
            if predicted and g not in hit_gold:
                self.disagreements.append(Disagreement(name, f"missed {slot.name}", str(slot.value)))
        for p, slot in enumerate(given):
            if p not in hit_given:
                self._slot(slot.name, gold=0, predicted=1, both=0)
                if gold:
                    self.disagreements.append(Disagreement(name, f"spurious {slot.name}", str(slot.value)))
            if slot.confidence is not None:
                self.points.append((slot.confidence, int(p in hit_given)))

    def _slot(self, slot: str, *, gold: int, predicted: int, both: int) -> None:
        for tally in (self.slots.setdefault(slot, _Tally()), self.all_slots):
            tally.add(gold=gold, predicted=predicted, both=both)

    def _readings(self, name: str, gold: ScoredDeal, predicted: ScoredDeal) -> None:
        """Count stage and certainty of a pair, the hedges that bear on it and the sources that it is laid to."""
        self.paired += 1
        for what, expected, given, same in (
            ("deal_hedges", gold.hedges, predicted.hedges, same_phrase),
            ("deal_sources", gold.sources, predicted.sources, same_name),
        ):
            self.of_deals_found[what].add(
                gold=len(expected), predicted=len(given), both=len(one_to_one(expected, given, same))
            )
        for what, a, b in (
            ("stage", gold.stage, predicted.stage),
            ("certainty", gold.certainty, predicted.certainty),
        ):
            self.right[what] += a == b
            if a != b:
                company = str(predicted.first("company") or "unnamed company")
                self.disagreements.append(Disagreement(name, f"{what}: gold {a}, predicted {b}", company))


def counts(gold: ScoredDocument, predicted: ScoredDocument) -> dict[str, Counts]:
    """Return what is counted of one document, under the names that the figures are shown by."""
    count = _Count()
    count.document("", gold, predicted)
    tallies = {
        **{f"{label} exact": tally for label, tally in count.exact.items()},
        **{f"{label} overlap": tally for label, tally in count.overlap.items()},
        "mentions, exact, all": count.all_exact,
        "deals": count.deals,
        **{f"slot {slot}": tally for slot, tally in count.slots.items()},
        "slots, all": count.all_slots,
        "hedged": count.hedged,
        **{OF_DEALS_FOUND[name]: tally for name, tally in count.of_deals_found.items()},
    }
    found = {name: tally.counts() for name, tally in tallies.items()}
    return found | {what: Counts(count.right[what], count.paired, count.paired) for what in ("stage", "certainty")}


def score(
    gold: Mapping[str, ScoredDocument], predicted: Mapping[str, ScoredDocument]
) -> tuple[dict[str, Any], list[Disagreement]]:
    """Return all figures of predicted documents against gold, and where they differ.

    Precision, recall and F1 of the mentions (by label, exact and overlapping span), of the deals and their slots, of
    the hedged deals, and of the hedges and sources of paired deals; accuracy of stage and certainty over these;
    calibration of the slot confidences.
    """
    count = _Count()
    for name, document in gold.items():
        count.document(name, document, predicted.get(name, NOTHING))
    figures = {
        "documents": len(gold),
        "missing": [name for name in gold if name not in predicted],
        "mentions_exact_micro": count.all_exact.figures(),
        "mentions": {
            label: {"exact": count.exact[label].figures(), "overlap": count.overlap[label].figures()}
            for label in count.exact
        },
        "deals": count.deals.figures(),
        "slots": {slot: count.slots[slot].figures() for slot in sorted(count.slots)},
        "slots_micro": count.all_slots.figures(),
        **{
            f"{what}_accuracy": round(count.right[what] / count.paired, 4) if count.paired else None
            for what in ("stage", "certainty")
        },
        "hedged": count.hedged.figures(),
        **{name: tally.figures() for name, tally in count.of_deals_found.items()},
        "ece": calibration_error(count.points),
    }
    return figures, count.disagreements


def calibration_error(points: Sequence[tuple[float, int]], bins: int = 10) -> float | None:
    """Return the expected calibration error of (confidence, right), over bins of equal mass."""
    if not points:
        return None
    ranked = sorted(points)
    size = max(1, len(ranked) // bins)
    total = 0.0
    for start in range(0, len(ranked), size):
        part = ranked[start : start + size]
        mean = sum(confidence for confidence, _ in part) / len(part)
        total += len(part) * abs(mean - sum(right for _, right in part) / len(part))
    return round(total / len(ranked), 4)
