"""The model of names, trained on annotated articles: every candidate is an example, its class what gold says of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import spacy
from spacy.language import Language

from dealspan.components.names import decided_by_rules, features_of, read_names, surroundings
from dealspan.components.names.lexicon import load
from dealspan.components.names.model import BUCKETS, CLASSES, NameModel, buckets
from dealspan.corpus.gold import GoldArticle

PENALTY = 0.4
"""The inverse strength of the L2 penalty; 0.2 and 0.8 give the same F1 on the development part within 0.006."""
SPREAD = 0.6
"""See `NameModel`; 0.3 and 1.0 give the same within 0.008."""
DOUBT = 1.0
"""See `NameModel`; of 0, 0.5, 1 and 1.5 the best mean F1 on the development part."""
_CLASS_OF = {"COMPANY": 1, "INVESTOR": 2}


class Example(NamedTuple):
    """The candidates of one article: their features as rows of the weights, and their classes."""

    rows: list[list[int]]
    classes: list[int]


def layers() -> Language:
    """The pipeline of what the names component reads."""
    nlp = spacy.blank("en")
    for name in ("dealspan_sections", "dealspan_money", "dealspan_rounds"):
        nlp.add_pipe(name)
    return nlp


def examples(articles: Iterable[GoldArticle]) -> Iterator[Example]:
    """Yield the examples of each article, in order."""
    nlp, lexicon = layers(), load()
    for article in articles:
        doc = nlp(article.text)
        around = surroundings(doc)
        reading = read_names(article.text, lexicon, around)
        seen = features_of(article.text, reading, decided_by_rules(reading), around.context(), lexicon)
        gold = {(m.start, m.end): _CLASS_OF[m.label] for m in article.mentions if m.label in _CLASS_OF}
        classes = [gold.get((candidate.start, candidate.end), 0) for candidate in reading.candidates]
        yield Example([buckets(one) for one in seen], classes)


def train(found: Sequence[Example]) -> NameModel:
    """Fit a multinomial logistic regression (L-BFGS, so the same examples give the same weights).

    Raises
    ------
    ImportError
        Where scikit-learn (extra `train`) is not installed.

    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rows = [row for example in found for row in example.rows]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), dtype=np.int64, count=int(ends[-1]))
    table = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(rows), BUCKETS))
    classes = [value for example in found for value in example.classes]
    fitted = LogisticRegression(C=PENALTY, max_iter=500).fit(table, classes)
    assert list(fitted.classes_) == list(range(len(CLASSES)))
    weights = np.ascontiguousarray(fitted.coef_.T, dtype=np.float32)
    return NameModel(weights, fitted.intercept_.astype(np.float32), SPREAD, DOUBT)
