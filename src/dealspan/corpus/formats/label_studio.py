"""Label Studio's JSON: a list of tasks, each with data and with annotations, whose regions are labelled spans.

The labelling configuration that fits has `<Labels name="label" toName="text">` with the five labels and
`<Text name="text" value="$text"/>`, and `white-space: pre-wrap`, without which the page joins spaces and the offsets
are of another text (https://labelstud.io/tags/text). Offsets are of characters since version 1.6; before, they were of
UTF-16 code units (github.com/HumanSignal/label-studio/issues/1347): what the regions say their words are tells which.
A CR LF counts two, as in Python.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from dealspan.corpus.formats.entries import (
    CARRIED,
    FormatError,
    Found,
    Ignored,
    Losses,
    article,
    carried,
    decoded,
    mention,
    read_bytes,
    uncarried,
)
from dealspan.corpus.formats.utf16 import characters
from dealspan.corpus.gold import GoldArticle, GoldMention

CONFIGURATION = """<View style="white-space: pre-wrap">
  <Labels name="label" toName="text">
    <Label value="COMPANY"/><Label value="INVESTOR"/><Label value="MONEY"/><Label value="ROUND"/><Label value="HEDGE"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>
"""


class _Value(Struct):
    start: int
    end: int
    text: str | None = None
    labels: list[str] = []


class _Region(Struct):
    type: str = ""
    value: msgspec.Raw = msgspec.Raw(b"null")


class _Annotation(Struct):
    result: list[_Region]
    was_cancelled: bool | None = None


class _Data(Struct, rename={"carried": CARRIED}):
    text: str
    id: str | int | None = None
    carried: Any = None


class _Task(Struct):
    """A task; an export may give annotations or predictions by their ids alone."""

    data: _Data | None = None
    annotations: list[_Annotation | int] = []
    predictions: list[_Annotation | int] = []


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write tasks to import, annotated."""
    tasks = [
        {
            "data": {
                "text": one.text,
                "id": one.id,
                "title": one.title,
                "published": one.published,
                CARRIED: carried(one),
            },
            "annotations": [{"result": [_region(n, m) for n, m in enumerate(one.mentions, 1)]}],
        }
        for one in articles
    ]
    out.write_bytes(msgspec.json.encode(tasks))
    return []


def _region(number: int, one: GoldMention) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": one.start, "end": one.end, "text": one.text, "labels": [one.label]},
    }


def read(path: Path) -> Iterator[Found]:
    """Read what Label Studio exports as JSON; not as JSON-MIN, which does not say what is an annotation."""
    try:
        tasks = decoded(str(path), read_bytes(path), list[msgspec.Raw])
        if not tasks:
            raise FormatError(path, "is empty; export the project as JSON, with its tasks")
    except FormatError as error:
        yield error
        return
    for number, task in enumerate(tasks, 1):
        try:
            yield from _found(f"{path}:{number}", task)
        except FormatError as error:
            yield error


def _found(place: str, raw: msgspec.Raw) -> Iterator[Found]:
    task = decoded(place, raw, _Task)
    if task.data is None:
        raise FormatError(place, "has no `data`; export the project as JSON, not as JSON-MIN")
    text = task.data.text
    annotations, predictions = (
        [one for one in listed if isinstance(one, _Annotation)] for listed in (task.annotations, task.predictions)
    )
    readings = [one for one in annotations if not one.was_cancelled]
    if annotations and not readings:
        yield Ignored(f"{place}: was skipped in Label Studio; it is left out")
        return
    readings = readings or predictions
    if len(readings) > 1:
        raise FormatError(place, f"has {len(readings)} annotations; keep the one that counts")
    regions = readings[0].result if readings else []
    if other := [one.type for one in regions if one.type != "labels"]:
        yield Ignored(
            f"{place}: {len(other)} results that are no labels are left out ({', '.join(sorted(set(other)))})"
        )
    values = [decoded(place, one.value, _Value) for one in regions if one.type == "labels"]
    mentions = [
        mention(place, text, label, start, end)
        for value, (start, end) in zip(values, _offsets(place, text, values), strict=True)
        for label in value.labels
    ]
    id = None if task.data.id is None else str(task.data.id)
    yield article(place, text, mentions, uncarried(place, task.data.carried), id=id)


def _offsets(place: str, text: str, values: list[_Value]) -> list[tuple[int, int]]:
    """The offsets of the regions in characters; raises `FormatError` where they are of another text."""
    plain = [(value.start, value.end) for value in values]
    if _fit(text, values, plain):
        return plain
    begins = characters(text)
    wide = [(begins.get(value.start, -1), begins.get(value.end, -1)) for value in values]
    if _fit(text, values, wide):
        return wide
    value = next(value for value, (start, end) in zip(values, plain, strict=True) if not _same(value, text[start:end]))
    raise FormatError(
        place,
        f"{value.text!r} stands not at {value.start}..{value.end}, where the text has "
        f"{text[value.start : value.end]!r}; show the text in Label Studio with white-space: pre-wrap",
    )


def _fit(text: str, values: list[_Value], offsets: list[tuple[int, int]]) -> bool:
    return all(_same(value, text[max(0, a) : max(0, b)]) for value, (a, b) in zip(values, offsets, strict=True))


def _same(value: _Value, words: str) -> bool:
    """Whether a region has these words; Label Studio writes a line break as a backslash and an n."""
    return value.text is None or _words(value.text) == _words(words)


def _words(text: str) -> list[str]:
    return text.replace("\\n", " ").split()
