"""The real part: annotations of texts that the project does not hold, joined with them for whoever has the archive.

A line of `press.jsonl` names a document of the archive by id and digest, and holds offsets, labels, names and deals.
"""

import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from dealspan.corpus.gold import Genre, GoldArticle, GoldDeal, Split, mentions_of
from dealspan.records import Label, digest

T = TypeVar("T")


class StandOffError(ValueError):
    """Annotations or an archive that cannot be read or joined: says where, what is wrong and what to do."""


Mark = tuple[Label | Literal["NONE"], int, int]
"""A label with the code points it covers, end exclusive."""


class StandOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The annotation of one text: `marks` are its spans, NONE too, and `names` the organisations as written."""

    id: str
    sha256: str
    published: date | None
    genre: Genre
    split: Split
    held_out: bool
    author: str
    marks: list[Mark]
    names: list[str]
    deals: list[GoldDeal]


class Document(Struct, frozen=True):
    """A line of an archive."""

    id: str
    text: str


def read_standoff(path: Path) -> list[StandOff]:
    """Read the annotations; raises `StandOffError` with the line that is wrong."""
    found: dict[str, StandOff] = {}
    for place, one in _lines(path, StandOff):
        if one.id in found:
            raise StandOffError(f"{place}: the id {one.id!r} stands twice; keep one of the two")
        if one.held_out != (one.split == "test"):
            raise StandOffError(f"{place}: a text of the test part, and no other, is `held_out`")
        found[one.id] = one
    return list(found.values())


def read_archive(path: Path) -> Iterator[Document]:
    """Read an archive, JSONL with `id` and `text`, also compressed with xz; raises `StandOffError`."""
    for _, document in _lines(path, Document):
        yield document


def _lines(path: Path, kind: type[T]) -> Iterator[tuple[str, T]]:
    """Yield the lines of a JSONL file that are not blank, each with where it stands."""
    decoder = msgspec.json.Decoder(kind)
    number = 0
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    yield f"{path}:{number}", decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StandOffError(f"{path}:{number}: is not what it should be ({error}); mend the line") from None
    except OSError as error:
        raise StandOffError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (EOFError, lzma.LZMAError) as error:
        raise StandOffError(f"{path}: cannot be unpacked ({error}); is it complete?") from None


def join(annotations: list[StandOff], archive: Path) -> Iterator[GoldArticle]:
    """Yield the annotated texts of an archive, in its order.

    Raises
    ------
    StandOffError
        Where the archive cannot be read, lacks a document, or holds another text than the one that was annotated.

    """
    wanted = {one.id: one for one in annotations}
    for document in read_archive(archive):
        if one := wanted.pop(document.id, None):
            if digest(document.text) != one.sha256:
                raise StandOffError(f"{archive}: the text of {document.id} is not the one that was annotated")
            yield gold_of(one, document.text)
    if wanted:
        raise StandOffError(f"{archive}: lacks {len(wanted)} annotated documents, such as {next(iter(wanted))}")


def gold_of(annotation: StandOff, text: str) -> GoldArticle:
    """The annotation of a text in the gold form; raises `StandOffError` where a mark lies beyond the text."""
    if any(not 0 <= start < end <= len(text) for _, start, end in annotation.marks):
        raise StandOffError(f"{annotation.id}: a mark is empty or lies beyond the text; correct its offsets")
    return GoldArticle(
        id=annotation.id,
        published=annotation.published,
        title=text.partition("\n")[0],
        source=annotation.id.partition("/")[0],
        genre=annotation.genre,
        split=annotation.split,
        author=annotation.author,
        text=text,
        mentions=mentions_of(text, annotation.marks),
        deals=annotation.deals,
    )
