"""The model of the gate: which paragraphs hold what a pipeline rightly reads as a financing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from spacy.language import Language

from dealspan.corpus.gold import GoldArticle
from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import parse
from dealspan.gate import CLASSES, Gate
from dealspan.gate.features import features
from dealspan.gate.paragraphs import paragraphs
from dealspan.loglinear import LogLinear
from dealspan.pipeline import process, read
from dealspan.records import Article, encode
from dealspan.training.loglinear import fit

PENALTY = 0.3
"""The inverse strength of the L2 penalty. With 0.1 and 1 as many deals were lost at thresholds at which the gate let as
much of mixed news through, within a few of 1,509."""
FOLDS = 5
Example = tuple[list[str], str]


class Held(NamedTuple):
    """An annotated article: its paragraphs as examples, and how many deals a pipeline rightly finds in it."""

    text: str
    examples: list[Example]
    deals: int


def annotated(nlp: Language, articles: Sequence[GoldArticle]) -> Iterator[Held]:
    """Yield annotated articles; a paragraph is "financing" where a deal that is right has its evidence."""
    plain = (Article(id=one.id, text=one.text, published=one.published) for one in articles)
    for gold, record in zip(articles, read(nlp, plain), strict=True):
        expected, found = (parse(line)[1].deals for line in (msgspec.json.encode(gold), encode(record)))
        right = [record.deals[p] for _, p in pairs(expected, found)]
        stretches = [stretch for deal in right for stretch in deal.evidence]
        holds = (
            ((start, end), any(start < stop and begin < end for begin, stop in stretches))
            for start, end in paragraphs(gold.text)
        )
        examples = [(features(gold.text[start:end].lower()), CLASSES[one]) for (start, end), one in holds]
        yield Held(gold.text, examples, len(right))


def others(nlp: Language, texts: Iterable[str]) -> Iterator[Example]:
    """Yield the paragraphs of texts that nobody annotated and in which the pipeline finds no deal."""
    articles = (Article(id=str(number), text=text) for number, text in enumerate(texts))
    for article, doc in process(nlp, articles):
        if not doc._.deals:
            text = article.text
            yield from ((features(text[start:end].lower()), CLASSES[False]) for start, end in paragraphs(text))


def train(found: Sequence[Example]) -> LogLinear:
    """Fit the model."""
    return fit([one for one, _ in found], [kind for _, kind in found], penalty=PENALTY, classes=CLASSES)


def lost(held: Sequence[Held], beside: Sequence[Example]) -> int:
    """How many deals of articles left out of the fit, of five parts each in turn, are behind a gate that stays shut."""
    missed = 0
    for fold in range(FOLDS):
        kept = [example for number, one in enumerate(held) if number % FOLDS != fold for example in one.examples]
        gate = Gate(train([*kept, *beside]))
        missed += sum(one.deals for one in held[fold::FOLDS] if one.deals and gate.documents(one.text) is None)
    return missed
