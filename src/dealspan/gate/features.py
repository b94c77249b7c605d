"""What the model of the gate sees of a paragraph in lower case: its words, pairs of them, and the words around sums."""

import re
from collections.abc import Iterator
from itertools import pairwise

_TOKEN = re.compile(r"[$€£¥₹]|\d[\d.,]*|\w+")
_SIGNS = frozenset("$€£¥₹")
_UNITS = frozenset(
    (
        "million", "billion", "crore", "crores", "lakh", "lakhs", "mln", "bln", "bn", "mn", "usd", "eur", "gbp", "inr",
        "rs", "dollars", "euros", "pounds", "kronor", "yen", "yuan", "rupees", "won", "francs", "rand", "chf", "sek",
        "nok", "dkk", "zł", "rmb", "aud", "cad",
    )
)  # fmt: skip
NEAR, BESIDE = 12, 5
"""How many tokens from a sum a word is near it, and beside it."""


def features(lower: str) -> list[str]:
    """The features of a paragraph, each once."""
    words = ["#" if word[0].isdigit() else word for word in _TOKEN.findall(lower)]
    return [*{*words, *map("_".join, pairwise(words)), *_around(words)}]


def _around(words: list[str]) -> Iterator[str]:
    """The words around each sum, and on which side of it they stand where they are beside it."""
    for i, word in enumerate(words):
        if word in _SIGNS or (word in _UNITS and i and words[i - 1] == "#"):
            yield "<sum>"
            for j in range(max(0, i - NEAR), min(len(words), i + NEAR + 2)):
                yield f"{words[j]}@"
                if -BESIDE <= j - i <= BESIDE + 1:
                    yield f"{words[j]}{'<' if j < i else '>'}"
