"""The confidence of what was found: the probability that it is right, learned from articles with gold.

With rules alone it is how often a rule was right: its counts, smoothed. The counts live in `confidence-rules.json`
beside this module; a rule seen `n` times of which `k` were right gets (k + m p) / (n + m): p is the precision of its
whole slot, m the weight of that prior (additive smoothing towards the mean, the m-estimate of Cestnik, 1990).

With trained models it is what a log-linear model makes of the rule and of the probabilities that the models gave, of
articles that none of them was trained on (Platt scaling of several scores at once; Platt, 1999). Both are written by
`dealspan calibrate GOLD`; what counts as right is said in `evaluation/precision.py`.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from dealspan.loglinear import buckets, model_file, read_models

# Weight of the prior, in cases. Of 2, 4, 8, 12, 16, 24 and 40 the squared error of the confidences of articles left out
# was smallest with 12 and 16 (nine folds over the 45 development articles, four shuffles: 0.134; with 2 it was 0.138).
_PRIOR = 12.0
STEPS = (-4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 6)
"""Log-odds of the probabilities that models gave are told apart by these."""
RIGHT = "right"


class Grounds(NamedTuple):
    """What speaks for a mention, a slot or a deal: the rule behind it, and what models think of it.

    `sure` is the probability that a model gave it, `deal` that of its deal, `name` that of the name that fills it, None
    where no model spoke.
    """

    slot: str
    rule: str
    sure: float | None = None
    deal: float | None = None
    name: float | None = None


Confidence = Callable[[Grounds], float]
Levels = tuple[int, int, int]


def counted() -> Confidence:
    """The smoothed precision of the rule for the slot."""
    text = (files("dealspan.deals") / "confidence-rules.json").read_text(encoding="utf-8")
    counts: dict[str, dict[str, tuple[int, int]]] = json.loads(text)["slots"]

    def confidence(grounds: Grounds) -> float:
        return _smoothed(grounds.slot, grounds.rule)

    @cache
    def _smoothed(slot: str, rule: str) -> float:
        rules = counts.get(slot, {})
        right = sum(k for k, _ in rules.values())
        fired = sum(n for _, n in rules.values())
        prior = (right + 1) / (fired + 2)
        k, n = rules.get(rule, (0, 0))
        return round((k + _PRIOR * prior) / (n + _PRIOR), 4)

    return confidence


def fitted(path: Path) -> Confidence:
    """What a model of confidence says; raises `ValueError` where the file holds none."""
    models = read_models(path)
    if RIGHT not in models or models[RIGHT].classes != ("no", "yes"):
        raise ValueError(f"{path}: holds no model of confidence; make one with `dealspan calibrate`")
    model = models[RIGHT]
    odds = (model.weights[:, 1] - model.weights[:, 0]).tolist()
    bias = float(model.bias[1] - model.bias[0])

    # A few features each time: a sum in Python costs less than a call of numpy.
    @lru_cache(maxsize=50_000)
    def likely(slot: str, rule: str, levels: Levels) -> float:
        features = tuple(_features(slot, rule, levels))
        return round(1 / (1 + math.exp(-bias - sum(odds[bucket] for bucket in buckets(features)))), 4)

    return lambda grounds: likely(grounds.slot, grounds.rule, _levels(grounds))


def confidence_of(model: str) -> Confidence:
    """The confidences of a pipeline: "rules", or the name or the file of a model of confidence."""
    return counted() if model == "rules" else fitted(model_file(model))


def grounds_features(grounds: Grounds) -> Iterator[str]:
    """What the model of confidence sees.

    The probabilities that models gave mean the same in every slot: with steps for each slot apart the log loss of
    articles left out is no lower, and the confidences hold less well on other texts.
    """
    return _features(grounds.slot, grounds.rule, _levels(grounds))


def _levels(grounds: Grounds) -> Levels:
    """How many of the steps the probabilities are above, -1 where no model spoke."""
    sure, deal, name = (-1 if p is None else level(p) for p in (grounds.sure, grounds.deal, grounds.name))
    return sure, deal, name


def level(probability: float) -> int:
    """How many of the steps a probability is above."""
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return bisect_left(STEPS, math.log(bounded / (1 - bounded)))


def _features(slot: str, rule: str, levels: Levels) -> Iterator[str]:
    yield f"slot {slot}"
    yield f"slot {slot} rule {rule}"
    for name, above in zip(("sure", "deal", "name"), levels, strict=True):
        if above < 0:
            yield f"slot {slot} {name} none"
        for step in STEPS[: max(above, 0)]:
            yield f"{name} {step}"
