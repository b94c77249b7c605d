"""`dealspan extract`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import (
    OUTPUT_FORMAT,
    FieldNames,
    Gated,
    MinConfidence,
    Model,
    Only,
    Out,
    Published,
    Rules,
    Skim,
)
from dealspan.output import Format

if TYPE_CHECKING:
    from dealspan.jobs.analysis import Settings
    from dealspan.jobs.documents import Document

HINT = "; the same command with --resume goes on with it"


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
    published: Published = None,
    min_confidence: MinConfidence = 0.0,
    only: Only = None,
    fields: FieldNames = None,
    model: Model = "trained",
    rules: Rules = None,
    gate: Gated = True,
    skim: Skim = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Analyse in N processes; the output is the same.")
    ] = 1,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="SECONDS",
            help="Give up a document that takes longer, and go on; also without --jobs it is analysed in another "
            "process, which can be ended.",
            show_default=False,
        ),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(help="Write what failed to this file too, JSONL: one object for each document or input."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with an output, JSONL or CSV, where the same command broke off or was killed."
        ),
    ] = False,
) -> None:
    """Extract the deals of funding news, each slot with its confidence and its evidence.

    One record for each document, also for one without deals. Input is UTF-8; offsets count the code points of the text
    as read, which `dealspan text` prints.
    """
    from contextlib import ExitStack

    from dealspan.articles import Position, read_raw
    from dealspan.cli import journal as journals
    from dealspan.cli.failures import FAILED, USAGE, CommandError
    from dealspan.cli.progress import followed
    from dealspan.cli.recording import Recording
    from dealspan.cli.signals import Signals
    from dealspan.cli.streams import (
        Output,
        destination,
        fields_of,
        format_of,
        given,
        must_not_be_input,
        must_suit,
        on_terminal,
        opened_for_text,
        standard_input,
        what_is_read,
    )
    from dealspan.jobs.analysis import TOGETHER, Settings
    from dealspan.jobs.documents import documents
    from dealspan.output import BINARY, SUFFIXES, writing

    inputs, names = given(files), fields_of(fields)
    chosen = format_of(out, SUFFIXES) if format is None else format
    must_suit(chosen, out)
    for file in (out, errors):
        must_not_be_input(file, inputs)
    if out and errors and out.resolve() == errors.resolve():
        raise CommandError(f"--errors {errors}: is the output too; name another file", USAGE)
    day = published.date() if published else None
    settings = Settings(
        model=model,
        rules=str(rules) if rules else None,
        gate=what_is_read(gate, skim),
        batch=1 if "-" in inputs else TOGETHER,
        min_confidence=min_confidence,
        only=only,
    )
    journal = journals.begun(
        out, chosen, errors, journals.described(settings, chosen, names, day, errors), resume=resume
    )
    resumed = journal.state if journal and journal.resumed else None
    position, signals = Position(), Signals()
    with signals.answered(), ExitStack() as stack:
        found = documents(read_raw(inputs, standard_input(), names, position), day)
        if journal and resumed:
            journal.skip(found)
        found = stack.enter_context(analysing(found, settings, jobs, timeout))
        again = resumed is not None
        told = Output(stack.enter_context(opened_for_text(errors, again=again))) if errors else None
        stream = stack.enter_context(
            destination(out, binary=chosen in BINARY, again=again, hint=HINT if journal else "")
        )
        output = Output(stream)
        # One that goes on writes its head once more, over the same.
        sink = stack.enter_context(writing(chosen, stream))
        if resumed:
            output.cut(resumed.output)
            if told:
                told.cut(resumed.errors)
        if not on_terminal(out):
            found = followed(found, inputs, position)
        recording = Recording(output, told, journal, resumed.failed if resumed else 0)
        recording.write(found, sink, signals)
    if journal:
        journal.remove()
    if recording.failed:
        raise typer.Exit(FAILED)


@contextmanager
def analysing(
    found: "Iterator[Document]", settings: "Settings", jobs: int, timeout: float | None
) -> "Iterator[Iterator[Document]]":
    """Analyse documents, in this process or in others: only others can be ended, where one takes too long."""
    if jobs == 1 and timeout is None:
        from dealspan.cli.runs import language
        from dealspan.jobs.analysis import analyse_all

        rules = Path(settings.rules) if settings.rules else None
        yield analyse_all(language(rules, settings.model), settings, found)
        return
    from dealspan.cli.failures import FAILED, USAGE, CommandError
    from dealspan.jobs.pool import Pool, PoolError

    try:
        with Pool(jobs, settings, timeout) as pool:
            yield pool.analysed(found)
    except PoolError as error:
        raise CommandError(str(error), USAGE if error.usage else FAILED) from None
