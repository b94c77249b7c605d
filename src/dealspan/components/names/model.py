"""The trained decision on a candidate: nothing, a company or an investor."""

from pathlib import Path
from typing import NamedTuple

from dealspan.components.names.lexicon import Kind
from dealspan.loglinear import LogLinear, read_models

CLASSES: tuple[Kind, ...] = ("other", "company", "investor")


class NameModel(NamedTuple):
    """`spread` says how much the other occurrences of a name count beside one.

    `doubt` is taken off the logarithm of "nothing": a name that is missed costs a deal, one too many mostly nothing.
    """

    kinds: LogLinear
    spread: float = 0.6
    doubt: float = 1.0


def read_model(path: Path) -> NameModel:
    """Read a model of names; raises `ValueError` where the file holds none."""
    models = read_models(path)
    if "kinds" not in models or models["kinds"].classes != CLASSES:
        raise ValueError(f"{path}: holds no model of names; make one with `dealspan train`")
    return NameModel(models["kinds"])
