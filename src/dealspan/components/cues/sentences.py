"""The sentences of a Doc as the trained models of cues see them: words, with a sign for each amount, round and name."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Cue, Found

_TOKEN = re.compile(r"\w+(?:[’'-]\w+)*|[^\w\s]")
_SUMS = frozenset(f"<{role}>" for role in ("raised", "total", "fund", "valuation", "valuation_pre", "valuation_post"))
LONGEST = 150
"""Tokens of a sentence that are read: more is no sentence of prose."""


class Token(NamedTuple):
    """A word, or an amount, a round type or a name as one: its stretch, what is read, and its first letter's shape."""

    start: int
    end: int
    word: str
    shape: str


class Sentence(NamedTuple):
    """A sentence with the cues that patterns found in it, and what there is of financing in it and around it."""

    start: int
    end: int
    tokens: list[Token]
    cues: list[Found[Cue]]
    section: str
    financing: str
    before: str
    behind: str
    text: str


def sentences(doc: Doc, cues: Sequence[Found[Cue]], chosen: Sequence[int], words: frozenset[str]) -> Iterator[Sentence]:
    """Yield those sentences of a Doc whose numbers are `chosen`; `words` are the words that speak of a financing."""
    text = annotations.text_of(doc)
    lower = annotations.lower_case(text)
    bounds = annotations.sentences_of(doc)
    amounts, roles = annotations.read(doc, "money"), annotations.read(doc, "amount_roles")
    signs = [(m.start, m.end, f"<{r.value}>") for m, r in zip(amounts, roles, strict=False)]
    for layer in ("rounds", "names"):
        signs += [(f.start, f.end, f"<{f.label.lower()}>") for f in annotations.read(doc, layer)]
    signs.sort(key=lambda sign: (sign[0], -sign[1]))
    starts = [sign[0] for sign in signs]
    cue_starts = [cue.start for cue in cues]
    sections = annotations.read(doc, "sections")
    section_starts = [section.start for section in sections]
    raised = sum(role.value == "raised" for role in roles)
    whole = f"{min(3, raised)} {bool(annotations.read(doc, 'rounds'))}"

    def inside(number: int) -> list[tuple[int, int, str]]:
        start, end = bounds[number]
        return signs[bisect_left(starts, start) : bisect_left(starts, end)]

    def beside(number: int) -> str:
        return _financing({sign for _, _, sign in inside(number)}, words) if 0 <= number < len(bounds) else "none"

    for number in chosen:
        start, end = bounds[number]
        section = bisect_left(section_starts, start + 1) - 1
        tokens = list(islice(_tokens(text, lower, start, end, inside(number)), LONGEST))
        yield Sentence(
            start,
            end,
            tokens,
            list(cues[bisect_left(cue_starts, start) : bisect_left(cue_starts, end)]),
            sections[section].label if section >= 0 else "BODY",
            _financing({token.word for token in tokens}, words),
            beside(number - 1),
            beside(number + 1),
            whole,
        )


def financings(doc: Doc) -> Iterator[int]:
    """Yield where a Doc tells of a sum that is raised or valued, or of a round type."""
    for money, role in zip(annotations.read(doc, "money"), annotations.read(doc, "amount_roles"), strict=False):
        if f"<{role.value}>" in _SUMS:
            yield money.start
    for found in annotations.read(doc, "rounds"):
        yield found.start


def _tokens(text: str, lower: str, start: int, end: int, signs: Sequence[tuple[int, int, str]]) -> Iterator[Token]:
    position = start
    for first, last, sign in (*signs, (end, end, "")):
        if first < position or last > end:
            continue
        for match in _TOKEN.finditer(lower, position, first):
            letter = text[match.start()]
            shape = "X" if letter.isupper() else "9" if letter.isdigit() else "x" if letter.isalpha() else "-"
            yield Token(match.start(), match.end(), "0" if shape == "9" else match.group(), shape)
        if sign:
            yield Token(first, last, sign, "S")
        position = last


def _financing(found: set[str], words: frozenset[str]) -> str:
    """The clearest sign of a financing among the tokens of a sentence."""
    if "<raised>" in found:
        return "raised"
    if not _SUMS.isdisjoint(found):
        return "valued"
    if "<round>" in found:
        return "round"
    if not words.isdisjoint(found):
        return "word"
    return "other" if "<other>" in found else "nothing"


def speaks_of_money(token: Token, words: frozenset[str]) -> bool:
    """Whether a token is an amount, a round type or a word of financing."""
    return token.word in _SUMS or token.word in ("<round>", "<other>") or token.word in words
