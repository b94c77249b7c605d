"""What the tagger sees of each token: its lexeme, and what lists, rules and other components say of the place it is in.

Every column is an array of numbers, one a token. The first four are spaCy's lexeme attributes; the others are values of
few kinds ("begins a candidate that a list calls a place"), each told by its hash.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from dealspan.components.names.candidates import Candidate
from dealspan.components.names.lexicon import Kind, Lexicon, key

LEXEME = ("NORM", "PREFIX", "SUFFIX", "SHAPE")
PLACE = ("layer", "section", "kind", "candidate", "candidate_shape", "rule", "word", "capitals")
"""What is known of the place of a token, a column each."""
VALUES = 1024
"""Rows of the embedding of a column of `PLACE`; the columns hold some 20 to 60 values."""

Columns = npt.NDArray[np.uint64]


class Tokens(NamedTuple):
    """The tokens of a text: where each starts and ends, its lexeme attributes (tokens, 4), and the words by number.

    `word` (tokens,) are indices into `words`, the distinct words as written.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    lexemes: Columns
    word: npt.NDArray[np.intp]
    words: Sequence[str]


def tokens_of(doc: Doc) -> Tokens:
    """Read the tokens of a Doc."""
    table = doc.to_array(["IDX", "LENGTH", "ORTH", *LEXEME]).astype(np.uint64).reshape(len(doc), 3 + len(LEXEME))
    starts = table[:, 0].astype(np.int64)
    distinct, word = np.unique(table[:, 2], return_inverse=True)
    strings = doc.vocab.strings
    return Tokens(
        starts.tolist(),
        (starts + table[:, 1].astype(np.int64)).tolist(),
        table[:, 3:],
        word.reshape(-1),
        [strings[orth] for orth in distinct.tolist()],
    )


class Place(NamedTuple):
    """What other components found in a text: where sentences start, stretches with their layer, and the sections."""

    openings: frozenset[int]
    layers: Sequence[tuple[int, int, str]]
    sections: Sequence[tuple[int, str]]


def columns(
    tokens: Tokens,
    candidates: Sequence[Candidate],
    decided: Sequence[tuple[Kind, str]],
    place: Place,
    lexicon: Lexicon,
) -> Columns:
    """The columns of a text, (tokens, 12); `decided` is what the rules take each candidate for, and why."""
    number = len(tokens.starts)
    out = np.zeros((number, len(PLACE)), dtype=np.uint64)
    column = dict(zip(PLACE, out.T, strict=True))

    def span(start: int, end: int) -> slice:
        return slice(bisect_right(tokens.ends, start), bisect_left(tokens.starts, end))

    for start, end, name in place.layers:
        column["layer"][span(start, end)] = _value(name)
    for start, name in place.sections:  # each up to the next, which writes over the rest
        column["section"][bisect_right(tokens.ends, start) :] = _value(name)
    for opening in place.openings:
        column["section"][bisect_left(tokens.starts, opening) : bisect_left(tokens.starts, opening) + 1] += 1
    for candidate, (kind, rule) in zip(candidates, decided, strict=True):
        inside = span(candidate.start, candidate.end)
        size = inside.stop - inside.start
        if size <= 0:
            continue
        known = lexicon.known.get(key(candidate.text), ("", "-"))[1]
        column["kind"][inside] = _value(f"in {kind}")
        column["kind"][inside.start] = _value(f"at {kind}")
        column["candidate"][inside] = _value(f"in {known}")
        column["candidate"][inside.stop - 1] = _value(f"end {known}")
        column["candidate"][inside.start] = _value(f"{'at' if size > 1 else 'all'} {known}")
        column["candidate_shape"][inside] = _value(
            f"{min(size, 5)} {candidate.opening} {candidate.titled} {candidate.person}"
        )
        column["rule"][inside] = _value(rule)
    counts = np.bincount(tokens.word, minlength=len(tokens.words)).clip(max=4).tolist()
    written = set(tokens.words)
    of_words = [
        _of_word(one, count, one.lower() in written, lexicon.words, lexicon.given_names)
        for one, count in zip(tokens.words, counts, strict=True)
    ]
    column["word"][:], column["capitals"][:] = np.array(of_words, dtype=np.uint64).reshape(-1, 2)[tokens.word].T
    return np.concatenate([tokens.lexemes, out], axis=1)


@lru_cache(maxsize=50_000)
def _of_word(word: str, count: int, lower: bool, words: frozenset[str], given_names: frozenset[str]) -> tuple[int, int]:
    """Whether it is an ordinary word, is written small elsewhere, or is a given name; how often it is capitalised."""
    capital = word[:1].isupper()
    bare = word.lower()
    kind = _value(f"{capital} {bare in words} {lower} {bare in given_names}")
    return kind, _value(f"{count if capital else 0} {capital} {word.isupper()}")


@lru_cache(maxsize=4096)
def _value(name: str) -> int:
    """The row of a value; even, so that what opens a sentence is told by the odd row behind it."""
    return crc32(name.encode()) % (VALUES // 2) * 2


def known_only(table: Columns, norms: Columns) -> Columns:
    """The columns with 0 for the norm of every word that is not among `norms` (sorted)."""
    out = table.copy()
    at = np.searchsorted(norms, out[:, 0]).clip(max=max(0, len(norms) - 1))
    out[norms[at] != out[:, 0], 0] = 0
    return out


def frequent(tables: Iterable[Columns], least: int) -> Columns:
    """The norms that stand in at least so many of the texts, sorted."""
    seen = np.concatenate([np.unique(table[:, 0]) for table in tables])
    norms, texts = np.unique(seen, return_counts=True)
    return norms[texts >= least]
