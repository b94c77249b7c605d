"""What the readers of all formats share: entries with their places, mentions that are checked, what tools carry along.

Other tools know mentions and no deals. Where a format has room for data of one's own, an article goes along whole (but
for its text), and the mentions are taken from the fields that the tool edits: the round trip is exact, and what a tool
changed is what counts.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from dealspan.corpus.gold import LABELS, GoldArticle, GoldMention
from dealspan.records import Label

CARRIED = "dealspan"
"""The field under which JSON of other tools carries an article along."""

T = TypeVar("T")


class FormatError(ValueError):
    """An entry, or a file, that cannot be read: where it stands, what is wrong and what to do."""

    def __init__(self, place: object, message: str) -> None:
        super().__init__(f"{place}: {message}")


class Ignored(NamedTuple):
    """What an entry says that the gold form has no place for; the rest of the entry was read."""

    message: str


Losses = list[str]
Found = GoldArticle | Ignored | FormatError
Writer = Callable[[Iterable[GoldArticle], Path], Losses]
Reader = Callable[[Path], Iterator[Found]]


def read_bytes(path: Path) -> bytes:
    """The content of a file; raises `FormatError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror}); check the path") from None


def decoded(place: str, data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """A value of JSON; raises `FormatError`."""
    try:
        return msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError as error:
        raise FormatError(place, f"is not UTF-8 ({error.reason}); convert the file to UTF-8") from None
    except msgspec.ValidationError as error:
        raise FormatError(place, f"is not what it should be ({error}); mend or drop the entry") from None
    except msgspec.DecodeError as error:
        raise FormatError(place, f"is no whole JSON ({error}); mend or drop the entry") from None
    except RecursionError:
        raise FormatError(place, "is nested too deeply; mend or drop the entry") from None


def lines(path: Path, of_line: Callable[[str, bytes], Iterable[T]]) -> Iterator[T | FormatError]:
    """Yield what is made of each line of a JSONL file that is not blank; a bad line does not lose the others."""
    try:
        content = read_bytes(path)
    except FormatError as error:
        yield error
        return
    number = 0
    # Not splitlines, which also cuts at characters that a text may hold.
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            try:
                yield from of_line(f"{path}:{number}", line)
            except FormatError as error:
                yield error
    if not content.strip():
        yield FormatError(path, "is empty; give a file with an entry a line")


def mention(place: str, text: str, label: str, start: int, end: int) -> GoldMention:
    """A mention as a tool gives it, checked against the text; raises `FormatError`."""
    try:
        known = msgspec.convert(label, Label)
    except msgspec.ValidationError:
        raise FormatError(
            place, f"{label!r} is no label; rename it to one of {', '.join(LABELS)}, or drop it"
        ) from None
    if not 0 <= start < end <= len(text):
        raise FormatError(
            place, f"{label} at {start}..{end} is empty or lies beyond the text of {len(text)} characters; correct it"
        )
    if text[start:end].isspace():
        raise FormatError(place, f"{label} at {start}..{end} covers white space alone; correct or drop it")
    return GoldMention(label=known, text=text[start:end], start=start, end=end)


def carried(article: GoldArticle, *, mentions: bool = False) -> dict[str, Any]:
    """An article without what a tool has in fields of its own."""
    kept = article.mentions if mentions else []
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(article, text="", mentions=kept))
    return fields


def uncarried(place: str, fields: object) -> GoldArticle | None:
    """What `carried` made of an article, None where a tool made the entry; raises `FormatError`."""
    if fields is None:
        return None
    try:
        return msgspec.convert(fields, GoldArticle)
    except msgspec.ValidationError as error:
        raise FormatError(place, f"{CARRIED!r} is not what was exported ({error}); restore or drop it") from None


def article(
    place: str, text: str, mentions: list[GoldMention], known: GoldArticle | None, *, id: str | None = None
) -> GoldArticle:
    """An article of a tool: with what it carried along, or else with what can be said of it; raises `FormatError`."""
    if not text.strip():
        raise FormatError(place, "has an empty text; mend or drop the entry")
    if known is not None:
        return msgspec.structs.replace(known, text=text, mentions=mentions)
    return GoldArticle(
        id=id or place,
        published=None,
        title=None,
        source=place.rpartition(":")[0] or place,
        genre="reviewed",
        split="train",
        author="unknown",
        text=text,
        mentions=mentions,
        deals=[],
    )


def settled(
    found: Iterable[tuple[Hashable, Callable[[], GoldMention]]],
    known: Iterable[GoldMention],
    form: Callable[[GoldMention], Hashable | None],
) -> list[GoldMention]:
    """The mentions of a tool whose spans are coarser than ours.

    What stands as one of the `known` mentions was written is that mention, to the character; anything else was changed
    in the tool, and is made anew. A mention that could not be written at all (its form is None) is kept.
    """
    written: dict[Hashable, list[GoldMention]] = {}
    kept = []
    for one in known:
        if (key := form(one)) is None:
            kept.append(one)
        else:
            written.setdefault(key, []).append(one)
    mentions = []
    for key, made in found:
        same = written.get(key)
        mentions.append(same.pop(0) if same else made())
    return mentions + kept
