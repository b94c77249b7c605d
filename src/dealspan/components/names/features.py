"""What the model of candidates sees of one: its words, its neighbourhood, and what the rules say of it, as strings.

Strings that depend on a name alone (last word, shape) stand beside those of the context and of the whole text, so that
a model learns what surrounds a company rather than which companies there are.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dealspan.components.names.candidates import Candidate, title_case_lines
from dealspan.components.names.evidence import Evidence
from dealspan.components.names.lexicon import Kind, Lexicon, key

_TOKEN = re.compile(r"\w+(?:[’'-]\w+)*|[^\w\s]|\n")
_LONG = re.compile(r"\w{4,}")
_RUN = re.compile(r"(.)\1+")
BEFORE, BEHIND = 48, 60
"""Characters of context in which tokens are taken."""
TOKENS = 4
"""Tokens of context on either side."""
NEIGHBOUR = 25
"""Characters to the next candidate that still make it a neighbour."""
MONEY_STEP = 60
"""Distances to the nearest amount are told in steps of as many characters."""


class Occurrences(NamedTuple):
    """The candidates of one entity by their index, its fullest name, and the rules that fired for any of them."""

    members: Sequence[int]
    fullest: str
    rules: Sequence[str]


class Context(NamedTuple):
    """What is known of a text beside its candidates: where amounts and round types start, and its sections."""

    anchors: Sequence[int]
    sections: Sequence[tuple[int, str]]


def features(
    text: str,
    candidates: Sequence[Candidate],
    evidence: Sequence[Sequence[Evidence]],
    entities: Sequence[Occurrences],
    kinds: Sequence[Kind],
    context: Context,
    lexicon: Lexicon,
    chosen: Sequence[int] | None = None,
) -> Iterator[list[str]]:
    """Yield the features of the candidates that are `chosen`, or of all; `kinds` is what the rules take each for."""
    entity_of = {i: entity for entity in entities for i in entity.members}
    titled = title_case_lines(text)
    titled_starts = [start for start, _ in titled]
    section_starts = [start for start, _ in context.sections]
    for i in range(len(candidates)) if chosen is None else chosen:
        candidate = candidates[i]
        entity = entity_of[i]
        line = bisect_right(titled_starts, candidate.start) - 1
        section = bisect_right(section_starts, candidate.start) - 1
        yield [
            *_name("", candidate.text, lexicon),
            *_name("full ", entity.fullest, lexicon),
            *_around(text, candidate),
            *(f"here {one.rule}" for one in evidence[i]),
            *(f"anywhere {rule}" for rule in entity.rules),
            f"rules {kinds[i]}",
            f"known {lexicon.known.get(key(candidate.text), ('', '-'))[1]}",
            f"opens {candidate.opening} titled {candidate.titled} person {candidate.person}",
            f"occurs {min(len(entity.members), 6)}",
            f"title line {line >= 0 and candidate.start < titled[line][1]}",
            f"section {context.sections[section][1] if section >= 0 else '-'}",
            f"fifth {5 * candidate.start // max(1, len(text))}",
            f"anchor {_distance(context.anchors, candidate.start)}",
            *_neighbour(text, candidates, evidence, kinds, i, i - 1),
            *_neighbour(text, candidates, evidence, kinds, i, i + 1),
        ]


def _name(prefix: str, name: str, lexicon: Lexicon) -> list[str]:
    words = name.split()
    return [
        f"{prefix}shape {_shape(name)}",
        f"{prefix}first {words[0].lower()}",
        f"{prefix}last {words[-1].lower()}",
        f"{prefix}suffix {words[-1][-3:].lower()}",
        f"{prefix}given {words[0].casefold() in lexicon.given_names} of {len(words)}",
        f"{prefix}word {len(words) == 1 and name.lower() in lexicon.words}",
    ]


@lru_cache(maxsize=20_000)
def _shape(name: str) -> str:
    """The letters of a name as X, x and 9, of a run only the first, and of all the first twelve."""
    shape = "".join("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in name)
    return _RUN.sub(r"\1+", shape)[:12]


def _around(text: str, candidate: Candidate) -> list[str]:
    """The tokens before and behind, by their place and as a bag."""
    low, high = max(0, candidate.start - BEFORE), candidate.end + BEHIND
    before = [token.lower() for token in _TOKEN.findall(text[low : candidate.start])][: -TOKENS - 1 : -1]
    behind = [token.lower() for token in _TOKEN.findall(text[candidate.end : high])][:TOKENS]
    out = [f"before {n} {token}" for n, token in enumerate(before)] + [f"before {token}" for token in before]
    out += [f"behind {n} {token}" for n, token in enumerate(behind)] + [f"behind {token}" for token in behind]
    out += [f"between {' '.join(before[:1])} {' '.join(behind[:1])}", f"before two {' '.join(before[:2])}"]
    return [*out, f"behind two {' '.join(behind[:2])}"]


def _distance(anchors: Sequence[int], start: int) -> int:
    """The steps to the nearest amount or round type; 4 stands for more."""
    i = bisect_left(anchors, start)
    return min([4, *(abs(anchor - start) // MONEY_STEP for anchor in anchors[max(0, i - 1) : i + 1])])


def _neighbour(
    text: str,
    candidates: Sequence[Candidate],
    evidence: Sequence[Sequence[Evidence]],
    kinds: Sequence[Kind],
    i: int,
    other: int,
) -> list[str]:
    """What stands between a candidate and the next one on a side, and what that is."""
    if not 0 <= other < len(candidates):
        return []
    side = other - i
    first, second = (candidates[i], candidates[other]) if side > 0 else (candidates[other], candidates[i])
    gap = text[first.end : second.start]
    if len(gap) >= NEIGHBOUR or "\n" in gap:
        return []
    glue = _LONG.sub("W", gap.strip().lower())
    return [
        f"glue {side} {glue}",
        f"next {side} {glue} {kinds[other]}",
        *(f"next {side} {one.rule}" for one in evidence[other][:4]),
    ]
