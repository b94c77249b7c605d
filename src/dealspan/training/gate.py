"""The models of the gate: which paragraphs hold what a pipeline rightly reads as a financing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from spacy.language import Language

from dealspan.annotations import lower_case
from dealspan.corpus.gold import GoldArticle
from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import parse
from dealspan.gate import CLASSES, Gate, judged, phrased
from dealspan.gate.features import words_of
from dealspan.gate.paragraphs import paragraphs
from dealspan.loglinear import LogLinear
from dealspan.pipeline import process, read
from dealspan.records import Article, encode
from dealspan.training.loglinear import fit_rows

WORDS_PENALTY, CONTEXT_PENALTY = 0.3, 0.03
"""The inverse strengths of the L2 penalties. For words, with 0.1 and 1 as many deals were lost at thresholds at which
the gate let as much of mixed news through. For the context, with 0.1 and 0.3 it let a tenth more through at 4 deals
lost, with 0.01 as much."""
FOLDS = 5
Rows = npt.NDArray[np.int32]


class Held(NamedTuple):
    """A text: which rows of the weights its paragraphs have, which hold a financing, and how many deals are in it."""

    text: str
    rows: list[Rows]
    holds: list[bool]
    deals: int


class Trained(NamedTuple):
    """The models, how many paragraphs they learnt from, and how many deals the gate lost in cross-validation."""

    gate: Gate
    paragraphs: int
    lost: int


def annotated(nlp: Language, articles: Sequence[GoldArticle]) -> Iterator[Held]:
    """Yield annotated articles; a paragraph holds a financing where a deal that is right has its evidence."""
    plain = (Article(id=one.id, text=one.text, published=one.published) for one in articles)
    for gold, record in zip(articles, read(nlp, plain), strict=True):
        expected, found = (parse(line)[1].deals for line in (msgspec.json.encode(gold), encode(record)))
        right = [record.deals[p] for _, p in pairs(expected, found)]
        yield _held(gold.text, [stretch for deal in right for stretch in deal.evidence], len(right))


def others(nlp: Language, texts: Iterable[str]) -> Iterator[Held]:
    """Yield the texts that nobody annotated and in which the pipeline finds no deal."""
    articles = (Article(id=str(number), text=text) for number, text in enumerate(texts))
    for article, doc in process(nlp, articles):
        if not doc._.deals:
            yield _held(article.text, [], 0)


def _held(text: str, stretches: Sequence[Sequence[int]], deals: int) -> Held:
    found = paragraphs(text)
    lower = lower_case(text)
    return Held(
        text,
        [np.array(words_of(lower[start:end]), np.int32) for start, end in found],
        [any(start < stop and begin < end for begin, stop in stretches) for start, end in found],
        deals,
    )


def train(held: Sequence[Held], beside: Sequence[Held]) -> Trained:
    """Fit the models.

    The second one learns from what the first one makes of texts that were left out of its fit, of five parts each in
    turn. A deal counts as lost where the gate stays shut before an article that neither model has learnt from.
    """
    parts = [[*held[part::FOLDS], *beside[part::FOLDS]] for part in range(FOLDS)]
    words = [_words([one for other in parts if other is not part for one in other]) for part in parts]
    contexts = [_context(part, model) for part, model in zip(parts, words, strict=True)]
    lost = 0
    for number, (part, model) in enumerate(zip(parts, words, strict=True)):
        gate = Gate(model, _fitted(contexts[:number] + contexts[number + 1 :]))
        lost += sum(one.deals for one in part if one.deals and gate.documents(one.text) is None)
    every = [one for part in parts for one in part]
    return Trained(Gate(_words(every), _fitted(contexts)), sum(len(one.rows) for one in every), lost)


Examples = tuple[list[list[int]], list[bool]]


def _words(texts: Sequence[Held]) -> LogLinear:
    rows = [row for one in texts for row in one.rows]
    return fit_rows(rows, _answers(one for text in texts for one in text.holds), penalty=WORDS_PENALTY, classes=CLASSES)


def _context(texts: Sequence[Held], words: LogLinear) -> Examples:
    rows: list[list[int]] = []
    holds: list[bool] = []
    for text in texts:
        one = judged(phrased(text.text), words)
        rows += one.context
        holds += [text.holds[i] for i in one.asked]
    return rows, holds


def _fitted(contexts: Sequence[Examples]) -> LogLinear:
    rows = [np.array(row, np.int32) for found, _ in contexts for row in found]
    return fit_rows(
        rows, _answers(one for _, holds in contexts for one in holds), penalty=CONTEXT_PENALTY, classes=CLASSES
    )


def _answers(holds: Iterable[bool]) -> list[str]:
    return [CLASSES[one] for one in holds]
