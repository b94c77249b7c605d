"""Where input comes from and output goes to."""

import contextlib
import io
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, TypeVar, overload

from dealspan.cli.failures import USAGE, CommandError, complain

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

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


def what_is_read(gate: bool, skim: bool) -> Literal["documents", "paragraphs"] | None:
    """Return what the gate decides on, as `--no-gate` and `--skim` say."""
    if skim and not gate:
        raise CommandError("--skim needs the gate that --no-gate takes away; leave one out", USAGE)
    return "paragraphs" if skim else "documents" if gate else None


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


class _Unbuffered(io.FileIO):
    """A file that holds what was flushed, and does not try again at its end what could not be written."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all of it; a full disk may take a part, before it refuses the rest."""
        view, done = memoryview(data), 0
        while done < view.nbytes:
            done += super().write(view[done:])
        return done


def _cuttable(stream: TextIO) -> TextIO | None:
    """Standard output such that what is written by halves can be cut off, if it is a file of its own ("> FILE").

    A file that is appended to (">> FILE") may be written to by others at the same time.
    """
    try:
        number = stream.fileno()
        own = stat.S_ISREG(os.fstat(number).st_mode) and not _appends(number)
    except (OSError, ValueError):  # closed, or no file at all
        own = False
    if not own:
        return None
    stream.flush()
    return io.TextIOWrapper(_Unbuffered(number, "w", closefd=False), stream.encoding, stream.errors, newline="")


def _appends(number: int) -> bool:
    try:
        from fcntl import F_GETFL, fcntl
    except ImportError:  # Windows does not tell
        return True
    return bool(fcntl(number, F_GETFL) & os.O_APPEND)


class Output:
    """A stream, and up to where a text is whole: what is written by halves is cut off."""

    def __init__(self, stream: IO[Any]) -> None:
        self.stream = stream
        file = stream.buffer if isinstance(stream, io.TextIOWrapper) else None
        # A device cannot be cut.
        cuttable = isinstance(file, _Unbuffered) and stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        self._file = file if cuttable else None
        self.size = 0

    def keep(self) -> None:
        """Write what the stream holds; up to here it is whole. Others than files keep their buffer."""
        if self._file:
            self.stream.flush()
            self.size = self._file.tell()

    def cut(self, size: int | None = None) -> None:
        """Leave only what is whole, or so many bytes."""
        if self._file:
            with contextlib.suppress(OSError):
                self.stream.flush()
            self.size = self.size if size is None else size
            self._file.truncate(self.size)
            self._file.seek(self.size)

    def to_disk(self) -> None:
        """Write through what was kept."""
        if self._file:
            os.fsync(self._file.fileno())


def part_of(out: Path) -> Path | None:
    """Return the file that becomes the output when it is complete; a device or a pipe cannot be replaced by one."""
    target = out.resolve()
    return None if target.exists() and not target.is_file() else target.with_name(f"{target.name}.part")


def opened_for_text(path: Path, *, again: bool = False, named: Path | None = None) -> TextIO:
    """Open a file to write, `again` with what it holds; `named` is what the user calls it."""
    return io.TextIOWrapper(_opened(path, again=again, named=named or path), encoding="utf-8", newline="")


def _opened(path: Path, *, again: bool = False, named: Path) -> _Unbuffered:
    try:
        return _Unbuffered(str(path), "r+" if again else "w")
    except OSError as error:
        what = f"{named}: cannot be written ({error.strerror})"
        raise CommandError(f"{what}; check the folder and its permissions") from None


@overload
def destination(out: Path | None, *, again: bool = ..., hint: str = ...) -> AbstractContextManager[TextIO]: ...
@overload
def destination(
    out: Path | None, *, binary: bool, again: bool = ..., hint: str = ...
) -> AbstractContextManager[IO[Any]]: ...
@contextlib.contextmanager
def destination(out: Path | None, *, binary: bool = False, again: bool = False, hint: str = "") -> Iterator[Any]:
    """Open the output, for text or bytes: standard output, or a file that gets its name only when it is complete.

    Until then it is `<name>.part` beside it. When the run breaks off, that file stays, and an earlier output is as it
    was; `again` opens it with what it holds. The hint says what to do then.
    """
    if out is None:
        shown = standard_output()
        if (own := None if binary else _cuttable(shown)) is None:
            yield shown.buffer if binary else shown
        else:
            with own:  # what it still holds is written here, or said not to be
                yield own
        return
    part = part_of(out)
    path = part or out.resolve()
    stream = _opened(path, named=out) if binary else opened_for_text(path, again=again, named=out)
    try:
        with stream:
            yield stream
        if part:
            part.replace(out.resolve())
    except BaseException:
        if part:
            complain(f"{out}: not written; {part.name} beside it holds what was done before the run broke off{hint}")
        raise
