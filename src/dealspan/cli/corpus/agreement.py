"""`dealspan corpus agreement`."""

from pathlib import Path
from typing import Annotated, Any

import typer


def agreement(
    first: Annotated[Path, typer.Argument(help="Gold of one reader, JSONL.", show_default=False)],
    second: Annotated[
        Path, typer.Argument(help="Gold of the other reader, of the same documents.", show_default=False)
    ],
) -> None:
    """Say how far two readers of the same articles agree: span and slot F1, kappa of stage and certainty.

    Needs the extra `corpus`.
    """
    from dealspan.cli.corpus.reading import missing_extra
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.agreement import agreement as compare
    from dealspan.evaluation import EvaluationError, load

    try:
        one, other = load(first), load(second)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    if one.keys() != other.keys():
        odd = sorted(one.keys() ^ other.keys())
        raise CommandError(f"{odd[0]}: read by one of the two only; give two readings of the same documents")
    try:
        found = compare(one, other)
    except ImportError:
        raise missing_extra("scikit-learn") from None
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
    standard_output().write(head + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows))


def _counted(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what has an F1 besides the spans."""
    return [
        ("all spans, exact", figures["mentions_exact_micro"]),
        ("deals", figures["deals"]),
        *((f"slot {slot}", counts) for slot, counts in figures["slots"].items()),
        ("all slots", figures["slots_micro"]),
        ("hedged deals", figures["hedged"]),
    ]
