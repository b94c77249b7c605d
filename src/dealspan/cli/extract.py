"""`dealspan extract`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealspan.cli.failures import USAGE, CommandError
from dealspan.cli.options import FieldNames, Model, Rules
from dealspan.output import SUFFIXES, Format


def extract(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES|-",
            help="Files (text, HTML, JSON, CSV, Parquet, feeds, WARC; also compressed), folders, quoted patterns, or - "
            "for standard input.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format", "-f", help="Default: by the ending of --out; else a table on a terminal, JSONL in a pipe."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, which appears only when it is complete.")
    ] = None,
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Publication date of the inputs that do not give one."),
    ] = None,
    min_confidence: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Leave out deals, slots and mentions with a lower confidence; stage, certainty and evidence stay.",
        ),
    ] = 0.0,
    only: Annotated[
        Literal["completed", "hedged"] | None,
        typer.Option(help="Only deals asserted as completed, or only the others (planned, rumored, denied ...)."),
    ] = None,
    fields: FieldNames = None,
    model: Model = "trained",
    rules: Rules = None,
) -> None:
    """Extract the deals of funding news, each slot with its confidence and its evidence.

    One record for each document, also for one without deals. Input is UTF-8; offsets count the code points of the text
    as read, which `dealspan text` prints.
    """
    from msgspec.structs import replace

    from dealspan.cli.runs import Run, language
    from dealspan.cli.streams import destination, fields_of, given
    from dealspan.output import writer
    from dealspan.output.confident import confident
    from dealspan.output.wording import is_hedged

    inputs, names = given(files), fields_of(fields)
    on_terminal = out is None and sys.stdout is not None and sys.stdout.isatty()
    chosen = format or _format_of(out) or ("table" if on_terminal else "jsonl")
    if out and any(Path(name).resolve() == out.resolve() for name in inputs):
        raise CommandError(f"{out}: is an input too; name another file with --out", USAGE)
    # What is wrong with the options is said before spaCy is waited for.
    from dealspan.pipeline import record_of

    run = Run(language(rules, model), inputs, published=published.date() if published else None, fields=names)
    with destination(out) as stream:
        sink = writer(chosen, stream)
        for article, doc in run.documents(progress=not on_terminal):
            try:
                record = confident(record_of(article, doc), min_confidence)
                deals = [deal for deal in record.deals if only in (None, "hedged" if is_hedged(deal) else "completed")]
                sink.write(article, replace(record, deals=deals))
            except OSError:
                raise
            except Exception as error:
                run.failed(article, error)
        sink.close()
    run.finish()


def _format_of(out: Path | None) -> Format | None:
    """Return the format that the ending of the output file stands for."""
    if out is None or not out.suffix:
        return None
    if out.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise CommandError(f"{out}: the ending stands for no format; use one of {known}, or --format", USAGE)
    return SUFFIXES[out.suffix.lower()]
