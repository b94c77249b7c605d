"""The trained decisions on cues: which tokens could be part of one, which candidates are one, and of what kind."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, get_args

from dealspan.loglinear import LogLinear, buckets, read_models
from dealspan.records import HedgeKind

GATE = ("elsewhere", "near_cue", "in_cue")
"""The gate is a table of words in the form of a model: `in_cue` opens a sentence, both have the tokens around read."""
TAGS = ("outside", "begin", "inside")
CUE = ("none", "cue")
KINDS: tuple[HedgeKind, ...] = get_args(HedgeKind)
_CLASSES = {"gate": GATE, "tags": TAGS, "cue": CUE, "cue_kind": KINDS}


class CueModel(NamedTuple):
    """`gate` knows the words of cues; `tags` reads tokens of their sentences, `cue` candidates, `kind` a cue."""

    gate: LogLinear
    tags: LogLinear
    cue: LogLinear
    kind: LogLinear

    def level(self) -> Callable[[str], int]:
        """How much a word has to do with cues, as its index in `GATE`, remembered from word to word."""
        levels = self.gate.weights.argmax(axis=1).tolist()
        return lru_cache(maxsize=100_000)(lambda word: levels[buckets([word])[0]])


def read_model(path: Path) -> CueModel:
    """Read a model of cues; raises `ValueError` where the file holds none."""
    models = read_models(path, _CLASSES)
    if any(name not in models or models[name].classes != classes for name, classes in _CLASSES.items()):
        raise ValueError(f"{path}: holds no model of cues; make one with `dealspan train`")
    return CueModel(models["gate"], models["tags"], models["cue"], models["cue_kind"])
