"""The gate before the pipeline: which documents, and which of their paragraphs, can hold a financing.

It reads raw text, at a small part of the cost of the pipeline. Phrases that name a financing and sums tell which
paragraphs may hold one, a first model what their words say, a second one what that means beside the rest of the text: a
loan of $12 million is another thing below "closes seed round" than in the results of a bank. A document without a
paragraph that is likely enough is answered empty.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dealspan.annotations import lower_case
from dealspan.gate.excerpts import Excerpt, excerpt, whole
from dealspan.gate.features import LEAST, context_of, words_of
from dealspan.gate.paragraphs import Paragraph, paragraphs
from dealspan.gate.phrases import Said, Says, said
from dealspan.loglinear import LogLinear, joined, model_file, read_models

__all__ = ["Excerpt", "Gate", "read_gate", "whole"]

CLASSES = ("other", "financing")
"""What a paragraph is to the models."""
MODELS = ("words", "context")
"""Their names in the file."""
FIRST = -5.5
"""The log odds by its words that one of the paragraphs which say most must have, or the others are not asked about. In
cross-validation over the training part no deal is lost by it; a third fewer words are asked about."""
OPEN = -2.9
"""The log odds from which a paragraph opens the gate. In cross-validation over the training part it stays shut before 3
of 3,273 deals, before none of 443 in the development part, and 21 % of the words of mixed news are in documents that
open it; from -3.2, 3 deals and 25 %; from -2.5, 11 deals and 17 %. No more than one deal in 500 is to be lost."""
PART = -2.8
"""The log odds from which a paragraph is read where not all is, beside the most likely one. With what it leans on and
the next two constants 8 % of the words of mixed news are read. In cross-validation 5 of 3,273 deals are in paragraphs
that are not, shut documents included; from -2.4, 6 deals and a tenth fewer words."""
PLAINLY, FEW = -1.0, 2
"""The log odds by its words with which one of the first few paragraphs with a clear phrase opens the gate alone: what
stands beside it never shuts it then (of the texts of the corpus and of mixed news none), and most of a text on a
financing, of which every paragraph has something to say of sums, is not asked about."""
SURE, DENSE = -0.5, 0.15
"""A document is read whole where paragraphs with log odds from the first have the second share of its characters."""


class Phrased(NamedTuple):
    """The paragraphs of a text, what their phrases say, and the text in lower case."""

    found: list[Paragraph]
    said: list[Said]
    lower: str

    def odds(self, words: LogLinear, places: Sequence[int]) -> list[float]:
        """The log odds of some paragraphs by their words."""
        return log_odds(words, [words_of(self.lower[slice(*self.found[i])]) for i in places])


def phrased(text: str) -> Phrased:
    """Read the phrases of a text."""
    found = paragraphs(text)
    lower = lower_case(text)
    return Phrased(found, said(lower, found), lower)


class Judged(NamedTuple):
    """The paragraphs of a text, what their phrases say, and the log odds by their words."""

    found: list[Paragraph]
    said: list[Said]
    odds: list[float]

    @property
    def asked(self) -> list[int]:
        """Which paragraphs may open the gate."""
        return [i for i, one in enumerate(self.odds) if one > LEAST]

    @property
    def context(self) -> list[list[int]]:
        """What the second model sees of those."""
        return context_of(self.found, self.said, self.odds, self.asked)


def judged(text: Phrased, words: LogLinear) -> Judged:
    """Judge the paragraphs of a text by their phrases and words."""
    found, says, _ = text
    odds = [LEAST] * len(found)

    def ask(places: Sequence[int]) -> None:
        for i, one in zip(places, text.odds(words, places), strict=True):
            odds[i] = max(one, LEAST + 0.01)

    first = [i for i, one in enumerate(says) if one.says >= Says.LIKELY or (one.says and one.sum)]
    ask(first)
    if any(odds[i] >= FIRST for i in first):
        ask([i for i, one in enumerate(says) if odds[i] == LEAST and (one.says or one.sum)])
        return Judged(found, says, odds)
    return Judged(found, says, [LEAST] * len(found))


def log_odds(model: LogLinear, rows: Sequence[Sequence[int]]) -> list[float]:
    """The log odds of examples to be a financing."""
    if not rows:
        return []
    found = model.judge(joined(rows))
    odds: list[float] = (found[:, 1] - found[:, 0]).tolist()
    return odds


class Gate(NamedTuple):
    """The gate with its models: of the words of a paragraph, and of a paragraph beside the others."""

    words: LogLinear
    context: LogLinear

    def opened(self, text: str) -> tuple[list[Paragraph], list[float]]:
        """The paragraphs of a text and the log odds that each holds a financing."""
        read = phrased(text)
        return read.found, self._odds(read)

    def _odds(self, text: Phrased) -> list[float]:
        one = judged(text, self.words)
        odds = [LEAST] * len(one.found)
        if one.asked:
            for i, found in zip(one.asked, log_odds(self.context, one.context), strict=True):
                odds[i] = found
        return odds

    def documents(self, text: str) -> Excerpt | None:
        """The whole text, or None where it cannot hold a financing."""
        read = phrased(text)
        clear = [i for i, one in enumerate(read.said) if one.says is Says.CLEAR]
        plainly = any(read.odds(self.words, [i])[0] >= PLAINLY for i in clear[:FEW])
        return whole(text) if plainly or max(self._odds(read), default=LEAST) >= OPEN else None

    def paragraphs(self, text: str) -> Excerpt | None:
        """The paragraphs of a text that can hold a financing with what they lean on, or None where there are none.

        That is the headline, and the paragraph before each: there is the company of "It raised $5 million". Where a
        large part of a text can, all is read.
        """
        found, odds = self.opened(text)
        best = max(odds, default=LEAST)
        if best < OPEN:
            return None
        read = [one >= min(PART, best) for one in odds]
        sizes = [end - start for start, end in found]
        if sum(size for size, one in zip(sizes, odds, strict=True) if one >= SURE) >= DENSE * sum(sizes):
            return whole(text)
        leans = [one or after for one, after in zip(read, [*read[1:], False], strict=True)]
        return excerpt(text, [place for i, place in enumerate(found) if i == 0 or leans[i]])


@cache
def read_gate(model: str = "trained") -> Gate:
    """Read the gate of a model: the shipped one, or that of a folder of models if it has one.

    Raises
    ------
    ValueError
        Where its file does not hold its models.

    """
    own = Path(model) / "gate.npz"
    path = own if own.exists() else model_file("gate")
    models = read_models(path)
    if not all(name in models and models[name].classes == CLASSES for name in MODELS):
        raise ValueError(f"{path}: holds no models of a gate; make them with `dealspan train`")
    return Gate(*(models[name] for name in MODELS))
