"""`dealspan extract`."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from dealspan.cli.options import OUTPUT_FORMAT, FieldNames, Model, Out, Rules
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
    format: Annotated[Format | None, OUTPUT_FORMAT] = None,
    out: Out = None,
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
    from dealspan.cli.streams import (
        destination,
        fields_of,
        format_of,
        given,
        must_not_be_input,
        must_suit,
        on_terminal,
    )
    from dealspan.output import BINARY, writing
    from dealspan.output.confident import confident
    from dealspan.output.wording import is_hedged

    inputs, names = given(files), fields_of(fields)
    chosen = format_of(out, SUFFIXES) if format is None else format
    must_suit(chosen, out)
    must_not_be_input(out, inputs)
    # What is wrong with the options is said before spaCy is waited for.
    from dealspan.pipeline import record_of

    run = Run(language(rules, model), inputs, published=published.date() if published else None, fields=names)
    with destination(out, binary=chosen in BINARY) as stream, writing(chosen, stream) as sink:
        for article, doc in run.documents(progress=not on_terminal(out)):
            try:
                record = confident(record_of(article, doc), min_confidence)
                deals = [deal for deal in record.deals if only in (None, "hedged" if is_hedged(deal) else "completed")]
                sink.write(article, replace(record, deals=deals))
            except OSError:
                raise
            except Exception as error:
                run.failed(article, error)
    run.finish()
