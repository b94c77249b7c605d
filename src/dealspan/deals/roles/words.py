"""How what is seen of a text is told in strings: distances in steps, words by their place and as a bag, lists."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from dealspan.annotations import Found
from dealspan.deals.roles.outline import Outline

_DISTANCES = (0, 1, 2, 3, 5, 8, 13, 21)


def step(number: float) -> int:
    """A distance in growing steps, so that few features hold many distances."""
    return bisect_left(_DISTANCES, number)


def bag(prefix: str, tokens: Sequence[str], placed: int) -> list[str]:
    """Some words as a bag, the first of them by their place too."""
    return [
        *[f"{prefix} {word}" for word in tokens],
        *[f"{prefix}{i} {word}" for i, word in enumerate(tokens[:placed])],
    ]


def listed(outline: Outline, number: int, one: Found[Any], other: Found[Any]) -> bool:
    """Whether two names are parts of one list: a comma or an "and" and at most some small words stand between."""
    gap = outline.between(number, one.end, other.start)
    return 0 < len(gap) <= 7 and any(w in (",", "and", "&", ";") for w in gap[:2] + gap[-2:])


def list_around(outline: Outline, number: int, peers: Sequence[Found[Any]], i: int) -> Iterator[str]:
    """What opens and what closes the list that a name stands in."""
    first = last = i
    while first > 0 and listed(outline, number, peers[first - 1], peers[first]):
        first -= 1
    while last + 1 < len(peers) and listed(outline, number, peers[last], peers[last + 1]):
        last += 1
    yield f"list {min(i - first, 2)} {min(last - i, 2)}"
    if first != last:
        head = outline.before(number, peers[first].start, 6)
        tail = outline.after(number, peers[last].end, 5)
        yield from (f"list b {w}" for w in dict.fromkeys(head))
        yield from (f"list a {w}" for w in dict.fromkeys(tail))
        yield f"list b2 {' '.join(head[:2])}"
        yield f"list a2 {' '.join(tail[:2])}"
        yield f"list labels {sum(n.label == 'INVESTOR' for n in peers[first : last + 1]) * 2 > last - first}"
