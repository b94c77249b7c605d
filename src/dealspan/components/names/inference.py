"""The tagger's network for prediction alone: what thinc's layers compute, in half the time.

The first layer is linear in each embedding before its maximum is taken: the embeddings are multiplied by its weights
beforehand, and their sums are kept for words and places, which come again and again. Behind it a column is a token, so
that the pieces of a maxout, and what each token is divided by, lie in whole rows, over which numpy is three times as
fast. A test compares it with the layers that were trained.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from thinc.api import Model, NumpyOps

from dealspan.components.names.columns import LEXEME, PLACE, Columns, Tokens, known_only
from dealspan.components.names.kept import Kept

Floats = npt.NDArray[np.float32]
_PIECES = 3
_CANDIDATE, _SECTION = (len(LEXEME) + PLACE.index(name) for name in ("candidate", "section"))
_WORDS, _PLACES = 10_000, 4_000
"""Words and places whose sums are kept, 11 MB; the 45 articles of the development gold hold 3,500 and 1,000."""


class Dense:
    """A maxout layer with the normalisation behind it."""

    def __init__(self, maxout: Any, norm: Any) -> None:
        weights, bias = maxout.get_param("W"), maxout.get_param("b")  # (out, pieces, in), (out, pieces)
        self.width = weights.shape[0]
        self.weights = np.ascontiguousarray(weights.transpose(1, 0, 2).reshape(-1, weights.shape[2]))
        self.bias = np.ascontiguousarray(bias.T.reshape(-1, 1))
        self._mean = np.full(self.width, 1 / self.width, dtype=np.float32)  # `mean` takes five times as long
        self._scale, self._shift = norm.get_param("G")[:, None], norm.get_param("b")[:, None]

    def __call__(self, inputs: Floats) -> Floats:
        """What the layer makes of its inputs, (in, tokens)."""
        scores = self.weights @ inputs
        scores += self.bias
        return self.normalised(scores)

    def normalised(self, scores: Floats) -> Floats:
        """Take the maximum of the pieces and normalise it; `scores` are (pieces x out, tokens) and are changed."""
        best = scores[: self.width]
        for piece in range(1, _PIECES):
            np.maximum(best, scores[piece * self.width : (piece + 1) * self.width], out=best)
        best -= self._mean @ best
        spread = self._mean @ np.square(best)
        best *= 1 / np.sqrt(spread + 1e-8)
        best *= self._scale
        best += self._shift
        return best


class Inference:
    """The layers of a trained network, as `name_tagger` stacks them, made ready for prediction."""

    def __init__(self, network: Model[Any, Any]) -> None:
        nodes: list[Any] = list(network.walk())
        self._ops = NumpyOps()
        maxouts = [node for node in nodes if node.name == "maxout"]
        norms = [node for node in nodes if node.name == "layernorm"]
        self._first, *self._windows = [Dense(one, other) for one, other in zip(maxouts, norms, strict=True)]
        hashed = [node for node in nodes if node.name == "hashembed"]
        tables = [node.get_param("E") for node in (*hashed, *(node for node in nodes if node.name == "embed"))]
        weights = np.split(self._first.weights.T, np.cumsum([table.shape[1] for table in tables])[:-1])
        multiplied = [table @ weight for table, weight in zip(tables, weights, strict=True)]
        self._seeds = [node.attrs["seed"] for node in hashed]
        self._lexemes, self._places = multiplied[: len(hashed)], multiplied[len(hashed) :]
        self._of_words, self._of_places = Kept(_WORDS), Kept(_PLACES)
        nothing = np.zeros((1, len(LEXEME) + len(PLACE)), dtype=np.uint64)
        self._empty = self._embedded(nothing, nothing[0])[:, :-1] + self._placed(nothing[:, len(LEXEME) :])
        (head,) = [node for node in nodes if node.name == "softmax"]
        self._head, self._head_bias = head.get_param("W"), head.get_param("b")

    def __call__(self, tokens: Tokens, table: Columns, norms: Columns) -> Floats:
        """The probability of each tag, (tokens, tags); `norms` are those that the network knows.

        Of tokens far from any capital within a sentence, candidate and unknown word it is not asked: they are outside.
        Of those near some it is what the trained network says.
        """
        depth = len(self._windows)
        words = self._of_words.rows(_keys(tokens.lexemes), lambda new: self._embedded(tokens.lexemes[new], norms))
        opening = table[:, _SECTION] % 2 == 1  # see `columns`
        capital = (tokens.orths != tokens.lowers)[tokens.word] & ~opening
        told = capital | (words[:, -1] > 0)[tokens.word] | (table[:, _CANDIDATE] > 0)
        asked = _widened(told, depth)
        read = np.flatnonzero(_widened(asked, depth))
        out = np.zeros((len(table), len(self._head_bias)), dtype=np.float32)
        out[:, 0] = 1
        if len(read):
            answered = asked[read]
            scores = words.take(tokens.word[read], axis=0)[:, :-1]
            scores += self._of_all(table[read, len(LEXEME) :])
            out[read[answered]] = self._tagged(scores)[answered]
        return out

    def _of_all(self, places: Columns) -> Floats:
        """What the first layer makes of the places of tokens, of which four in five stand in equal places."""
        keys = _keys(places)
        first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        number = {key: i for i, key in enumerate(first)}
        distinct = places[list(first.values())]
        rows = self._of_places.rows(list(first), lambda new: self._placed(distinct[new]))
        return rows.take([number[key] for key in keys], axis=0)

    def _tagged(self, scores: Floats) -> Floats:
        """The probabilities of tokens; `scores` are the sums of their embeddings."""
        pad = len(self._windows)  # so many empty tokens stand on either side, as they do in training
        padded = np.empty((scores.shape[1], len(scores) + 2 * pad), dtype=np.float32)
        padded[:, :pad] = padded[:, pad + len(scores) :] = self._empty.T
        padded[:, pad : pad + len(scores)] = scores.T
        state = self._first.normalised(padded)
        for window in self._windows:
            beside = np.empty((3 * window.width, state.shape[1]), dtype=np.float32)
            beside[: window.width, 1:], beside[: window.width, 0] = state[:, :-1], 0
            beside[window.width : 2 * window.width] = state
            beside[2 * window.width :, :-1], beside[2 * window.width :, -1] = state[:, 1:], 0
            state += window(beside)
        scores = self._head @ state[:, pad : -pad or None]
        scores += self._head_bias[:, None]
        scores -= scores.max(axis=0)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=0)
        result: Floats = scores.T
        return result

    def _embedded(self, lexemes: Columns, norms: Columns) -> Floats:
        """What the first layer makes of lexemes, with its bias, and whether they are unknown, (lexemes, scores + 1)."""
        known = known_only(lexemes, norms)
        out = np.zeros((len(known), len(self._first.bias) + 1), dtype=np.float32)
        out[:, :-1] = self._first.bias[:, 0]
        for i, (table, seed) in enumerate(zip(self._lexemes, self._seeds, strict=True)):
            hashes = self._ops.hash(np.ascontiguousarray(known[:, i]), seed) % len(table)
            out[:, :-1] += self._ops.gather_add(table, hashes)
        out[:, -1] = known[:, 0] == 0
        return out

    def _placed(self, places: Columns) -> Floats:
        """What the first layer makes of places, (places, pieces x out)."""
        out = np.zeros((len(places), len(self._first.bias)), dtype=np.float32)
        for i, table in enumerate(self._places):
            out += table[places[:, i].astype(np.intp)]
        return out


def _keys(rows: Columns) -> list[bytes]:
    """Rows as keys of a dictionary."""
    whole: list[bytes] = np.ascontiguousarray(rows).view(f"V{rows.shape[1] * rows.itemsize}")[:, 0].tolist()
    return whole


def _widened(mask: npt.NDArray[np.bool_], by: int) -> npt.NDArray[np.bool_]:
    """A mask that also covers so many places on either side."""
    wide = mask.copy()
    for step in range(1, by + 1):
        wide[step:] |= mask[:-step]
        wide[:-step] |= mask[step:]
    return wide
