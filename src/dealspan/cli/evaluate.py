"""`dealspan evaluate`."""

from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Gold documents, JSONL.", show_default=False)],
    predicted: Annotated[Path, typer.Argument(help="Records of the same documents, JSONL.", show_default=False)],
    errors: Annotated[bool, typer.Option("--errors", help="List every disagreement.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score records against gold: mentions, deals, slots, hedged deals, calibration."""
    import json

    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.evaluation import EvaluationError, load, score

    try:
        figures, disagreements = score(load(gold), load(predicted))
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    stream = standard_output()
    if as_json:
        listed = {"errors": [one._asdict() for one in disagreements]} if errors else {}
        stream.write(json.dumps(figures | listed) + "\n")
        return
    if errors:
        stream.writelines(f"{one.document} | {one.what} | {one.value}\n" for one in disagreements)
    stream.write(_table(figures))


def _table(figures: dict[str, Any]) -> str:
    """Return the figures as lines to read."""
    rows = [
        (f"{label} {how}", by_span[how])
        for label, by_span in figures["mentions"].items()
        for how in ("exact", "overlap")
    ]
    rows += [("mentions, exact, all", figures["mentions_exact_micro"]), ("deals", figures["deals"])]
    rows += [(f"slot {slot}", counts) for slot, counts in figures["slots"].items()]
    rows += [("slots, all", figures["slots_micro"]), ("hedged", figures["hedged"])]
    lines = [f"{name:<26} p {f['p']:.3f}  r {f['r']:.3f}  f1 {f['f1']:.3f}   gold {f['gold']}" for name, f in rows]
    lines.append(
        f"stage accuracy {figures['stage_accuracy']}  certainty accuracy {figures['certainty_accuracy']}  "
        f"ECE {figures['ece']}  missing {len(figures['missing'])}"
    )
    return "\n".join(lines) + "\n"
