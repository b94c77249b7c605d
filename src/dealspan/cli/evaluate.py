"""`dealspan evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import Gold, Model, Predicted

if TYPE_CHECKING:
    from dealspan.evaluation.reading import ScoredDocument

ALL = "all"
"""The row of all groups together."""


def evaluate(
    gold: Gold,
    predicted: Predicted = None,
    model: Model = "trained",
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="One row for each value of a field of gold, such as genre or split."),
    ] = None,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="What is taken for what: labels, stages, certainties.")
    ] = False,
    worst: Annotated[
        int, typer.Option(min=0, metavar="N", help="List the N documents read worst, each error with its words.")
    ] = 0,
    errors: Annotated[bool, typer.Option("--errors", help="List every disagreement.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a section of a Markdown page.")] = False,
) -> None:
    """Score records against gold: mentions, deals, slots, hedged deals, calibration.

    In brackets, and in the intervals of --markdown and --json, stand the bounds between which a figure lies in 95 of
    100 draws of as many documents.
    """
    from dealspan.cli import score_tables
    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.evaluation import EvaluationError, groups, intervals, load, score
    from dealspan.evaluation import confusion as confused
    from dealspan.evaluation.worst import read_texts
    from dealspan.evaluation.worst import worst as worst_of

    if markdown and (as_json or errors or worst):
        raise CommandError("--markdown goes with none of --json, --errors and --worst; leave one out", USAGE)
    if bool(by) + confusion + errors + bool(worst) > 1:
        raise CommandError("--by, --confusion, --worst and --errors are views of their own; choose one", USAGE)
    if as_json and (confusion or worst):
        raise CommandError("--json goes with neither --confusion nor --worst; leave one out", USAGE)
    try:
        expected = load(gold)
        members = groups(gold, by) if by else {}
        if ALL in members:
            raise CommandError(f"{gold}: a value of {by!r} is {ALL!r}, which stands for the sum; rename it", USAGE)
        records = load(predicted) if predicted else extracted(gold, model)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    stream = standard_output()
    name = gold.name if predicted else f"{gold.name}, {model}"
    if by:
        parts = members if len(members) < 2 else {**members, ALL: list(expected)}
        rows = {value: score({id: expected[id] for id in ids}, records)[0] for value, ids in parts.items()}
        table = score_tables.groups(name, by, rows, markdown=markdown)
        stream.write(json.dumps(rows) + "\n" if as_json else table)
    elif confusion:
        stream.write(score_tables.confusions(name, confused(expected, records), markdown=markdown))
    elif worst:
        stream.write(score_tables.bad_documents(worst_of(expected, records, read_texts(gold), worst)))
    else:
        figures, disagreements = score(expected, records)
        bounds = intervals(expected, records)
        if as_json:
            listed = {"errors": [one._asdict() for one in disagreements]} if errors else {}
            stream.write(json.dumps(figures | {"intervals": bounds} | listed) + "\n")
            return
        if errors:
            stream.writelines(f"{one.document} | {one.what} | {one.value}\n" for one in disagreements)
        tables = score_tables.section(name, figures, bounds) if markdown else score_tables.lines(figures, bounds)
        stream.write(tables)


def extracted(gold: Path, model: str) -> "dict[str, ScoredDocument]":
    """Return what `dealspan extract` writes about the gold documents."""
    from tempfile import TemporaryDirectory

    from dealspan.cli.extract import extract
    from dealspan.evaluation import load

    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        extract([str(gold)], out=records, model=model)
        return load(records)
