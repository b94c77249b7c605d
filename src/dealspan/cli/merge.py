"""`dealspan merge`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dealspan.cli.failures import FAILED, complain
from dealspan.cli.options import OUTPUT_FORMAT, Out

if TYPE_CHECKING:
    from dealspan.records import Record

MergedFormat = Literal["jsonl", "json", "table"]
SUFFIXES: dict[str, MergedFormat] = {".jsonl": "jsonl", ".json": "json", ".txt": "table"}


def merge(
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECORDS|-",
            help="Records as `dealspan extract` writes them, JSONL or Parquet; or - for JSONL from standard input.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[MergedFormat | None, OUTPUT_FORMAT] = None,
    out: Out = None,
) -> None:
    """Group the deals of many documents into deals, each with all its sources and the timeline of the claim.

    Two deals are one where the company, the kind of round, the sum and the time go together; what sources say
    differently is kept with who says it. A line that is no record is named, and the others are merged.
    """
    from dealspan.archive import combine, grouped
    from dealspan.cli.streams import destination, format_of, given, must_not_be_input
    from dealspan.output.merged import writer

    inputs = given(records)
    chosen = format_of(out, SUFFIXES) if format is None else format
    must_not_be_input(out, inputs)
    reading = _Reading(inputs)
    with destination(out) as stream:
        sink = writer(chosen, stream)
        for claims in grouped(reading.records()):
            sink.write(combine(claims))
        sink.close()
    if reading.failed:
        raise typer.Exit(FAILED)


class _Reading:
    """The records of files, one by one; counts what could not be read."""

    def __init__(self, inputs: list[str]) -> None:
        self._inputs = inputs
        self.failed = 0

    def records(self) -> Iterator["Record"]:
        """Yield the records, and say what is wrong with the lines that hold none."""
        from dealspan.cli.progress import tracked

        yield from tracked(self._all(), "Records")

    def _all(self) -> Iterator["Record"]:
        for name in self._inputs:
            empty = True
            try:
                for record in self._rows(name) if name.lower().endswith(".parquet") else self._lines(name):
                    empty = False
                    if record:
                        yield record
                if empty:
                    self._complain(f"{name}: is empty; give records as `dealspan extract` writes them")
            except OSError as error:
                self._complain(f"{name}: cannot be read ({error.strerror or error}); check the path")

    def _lines(self, name: str) -> Iterator["Record | None"]:
        """Yield the record of each line, None for one that holds none."""
        import msgspec

        from dealspan.cli.streams import standard_input
        from dealspan.records import Record

        decoder = msgspec.json.Decoder(Record)
        with standard_input() if name == "-" else Path(name).open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    message = f"is no record ({error}); give JSONL as `dealspan extract` writes it"
                    self._complain(f"{name}:{number}: {message}")
                    yield None

    def _rows(self, name: str) -> Iterator["Record | None"]:
        """Yield the record of each row; None where what follows cannot be read."""
        with Path(name).open("rb") as file:
            try:
                from dealspan.output.columns import read

                yield from read(file)
            except (ImportError, ValueError) as error:
                self._complain(f"{name}: {error}")
                yield None

    def _complain(self, message: str) -> None:
        self.failed += 1
        complain(message)
