"""`dealspan evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dealspan.evaluation.reading import ScoredDocument


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Gold documents, JSONL.", show_default=False)],
    predicted: Annotated[
        Path | None,
        typer.Argument(help="Records of the same documents, JSONL. Default: those of the shipped rules."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="One row for each value of a field of gold, such as genre or split."),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List every disagreement.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a section of a Markdown page.")] = False,
) -> None:
    """Score records against gold: mentions, deals, slots, hedged deals, calibration."""
    import json

    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.evaluation import EvaluationError, groups, load, score

    if markdown and (as_json or errors):
        raise CommandError("--markdown goes with neither --json nor --errors; leave one out", USAGE)
    if by and errors:
        raise CommandError("--by goes with no --errors; leave one out", USAGE)
    try:
        expected = load(gold)
        members = groups(gold, by) if by else {}
        records = load(predicted) if predicted else _extracted(gold)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    stream = standard_output()
    if by:
        parts = members if len(members) < 2 else members | {"all": list(expected)}
        rows = {value: score({id: expected[id] for id in ids}, records)[0] for value, ids in parts.items()}
        stream.write(json.dumps(rows) + "\n" if as_json else _compared(gold.name, by, rows, markdown=markdown))
        return
    figures, disagreements = score(expected, records)
    if as_json:
        listed = {"errors": [one._asdict() for one in disagreements]} if errors else {}
        stream.write(json.dumps(figures | listed) + "\n")
        return
    if errors:
        stream.writelines(f"{one.document} | {one.what} | {one.value}\n" for one in disagreements)
    stream.write(_section(gold.name, figures) if markdown else _table(figures))


def _extracted(gold: Path) -> "dict[str, ScoredDocument]":
    """Return what `dealspan extract` writes about the gold documents."""
    from tempfile import TemporaryDirectory

    from dealspan.cli.extract import extract
    from dealspan.evaluation import load

    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        extract([str(gold)], out=records)
        return load(records)


def _rows(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what has precision and recall."""
    rows = [
        (f"{label} {how}", by_span[how])
        for label, by_span in figures["mentions"].items()
        for how in ("exact", "overlap")
    ]
    rows += [("mentions, exact, all", figures["mentions_exact_micro"]), ("deals", figures["deals"])]
    rows += [(f"slot {slot}", counts) for slot, counts in figures["slots"].items()]
    return [*rows, ("slots, all", figures["slots_micro"]), ("hedged", figures["hedged"])]


def _table(figures: dict[str, Any]) -> str:
    """Return the figures as lines to read."""
    lines = [
        f"{name:<26} p {f['p']:.3f}  r {f['r']:.3f}  f1 {f['f1']:.3f}   gold {f['gold']}" for name, f in _rows(figures)
    ]
    lines.append(
        f"stage accuracy {figures['stage_accuracy']}  certainty accuracy {figures['certainty_accuracy']}  "
        f"ECE {figures['ece']}  missing {len(figures['missing'])}"
    )
    return "\n".join(lines) + "\n"


def _compared(name: str, by: str, rows: dict[str, dict[str, Any]], *, markdown: bool) -> str:
    """Return a row for each group, as lines to read or as a section of a Markdown page."""
    from datetime import date

    heads = [
        "documents",
        "mentions F1",
        "deals P",
        "deals R",
        "deals F1",
        "slots F1",
        "hedged F1",
        "stage",
        "certainty",
    ]
    cells = {value: _cells(figures) for value, figures in rows.items()}
    if markdown:
        lines = [
            f"## {name} by {by}, {date.today().isoformat()}\n",
            f"| {by} | {' | '.join(heads)} |",
            f"|---|{'---:|' * len(heads)}",
            *(f"| {value} | {' | '.join(row)} |" for value, row in cells.items()),
        ]
        return "\n".join(lines) + "\n\n"
    wide = max(len(by), *map(len, cells))
    lines = ["  ".join([by.ljust(wide), *heads])]
    lines += [
        "  ".join([value.ljust(wide), *(cell.rjust(len(head)) for cell, head in zip(row, heads, strict=True))])
        for value, row in cells.items()
    ]
    return "\n".join(lines) + "\n"


def _cells(figures: dict[str, Any]) -> list[str]:
    """Return the figures of one group; a dash where there is nothing to measure."""
    deals = figures["deals"]
    values: list[float | None] = [
        figures["mentions_exact_micro"]["f1"],
        deals["p"] if deals["predicted"] else None,
        *(value if deals["gold"] else None for value in (deals["r"], deals["f1"], figures["slots_micro"]["f1"])),
        figures["hedged"]["f1"] if figures["hedged"]["gold"] else None,
        figures["stage_accuracy"],
        figures["certainty_accuracy"],
    ]
    return [str(figures["documents"]), *("–" if value is None else f"{value:.2f}" for value in values)]


def _section(name: str, figures: dict[str, Any]) -> str:
    """Return the figures as a section of a Markdown page."""
    from datetime import date

    from dealspan.output.wording import count

    lines = [
        f"## {name}: {count(figures['documents'], 'document')}, {date.today().isoformat()}\n",
        "| | precision | recall | F1 | gold | predicted |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row} | {f['p']:.3f} | {f['r']:.3f} | {f['f1']:.3f} | {f['gold']} | {f['predicted']} |"
        for row, f in _rows(figures)
    ]
    singles = {
        "stage accuracy, of the deals found": figures["stage_accuracy"],
        "certainty accuracy, of the deals found": figures["certainty_accuracy"],
        "calibration error (ECE) of the slots": figures["ece"],
    }
    lines += [f"| {row}: {'none' if f is None else f'{f:.3f}'} | | | | | |" for row, f in singles.items()]
    return "\n".join(lines) + "\n\n"
