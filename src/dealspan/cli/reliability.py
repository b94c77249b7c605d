"""`dealspan reliability`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dealspan.cli.options import Gold, Model, Predicted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dealspan.evaluation.reliability import Reliability


def reliability(
    gold: Gold,
    predicted: Predicted = None,
    model: Model = "trained",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Draw the diagram too, into this SVG file; needs matplotlib.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with the bins.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a section of a Markdown page.")] = False,
) -> None:
    """Say how often mentions, slots and deals of a confidence are right, and what a threshold leaves.

    Behind the share that is right stands its 95 % interval. A slot counts as left where extract --min-confidence leaves
    it: where its deal has that confidence too. The diagram needs the extra `corpus`.
    """
    import json
    from importlib.util import find_spec

    from dealspan.cli.corpus.reading import missing_extra
    from dealspan.cli.evaluate import extracted
    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.cli.streams import destination, standard_output
    from dealspan.evaluation import EvaluationError, load
    from dealspan.evaluation.reliability import reliability as judge

    if as_json and markdown:
        raise CommandError("--json and --markdown are two forms of the same; leave one out", USAGE)
    if out and out.suffix.lower() != ".svg":
        raise CommandError(f"{out}: is drawn as SVG; give a name that ends in .svg", USAGE)
    if out and find_spec("matplotlib") is None:
        raise missing_extra("matplotlib")
    try:
        expected = load(gold)
        found = judge(expected, load(predicted) if predicted else extracted(gold, model))
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    if not any(one.bins for one in found.values()):
        raise CommandError(f"{predicted or gold}: nothing in it has a confidence; give records, as extract writes them")
    name = gold.name if predicted else f"{gold.name}, {model}"
    if out:
        from dealspan.evaluation.diagram import draw

        with destination(out) as stream:
            draw(found, name, stream)
    if as_json:
        standard_output().write(json.dumps({kind: _plain(one) for kind, one in found.items()}) + "\n")
    else:
        standard_output().write(_section(name, len(expected), found) if markdown else _lines(found))


def _plain(found: "Reliability") -> "dict[str, Any]":
    """Return the figures as JSON can hold them."""
    return {
        "ece": found.error,
        "bins": [{"confidence": round(one.confidence, 4)} | _rounded(one.share._asdict()) for one in found.bins],
        "at_least": {str(least): one and _rounded(one._asdict()) for least, one in found.thresholds.items()},
    }


def _rounded(figures: "dict[str, Any]") -> "dict[str, Any]":
    return {name: round(value, 4) for name, value in figures.items()}


def _rows(found: "Mapping[str, Reliability]") -> "list[tuple[str, ...]]":
    """Return a row for each kind and threshold: kind and its calibration error, threshold, what is left and right."""
    rows: list[tuple[str, ...]] = []
    for kind, one in found.items():
        everything = one.thresholds[0.0]
        for least, left in one.thresholds.items():
            head = ("", "") if least else (kind, "none" if one.error is None else f"{one.error:.3f}")
            cells = ("0", "–", "–", "–")
            if left and everything:
                cells = (
                    f"{left.of}",
                    f"{left.of / everything.of:.0%}",
                    f"{left.right:.3f}",
                    f"{left.low:.2f}–{left.high:.2f}",
                )
            rows.append((*head, f"{least:.2f}", *cells))
    return rows


def _lines(found: "Mapping[str, Reliability]") -> str:
    widths = (-10, 6, 10, 7, 6, 7, 11)
    rows = [("", "ECE", "at least", "left", "", "right", ""), *_rows(found)]
    return "".join(
        "".join(cell.rjust(width) if width > 0 else cell.ljust(-width) for cell, width in zip(row, widths, strict=True))
        + "\n"
        for row in rows
    )


def _section(name: str, documents: int, found: "Mapping[str, Reliability]") -> str:
    from datetime import date

    from dealspan.output.wording import count

    head = [
        f"## Reliability on {name}: {count(documents, 'document')}, {date.today().isoformat()}\n",
        "| | ECE | confidence at least | left | of all | right | 95 % interval |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in _rows(found))]) + "\n\n"
