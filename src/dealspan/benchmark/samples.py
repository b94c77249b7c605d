"""Text to measure on, made of invented sentences and names: the same articles for the same numbers.

The wheel holds no articles, and how cost grows is seen on texts that differ in one thing alone: their length, the deals
in them, or their number. Names and a word in each paragraph are made of random syllables, so that a cache meets new
ones as it does in news.
"""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import Any

from dealspan.records import Article

FUNDING_EACH = 30
"""One article of an archive in so many is on a financing, as in the real news that the gate was measured on."""
NEAR_EACH = 6
"""One in so many has a paragraph that only looks so: of 785 articles of that news, 152 opened the gate."""
CONTEXT, NEWS = 6, 12
"""How many paragraphs stand beside the deals of an article on a financing, and in one of other news: some 400 and 500
words, the length of those in real news."""
_SYLLABLES = [
    onset + vowel + coda
    for coda in ("n", "", "l", "r", "s", "m")
    for vowel in "aeiou"
    for onset in ("b", "br", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w", "z")
]


@cache
def _sentences() -> dict[str, Any]:
    return tomllib.loads(files("dealspan.benchmark").joinpath("sentences.toml").read_text(encoding="utf-8"))


class _Made(dict[str, str]):
    """What stands for a name in braces, made when it is first asked for."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def __missing__(self, name: str) -> str:
        kind = name.rstrip("0123456789")
        made = _MAKERS[kind.lower()](self._random)
        self[name] = made[0].upper() + made[1:] if kind[0].isupper() else made
        return self[name]


def word(number: int) -> str:
    """Return the made word of a number, another one for each: two syllables, or three for numbers that are large."""
    rest, first = divmod(number, len(_SYLLABLES))
    third, second = divmod(rest, len(_SYLLABLES))
    return _SYLLABLES[first] + _SYLLABLES[second] + (_SYLLABLES[third % len(_SYLLABLES)] if third else "")


def _word(random: Random) -> str:
    return word(random.randrange(len(_SYLLABLES) ** 2))


def _one_of(kind: str) -> Callable[[Random], str]:
    return lambda random: str(random.choice(_sentences()["kinds"][kind]))


def _named(kind: str) -> Callable[[Random], str]:
    """A made name before what says the kind: Brelan Ventures."""
    return lambda random: f"{_word(random).title()} {_one_of(kind)(random)}".rstrip()


def _sum(random: Random) -> str:
    return _one_of("money")(random).format(random.choice((1.5, 2, 3.4, 5, 8, 12, 20, 35, 48, 60, 110, 250)))


_MAKERS: dict[str, Callable[[Random], str]] = {
    "word": _word,
    "company": _named("company"),
    "investor": _named("investor"),
    "paper": lambda random: f"{_one_of('city')(random)} {_one_of('paper')(random)}",
    "person": lambda random: f"{_one_of('first')(random)} {_word(random).title()}",
    "sum": _sum,
    "large": lambda random: f"${random.randint(2, 40) * 50} million",
    "price": lambda random: f"${random.randint(20, 990)}",
    "number": lambda random: str(random.randint(3, 900)),
    "percent": lambda random: str(random.randint(2, 40)),
    **{kind: _one_of(kind) for kind in ("city", "trade", "round", "day")},
}


def _paragraph(random: Random, kind: str) -> str:
    return str(random.choice(_sentences()[kind])).format_map(_Made(random))


def _paragraphs(random: Random, *kinds: str) -> str:
    return "\n\n".join(_paragraph(random, kind) for kind in kinds)


def funding_news(number: int, seed: int = 0) -> Iterator[Article]:
    """Articles on a financing: a deal, what the company does, and another deal."""
    random = Random(f"funding {seed}")
    kinds = ("headlines", "deals", *["context"] * CONTEXT, "deals")
    for n in range(number):
        yield Article(id=f"funding-{n}", text=_paragraphs(random, *kinds))


def archive(number: int, seed: int = 0) -> Iterator[Article]:
    """Articles of news, one in `FUNDING_EACH` on a financing."""
    random = Random(f"archive {seed}")
    funding = funding_news(number // FUNDING_EACH + 1, seed)
    for n in range(number):
        if n % FUNDING_EACH == FUNDING_EACH // 2:
            yield next(funding)
        else:
            near = ["near"] * (n % NEAR_EACH == 0)
            yield Article(id=f"news-{n}", text=_paragraphs(random, *near, *["other"] * (NEWS - len(near))))


def of_length(characters: int, number: int, seed: int = 0) -> Iterator[Article]:
    """Articles of about so many characters, half of whose paragraphs tell of a deal and half of the company."""
    random = Random(f"length {characters} {seed}")
    for n in range(number):
        parts: list[str] = []
        length = 0
        while length < characters:
            parts.append(_paragraph(random, ("deals", "context")[len(parts) % 2]))
            length += len(parts[-1]) + 2
        yield Article(id=f"length-{characters}-{n}", text="\n\n".join(parts)[:characters])


def with_deals(deals: int, paragraphs: int, number: int, seed: int = 0) -> Iterator[Article]:
    """Articles of so many paragraphs, so many of which tell of a deal, evenly spread among news of other things."""
    random = Random(f"deals {deals} {seed}")
    for n in range(number):
        before = [i * deals // paragraphs for i in range(paragraphs + 1)]
        kinds = ["deals" if after > so_far else "other" for so_far, after in pairwise(before)]
        yield Article(id=f"deals-{deals}-{n}", text=_paragraphs(random, *kinds))


REPLACED = 30
"""One word in so many is another each time that articles are repeated: each thousand articles of real news, of 500
words, bring 15,000 words that none before them had (see `jobs.analysis`)."""


def repeated(articles: Sequence[Article], number: int) -> Iterator[Article]:
    """So many articles: the given ones again and again, each time with other words among theirs.

    That no cache is better off than in a true archive of that size.
    """
    new = 0
    for n in range(number):
        article = articles[n % len(articles)]
        words = article.text.split(" ")
        for i in range(n % REPLACED, len(words), REPLACED):
            if words[i].isalpha():
                words[i] = word(new).title() if words[i][0].isupper() else word(new)
                new += 1
        round = n // len(articles)
        yield Article(
            id=f"{article.id}-{round}", text=" ".join(words), title=article.title, published=article.published
        )
