"""How far two independent readers of the same articles agree."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dealspan.evaluation import score
from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import ScoredDocument


class Agreement(NamedTuple):
    """`figures` are those of `score`, with one reader as gold: F1 is the same either way.

    `kappas` is Cohen's kappa of stage and certainty over the `paired` deals, and `same` the share of equal values; a
    kappa is None where both readers used one and the same value throughout.
    """

    figures: dict[str, Any]
    paired: int
    kappas: dict[str, float | None]
    same: dict[str, float]


def agreement(first: Mapping[str, ScoredDocument], second: Mapping[str, ScoredDocument]) -> Agreement:
    """Compare two readings of the same documents.

    Raises
    ------
    ImportError
        Where scikit-learn (extra `corpus`) is not installed.

    """
    from sklearn.metrics import cohen_kappa_score

    figures, _ = score(first, second)
    values: dict[str, list[tuple[str, str]]] = {"stage": [], "certainty": []}
    for name, document in first.items():
        other = second[name]
        for a, b in pairs(document.deals, other.deals):
            one, two = document.deals[a], other.deals[b]
            values["stage"].append((one.stage or "none", two.stage or "none"))
            values["certainty"].append((one.certainty or "none", two.certainty or "none"))
    kappas = {what: _kappa(cohen_kappa_score, both) for what, both in values.items()}
    same = {what: sum(a == b for a, b in both) / len(both) if both else 0.0 for what, both in values.items()}
    return Agreement(figures, len(values["stage"]), kappas, same)


def _kappa(kappa: Any, values: Sequence[tuple[str, str]]) -> float | None:
    if len({value for pair in values for value in pair}) < 2:
        return None
    return float(kappa(*zip(*values, strict=True)))


def report(found: Agreement) -> str:
    """The agreement as a Markdown table."""
    figures = found.figures
    rows = [
        *(
            (f"{label} spans, {how}", f"{by_span[how]['f1']:.3f}", by_span[how]["gold"], by_span[how]["predicted"])
            for label, by_span in figures["mentions"].items()
            for how in ("exact", "overlap")
        ),
        *((name, f"{f['f1']:.3f}", f["gold"], f["predicted"]) for name, f in _counted(figures)),
        *(
            (f"{what}, Cohen's kappa", "none" if kappa is None else f"{kappa:.3f}", found.paired, found.paired)
            for what, kappa in found.kappas.items()
        ),
        *((f"{what}, share of equal values", f"{s:.3f}", found.paired, found.paired) for what, s in found.same.items()),
    ]
    head = f"{figures['documents']} documents\n\n| | agreement | first | second |\n|---|---:|---:|---:|\n"
    return head + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def _counted(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What has an F1 besides the spans."""
    return [
        ("all spans, exact", figures["mentions_exact_micro"]),
        ("deals", figures["deals"]),
        *((f"slot {slot}", counts) for slot, counts in figures["slots"].items()),
        ("all slots", figures["slots_micro"]),
        ("hedged deals", figures["hedged"]),
    ]
