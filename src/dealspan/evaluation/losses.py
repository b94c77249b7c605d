"""What is found one way and not another."""

from collections.abc import Mapping
from typing import NamedTuple

from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import ScoredDocument
from dealspan.evaluation.scores import NOTHING


class Losses(NamedTuple):
    """How many deals of gold are found, and how many that were found before are not."""

    found: int
    lost: int


def losses(
    gold: Mapping[str, ScoredDocument], before: Mapping[str, ScoredDocument], after: Mapping[str, ScoredDocument]
) -> Losses:
    """Compare two ways to read the same documents."""
    found = lost = 0
    for name, document in gold.items():
        first, second = ({g for g, _ in pairs(document.deals, one.get(name, NOTHING).deals)} for one in (before, after))
        found += len(second)
        lost += len(first - second)
    return Losses(found, lost)
