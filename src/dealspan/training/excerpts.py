"""What people send beside whole articles: a headline alone, a paragraph alone."""

from collections.abc import Iterator

from msgspec.structs import replace

from dealspan.corpus.gold import GoldArticle


def excerpts(article: GoldArticle) -> Iterator[GoldArticle]:
    """Yield the first line of an article, and the first one behind it that holds a sum, each as an article.

    Both keep all the deals of the article, also those that they do not speak of, and no mentions; without such a line
    the second is empty.
    """
    text = article.text
    first = text.find("\n") if "\n" in text else len(text)
    sums = (m.start for m in article.mentions if m.label == "MONEY" and m.start > first)
    place = next(sums, None)
    start, end = 0, 0
    if place is not None:
        start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
    for part in (text[:first], text[start : end if end >= 0 else len(text)]):
        yield replace(article, text=part, mentions=[])
