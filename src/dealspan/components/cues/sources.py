"""Who says what a cue hands on: a source that the text names, or people whom it does not."""

import re

from dealspan.annotations import Cue, Found
from dealspan.records import HedgeKind

_VERB = "wrote|writes|written|reported|reports|said|says|told|heard"
_PART = r"[A-Z][\w&’'-]*(?:\.[\w&’'-]+)*"
_NAME = rf"{_PART}(?: (?:(?:of|du|de|do|da|del|di|and|&) )?(?:{_PART}|\d+\b))*"
_NAMED = re.compile(_NAME)
_SAYING = re.compile(rf"\b(?:{_VERB}|according to|citing)\b")
_SAYS = re.compile(rf" (?:(?:has|had|have|first|also) )*(?:{_VERB})\b")
_TO = re.compile(r"\b(?:according to|citing) (?:the )?$", re.IGNORECASE)
_TOLD = re.compile(rf"\b(?:told|tells|tell) (?:the )?({_NAME})")
_UNNAMED = re.compile(
    r"\b(?:people|persons?|sources?|bankers?|brokers?|insiders?|investors?|analysts?|those|them|somebody|someone)\b"
)
# Capitalised words with which no source begins.
_NO_SOURCE = frozenset(
    (
        "According", "Citing", "Per", "By", "As", "The", "A", "An", "One", "Two", "Three", "People", "Sources", "In",
        "On", "At", "If", "This", "That", "I", "I'm", "I’m", "It", "He", "She", "We", "They", "Monday", "Tuesday",
        "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    )
)  # fmt: skip
FAR = 60
"""Characters behind a cue in which the name of its source may go on, or stand."""


def kind_of(words: str, learned: HedgeKind) -> HedgeKind:
    """What a cue says; who says something is told by its words, where the model hears what is said."""
    if not _SAYING.search(words):
        return learned
    if _UNNAMED.search(words):
        return "rumor"
    start, end = _source(words, 0, len(words))
    says = start >= 0 and (_SAYS.match(words, end) or _TO.search(words, 0, start))
    return "attribution" if says else learned


def whole_name(text: str, start: int, end: int, stop: int) -> int:
    """Where the name ends that a cue ends in: "according to the Gazeta" goes on with "do Povo"."""
    found = _NAMED.finditer(text, start, min(stop, end + FAR))
    return next((match.end() for match in found if start < match.start() < end < match.end()), end)


def with_source(text: str, cue: Found[Cue]) -> Found[Cue]:
    """A cue with the source that it names."""
    source = -1, -1
    if cue.value.kind == "attribution":
        source = _source(text, cue.start, cue.end)
    elif cue.value.kind == "rumor":  # "two people told The Ledger"
        told = _TOLD.search(text, cue.start, cue.end + FAR)
        if told and told.start() <= cue.end + 1:
            source = _source(text, *told.span(1))
    return cue._replace(value=cue.value._replace(source_start=source[0], source_end=source[1]))


def _source(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a source is named: the name that says something, or else the longest one."""
    named = []
    for match in _NAMED.finditer(text, start, end):
        first = match.start()
        words = match.group().split(" ")
        while words and words[0] in _NO_SOURCE:
            first += len(words.pop(0)) + 1
        if words:
            named.append((first, match.end()))
    return max(named, key=lambda one: (_SAYS.match(text, one[1]) is not None, one[1] - one[0]), default=(-1, -1))
