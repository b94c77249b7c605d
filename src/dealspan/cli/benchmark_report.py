"""The figures of `dealspan benchmark` as lines to read and as sections of a Markdown page."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from dealspan.benchmark.growth import Growth
from dealspan.benchmark.machine import machine, versions
from dealspan.benchmark.run import Point
from dealspan.benchmark.runs import EXTRACT, JOBS
from dealspan.benchmark.spacy_peer import Speed
from dealspan.benchmark.start import IMPORT
from dealspan.benchmark.steps import TOKENIZER, WHOLE, Step
from dealspan.output.wording import count

MARGIN = 12
"""The least width of a column of figures."""


class Table(NamedTuple):
    """A table: the heads of its columns, the first of which holds words and the others figures, and its rows."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Section(NamedTuple):
    """What is measured, and what of it is said in turn: paragraphs and tables."""

    title: str
    parts: list[str | Table]

    def written(self, *, markdown: bool) -> str:
        """The section as lines, or as one of a Markdown page; each begins with the day and the machine."""
        title = f"{self.title}, {date.today().isoformat()}"
        parts = [f"{versions()}; {machine()}.", *self.parts]
        if markdown:
            return "\n\n".join([f"## {title}", *map(_marked_down, parts)]) + "\n\n"
        return "\n\n".join([title, *map(_plain, parts)]) + "\n\n"


def _marked_down(part: str | Table) -> str:
    if isinstance(part, str):
        return part
    head, *rows = ("| " + " | ".join(line).lstrip() + " |" for line in (part.head, *part.rows))
    return "\n".join([head, f"|---|{'---:|' * (len(part.head) - 1)}", *rows])


def _plain(part: str | Table) -> str:
    if isinstance(part, str):
        return part.replace("`", "")
    lines = [part.head, *part.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        line[0].replace("`", "").ljust(widths[0])
        + "".join(cell.rjust(max(width, MARGIN) + 2) for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def speed(
    name: str,
    model: str,
    documents: int,
    words: int,
    steps: Mapping[str, Step],
    peers: Sequence[Speed],
    runs: Mapping[str, Point],
) -> Section:
    """The speed on some texts: of the steps and of others beside them, and of whole runs."""
    tokenizer = steps[TOKENIZER]
    rows = [_speed(step, words / took.best, words / tokenizer.best) for step, took in steps.items()]
    # Later readings of a text find its dates and names in caches.
    first = "first reading"
    rows.append(_speed(f"{WHOLE}, {first}", words / steps[WHOLE].first, words / tokenizer.first))
    parts: list[str | Table] = []
    for peer in peers:
        rows.append(_speed(peer.name, peer.best, words / tokenizer.best))
        rows.append(_speed(f"{peer.name}, {first}", peer.first, words / tokenizer.first))
        times, at_first = words / steps[WHOLE].best / peer.best, words / steps[WHOLE].first / peer.first
        parts.append(
            f"The whole pipeline is {times:.1f} times as fast as {peer.name}, {at_first:.1f} times at {first}."
        )
    return Section(
        f"Speed on {name}, {model}: {count(documents, 'document')}, {count(words, 'word')}",
        [Table(("one core", "words/s", "ratio to the tokenizer"), rows), *parts, *_runs(runs)],
    )


def _speed(name: str, speed: float, tokenizer: float) -> tuple[str, ...]:
    return name, f"{speed:,.0f}", f"{speed / tokenizer:.2f}"


def _runs(runs: Mapping[str, Point]) -> list[str | Table]:
    tokenizer = runs[TOKENIZER]
    head = ("whole runs", "words/s", "documents/s", "ratio to the tokenizer", "peak of memory, MiB")
    rows = [
        (
            name,
            f"{point.words / point.seconds:,.0f}",
            f"{point.documents / point.seconds:,.0f}",
            f"{tokenizer.seconds / point.seconds:.2f}",
            _memory(point),
        )
        for name, point in runs.items()
    ]
    return [
        f"Whole runs, each in a process of its own: {count(tokenizer.documents, 'document')}, "
        f"{count(tokenizer.words, 'word')}, with reading and without the start.",
        Table(head, rows),
        *(
            f"{name} is {runs[EXTRACT].seconds / point.seconds:.2f} times as fast as {EXTRACT}."
            for name, point in runs.items()
            if name.startswith(JOBS)
        ),
    ]


def start(model: str, seconds: Mapping[str, float], *, torch: bool) -> Section:
    """How long it takes to start."""
    rows = [(name, f"{took:.2f}", f"{took / seconds[IMPORT]:.2f}") for name, took in seconds.items()]
    said = "is imported by `extract` where it is installed" if torch else "is never imported by `extract`"
    return Section(f"Start, {model}", [Table(("", "seconds", "ratio to `import spacy`"), rows), f"torch {said}."])


def growth(found: Sequence[Growth], model: str, pictures: Sequence[Path]) -> Section:
    """How cost grows, with the pictures; the page is taken to stand beside their folder."""
    parts: list[str | Table] = []
    for one, picture in zip(found, pictures, strict=True):
        rows = [
            (
                f"{place:,}",
                f"{point.documents:,}",
                f"{point.words / point.seconds:,.0f}",
                f"{point.seconds / point.words * 1e6:.1f}",
                f"{point.deals:,}",
                _memory(point),
            )
            for place, point in one.points
        ]
        head = (one.axis, "documents read", "words/s", "microseconds for a word", "deals found", "peak of memory, MiB")
        parts += [f"{one.title}:", Table(head, rows), f"![{one.title}]({picture.parent.name}/{picture.name})"]
    return Section(f"Growth, {model}", parts)


def _memory(point: Point) -> str:
    return "–" if point.memory is None else f"{point.memory:,.0f}"
