"""`dealspan evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dealspan.cli.options import Gold, Model, Predicted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dealspan.evaluation.reading import ScoredDocument
    from dealspan.gate import Excerpt

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
    gate: Annotated[
        bool,
        typer.Option("--gate", help="What the gate of `extract` leaves of the text, and the deals lost with it."),
    ] = False,
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
    from dealspan.evaluation import EvaluationError, groups, intervals, load, losses, score
    from dealspan.evaluation import confusion as confused
    from dealspan.evaluation.worst import read_texts
    from dealspan.evaluation.worst import worst as worst_of

    if markdown and (as_json or errors or worst):
        raise CommandError("--markdown goes with none of --json, --errors and --worst; leave one out", USAGE)
    if bool(by) + confusion + errors + bool(worst) + gate > 1:
        raise CommandError("--by, --confusion, --worst, --errors and --gate are views of their own; choose one", USAGE)
    if gate and (predicted or as_json):
        raise CommandError(
            "--gate reads the documents itself and prints a table; leave out the records and --json", USAGE
        )
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
    if gate:
        shares = read_shares(gold, model)
        gates = [(how, share, losses(expected, records, extracted(gold, model, how))) for how, share in shares.items()]
        stream.write(score_tables.gates(f"{gold.name}, {model}", gates, markdown=markdown))
        return
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


def extracted(
    gold: Path, model: str, gate: "Literal['documents', 'paragraphs'] | None" = None
) -> "dict[str, ScoredDocument]":
    """Return what `dealspan extract` writes about the gold documents; without a gate, so that all mentions are."""
    from tempfile import TemporaryDirectory

    from dealspan.cli.extract import extract
    from dealspan.evaluation import load

    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        extract([str(gold)], out=records, model=model, gate=gate is not None, skim=gate == "paragraphs")
        return load(records)


def read_shares(gold: Path, model: str) -> "dict[Literal['documents', 'paragraphs'], float]":
    """Return which share of the words each gate leaves to be read."""
    from dealspan.evaluation.worst import read_texts
    from dealspan.gate import read_gate

    texts, gate = list(read_texts(gold).values()), read_gate(model)
    words = sum(len(text.split()) for text in texts)

    def share(part: "Callable[[str], Excerpt | None]") -> float:
        return sum(len(kept.text.split()) for text in texts if (kept := part(text))) / max(1, words)

    return {"documents": share(gate.documents), "paragraphs": share(gate.paragraphs)}
