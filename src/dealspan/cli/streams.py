"""Where input comes from and output goes to."""

import contextlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar, overload

from dealspan.cli.failures import USAGE, CommandError, complain

if TYPE_CHECKING:
    from dealspan.articles import Fields
    from dealspan.output import Format

F = TypeVar("F")


def given(files: Sequence[str] | None) -> list[str]:
    """Return the inputs of a run: what is named, or else standard input if something is piped into it."""
    if files:
        return list(files)
    if sys.stdin is None or sys.stdin.isatty():
        raise CommandError("no input; name files or folders, or pipe a text in (see --help)", USAGE)
    return ["-"]


def fields_of(given: str | None) -> "Fields":
    """Return the names of fields that `--fields` gives."""
    from dealspan.articles import NAMES, Fields

    try:
        return Fields.parse(given) if given is not None else NAMES
    except ValueError as error:
        raise CommandError(f"--fields {error}", USAGE) from None


def on_terminal(out: Path | None) -> bool:
    """Whether the output is shown to somebody."""
    return out is None and sys.stdout is not None and sys.stdout.isatty()


def format_of(out: Path | None, endings: Mapping[str, F]) -> F:
    """Return the format that the ending of the output file stands for, or what suits standard output."""
    if out is None or not out.suffix:
        return endings[".txt" if on_terminal(out) else ".jsonl"]
    if out.suffix.lower() not in endings:
        known = ", ".join(endings)
        raise CommandError(f"{out}: the ending stands for no format; use one of {known}, or --format", USAGE)
    return endings[out.suffix.lower()]


def must_not_be_input(out: Path | None, inputs: Sequence[str]) -> None:
    """Raise where the output would be written over an input."""
    if out and any(Path(name).resolve() == out.resolve() for name in inputs):
        raise CommandError(f"{out}: is an input too; name another file with --out", USAGE)


def must_suit(format: "Format", out: Path | None) -> None:
    """Raise where a format cannot be written to the output, or needs a package that is not there."""
    from dealspan.output import BINARY, need

    if format in BINARY and on_terminal(out):
        raise CommandError(f"{format} is no text for a terminal; name a file with --out", USAGE)
    if format == "sqlite" and (out is None or (out.exists() and not out.is_file() and not out.is_dir())):
        raise CommandError("sqlite: a database cannot go into a pipe or a device; name a file with --out", USAGE)
    try:
        need(format)
    except ImportError as error:
        raise CommandError(str(error)) from None


def standard_input() -> BinaryIO:
    """Return standard input as bytes; empty where it is closed."""
    return sys.stdin.buffer if sys.stdin else io.BytesIO()


def standard_output() -> TextIO:
    """Return standard output, in UTF-8 whatever the locale: offsets and JSON must not depend on it."""
    if sys.stdout is None:
        raise CommandError("standard output is closed; name a file with --out")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
    return sys.stdout


@overload
def destination(out: Path | None) -> AbstractContextManager[TextIO]: ...
@overload
def destination(out: Path | None, *, binary: bool) -> AbstractContextManager[IO[Any]]: ...
@contextlib.contextmanager
def destination(out: Path | None, *, binary: bool = False) -> Iterator[Any]:
    """Open the output, for text or bytes: standard output, or a file that gets its name only when it is complete.

    Until then it is `<name>.part` beside it. When the run breaks off, that file stays, and an earlier output is as it
    was.
    """
    if out is None:
        yield standard_output().buffer if binary else standard_output()
        return
    target = out.resolve()
    # A device or a pipe cannot be replaced by a file.
    direct = target.exists() and not target.is_file()
    part = target if direct else target.with_name(f"{target.name}.part")
    try:
        stream = part.open("wb") if binary else part.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(
            f"{out}: cannot be written ({error.strerror}); check the folder and its permissions"
        ) from None
    try:
        with stream:
            yield stream
        if not direct:
            part.replace(target)
    except BaseException:
        if not direct:
            complain(f"{out}: not written; {part.name} beside it holds what was done before the run broke off")
        raise
