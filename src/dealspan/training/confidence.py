"""The model of confidence, fitted on what was right among what the trained pipeline found in held-out articles."""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

import msgspec
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.corpus.gold import GoldArticle
from dealspan.deals.assembly import grounds_of_mention, record_of
from dealspan.deals.confidence import RIGHT, Grounds, grounds_features
from dealspan.evaluation.precision import Fired, FiredDeal, Reason, judged
from dealspan.evaluation.reading import Span, parse
from dealspan.loglinear import LogLinear
from dealspan.pipeline import process
from dealspan.records import Article, Label, encode
from dealspan.training.loglinear import fit

PENALTY = 0.05
"""The inverse strength of the L2 penalty. In five folds over the development part the log loss of slots left out is
0.430, 0.414 and 0.409 with 0.02, 0.05 and 0.1; a stronger penalty holds better on texts of another kind."""


def fired_in(doc: Doc) -> Fired[Grounds]:
    """The grounds of the mentions and the deals of a Doc."""
    mentions = [
        (Span(found.label, found.start, found.end), grounds_of_mention(found))
        for layer in ("money", "rounds", "names", "cues")
        for found in annotations.read(doc, layer)
        if found.label in get_args(Label)
    ]
    deals = [
        FiredDeal(whole, [Reason(one.slot, value, one) for value, one in slots])
        for whole, slots in doc._.dealspan_grounds
    ]
    return Fired(mentions, deals)


def examples(nlp: Language, articles: Sequence[GoldArticle]) -> Iterator[tuple[str, Grounds, bool]]:
    """Yield what a pipeline finds in articles: the slot, its grounds, and whether it is right."""
    plain = [Article(id=a.id, text=a.text, published=a.published) for a in articles]
    for gold, (article, doc) in zip(articles, process(nlp, plain), strict=True):
        expected, predicted = (parse(line)[1] for line in (msgspec.json.encode(gold), encode(record_of(article, doc))))
        sources = {gold.id: [deal.attribution for deal in gold.deals]}
        yield from judged({gold.id: expected}, {gold.id: predicted}, {gold.id: fired_in(doc)}, sources)


def train(found: Iterable[tuple[str, Grounds, bool]]) -> dict[str, LogLinear]:
    """Fit the model; raises `ImportError` where scikit-learn (extra `train`) is not installed."""
    rows, answers = [], []
    for _, grounds, right in found:
        rows.append(list(grounds_features(grounds)))
        answers.append("yes" if right else "no")
    return {RIGHT: fit(rows, answers, penalty=PENALTY, classes=("no", "yes"))}
