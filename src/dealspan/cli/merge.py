"""`dealspan merge`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dealspan.cli.failures import FAILED, USAGE, CommandError, complain

if TYPE_CHECKING:
    from dealspan.records import Record

MergedFormat = Literal["jsonl", "json", "table"]
SUFFIXES: dict[str, MergedFormat] = {".jsonl": "jsonl", ".json": "json", ".txt": "table"}


def merge(
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECORDS|-",
            help="Records as `dealspan extract` writes them, JSONL; or - for standard input.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        MergedFormat | None,
        typer.Option(
            "--format", "-f", help="Default: by the ending of --out; else a table on a terminal, JSONL in a pipe."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, which appears only when it is complete.")
    ] = None,
) -> None:
    """Group the deals of many documents into deals, each with all its sources and the timeline of the claim.

    Two deals are one where the company, the kind of round, the sum and the time go together; what sources say
    differently is kept with who says it. A line that is no record is named, and the others are merged.
    """
    from dealspan.archive import combine, grouped
    from dealspan.cli.streams import destination, given
    from dealspan.output.merged import writer

    inputs = given(records)
    on_terminal = out is None and sys.stdout is not None and sys.stdout.isatty()
    chosen = format or _format_of(out) or ("table" if on_terminal else "jsonl")
    if out and any(Path(name).resolve() == out.resolve() for name in inputs):
        raise CommandError(f"{out}: is an input too; name another file with --out", USAGE)
    reading = _Reading(inputs)
    with destination(out) as stream:
        sink = writer(chosen, stream)
        for claims in grouped(reading.records()):
            sink.write(combine(claims))
        sink.close()
    if reading.failed:
        raise typer.Exit(FAILED)


def _format_of(out: Path | None) -> MergedFormat | None:
    """Return the format that the ending of the output file stands for."""
    if out is None or not out.suffix:
        return None
    if out.suffix.lower() not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise CommandError(f"{out}: the ending stands for no format; use one of {known}, or --format", USAGE)
    return SUFFIXES[out.suffix.lower()]


class _Reading:
    """The records of files, line by line; counts what could not be read."""

    def __init__(self, inputs: list[str]) -> None:
        self._inputs = inputs
        self.failed = 0

    def records(self) -> Iterator["Record"]:
        """Yield the records, and say what is wrong with the lines that hold none."""
        import msgspec

        from dealspan.cli.progress import tracked
        from dealspan.records import Record

        decoder = msgspec.json.Decoder(Record)
        for place, line in tracked(self._lines(), "Records"):
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                self._complain(f"{place}: is no record ({error}); give JSONL as `dealspan extract` writes it")

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        from dealspan.cli.streams import standard_input

        for name in self._inputs:
            try:
                with standard_input() if name == "-" else Path(name).open("rb") as file:
                    for number, line in enumerate(file, 1):
                        if line.strip():
                            yield f"{name}:{number}", line
            except OSError as error:
                self._complain(f"{name}: cannot be read ({error.strerror}); check the path")

    def _complain(self, message: str) -> None:
        self.failed += 1
        complain(message)
