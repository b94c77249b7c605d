"""The inputs of a run: files, folders, patterns and standard input, in the order given."""

import contextlib
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from dealspan.articles import compression
from dealspan.articles.fields import NAMES, Fields
from dealspan.articles.raw import RawPage, ReadError
from dealspan.articles.readers import READERS, SUFFIXES, read_stream, suffix_of
from dealspan.records import Article

_DEEP = re.compile(r"(?:^|(?<=/))\*\*(?:/|$)")


class Position:
    """How far the reading of files has come; standard input is not counted."""

    def __init__(self) -> None:
        self._before = 0
        self._file: BinaryIO | None = None

    @property
    def bytes(self) -> int:
        """The bytes read, as they are on the disk."""
        return self._before + (self._file.tell() if self._file else 0)

    @contextlib.contextmanager
    def within(self, file: BinaryIO) -> Iterator[None]:
        """Follow the reading of a file."""
        self._file = file
        try:
            yield
        finally:
            self._file = None
            self._before += os.fstat(file.fileno()).st_size


def read(
    inputs: Iterable[str], stdin: BinaryIO, fields: Fields = NAMES, position: Position | None = None
) -> Iterator[Article | ReadError]:
    """Yield the documents of all inputs; `-` is standard input."""
    for item in read_raw(inputs, stdin, fields, position):
        if isinstance(item, RawPage):
            try:
                yield item.article()
            except ReadError as error:
                yield error
        else:
            yield item


def read_raw(
    inputs: Iterable[str], stdin: BinaryIO, fields: Fields = NAMES, position: Position | None = None
) -> Iterator[Article | RawPage | ReadError]:
    """Yield the documents of all inputs, pages as they stand there, so that another process can take out their text."""
    position = position or Position()
    for name in inputs:
        if name == "-":
            yield from _guarded(name, _read_stdin(stdin, fields))
            continue
        for path in expand(name):
            if isinstance(path, ReadError):
                yield path
            else:
                yield from _guarded(shown(path), _read_file(path, fields, position))


def _guarded(name: str, documents: Iterator[Article | RawPage | ReadError]) -> Iterator[Article | RawPage | ReadError]:
    """Pass documents on, and what ends their reading as the last of them."""
    try:
        yield from documents
    except ReadError as error:
        yield error
    except OSError as error:
        yield ReadError(name, f"cannot be read ({error.strerror}); check the path and its permissions")


def _read_stdin(stdin: BinaryIO, fields: Fields) -> Iterator[Article | RawPage | ReadError]:
    return read_stream("-", compression.opened("-", stdin), fields)


def expand(name: str) -> Iterator[Path | ReadError]:
    """Yield the files of one input: itself, those under a folder, or those that match a pattern."""
    path = Path(name)
    try:
        if path.is_dir():
            yield from _folder(path)
            return
        exists = os.path.lexists(path)
    except (OSError, ValueError) as error:  # a name too long, a NUL in it
        yield ReadError(shown(name), f"is not a path ({error}); check the name")
        return
    if exists:
        yield path
    elif glob.has_magic(name):
        matches = sorted(set(_matches(name)))
        if not matches:
            yield ReadError(shown(name), "matches no file; check the pattern")
        for match in matches:
            yield from _folder(Path(match)) if Path(match).is_dir() else [_regular(Path(match))]
    else:
        yield ReadError(shown(name), "does not exist; check the path")


def _matches(pattern: str) -> Iterator[str]:
    """Yield what matches a pattern; below `**` links to folders are not followed, since they may lead in a circle."""
    deep = _DEEP.search(pattern)
    if deep is None:
        # Path.glob takes no absolute patterns.
        yield from glob.iglob(pattern)  # noqa: PTH207
        return
    before, after = pattern[: deep.start()], pattern[deep.end() :]
    for top in glob.iglob(before) if before else [""]:  # noqa: PTH207
        if not after:
            yield top or os.curdir
            continue
        for here, folders, _ in os.walk(top or os.curdir):
            folders[:] = [name for name in folders if not name.startswith(".")]
            below = os.path.relpath(here, top or os.curdir)
            yield from _matches(glob.escape(top if below == os.curdir else f"{top}{below}{os.sep}") + after)


def _folder(folder: Path) -> Iterator[Path | ReadError]:
    """Yield the files of known kinds under a folder, sorted folder by folder; hidden ones are left out."""
    refused: list[OSError] = []
    found = False
    for here, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if suffix_of(name) in SUFFIXES and not name.startswith("."):
                found = True
                yield _regular(Path(here, name))
    for error in refused:
        yield ReadError(shown(error.filename), f"cannot be read ({error.strerror}); check its permissions")
    if not found and not refused:
        yield ReadError(shown(folder), f"holds no file ending in {', '.join(SUFFIXES)}; give another folder")


def _regular(path: Path) -> Path | ReadError:
    """Return a path that is not named, unless it is a pipe, a socket or a device: reading it may never end."""
    with contextlib.suppress(OSError):  # which reading it will meet too
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            return ReadError(shown(path), "is no regular file but a pipe, a socket or a device; name it to read it")
    return path


def _read_file(path: Path, fields: Fields, position: Position) -> Iterator[Article | RawPage | ReadError]:
    name = shown(path)
    suffix = suffix_of(path.name)
    with path.open("rb") as file, position.within(file):
        if suffix not in READERS:
            known, packed = ", ".join(SUFFIXES), ", ".join(compression.SUFFIXES)
            raise ReadError(
                name, f"ends in {suffix}, which is not read; known endings are {known}, behind each {packed}"
            )
        if suffix == ".parquet":
            # Its end is read first, and it is compressed by itself.
            yield from READERS[suffix](name, file, fields)
        else:
            yield from READERS[suffix](name, compression.opened(name, file), fields)


def shown(path: str | Path) -> str:
    """Return a path as text; a file name need not be UTF-8, an id must."""
    return os.fsencode(path).decode("utf-8", "replace")
