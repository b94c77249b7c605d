"""The model of names, trained on annotated articles: every candidate is an example, its class what gold says of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import spacy
from spacy.language import Language

from dealspan.components.names import decided_by_rules, features_of, read_names, surroundings
from dealspan.components.names.lexicon import Kind, load
from dealspan.components.names.model import CLASSES, NameModel
from dealspan.corpus.gold import GoldArticle
from dealspan.training.loglinear import fit

PENALTY = 0.4
"""The inverse strength of the L2 penalty; 0.2 and 0.8 give the same F1 on the development part within 0.006."""
_CLASS_OF: dict[str, Kind] = {"COMPANY": "company", "INVESTOR": "investor"}


class Example(NamedTuple):
    """The candidates of one article: their features and their classes."""

    features: list[list[str]]
    classes: list[Kind]


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
        classes: list[Kind] = [gold.get((candidate.start, candidate.end), "other") for candidate in reading.candidates]
        yield Example(seen, classes)


def train(found: Sequence[Example]) -> NameModel:
    """Fit the model; raises `ImportError` where scikit-learn (extra `train`) is not installed."""
    features = [one for example in found for one in example.features]
    classes = [one for example in found for one in example.classes]
    return NameModel(fit(features, classes, penalty=PENALTY, classes=CLASSES))
