"""Progress on a terminal, and none in a pipe."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track

T = TypeVar("T")


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
