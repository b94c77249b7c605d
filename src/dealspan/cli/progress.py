"""Progress on a terminal, and none in a pipe."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track

from dealspan.articles import SINGLE, Position, ReadError, expand, suffix_of

T = TypeVar("T")

FEW = 3
"""Up to this many files are done before a progress bar could be read."""
REDRAWN = 0.1
"""Seconds between two states of the bar."""


def followed(documents: Iterator[T], inputs: Sequence[str], position: Position) -> Iterator[T]:
    """Show how many documents have come, how many come in a second and when the inputs will be read.

    What is left is known in bytes of the files: how many documents they hold is not, before they are read.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return documents
    files = size = 0
    several = "-" in inputs
    for path in (path for name in inputs if name != "-" for path in expand(name)):
        if not isinstance(path, ReadError):
            files += 1
            several = several or suffix_of(path.name) not in SINGLE
            with suppress(OSError):
                size += path.stat().st_size
    if files <= FEW and not several:
        return documents
    return _followed(documents, None if "-" in inputs else size, position)


def _followed(documents: Iterator[T], size: int | None, position: Position) -> Iterator[T]:
    columns = (
        TextColumn("{task.fields[documents]:,} documents"),
        BarColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=size, documents=0, rate=0.0)
        # From the first document on: what comes before it is the start.
        shown = first = 0.0
        for number, document in enumerate(documents, 1):
            now = monotonic()
            first = first or now
            if now - shown > REDRAWN:
                shown = now
                rate = (number - 1) / (now - first) if number > 1 else 0.0
                progress.update(task, completed=position.bytes, documents=number, rate=rate)
            yield document


def tracked(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield the items and show how far they are; `total` is their number where they do not know it."""
    shown = sys.stderr.isatty()
    yield from track(items, what, total=total, console=Console(stderr=True), disable=not shown, transient=True)


@contextmanager
def counted(total: int, what: str) -> Iterator[Callable[[int, float], None]]:
    """Show the rounds of a training: the function is told the number of each that is over, and its mean loss."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("loss {task.fields[loss]:.4f}"))
    console, shown = Console(stderr=True), sys.stderr.isatty()
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not shown, transient=True) as progress:
        task = progress.add_task(what, total=total, loss=0.0)

        def tell(done: int, loss: float) -> None:
            progress.update(task, completed=done + 1, loss=loss)

        yield tell


def told() -> Callable[[str, int, float], None]:
    """Return a function that says on a terminal which round of what is over, and its mean loss."""
    console, shown = Console(stderr=True), sys.stderr.isatty()

    def tell(what: str, epoch: int, loss: float) -> None:
        if shown:
            console.print(f"{what}, round {epoch + 1}: loss {loss:.4f}")

    return tell
