r"""Mentions marked inline: `[COMPANY Novena] raises [MONEY $5m]`.

A literal bracket is written `\[` or `\]`. A hedge may hold another mention; nothing else nests.
"""

from collections.abc import Collection

Span = tuple[str, int, int]
"""A label with the code points it covers, end exclusive."""


class MarkupError(ValueError):
    """Markup that cannot be read: says what and at which character of the marked text."""


def parse(marked: str, labels: Collection[str]) -> tuple[str, list[Span]]:
    """Return the bare text of a marked one and its spans in text order, the outer before the inner.

    Raises
    ------
    MarkupError
        Where a label is unknown, a bracket stays open, closes nothing or nests where it must not, or marks white space.

    """
    text: list[str] = []
    spans: list[Span] = []
    opened: list[tuple[str, int]] = []
    i = 0
    while i < len(marked):
        char = marked[i]
        if char == "\\" and marked[i + 1 : i + 2] in ("[", "]"):
            text.append(marked[i + 1])
            i += 2
        elif char == "[":
            label = marked[i + 1 : i + 40].partition(" ")[0]
            if label not in labels:
                raise MarkupError(f"{_place(marked, i)}: {label!r} is no label; choose one of: {', '.join(labels)}")
            if opened and (opened[-1][0] != "HEDGE" or len(opened) > 1):
                raise MarkupError(f"{_place(marked, i)}: a bracket in a bracket; only a HEDGE may hold another mention")
            opened.append((label, len(text)))
            i += len(label) + 2
        elif char == "]":
            if not opened:
                raise MarkupError(f"{_place(marked, i)}: closes no bracket; write a literal one as \\]")
            label, start = opened.pop()
            held = "".join(text[start:])
            if not held or held != held.strip() or "\n" in held:
                raise MarkupError(f"{_place(marked, i)}: {label} marks {held!r}; mark words without space around them")
            spans.append((label, start, len(text)))
            i += 1
        else:
            text.append(char)
            i += 1
    if opened:
        raise MarkupError(f"{opened[0][0]} is not closed before the end")
    return "".join(text), sorted(spans, key=lambda span: (span[1], -span[2]))


def _place(marked: str, i: int) -> str:
    line = marked.count("\n", 0, i) + 1
    return f"line {line} of the text, at {marked[max(0, i - 15) : i + 15]!r}"
