"""What the models of the gate see: the words of a paragraph, and then what they make of it and of those beside it."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from math import log2
from zlib import crc32

from dealspan.gate.paragraphs import Paragraph
from dealspan.gate.phrases import Said, Says
from dealspan.loglinear import BUCKETS, buckets

_TOKEN = re.compile(r"[$€£¥₹]|\d[\d.,]*|\w+")
_SIGNS = frozenset("$€£¥₹")
_UNITS = frozenset(
    (
        "million", "billion", "crore", "crores", "lakh", "lakhs", "mln", "bln", "bn", "mn", "usd", "eur", "gbp", "inr",
        "rs", "dollars", "euros", "pounds", "kronor", "yen", "yuan", "rupees", "won", "francs", "rand", "chf", "sek",
        "nok", "dkk", "zł", "rmb", "aud", "cad",
    )
)  # fmt: skip
_KINDS = _SIGNS | _UNITS
NEAR, BESIDE = 12, 5
"""How many tokens from a sum a word is near it, and beside it."""
LEAST, MOST = -9.0, 4.0
"""Log odds are cut to these; a paragraph that the model of words is not asked about has the least."""
STEP, STRIDE = 0.75, 1.5
"""The widths of the steps in which log odds are told apart, alone and with others."""
RATHER = -3.0
"""The log odds of a paragraph of which one may think that it holds a financing, where their share is asked for."""


def words_of(lower: str) -> list[int]:
    """The rows of the weights for a paragraph: its words, pairs of them, and the words around each sum.

    They are those of "raised", "raised_#", "raised@" near a sum, "raised<" before it and "#>" behind it; a checksum
    that goes on from that of the word is twice as fast as one of each string.
    """
    words = ["#" if word[0].isdigit() else word for word in _TOKEN.findall(lower)]
    sums = [i for i, word in enumerate(words) if word in _KINDS and (word in _SIGNS or (i and words[i - 1] == "#"))]
    coded = "\n".join(words).encode().split(b"\n")
    sums_of = list(map(crc32, coded))
    found = set(sums_of)
    found.update(map(crc32, [b"_" + word for word in islice(coded, 1, None)], sums_of))
    if sums:
        found.add(crc32(b"<sum>"))
        for before, behind, sign in ((NEAR, NEAR + 2, b"@"), (BESIDE, 0, b"<"), (0, BESIDE + 2, b">")):
            around: set[int] = set()
            for i in sums:
                around.update(sums_of[max(0, i - before) : i + behind])
            found.update([crc32(sign, one) for one in around])
    return list({one % BUCKETS for one in found})


def context_of(
    found: Sequence[Paragraph], said: Sequence[Said], odds: Sequence[float], places: Iterable[int]
) -> list[list[int]]:
    """The rows of the weights for some paragraphs of a text, from what is made of each of them."""
    sizes = [end - start for start, end in found]
    best, second, third = sorted([*odds, LEAST, LEAST], reverse=True)[:3]
    clear = min(3, sum(one.says is Says.CLEAR for one in said))
    likely = min(4, sum(one.says >= Says.LIKELY for one in said))
    share = 10 * sum(size for size, one in zip(sizes, odds, strict=True) if one >= RATHER) // sum(sizes)
    length, top = int(log2(sum(sizes))), _step(best)
    text = buckets(
        [
            f"best {top}", f"second {_step(second)}", f"third {_step(third)}", f"first {_step(odds[0])}",
            f"clear {clear}", f"likely {likely}", f"clear {clear} best {top}", f"share {share}",
            f"share {share} best {top}", f"length {length}", f"length {length} best {top}",
            f"three {_stride(best)} {_stride(second)} {_stride(third)}",
        ]
    )  # fmt: skip
    padded = [LEAST, *odds, LEAST]
    rows = []
    for i in places:
        kind, step, stride = f"{said[i].says:d} {said[i].sum:d}", _step(odds[i]), _stride(odds[i])
        before, after = padded[i], padded[i + 2]
        own = buckets(
            [
                f"step {step}", f"fine {int(odds[i] // (STEP / 2))}", f"kind {kind}", f"step {step} kind {kind}",
                f"step {step} best {top}", f"stride {stride} of {_stride(best)} {_stride(second)}",
                f"before {_step(before)}", f"after {_step(after)}",
                f"stride {stride} between {_stride(before)} {_stride(after)}", f"place {min(i, 4)}",
                f"stride {stride} place {min(i, 2)}", f"stride {stride} share {share}",
                f"stride {stride} length {length}", f"step {step} kind {kind} clear {clear}",
                f"size {int(log2(sizes[i]))}",
            ]
        )  # fmt: skip
        rows.append(list({*text, *own}))
    return rows


def _step(odds: float) -> int:
    return int(min(MOST, max(LEAST, odds)) // STEP)


def _stride(odds: float) -> int:
    return int(min(MOST, max(LEAST, odds)) // STRIDE)
