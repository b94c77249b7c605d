"""The inputs of a run: files, folders, patterns and standard input, in the order given."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from dealspan.articles.lines import read_line, read_lines
from dealspan.articles.page import read_page
from dealspan.articles.raw import MAX_BYTES, ReadError, decode, decode_page
from dealspan.records import Article

SUFFIXES = (".txt", ".md", ".html", ".htm", ".jsonl")
"""What is read of a folder; a file that is named must have one of these, or none."""


def read(inputs: Iterable[str], stdin: BinaryIO) -> Iterator[Article | ReadError]:
    """Yield the documents of all inputs; `-` is standard input."""
    for name in inputs:
        if name == "-":
            yield from _read_stream(name, stdin)
            continue
        for path in expand(name):
            if isinstance(path, ReadError):
                yield path
                continue
            try:
                with path.open("rb") as file:
                    yield from _read_file(path, file)
            except ReadError as error:
                yield error
            except OSError as error:
                yield ReadError(shown(path), f"cannot be read ({error.strerror}); check the path and its permissions")


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
        # Path.glob takes no absolute patterns.
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
        if not matches:
            yield ReadError(shown(name), "matches no file; check the pattern")
        for match in matches:
            yield from _folder(Path(match)) if Path(match).is_dir() else [Path(match)]
    else:
        yield ReadError(shown(name), "does not exist; check the path")


def _folder(folder: Path) -> Iterator[Path | ReadError]:
    """Yield the files of known kinds under a folder, sorted folder by folder; hidden ones are left out."""
    refused: list[OSError] = []
    found = False
    for here, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                found = True
                yield Path(here, name)
    for error in refused:
        yield ReadError(shown(error.filename), f"cannot be read ({error.strerror}); check its permissions")
    if not found and not refused:
        yield ReadError(shown(folder), f"holds no file ending in {', '.join(SUFFIXES)}; give another folder")


def _read_file(path: Path, file: BinaryIO) -> Iterator[Article | ReadError]:
    name = shown(path)
    match path.suffix.lower():
        case ".txt" | ".md":
            yield Article(id=name, text=decode(name, file.read(MAX_BYTES + 1)), source=name)
        case ".html" | ".htm":
            page = read_page(name, decode_page(name, file.read(MAX_BYTES + 1)))
            yield Article(id=name, text=page.text, title=page.title, published=page.published, source=name)
        case ".jsonl":
            yield from read_lines(name, file)
        case "":
            yield from _read_stream(name, file)
        case suffix:
            raise ReadError(name, f"ends in {suffix}, which is not read; known endings are {', '.join(SUFFIXES)}")


def _read_stream(name: str, file: BinaryIO) -> Iterator[Article | ReadError]:
    """Yield the documents of a stream: JSONL where its first line that is not blank is such a line, else text."""
    start = bytearray()
    number = 0
    try:
        while line := file.readline(MAX_BYTES + 1):
            start += line
            number += 1
            if line.strip() or len(start) > MAX_BYTES:
                break
        if line.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            try:
                first = read_line(name, number, line)
            except ReadError:
                pass
            else:
                yield first
                yield from read_lines(name, file, first=number + 1)
                return
        text = decode(name, bytes(start) + file.read(max(0, MAX_BYTES + 1 - len(start))))
        yield Article(id=name, text=text, source=None if name == "-" else name)
    except ReadError as error:
        yield error
    except OSError as error:
        yield ReadError(name, f"cannot be read ({error.strerror}); check the input")


def shown(path: str | Path) -> str:
    """Return a path as text; a file name need not be UTF-8, an id must."""
    return os.fsencode(path).decode("utf-8", "replace")
