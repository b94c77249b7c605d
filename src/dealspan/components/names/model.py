"""A log-linear model of what a candidate is: nothing, a company or an investor, from hashed features.

The weights are one row for each hash bucket and a column for each class. Training is in `dealspan.training`; here they
are only read, so that nothing but numpy is needed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import numpy.typing as npt

from dealspan.components.names.lexicon import Kind

CLASSES: tuple[Kind, ...] = ("other", "company", "investor")
BUCKETS = 2**17
"""Rows of the weights; with four times as many no F1 on the development part moved by more than 0.008."""

Weights = npt.NDArray[np.float32]


class NameModel(NamedTuple):
    """`weights` (BUCKETS, 3) and `bias` (3,); `spread` says how much the other occurrences of a name count beside one.

    `doubt` is taken off the logarithm of "nothing": a name that is missed costs a deal, one too many mostly nothing.
    """

    weights: Weights
    bias: Weights
    spread: float
    doubt: float

    def log_probabilities(self, features: Sequence[Sequence[str]]) -> Weights:
        """The logarithm of the probability of each class, (candidates, 3)."""
        scores = np.empty((len(features), len(CLASSES)), dtype=np.float32)
        for row, one in enumerate(features):
            scores[row] = self.weights[buckets(one)].sum(axis=0)
        scores += self.bias
        scores -= scores.max(axis=1, keepdims=True)
        result: Weights = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return result


def buckets(features: Sequence[str]) -> list[int]:
    """The rows of the weights for some features, each once: CRC-32, which is the same in every process."""
    return list({crc32(feature.encode()) % BUCKETS for feature in features})


def model_file(name: str) -> Path:
    """The file of a shipped model by its name ("names"), else the path itself.

    The models stand in `models/` at the top of the repository and are put into the package when it is built.
    """
    if Path(name).suffix:
        return Path(name)
    package = Path(__file__).parents[2]
    folder = package / "models"
    return (folder if folder.exists() else package.parents[1] / "models") / f"{name}.npz"


def read_model(path: Path) -> NameModel:
    """Read a model written by `write_model`; raises `ValueError` where the file is none."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            weights = np.zeros((BUCKETS, len(CLASSES)), dtype=np.float32)
            weights[held["rows"]] = held["weights"]
            spread, doubt = (float(value) for value in held["settings"])
            return NameModel(weights, held["bias"].astype(np.float32), spread, doubt)
    except (OSError, EOFError, BadZipFile, KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{path}: is no model of names ({error}); make one with `dealspan train`") from None


def write_model(model: NameModel, path: Path) -> None:
    """Write a model, rows of zeros left out and the others in half precision."""
    rows = np.flatnonzero(np.abs(model.weights).max(axis=1) > 1e-3)
    np.savez_compressed(
        path,
        rows=rows.astype(np.uint32),
        weights=model.weights[rows].astype(np.float16),
        bias=model.bias,
        settings=np.array([model.spread, model.doubt]),
    )
