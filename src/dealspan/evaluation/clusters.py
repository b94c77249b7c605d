"""How well deals of many documents are grouped: pairwise and B³ precision, recall and F1.

B³ is the mean over deals of how much of the group of each is right (precision), and how much of what belongs with it is
in its group (recall): Bagga and Baldwin, "Algorithms for Scoring Coreference Chains", 1998. Where the deals were
predicted too, those that gold does not have count as wrong, and gold ones that were not predicted as missing, as in Cai
and Strube, "Evaluation Metrics for End-to-End Coreference Resolution Systems", 2010.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

Item = tuple[str, str]
"""A deal: the id of its document, and its id there."""


class Figures(NamedTuple):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


class Grouping(NamedTuple):
    """The figures of a grouping, and of how many deals and pairs they are."""

    pairs: Figures
    b_cubed: Figures
    gold: int
    predicted: int
    gold_pairs: int
    predicted_pairs: int


def grouping(
    gold: Mapping[Item, str], groups: Sequence[Sequence[Item]], found: Mapping[Item, Item] | None = None
) -> Grouping:
    """Score groups of deals.

    Parameters
    ----------
    gold
        To which deal of the world each gold deal belongs.
    groups
        The predicted groups; each predicted deal stands in one.
    found
        The gold deal that each predicted one is; those that are none are left out. By default, the predicted deals are
        the gold ones.

    """
    # Which deal of the world the members of each group are; None is one that gold does not have.
    worlds = [[_world(item, gold, found) for item in members] for members in groups]
    right = sum(a is not None and a == b for group in worlds for a, b in combinations(group, 2))
    sizes = Counter(gold.values())
    gold_pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    predicted_pairs = sum(len(group) * (len(group) - 1) // 2 for group in worlds)
    predicted = sum(map(len, worlds))
    precise = recalled = 0.0
    for group in worlds:
        for world, count in Counter(group).items():
            if world is not None:
                precise += count * count / len(group)
                recalled += count * count / sizes[world]
    return Grouping(
        pairs=Figures(_share(right, predicted_pairs), _share(right, gold_pairs)),
        b_cubed=Figures(_share(precise, predicted), _share(recalled, len(gold))),
        gold=len(gold),
        predicted=predicted,
        gold_pairs=gold_pairs,
        predicted_pairs=predicted_pairs,
    )


def _world(item: Item, gold: Mapping[Item, str], found: Mapping[Item, Item] | None) -> str | None:
    same = item if found is None else found.get(item)
    return None if same is None else gold[same]


def _share(part: float, whole: int) -> float:
    """A share; of nothing, all."""
    return part / whole if whole else 1.0
