"""How often a rule was right: its counts on the development articles, smoothed, as the confidence of what it found.

The counts live in `confidence-<model>.json` beside this module, written by `dealspan calibrate GOLD`; what counts as
right is said in `evaluation/precision.py`. A rule seen `n` times of which `k` were right gets (k + m p) / (n + m): p is
the precision of its whole slot, m the weight of that prior (additive smoothing towards the mean, the m-estimate of
Cestnik, 1990).
"""

import json
from functools import cache
from importlib.resources import files

# Weight of the prior, in cases. Of 2, 4, 8, 12, 16, 24 and 40 the squared error of the confidences of articles left out
# was smallest with 12 and 16 (nine folds over the 45 development articles, four shuffles: 0.134; with 2 it was 0.138).
_PRIOR = 12.0


@cache
def _counts(model: str) -> dict[str, dict[str, tuple[int, int]]]:
    text = (files("dealspan.deals") / f"confidence-{model}.json").read_text(encoding="utf-8")
    counts: dict[str, dict[str, tuple[int, int]]] = json.loads(text)["slots"]
    return counts


@cache
def confidence(model: str, slot: str, rule: str) -> float:
    """The smoothed precision of a rule for a slot, between 0 and 1, as counted with a model."""
    rules = _counts(model).get(slot, {})
    right = sum(k for k, _ in rules.values())
    fired = sum(n for _, n in rules.values())
    prior = (right + 1) / (fired + 2)
    k, n = rules.get(rule, (0, 0))
    return round((k + _PRIOR * prior) / (n + _PRIOR), 4)
