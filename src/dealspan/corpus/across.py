"""What no article shows alone: names shared between the splits, names and sentences used again."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations

from dealspan.corpus.articles import Written
from dealspan.corpus.gold import SPLITS, Split
from dealspan.corpus.standoff import StandOff
from dealspan.evaluation.align import normal

SENTENCE_WORDS = 8
"""Shorter sentences may well be written twice."""
MOST_ARTICLES = 4
"""In more invented articles no name occurs."""
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n+")
_WORD = re.compile(r"\w+")


def names_of(article: Written) -> set[str]:
    """The companies and investors of a written article, as written."""
    return {mention.text for mention in article.gold.mentions if mention.label in ("COMPANY", "INVESTOR")}


def used_in(written: Iterable[Written], real: Iterable[StandOff]) -> dict[str, dict[str, Split]]:
    """Where each name occurs: by its normal form, the articles with their splits."""
    places: dict[str, dict[str, Split]] = defaultdict(dict)
    for article in written:
        for name in names_of(article):
            places[normal(name)][article.gold.id] = article.gold.split
    for one in real:
        for name in one.names:
            places[normal(name)][one.id] = one.split
    return places


def shared_between_splits(places: Mapping[str, Mapping[str, Split]]) -> Iterator[str]:
    """Say which names occur in more than one split: what is learned of them would be tested on them."""
    for name, articles in sorted(places.items()):
        if len(set(articles.values())) > 1:
            yield f"the name {name!r} is shared between splits ({_by_split(articles)})"


def shortened_between_splits(real: Iterable[StandOff]) -> Iterator[str]:
    """Say which real organisations one split calls by the first words of what another calls them.

    Invented names may well begin alike; "Sequoia" and "Sequoia China" of real texts are one house.
    """
    places = used_in((), real)
    by_first: dict[str, list[list[str]]] = defaultdict(list)
    for name in sorted(places):
        by_first[name.split()[0]].append(name.split())
    for names in by_first.values():
        for short, long in permutations(names, 2):
            if long[: len(short)] == short:
                both = places[" ".join(short)] | places[" ".join(long)]
                if len(set(both.values())) > 1:
                    yield f"{' '.join(short)!r} and {' '.join(long)!r} are shared between splits ({_by_split(both)})"


def _by_split(articles: Mapping[str, Split]) -> str:
    return "; ".join(
        f"{split}: {', '.join(sorted(one for one, of in articles.items() if of == split)[:3])}"
        for split in SPLITS
        if split in articles.values()
    )


def worn_names(written: Iterable[Written]) -> Iterator[str]:
    """Say which invented names occur in too many articles."""
    for name, articles in sorted(used_in(written, ()).items()):
        if len(articles) > MOST_ARTICLES:
            yield f"the name {name!r} occurs in {len(articles)} articles, such as {', '.join(sorted(articles)[:3])}"


def repeated_sentences(texts: Mapping[str, str]) -> Iterator[str]:
    """Say which sentences of eight or more words stand in two articles, whatever their case and punctuation."""
    first: dict[str, str] = {}
    for article, text in texts.items():
        for sentence in SENTENCE_END.split(text):
            words = _WORD.findall(sentence.lower())
            if len(words) >= SENTENCE_WORDS and first.setdefault(key := " ".join(words), article) != article:
                yield f"{article}: {sentence.strip()!r} stands in {first[key]} too"
