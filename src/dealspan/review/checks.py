"""What looks wrong in a reading while it is edited."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from dealspan.review.conversion import Source
from dealspan.review.state import State


class Check(NamedTuple):
    """A finding, with the deal or the mention that it is about."""

    severity: Literal["error", "doubt"]
    deal: str | None
    mention: str | None
    message: str


def checks(document: Source, state: State) -> list[dict[str, str | None]]:
    """Return what looks wrong."""
    return [one._asdict() for one in _found(document, state)]


def _found(document: Source, state: State) -> Iterator[Check]:
    yield from ()
