"""The paragraphs of a raw text: what the gate decides on."""

import re
from itertools import pairwise

Paragraph = tuple[int, int]
"""Where a paragraph starts and ends, in code points."""

_LINE = re.compile(r"[^\n]+")
_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]*\S[^\n]*)*")
_SENTENCE_END = re.compile(r"[.!?][\"”’)]?\s")
LONG, PART = 1200, 500
"""A paragraph longer than the first is cut at the ends of sentences into parts of about the second: a text without line
breaks would be one paragraph. In characters; nine in ten paragraphs of the corpus have fewer than 700."""
WRAPPED = 110
"""No line of a text that was wrapped by hand is longer than this, in characters."""


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text in order, without those that are blank."""
    found: list[Paragraph] = []
    for match in (_BLOCK if _wrapped(text) else _LINE).finditer(text):
        start, end = match.span()
        if end - start > LONG:
            cuts = [start]
            for stop in _SENTENCE_END.finditer(text, start, end):
                if stop.end() - cuts[-1] >= PART:
                    cuts.append(stop.end())
            found.extend(pair for pair in pairwise([*cuts, end]) if pair[0] < pair[1])
        elif not match.group().isspace():
            found.append((start, end))
    return found


def _wrapped(text: str) -> bool:
    """Whether the lines of a text were wrapped by hand, so that blank lines part its paragraphs."""
    if "\n\n" not in text:
        return False
    lines = text.split("\n")
    if max(map(len, lines)) > WRAPPED:
        return False
    full = [line for line, after in pairwise(lines) if line.strip() and after[:1].islower()]
    return len(full) * 5 > sum(1 for line in lines if line.strip())
