"""Log-linear models over hashed features: what the trained components decide with.

An example is a list of strings; its score for a class is the sum of the weights of their hash buckets. Training is in
`dealspan.training`; here models are only read and applied, so that nothing but numpy is needed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import numpy.typing as npt

BUCKETS = 2**17
"""Rows of the weights; with four times as many no F1 of names on the development part moved by more than 0.008."""

_GOLDEN = np.uint32(2654435769)
"""2**32 divided by the golden ratio."""

Weights = npt.NDArray[np.float32]
Table = npt.NDArray[np.intp]
"""Rows of the weights for examples of equally many features, (examples, features)."""
Templates = tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]]
"""A seed for each feature, (features,), and the columns that it is made of, (features, most columns of any)."""


class Hashed(NamedTuple):
    """Examples as rows of the weights, one behind the other, and where each example starts."""

    rows: npt.NDArray[np.intp]
    starts: list[int]


class LogLinear(NamedTuple):
    """`weights` are (BUCKETS, classes), `bias` (classes,), in the order of `classes`."""

    classes: tuple[str, ...]
    weights: Weights
    bias: Weights

    def log_probabilities(self, examples: Iterable[Sequence[str]]) -> Weights:
        """The logarithm of the probability of each class, (examples, classes)."""
        return self.judge(hashed(examples))

    def judge(self, examples: Hashed) -> Weights:
        """The same of examples that several models read."""
        scores: Weights = np.add.reduceat(self.weights.take(examples.rows, axis=0), examples.starts)[:-1]
        for i, (start, end) in enumerate(pairwise(examples.starts)):
            if start == end:  # here `reduceat` gives what the next example begins with
                scores[i] = 0
        return self._normal(scores)

    def judge_table(self, table: Table) -> Weights:
        """The same of examples that have equally many features."""
        return self._normal(np.add.reduce(self.weights.take(table, axis=0), axis=1))

    def _normal(self, scores: Weights) -> Weights:
        """Sums of weights, as logarithms of probabilities."""
        scores += self.bias
        scores -= np.maximum.reduce(scores, axis=1, keepdims=True)
        scores -= np.log(np.add.reduce(np.exp(scores), axis=1, keepdims=True))
        return scores


def hashed(examples: Iterable[Sequence[str]]) -> Hashed:
    """The rows of the weights for some examples."""
    return joined([buckets(features) for features in examples])


def joined(rows: Sequence[Sequence[int]]) -> Hashed:
    """The same of examples whose rows are known."""
    starts = list(accumulate(map(len, rows), initial=0))
    # `reduceat` wants a row at each start, so one stands behind the last example.
    return Hashed(np.fromiter(chain(chain.from_iterable(rows), (0,)), np.intp, starts[-1] + 1), starts)


def buckets(features: Sequence[str]) -> list[int]:
    """The rows of the weights for some features, each once: CRC-32, which is the same in every process."""
    return list({crc32(feature.encode()) % BUCKETS for feature in features})


def number(text: str) -> int:
    """A text as a number of 32 bits for a column: CRC-32, which is the same in every process."""
    return crc32(text.encode())


def templates(columns: Sequence[str], features: Sequence[Sequence[str]]) -> Templates:
    """Features that are each what some columns say together, by the names of the columns."""
    most = max(map(len, features))
    # One that has fewer columns says its last again.
    of = [[columns.index(name) for name in (*names, *[names[-1]] * (most - len(names)))] for names in features]
    return np.array([number(" ".join(names)) for names in features], dtype=np.uint32), np.array(of, dtype=np.intp)


def rows_of(columns: npt.NDArray[np.uint32], features: Templates) -> Table:
    """The rows of the weights for examples whose columns are numbers, (examples, features).

    Multiplicative hashing (Knuth, The Art of Computer Programming, 3, 6.4), a column at a time: much
    faster than strings, where very many examples are read.
    """
    seeds, of = features
    hashes = np.broadcast_to(seeds, (len(columns), len(seeds)))
    for place in range(of.shape[1]):
        hashes = (hashes ^ columns[:, of[:, place]]) * _GOLDEN
        hashes ^= hashes >> np.uint32(15)
    return (hashes % np.uint32(BUCKETS)).astype(np.intp)


def model_file(name: str, suffix: str = ".npz") -> Path:
    """The file of a shipped model by its name ("names"), else the path itself.

    The models stand in `models/` at the top of the repository and are put into the package when it is built.
    """
    if Path(name).suffix:
        return Path(name)
    package = Path(__file__).parent
    folder = package / "models"
    return (folder if folder.exists() else package.parents[1] / "models") / f"{name}{suffix}"


def read_models(path: Path, wanted: Collection[str] | None = None) -> dict[str, LogLinear]:
    """Read the models that `write_models` wrote, by name; raises `ValueError` where the file holds none.

    Of `wanted` those are read that the file holds: the tables of the others take time and memory.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            models = {}
            names = {key.partition(".")[0] for key in held}
            for name in sorted(names if wanted is None else names.intersection(wanted)):
                classes = tuple(str(one) for one in held[f"{name}.classes"])
                weights = np.zeros((BUCKETS, len(classes)), dtype=np.float32)
                weights[held[f"{name}.rows"]] = held[f"{name}.weights"]
                models[name] = LogLinear(classes, weights, held[f"{name}.bias"].astype(np.float32))
            return models
    except (OSError, EOFError, BadZipFile, KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{path}: holds no models ({error}); make it with `dealspan train`") from None


def write_models(models: Mapping[str, LogLinear], path: Path) -> None:
    """Write models into one file, rows of zeros left out and the others in half precision.

    Compressed they would take two thirds of the space and be read three times as slowly.
    """
    held: dict[str, npt.NDArray[np.generic]] = {}
    for name, model in models.items():
        rows = np.flatnonzero(np.abs(model.weights).max(axis=1) > 1e-3)
        held[f"{name}.classes"] = np.array(model.classes)
        held[f"{name}.rows"] = rows.astype(np.uint32)
        held[f"{name}.weights"] = model.weights[rows].astype(np.float16)
        held[f"{name}.bias"] = model.bias
    np.savez(path, **held)  # type: ignore[arg-type]
