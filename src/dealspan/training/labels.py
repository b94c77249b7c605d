"""The teacher's labels: for each text how likely each token is to have each tag, as the teacher finds it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from dealspan.components.names.tagger import TAGS, Probabilities
from dealspan.records import digest

Labels = dict[str, npt.NDArray[np.uint8]]
"""By the digest of the text: (tokens, tags but "O"), in 255ths."""


def text_digest(text: str) -> str:
    """What a text is known by in a file of labels: half of its SHA-256."""
    return digest(text)[:32]


def quantized(probabilities: Probabilities) -> npt.NDArray[np.uint8]:
    """The probabilities of every tag but "O" in 255ths."""
    result: npt.NDArray[np.uint8] = np.round(probabilities[:, 1:] * 255).astype(np.uint8)
    return result


def probabilities_of(label: npt.NDArray[np.uint8]) -> Probabilities:
    """The probabilities (tokens, tags), each row adding up to 1."""
    named = label.astype(np.float32) / 255
    rows = np.concatenate([(1 - named.sum(axis=1, keepdims=True)).clip(0), named], axis=1)
    result: Probabilities = rows / rows.sum(axis=1, keepdims=True)
    return result


def write_labels(
    labels: Iterable[tuple[str, npt.NDArray[np.uint8]]], path: Path, *, annotated: Sequence[str] = ()
) -> None:
    """Write the labels of texts by their digests; `annotated` are those of the articles whose variants have labels."""
    held = dict(labels)
    empty = np.zeros((0, len(TAGS) - 1), dtype=np.uint8)
    np.savez_compressed(
        path,
        texts=np.array(list(held)),
        tokens=np.array([len(label) for label in held.values()], dtype=np.int64),
        labels=np.concatenate([empty, *held.values()]),
        annotated=np.array(annotated, dtype=str),
    )


def read_labels(path: Path) -> tuple[Labels, list[str]]:
    """Read what `write_labels` wrote, labels and `annotated`; raises `ValueError` where the file holds no labels."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            parts = np.split(held["labels"], np.cumsum(held["tokens"])[:-1])
            return dict(zip(held["texts"].tolist(), parts, strict=True)), held["annotated"].tolist()
    except (OSError, EOFError, BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"{path}: holds no labels of a teacher ({error}); make them with `dealspan teach`") from None
