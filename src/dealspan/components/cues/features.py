"""What the trained models of cues see: of a token, as numbers; of a candidate or a cue, as strings.

Strings are plainer, but very many tokens are read.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dealspan.components.cues.sentences import Sentence, speaks_of_money
from dealspan.loglinear import Table, number, rows_of, templates

_QUOTES = '“”"'
AHEAD = 10
"""Tokens behind a candidate in which a financing is looked for."""
FAR = 6
"""Distances of a financing are told up to so many tokens."""


COLUMNS = (
    "-2", "-1", "0", "1", "2", "stem", "end", "shape -1", "shape 0", "shape 1", "pattern 0", "pattern -1", "quoted",
    "section", "financing", "text", "ahead", "ahead word", "behind", "behind word",
)  # fmt: skip
"""What is seen of a token: the words around it, by their places, and what there is of financing beside it."""
TEMPLATES = templates(
    COLUMNS,
    (
        ("0",), ("-1",), ("-2",), ("1",), ("2",),
        ("-1", "0"), ("0", "1"), ("-1", "0", "1"), ("0", "1", "2"), ("-2", "-1", "0"),
        ("stem",), ("end",), ("shape -1", "shape 0", "shape 1"), ("pattern 0",), ("pattern -1",),
        ("quoted", "0"), ("section", "0"), ("financing", "0"), ("text",),
        ("ahead", "ahead word"), ("ahead", "0"), ("behind", "behind word"), ("behind", "0"),
    ),
)  # fmt: skip
"""The features of a token: each is what some of the columns say together."""


class Signs(NamedTuple):
    """A word, its beginning and its end as numbers."""

    word: int
    stem: int
    end: int


@lru_cache(maxsize=100_000)
def signs_of(word: str) -> Signs:
    """The numbers of a word, remembered from text to text."""
    return Signs(number(word), number(stem(word)), number(word[-3:]))


_OUTSIDE, _EDGE = number("<s>"), ord("-")
_NO_MONEY = 9, 0


class Candidate(NamedTuple):
    """Tokens `first` to `last` (exclusive) of a sentence that could be a cue.

    `rules` are the patterns that found it; `loosest` says how much doubt the tagger had to be spared for it to find it,
    -1 where it did not; `inside`, `opening` and `behind` are its log-odds.
    """

    first: int
    last: int
    rules: tuple[str, ...]
    loosest: int
    inside: float
    opening: float
    behind: float


def stem(word: str) -> str:
    """The beginning of a word, which most of its forms share."""
    return word[:5]


def token_rows(together: Sequence[Sentence], chosen: Sequence[Sequence[int]], words: frozenset[str]) -> Table:
    """The rows of the weights for the features of some tokens, (tokens, features).

    Parameters
    ----------
    together, chosen
        Sentences, and the numbers of the tokens of each that are asked for.
    words
        The words that speak of a financing.

    """
    columns: list[tuple[int, ...]] = []
    for sentence, mine in zip(together, chosen, strict=True):
        columns += _columns(sentence, mine, words)
    return rows_of(np.array(columns, dtype=np.uint32).reshape(-1, len(COLUMNS)), TEMPLATES)


def _columns(sentence: Sentence, chosen: Sequence[int], words: frozenset[str]) -> Iterator[tuple[int, ...]]:
    """Yield what is seen of tokens, as numbers, in the order of `COLUMNS`."""
    tokens = sentence.tokens
    signs = [signs_of(token.word) for token in tokens]
    heard = [_OUTSIDE, _OUTSIDE, *[sign.word for sign in signs], _OUTSIDE, _OUTSIDE]
    shapes = [_EDGE, *[ord(token.shape) for token in tokens], _EDGE]
    money = [i for i, token in enumerate(tokens) if speaks_of_money(token, words)]
    quotes = [i for i, token in enumerate(tokens) if token.word in _QUOTES]
    patterns = _patterns(sentence)
    around = number(sentence.section), number(sentence.financing), number(sentence.text)
    for i in chosen:
        k, here = bisect_left(money, i + 1), bisect_left(money, i)
        ahead = (min(FAR, money[k] - i), signs[money[k]].word) if k < len(money) else _NO_MONEY
        behind = (min(FAR, i - money[here - 1]), signs[money[here - 1]].word) if here else _NO_MONEY
        yield (
            *heard[i : i + 5],
            signs[i].stem,
            signs[i].end,
            *shapes[i : i + 3],
            patterns.get(i, 0),
            patterns.get(i - 1, 0),
            bisect_right(quotes, i) % 2,
            *around,
            *ahead,
            *behind,
        )


def _patterns(sentence: Sentence) -> dict[int, int]:
    """By token, the pattern that it is part of, as a number."""
    found = {}
    for cue in sentence.cues:
        begun = False
        for i, token in enumerate(sentence.tokens):
            if token.start < cue.end and cue.start < token.end:
                found[i] = number(f"{'I' if begun else 'B'} {cue.label} {cue.rule}")
                begun = True
    return found


def candidate_features(sentence: Sentence, candidate: Candidate, words: frozenset[str]) -> list[str]:
    """The features of a candidate."""
    tokens = sentence.tokens
    inside = [token.word for token in tokens[candidate.first : candidate.last]]
    before = tokens[candidate.first - 1].word if candidate.first else "<s>"
    follow = tokens[candidate.last].word if candidate.last < len(tokens) else "<s>"
    ahead = dict.fromkeys(t.word for t in tokens[candidate.last : candidate.last + AHEAD] if speaks_of_money(t, words))
    anywhere = dict.fromkeys(t.word for t in tokens if t.shape == "S" or t.word in words)
    near = dict.fromkeys(stem(t.word) for t in tokens[candidate.last : candidate.last + 4])
    sources = (*candidate.rules, f"tagger {candidate.loosest}")
    return [
        f"sources {' '.join(sources)}",
        *(f"source {one}" for one in sources),
        *(f"source {one} {sentence.financing}" for one in sources),
        f"financing {sentence.financing}",
        f"text {sentence.text}",
        f"before {sentence.financing} {sentence.before}",
        f"behind {sentence.financing} {sentence.behind}",
        f"section {sentence.section}",
        f"length {min(len(inside), 6)}",
        f"first {inside[0]}",
        f"last {inside[-1]}",
        f"-1 {before}",
        f"1 {follow}",
        f"words {' '.join(inside[:4])}",
        f"last 1 {inside[-1]} {follow}",
        f"-1 first {before} {inside[0]}",
        *(f"inside {step}" for step in range(-4, 5) if candidate.inside > step),
        *(f"opening {step}" for step in range(-6, 0) if candidate.opening > step),
        *(f"open end {step}" for step in range(-6, 0) if candidate.behind > step),
        *(f"word {one}" for one in dict.fromkeys(map(stem, inside))),
        *(f"ahead {one}" for one in ahead),
        *(f"near {one}" for one in near),
        *(f"anywhere {one}" for one in anywhere),
    ]


def kind_features(sentence: Sentence, first: int, last: int, rules: tuple[str, ...]) -> list[str]:
    """The features of a cue, for its kind: mostly its own words."""
    inside = [token.word for token in sentence.tokens[first:last]]
    follow = [token.word for token in sentence.tokens[last : last + 3]]
    before = sentence.tokens[first - 1].word if first else "<s>"
    return [
        f"words {' '.join(inside[:4])}",
        f"first {inside[0]}",
        f"last {inside[-1]}",
        f"-1 {before}",
        *(f"word {word}" for word in dict.fromkeys(inside)),
        *(f"stem {stem(word)}" for word in dict.fromkeys(inside)),
        *(f"two {a} {b}" for a, b in pairwise(inside)),
        *(f"near {word}" for word in dict.fromkeys(follow)),
        *(f"rule {rule}" for rule in rules),
    ]
