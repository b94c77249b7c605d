"""The accurate tagger: a transformer encoder in place of the convolutional network, with the same tags.

The encoder is all-MiniLM-L6-v2 (uncased word pieces), fine-tuned by `dealspan teach`; what is known of the place of a
token is added to its word pieces. It reads windows of a text with some context on either side. Needs the extra
`accurate` (onnxruntime, tokenizers).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dealspan.components.names.columns import LEXEME, PLACE, Columns, Tokens
from dealspan.components.names.tagger import TAGS, Probabilities

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW, CONTEXT = 200, 50
"""Word pieces of a window, and of its context on either side."""
_MOST = 8  # word pieces of a token: a crafted run of letters is cut short
_BATCH = 16
_START, _END, _UNKNOWN, _LINE, _SPACE = 101, 102, 100, 1, 2
FORMS = 10
"""Kinds of casing that `form` tells apart: the encoder's word pieces are uncased."""
Numbers = npt.NDArray[np.int64]


class Window(NamedTuple):
    """A stretch of a text as the encoder takes it.

    `pieces` (n,) are word pieces with the encoder's marks at both ends, `places` (n, 9) what is known of each,
    `firsts` (k,) where the tokens `start` and after begin.
    """

    pieces: Numbers
    places: Numbers
    firsts: Numbers
    start: int


def form(word: str) -> int:
    """How a word is cased: blank, digits, with digits, small, capitals, one capital, Capitalised, mixed, none."""
    tests = (
        not word.strip(),
        word.isdigit(),
        any(letter.isdigit() for letter in word),
        word.islower(),
        len(word) > 1 and word.isupper(),
        word.isupper(),
        word[:1].isupper() and word[1:].islower(),
        word[:1].isupper(),
        any(letter.isupper() for letter in word),
    )
    return next((number for number, holds in enumerate(tests) if holds), FORMS - 1)


class WordPieces:
    """The word pieces of tokens, by the encoder's own vocabulary."""

    def __init__(self, vocabulary: "Tokenizer") -> None:
        vocabulary.no_truncation()
        vocabulary.no_padding()
        self._vocabulary = vocabulary
        self.of = lru_cache(maxsize=50_000)(self._of)

    def _of(self, word: str) -> tuple[int, ...]:
        if not word.strip():
            return (_LINE,) if "\n" in word else (_SPACE,)
        pieces = self._vocabulary.encode(word, add_special_tokens=False).ids
        return tuple(pieces[:_MOST]) or (_UNKNOWN,)


def windows(tokens: Tokens, table: Columns, pieces: WordPieces) -> Iterator[Window]:
    """Cut a text into windows; every token is in one."""
    words = tokens.words
    of_words = [pieces.of(word) for word in words]
    forms = np.array([form(word) for word in words], dtype=np.int64)
    run = [of_words[word] for word in tokens.word.tolist()]
    ends = np.cumsum([len(one) for one in run])
    starts = ends - [len(one) for one in run]
    ids = np.fromiter((piece for one in run for piece in one), dtype=np.int64)
    places = np.concatenate([table[:, len(LEXEME) :].astype(np.int64), forms[tokens.word][:, None]], axis=1)
    spread = np.repeat(places, ends - starts, axis=0)
    first, number = 0, len(run)
    while first < number:
        last = max(first + 1, int(np.searchsorted(ends, starts[first] + WINDOW, side="right")))
        low = int(np.searchsorted(starts, starts[first] - CONTEXT))
        high = int(np.searchsorted(ends, ends[last - 1] + CONTEXT, side="right"))
        inside = slice(int(starts[low]), int(ends[high - 1]))
        yield Window(
            np.concatenate([[_START], ids[inside], [_END]]),
            np.pad(spread[inside], ((1, 1), (0, 0))),
            starts[first:last] - starts[low] + 1,
            first,
        )
        first = last


def batch(found: Sequence[Window]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The word pieces, their mask, places and first pieces of some windows, padded to one length."""
    longest, most = max(len(one.pieces) for one in found), max(len(one.firsts) for one in found)
    ids, mask = (np.zeros((len(found), longest), dtype=np.int64) for _ in range(2))
    places = np.zeros((len(found), longest, len(PLACE) + 1), dtype=np.int64)
    firsts = np.zeros((len(found), most), dtype=np.int64)
    for row, one in enumerate(found):
        size = len(one.pieces)
        ids[row, :size], mask[row, :size], places[row, :size] = one.pieces, 1, one.places
        firsts[row, : len(one.firsts)] = one.firsts
    return ids, mask, places, firsts


class Encoder:
    """The exported encoder with its vocabulary."""

    def __init__(self, session: Any, pieces: WordPieces) -> None:
        self._session = session
        self._pieces = pieces

    def probabilities(self, tokens: Tokens, table: Columns) -> Probabilities:
        """The probability of each tag, (tokens, tags)."""
        out = np.zeros((len(table), len(TAGS)), dtype=np.float32)
        cut = sorted(windows(tokens, table, self._pieces), key=lambda one: len(one.pieces)) if len(table) else []
        for first in range(0, len(cut), _BATCH):
            group = cut[first : first + _BATCH]
            names = ("ids", "mask", "places", "firsts")
            (found,) = self._session.run(None, dict(zip(names, batch(group), strict=True)))
            for row, one in zip(found, group, strict=True):
                out[one.start : one.start + len(one.firsts)] = row[: len(one.firsts)]
        return out


def read_encoder(model: Path, vocabulary: Path) -> Encoder:
    """Read an exported encoder.

    Raises
    ------
    ImportError
        Where the extra `accurate` is not installed.
    ValueError
        Where a file is missing or is none of `dealspan teach`.

    """
    try:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ImportError(
            f"the accurate model needs {error.name}; install the extra: pip install 'dealspan[accurate]'"
        ) from None
    options = SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return Encoder(session, WordPieces(Tokenizer.from_file(str(vocabulary))))
    except Exception as error:  # whatever onnxruntime and tokenizers raise on files that are none of theirs
        raise ValueError(f"{model}: is no encoder ({error}); make one with `dealspan teach`") from None
