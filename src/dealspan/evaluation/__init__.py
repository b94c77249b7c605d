"""Scores of predicted records against gold.

`load` reads either kind of file, `align.pairs` says which deals are the same, `score` counts. What was never predicted
counts as missed.
"""

from dealspan.evaluation.bootstrap import intervals
from dealspan.evaluation.confusion import confusion
from dealspan.evaluation.losses import Losses, losses
from dealspan.evaluation.reading import EvaluationError, groups, load
from dealspan.evaluation.scores import Disagreement, score

__all__ = [
    "Disagreement",
    "EvaluationError",
    "Losses",
    "confusion",
    "groups",
    "intervals",
    "load",
    "losses",
    "score",
]
