"""What the tagger sees of each token: its lexeme, and what lists, rules and other components say of the place it is in.

Every column is an array of numbers, one a token. The first four are spaCy's lexeme attributes; the others are values of
few kinds ("begins a candidate that a list calls a place"), each told by its hash.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol
from zlib import crc32

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from dealspan.components.names.candidates import Candidate
from dealspan.components.names.kept import Kept
from dealspan.components.names.lexicon import Kind, Lexicon, key

LEXEME = ("NORM", "PREFIX", "SUFFIX", "SHAPE")
PLACE = ("layer", "section", "kind", "candidate", "candidate_shape", "rule", "word", "capitals")
"""What is known of the place of a token, a column each."""
VALUES = 1024
"""Rows of the embedding of a column of `PLACE`; the columns hold some 20 to 60 values."""
_OF_CANDIDATE, _OF_WORD = slice(2, 6), slice(6, 8)  # among the columns of `PLACE`
_COUNTED = 4  # how often a word stands is told up to so many times

WORDS = 20_000
"""Words of which is kept what is known of them, 1 MB; four in five words of a text are among the last so many."""

Column = npt.NDArray[np.uint64]
Columns = npt.NDArray[np.uint64]


class Strings(Protocol):
    """The strings of a vocabulary by their numbers."""

    def __getitem__(self, number: int) -> str: ...


class Tokens(NamedTuple):
    """The tokens of a text: where each starts and ends, and which of the distinct words it is.

    `word` (tokens,) are indices into the words: `orths` and `lowers` tell them as written and in lower case by their
    numbers in `strings`, `lexemes` (words, 4) are their attributes.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    word: npt.NDArray[np.intp]
    orths: Column
    lowers: Column
    lexemes: Columns
    strings: Strings

    @property
    def words(self) -> list[str]:
        """The distinct words as written."""
        return [self.strings[orth] for orth in self.orths.tolist()]


def tokens_of(doc: Doc) -> Tokens:
    """Read the tokens of a Doc."""
    attributes: list[int | str] = ["IDX", "LENGTH", "ORTH", "LOWER", *LEXEME]
    table = doc.to_array(attributes).astype(np.uint64).reshape(len(doc), len(attributes))
    starts = table[:, 0].astype(np.int64)
    written = table[:, 2].tolist()
    number = {orth: i for i, orth in enumerate(dict.fromkeys(written))}  # twice as fast as `np.unique`
    word = np.fromiter(map(number.__getitem__, written), np.intp, len(written))
    one = np.zeros(len(number), dtype=np.intp)
    one[word] = np.arange(len(written))  # a place where each word stands
    return Tokens(
        starts.tolist(),
        (starts + table[:, 1].astype(np.int64)).tolist(),
        word,
        table[one, 2],
        table[one, 3],
        table[one, 4:],
        doc.vocab.strings,
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
    opened = [bisect_left(tokens.starts, opening) for opening in place.openings]
    np.add.at(column["section"], [i for i in opened if i < number], 1)
    for candidate, (kind, rule) in zip(candidates, decided, strict=True):
        inside = span(candidate.start, candidate.end)
        size = inside.stop - inside.start
        if size > 0:
            known = lexicon.known.get(key(candidate.text), ("", "-"))[1]
            out[inside, _OF_CANDIDATE] = _of_candidate(
                size, kind, rule, known, candidate.opening, candidate.titled, candidate.person
            )
    out[:, _OF_WORD] = _of_words(tokens, lexicon)[tokens.word]
    return np.concatenate([tokens.lexemes[tokens.word], out], axis=1)


@lru_cache(maxsize=4096)
def _of_candidate(size: int, kind: Kind, rule: str, known: str, opening: bool, titled: bool, person: bool) -> Columns:
    """What the tokens of a candidate say of it, (size, 4)."""
    out = np.empty((size, 4), dtype=np.uint64)
    out[:, 0] = _value(f"in {kind}")
    out[0, 0] = _value(f"at {kind}")
    out[:, 1] = _value(f"in {known}")
    out[-1, 1] = _value(f"end {known}")
    out[0, 1] = _value(f"{'at' if size > 1 else 'all'} {known}")
    out[:, 2] = _value(f"{min(size, 5)} {opening} {titled} {person}")
    out[:, 3] = _value(rule)
    return out


def _of_words(tokens: Tokens, lexicon: Lexicon) -> Columns:
    """Of each word whether it is an ordinary word, is written small elsewhere, or is a given name; how often it stands.

    The rows that are kept hold the first for a word that is written small elsewhere and one that is not, and the second
    for each number of times.
    """
    kept = _facts(lexicon.words, lexicon.given_names)
    orths = tokens.orths.tolist()
    facts = kept.rows(orths, lambda new: _facts_of([tokens.strings[orths[i]] for i in new], lexicon))
    small = np.fromiter(map(set(orths).__contains__, tokens.lowers.tolist()), np.intp, len(orths))
    counts = np.bincount(tokens.word, minlength=len(orths)).clip(max=_COUNTED)
    every = np.arange(len(orths))
    return np.stack([facts[every, small], facts[every, 2 + counts]], axis=1)


@lru_cache(maxsize=4)
def _facts(words: frozenset[str], given_names: frozenset[str]) -> Kept:
    return Kept(WORDS)


def _facts_of(words: Sequence[str], lexicon: Lexicon) -> Columns:
    out = np.zeros((len(words), 2 + 1 + _COUNTED), dtype=np.uint64)
    for row, word in zip(out, words, strict=True):
        capital, bare = word[:1].isupper(), word.lower()
        row[:2] = [
            _value(f"{capital} {bare in lexicon.words} {small} {bare in lexicon.given_names}")
            for small in (False, True)
        ]
        row[2:] = [_value(f"{n if capital else 0} {capital} {word.isupper()}") for n in range(1 + _COUNTED)]
    return out


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
