"""Where reviewers disagree, and what all of them say."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from dealspan.review.state import State


class Disagreement(NamedTuple):
    """One thing that reviewers say differently; `choices` is what each says, None where there is nothing."""

    id: str
    kind: Literal["mention", "deal", "field"]
    item: str
    field: str | None
    choices: dict[str, Any]


def agreed(readings: Mapping[str, State], text: str) -> State:
    """Return what all reviewers say."""
    return next(iter(readings.values()))


def disagreements(readings: Mapping[str, State], state: State, text: str) -> list[Disagreement]:
    """Return where reviewers disagree."""
    return []
