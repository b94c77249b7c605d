"""Fitting of log-linear models: multinomial logistic regression, L-BFGS, so the same examples give the same weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dealspan.loglinear import BUCKETS, LogLinear, buckets


def fit(
    examples: Sequence[Sequence[str]],
    answers: Sequence[str],
    *,
    penalty: float,
    classes: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
) -> LogLinear:
    """Fit a model.

    Parameters
    ----------
    examples, answers
        The features of each example and its class.
    penalty
        The inverse strength of the L2 penalty.
    classes
        The order of the classes; sorted by name where it is not given.
    weights
        How much each example counts; 1 where it is not given.

    Raises
    ------
    ImportError
        Where scikit-learn (extra `train`) is not installed.

    """
    rows = [buckets(features) for features in examples]
    return fit_rows(rows, answers, penalty=penalty, classes=classes, weights=weights)


def fit_rows(
    rows: Sequence[Sequence[int] | npt.NDArray[np.signedinteger[Any]]],
    answers: Sequence[str],
    *,
    penalty: float,
    classes: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
) -> LogLinear:
    """The same where the rows of the weights for the features of each example are known."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    order = tuple(classes or sorted(set(answers)))
    full = np.zeros((BUCKETS, len(order)), dtype=np.float32)
    bias = np.full(len(order), -20.0, dtype=np.float32)  # a class that no example has is never chosen
    if len(set(answers)) < 2:  # nothing to tell apart
        bias[[order.index(answer) for answer in set(answers)]] = 0
        return LogLinear(order, full, bias)
    ends = np.cumsum([0, *map(len, rows)])
    # A bucket that no example has keeps the weight 0: left out, the fit is several times as fast.
    used, columns = np.unique(np.concatenate(rows), return_inverse=True)
    table = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(rows), len(used)))
    fitted = LogisticRegression(C=penalty, max_iter=500).fit(
        table, [order.index(answer) for answer in answers], sample_weight=weights
    )
    found = [order[int(i)] for i in fitted.classes_]
    coefficients, intercept = fitted.coef_, fitted.intercept_
    if len(found) == 2:  # scikit-learn keeps one row for two classes
        coefficients, intercept = np.vstack([-coefficients, coefficients]) / 2, np.array([-1, 1]) * intercept[0] / 2
    for row, name in enumerate(found):
        full[used, order.index(name)] = coefficients[row]
        bias[order.index(name)] = intercept[row]
    return LogLinear(order, full, bias)
