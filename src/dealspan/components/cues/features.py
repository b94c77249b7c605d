"""What the trained models of cues see, as strings: of a token, of a candidate, of a cue whose kind is asked."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from dealspan.components.cues.sentences import Sentence, Token, speaks_of_money

_EDGE = Token(0, 0, "<s>", "-")
_QUOTES = '“”"'
AHEAD = 10
"""Tokens behind a candidate in which a financing is looked for."""
FAR = 6
"""Distances of a financing are told up to so many tokens."""


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


def token_features(sentence: Sentence, words: frozenset[str], chosen: Sequence[int]) -> Iterator[list[str]]:
    """Yield the features of those tokens of a sentence whose numbers are `chosen`."""
    tokens = sentence.tokens
    padded = [_EDGE, _EDGE, *tokens, _EDGE, _EDGE]
    money = [i for i, token in enumerate(tokens) if speaks_of_money(token, words)]
    patterns = _patterns(sentence)
    quotes = [i for i, token in enumerate(tokens) if token.word in _QUOTES]
    for i in chosen:
        quoted = bisect_right(quotes, i) % 2
        (_, _, far, _), (_, _, last, last_shape), (_, _, word, shape), (_, _, next_, next_shape), (_, _, then, _) = (
            padded[i : i + 5]
        )
        k = bisect_left(money, i + 1)
        ahead = min(FAR, money[k] - i) if k < len(money) else 9
        here = bisect_left(money, i)
        behind = min(FAR, i - money[here - 1]) if here else 9
        yield [
            f"0 {word}",
            f"-1 {last}",
            f"-2 {far}",
            f"1 {next_}",
            f"2 {then}",
            f"-1 0 {last} {word}",
            f"0 1 {word} {next_}",
            f"-1 0 1 {last} {word} {next_}",
            f"0 1 2 {word} {next_} {then}",
            f"-2 -1 0 {far} {last} {word}",
            f"stem 0 {stem(word)}",
            f"end 0 {word[-3:]}",
            f"shape {last_shape} {shape} {next_shape}",
            f"pattern 0 {patterns.get(i)}",
            f"pattern -1 {patterns.get(i - 1)}",
            f"quoted {quoted} {word}",
            f"section {sentence.section} {word}",
            f"financing {sentence.financing} {word}",
            f"text {sentence.text}",
            f"ahead {ahead} {tokens[money[k]].word if k < len(money) else None}",
            f"ahead {ahead} of {word}",
            f"behind {behind} {tokens[money[here - 1]].word if here else None}",
            f"behind {behind} of {word}",
        ]


def _patterns(sentence: Sentence) -> dict[int, str]:
    """By token, the pattern that it is part of."""
    found = {}
    for cue in sentence.cues:
        begun = False
        for i, token in enumerate(sentence.tokens):
            if token.start < cue.end and cue.start < token.end:
                found[i] = f"{'I' if begun else 'B'} {cue.label} {cue.rule}"
                begun = True
    return found


def candidate_features(sentence: Sentence, candidate: Candidate, words: frozenset[str]) -> list[str]:
    """The features of a candidate."""
    tokens = sentence.tokens
    inside = [token.word for token in tokens[candidate.first : candidate.last]]
    before = tokens[candidate.first - 1].word if candidate.first else "<s>"
    follow = tokens[candidate.last].word if candidate.last < len(tokens) else "<s>"
    ahead = {t.word for t in tokens[candidate.last : candidate.last + AHEAD] if speaks_of_money(t, words)}
    anywhere = {t.word for t in tokens if t.shape == "S" or t.word in words}
    near = {stem(t.word) for t in tokens[candidate.last : candidate.last + 4]}
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
