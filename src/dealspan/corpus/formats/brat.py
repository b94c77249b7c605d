"""brat's standoff: for each article `<name>.txt`, `<name>.ann`, and beside them what brat does not know of.

Offsets are of characters, a CR LF counts two. A line of `.ann` cannot hold a line break, so that a mention over several
lines is written as brat writes one with gaps: a stretch for each line (brat's `annotation.py`; issue nlplab/brat#786).
brat reads `.ann` with a codec that ends lines at every line break of Unicode; JSON in it is ASCII. The deals stand in
notes, for the annotator to see; `<name>.dealspan.json`, which brat leaves alone, holds the whole article but for its
text, since brat drops the notes of a mention that is deleted.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import msgspec

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
    settled,
    uncarried,
)
from dealspan.corpus.gold import GoldArticle, GoldDeal, GoldMention

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BOUND = re.compile(r"(?P<label>\S+) (?P<spans>\d+ \d+(?:;\d+ \d+)*)")
_LONGEST = 120
"""Characters of a file name, of the 255 bytes that file systems allow."""

Stretches = tuple[tuple[int, int], ...]


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a folder for brat.

    Raises
    ------
    FileExistsError
        Where the folder already holds annotations.

    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.glob("*.ann")):
        raise FileExistsError(f"{out}: holds brat annotations already; name another folder")
    losses: Losses = []
    taken: set[str] = set()
    for one in articles:
        name = _name(one.id, taken)
        rows = []
        for number, m in enumerate(one.mentions, 1):
            if stretches := _stretches(one.text, m):
                place = ";".join(f"{start} {end}" for start, end in stretches)
                rows.append(f"T{number}\t{m.label} {place}\t{_words(one.text, stretches)}")
            else:
                losses.append(f"{one.id}: {m.label} at {m.start} covers line breaks alone; it is left out")
        for number, deal in enumerate(one.deals, 1):
            anchor = next((n for n, m in enumerate(one.mentions, 1) if m.text in deal.names), 1)
            rows.append(f"#{number}\tAnnotatorNotes T{anchor}\t{json.dumps(msgspec.to_builtins(deal))}")
        (out / f"{name}.txt").write_text(one.text, encoding="utf-8", newline="")
        (out / f"{name}.ann").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8", newline="")
        (out / f"{name}.{CARRIED}.json").write_bytes(msgspec.json.encode(carried(one, mentions=True)))
    return losses


def _name(id: str, taken: set[str]) -> str:
    """A name for the files of an article: of plain letters, in this folder, and of no other article."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", id.replace("/", "__")).lstrip(".")[:_LONGEST] or "article"
    if name.lower() in taken:  # some file systems do not tell capitals
        name = f"{name}-{hashlib.sha256(id.encode()).hexdigest()[:12]}"
    number = 2
    free = name
    while free.lower() in taken:
        free = f"{name}-{number}"
        number += 1
    taken.add(free.lower())
    return free


def _stretches(text: str, one: GoldMention) -> Stretches:
    """The parts of a mention between line breaks."""
    return tuple((found.start(), found.end()) for found in _LINE.finditer(text, one.start, one.end))


def _words(text: str, stretches: Stretches) -> str:
    return " ".join(text[start:end] for start, end in stretches)


def read(path: Path) -> Iterator[Found]:
    """Read a folder of brat and the folders in it: every text that has annotations."""
    try:
        notes = sorted(path.rglob("*.ann")) if path.is_dir() else []
    except OSError as error:
        yield FormatError(path, f"cannot be read ({error.strerror}); check its permissions")
        return
    if not notes:
        yield FormatError(path, "holds no brat annotations (*.ann); name the folder that does")
    for file in notes:
        try:
            yield from _found(path, file)
        except FormatError as error:
            yield error


def _found(folder: Path, file: Path) -> Iterator[Found]:
    beside = file.with_suffix(f".{CARRIED}.json")
    for one in (file, file.with_suffix(".txt"), beside):
        if folder.resolve() not in one.resolve().parents:
            raise FormatError(one, "is a link that leads out of the folder; copy the file")
    text = _decoded(file.with_suffix(".txt"))
    known = uncarried(str(beside), decoded(str(beside), read_bytes(beside), dict)) if beside.exists() else None
    found: list[tuple[str, Stretches, str]] = []
    noted: dict[str, GoldDeal] = {}
    for number, row in enumerate(_decoded(file).split("\n"), 1):
        place = f"{file}:{number}"
        name, _, rest = row.rstrip("\r").partition("\t")
        if name.startswith("T"):
            label, stretches = _bound(place, rest, text)
            if any(_LINE.search(text, a, b) and text[a:b].strip() for (_, a), (b, _) in pairwise(stretches)):
                yield Ignored(f"{place}: {name} has gaps; the whole stretch is taken")
            found.append((label, stretches, place))
        elif name.startswith("#"):
            note = rest.partition("\t")[2]
            if note.startswith("{"):
                deal = decoded(place, note.encode(), GoldDeal)
                noted[deal.id] = deal
            elif note:
                yield Ignored(f"{place}: a note is left out: {note!r}")
        elif name:
            yield Ignored(f"{place}: {name} is left out: only mentions and notes are read")
    mentions = settled(
        (((label, s), partial(mention, place, text, label, s[0][0], s[-1][1])) for label, s, place in found),
        known.mentions if known else [],
        lambda one: (one.label, s) if (s := _stretches(text, one)) else None,
    )
    id = file.relative_to(folder).with_suffix("").as_posix()
    made = article(str(file), text, mentions, known, id=id)
    deals = [noted.pop(deal.id, deal) for deal in made.deals]
    yield msgspec.structs.replace(made, deals=[*deals, *noted.values()])


def _bound(place: str, rest: str, text: str) -> tuple[str, Stretches]:
    """The label and the stretches of a text-bound annotation, which says what words they are."""
    where, _, words = rest.partition("\t")
    if not (form := _BOUND.fullmatch(where)):
        raise FormatError(place, f"{where!r} is no label with offsets, such as 'COMPANY 0 12'; mend the line")
    stretches = tuple((int(a), int(b)) for a, b in (one.split(" ") for one in form["spans"].split(";")))
    if words and words != _words(text, stretches):
        raise FormatError(
            place,
            f"{words!r} stands not at {form['spans']}, where the text has {_words(text, stretches)!r}; "
            "keep .txt and .ann of one version together",
        )
    return form["label"], tuple(sorted(stretches))


def _decoded(path: Path) -> str:
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise FormatError(path, f"is not UTF-8 ({error.reason}); convert the file to UTF-8") from None
