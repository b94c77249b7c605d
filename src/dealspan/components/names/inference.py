"""The tagger's network for prediction alone: what thinc's layers compute, in half the time.

Words that stand several times in a text are looked up once, and the pieces of a maxout stand apart, so that their
maximum is taken over whole rows. A test compares it with the layers that were trained.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from thinc.api import Model, NumpyOps

from dealspan.components.names.columns import LEXEME, PLACE, Columns, Tokens, known_only

Floats = npt.NDArray[np.float32]
_PIECES = 3
_CANDIDATE = len(LEXEME) + PLACE.index("candidate")


class Dense:
    """A maxout layer with the normalisation behind it."""

    def __init__(self, maxout: Any, norm: Any) -> None:
        weights, bias = maxout.get_param("W"), maxout.get_param("b")  # (out, pieces, in), (out, pieces)
        self.width = weights.shape[0]
        self.weights = np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(weights.shape[2], -1))
        self.bias = np.ascontiguousarray(bias.T.reshape(-1))
        self._mean = np.full(self.width, 1 / self.width, dtype=np.float32)  # `mean` takes five times as long
        self.scale, self.shift = norm.get_param("G"), norm.get_param("b")

    def __call__(self, scores: Floats) -> Floats:
        """Take the maximum of the pieces and normalise it; `scores` are (tokens, pieces x out) and are changed."""
        scores += self.bias
        best = scores[:, : self.width]
        for piece in range(1, _PIECES):
            np.maximum(best, scores[:, piece * self.width : (piece + 1) * self.width], out=best)
        centred = best - (best @ self._mean)[:, None]
        spread = np.einsum("ij,ij->i", centred, centred) / self.width + 1e-8
        centred *= (1 / np.sqrt(spread))[:, None]
        result: Floats = centred * self.scale + self.shift
        return result


class Inference:
    """The layers of a trained network, as `name_tagger` stacks them, made ready for prediction."""

    def __init__(self, network: Model[Any, Any]) -> None:
        nodes: list[Any] = list(network.walk())
        self._ops = NumpyOps()
        self._lexemes = [(node.get_param("E"), node.attrs["seed"]) for node in nodes if node.name == "hashembed"]
        self._places = [node.get_param("E") for node in nodes if node.name == "embed"]
        maxouts = [node for node in nodes if node.name == "maxout"]
        norms = [node for node in nodes if node.name == "layernorm"]
        self._first, *self._windows = [Dense(one, other) for one, other in zip(maxouts, norms, strict=True)]
        of_words = sum(table.shape[1] for table, _ in self._lexemes)
        self._word_weights, self._place_weights = np.split(self._first.weights, [of_words])
        (head,) = [node for node in nodes if node.name == "softmax"]
        self._head, self._head_bias = np.ascontiguousarray(head.get_param("W").T), head.get_param("b")

    def __call__(self, tokens: Tokens, table: Columns, norms: Columns) -> Floats:
        """The probability of each tag, (tokens, tags); `norms` are those that the network knows.

        Of tokens far from any capital, candidate and unknown word it is not asked: they are outside. Of those near
        some it is what the trained network says.
        """
        depth = len(self._windows)
        first = np.zeros(len(tokens.words), dtype=np.intp)
        first[tokens.word] = range(len(table))  # one place where each word stands
        known = known_only(table[first], norms)[:, : len(LEXEME)]
        telling = np.array([word != word.lower() for word in tokens.words]) | (known[:, 0] == 0)
        told = telling[tokens.word] | (table[:, _CANDIDATE] > 0)
        asked = _widened(told, depth)
        read = np.flatnonzero(_widened(asked, depth))
        out = np.zeros((len(table), len(self._head_bias)), dtype=np.float32)
        out[:, 0] = 1
        if len(read):
            answered = asked[read]
            words, word = np.unique(tokens.word[read], return_inverse=True)
            out[read[answered]] = self._tagged(word, table[read], known[words])[answered]
        return out

    def _tagged(self, word: npt.NDArray[np.intp], table: Columns, known: Columns) -> Floats:
        """The probabilities of tokens by their words and columns; `known` are the lexemes of the words."""
        pad = len(self._windows)  # so many empty tokens stand on either side, as they do in training
        lexemes = np.concatenate([np.zeros((1, len(LEXEME)), dtype=np.uint64), known])
        number = np.zeros(len(table) + 2 * pad, dtype=np.intp)
        number[pad : -pad or None] = word + 1
        places = np.zeros((len(number), len(PLACE)), dtype=np.intp)
        places[pad : -pad or None] = table[:, len(LEXEME) :]
        state = self._first(self._embedded(lexemes)[number] + self._placed(places))
        for window in self._windows:
            beside = np.zeros((len(state), 3 * window.width), dtype=np.float32)
            beside[1:, : window.width] = state[:-1]
            beside[:, window.width : 2 * window.width] = state
            beside[:-1, 2 * window.width :] = state[1:]
            state += window(beside @ window.weights)
        scores = state[pad : -pad or None] @ self._head
        scores += self._head_bias
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        result: Floats = scores / scores.sum(axis=1, keepdims=True)
        return result

    def _embedded(self, lexemes: Columns) -> Floats:
        """What the first layer makes of lexemes, (lexemes, pieces x out)."""
        parts: Sequence[Floats] = [
            self._ops.gather_add(table, self._ops.hash(np.ascontiguousarray(lexemes[:, i]), seed) % len(table))
            for i, (table, seed) in enumerate(self._lexemes)
        ]
        result: Floats = np.concatenate(parts, axis=1) @ self._word_weights
        return result

    def _placed(self, places: npt.NDArray[np.intp]) -> Floats:
        """What the first layer makes of places, (tokens, pieces x out); of five tokens four stand in equal places."""
        rows = places.astype(np.int16).view(f"V{2 * len(PLACE)}")[:, 0]
        _, chosen, place = np.unique(rows, return_index=True, return_inverse=True)
        parts = [table[places[chosen, i]] for i, table in enumerate(self._places)]
        result: Floats = (np.concatenate(parts, axis=1) @ self._place_weights)[place]
        return result


def _widened(mask: npt.NDArray[np.bool_], by: int) -> npt.NDArray[np.bool_]:
    """A mask that also covers so many places on either side."""
    wide = mask.copy()
    for step in range(1, by + 1):
        wide[step:] |= mask[:-step]
        wide[:-step] |= mask[step:]
    return wide
