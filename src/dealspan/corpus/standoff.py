"""The real part: annotations of texts that the project does not hold, joined with them for whoever has the archive.

A line of `press.jsonl` names a document of the archive by id and digest, and holds offsets, labels, names and deals.
"""

import hashlib
import lzma
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from dealspan.corpus.gold import Genre, GoldArticle, GoldDeal, Split, mentions_of
from dealspan.corpus.markup import Span


class StandOffError(ValueError):
    """Annotations or an archive that cannot be read or joined: says where, what is wrong and what to do."""


class StandOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The annotation of one text: `marks` are its spans, NONE too, and `names` the organisations as written."""

    id: str
    sha256: str
    published: date | None
    genre: Genre
    split: Split
    held_out: bool
    author: str
    marks: list[Span]
    names: list[str]
    deals: list[GoldDeal]


class Document(Struct, frozen=True):
    """A line of an archive."""

    id: str
    text: str


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_standoff(path: Path) -> list[StandOff]:
    """Read the annotations; raises `StandOffError` with the line that is wrong."""
    decoder = msgspec.json.Decoder(StandOff)
    found = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise StandOffError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    for number, line in enumerate(lines, 1):
        try:
            found.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            raise StandOffError(f"{path}:{number}: {error}") from None
    return found


def read_archive(path: Path) -> Iterator[Document]:
    """Read an archive, JSONL with `id` and `text`, also compressed with xz; raises `StandOffError`."""
    decoder = msgspec.json.Decoder(Document)
    read = 0
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as lines:
            for line in lines:
                yield decoder.decode(line)
                read += 1
    except msgspec.DecodeError as error:
        raise StandOffError(f"{path}:{read + 1}: is no JSON with `id` and `text` ({error})") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise StandOffError(f"{path}: cannot be read ({error}); name an archive of texts") from None


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
    """The annotation of a text in the gold form."""
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
