"""How far figures would move with other documents: percentile bootstrap over the documents (Efron, 1979)."""

from collections.abc import Mapping

import numpy as np

from dealspan.evaluation.reading import ScoredDocument
from dealspan.evaluation.scores import NOTHING, Counts, counts

RESAMPLES = 1000
SEED = 0


def intervals(
    gold: Mapping[str, ScoredDocument], predicted: Mapping[str, ScoredDocument]
) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of every F1 and accuracy, by the names of `counts`.

    Documents are drawn with replacement, a thousand times with a fixed seed, and each figure is counted anew; the
    interval lies between its 2.5th and 97.5th percentile. What has nothing to count is left out.
    """
    each = [counts(document, predicted.get(name, NOTHING)) for name, document in gold.items()]
    names = sorted({name for one in each for name, count in one.items() if count.gold or count.predicted})
    table = np.array([[one.get(name, Counts(0, 0, 0)) for name in names] for one in each])  # documents, figures, 3
    drawn = np.random.default_rng(SEED).integers(len(each), size=(RESAMPLES, len(each)))
    weights = np.stack([np.bincount(row, minlength=len(each)) for row in drawn])
    both, expected, given = np.moveaxis(np.einsum("rd,dfc->rfc", weights, table), 2, 0)
    # A draw in which there is nothing to count says nothing.
    values = np.where(expected + given > 0, 2 * both / np.maximum(expected + given, 1), np.nan)
    low, high = np.nanpercentile(values, [2.5, 97.5], axis=0)
    return {name: (round(float(low[i]), 4), round(float(high[i]), 4)) for i, name in enumerate(names)}
