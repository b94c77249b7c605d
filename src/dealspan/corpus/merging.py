"""Scores of merging on the stories: the deals of gold, or those that the pipeline finds in the articles."""

from collections.abc import Iterable, Sequence

import msgspec
from spacy.language import Language

from dealspan.archive import claims, group
from dealspan.corpus.stories import Story, record_of_gold
from dealspan.evaluation.align import pairs
from dealspan.evaluation.clusters import Grouping, Item, grouping
from dealspan.evaluation.reading import parse
from dealspan.pipeline import process, record_of
from dealspan.records import Article, Record, encode


def score(stories: Sequence[Story], nlp: Language | None = None) -> Grouping:
    """Merge the articles of all stories as one archive; with a pipeline, the deals that it finds in them."""
    gold = {item: deal for story in stories for item, deal in story.deals.items()}
    if nlp is None:
        return grouping(gold, merged(gold_records(stories)))
    records = extracted(stories, nlp)
    found: dict[Item, Item] = {}
    expected = {article.id: article for story in stories for article, _ in story.articles}
    for record in records:
        name, predicted = parse(encode(record))
        article = expected[name]
        _, right = parse(msgspec.json.encode(article))
        for g, p in pairs(right.deals, predicted.deals):
            found[name, record.deals[p].id] = name, article.deals[g].id
    return grouping(gold, merged(records), found)


def gold_records(stories: Iterable[Story]) -> list[Record]:
    """The records of a perfect reading."""
    return [record_of_gold(article) for story in stories for article, _ in story.articles]


def extracted(stories: Iterable[Story], nlp: Language) -> list[Record]:
    """The records of the pipeline."""
    articles = [
        Article(id=one.id, text=one.text, title=one.title, published=one.published, source=one.source)
        for story in stories
        for one, _ in story.articles
    ]
    return [record_of(article, doc) for article, doc in process(nlp, articles)]


def merged(records: Iterable[Record]) -> list[list[Item]]:
    """The groups of deals of some records."""
    groups = group(claim for record in records for claim in claims(record))
    return [[(claim.document[0], claim.deal) for claim in members] for members in groups]
