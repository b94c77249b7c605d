"""How varied invented articles are beside real ones: the same measures over samples of the same size.

Type/token ratio, hapaxes and unseen names depend on the size of a sample, so every collection is cut to the same number
of words.
"""

import random
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dealspan.corpus.across import SENTENCE_END

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
# A capitalised stretch that does not open a sentence.
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w’'&.+-]*(?: [A-Z][\w’'&.+-]*)*")
SEED = 20261126
SAMPLE_WORDS = 60_000


class Variety(NamedTuple):
    """The measures of one collection; `mentions` is None where nobody annotated it, `unseen_names` without names."""

    words: int
    type_token_ratio: float
    hapax_share: float
    openings: float
    sentence_words: float
    sentence_spread: float
    mentions: float | None
    tagged: float
    unseen_names: float | None


MEASURES = {
    "words": "words in the sample",
    "type_token_ratio": "type/token ratio",
    "hapax_share": "share of words that occur once",
    "openings": "different first three words of a sentence, share",
    "sentence_words": "words in a sentence, median",
    "sentence_spread": "words in a sentence, standard deviation",
    "mentions": "mentions in 100 words, annotated",
    "tagged": "mentions in 100 words, as the rules tag them",
    "unseen_names": "capitalised names of a fifth of the articles that the others lack, share",
}
HIGHER_IS_MORE_VARIED = ("type_token_ratio", "hapax_share", "openings", "sentence_spread", "unseen_names")


def sample(texts: Mapping[str, str], words: int = SAMPLE_WORDS) -> list[str]:
    """Return texts in an order of chance, up to a number of words; the last one is cut."""
    names = sorted(texts)
    random.Random(SEED).shuffle(names)
    chosen: list[str] = []
    left = words
    for name in names:
        count = len(texts[name].split())
        if count >= left:
            chosen.append(" ".join(texts[name].split()[:left]) if count > left else texts[name])
            break
        chosen.append(texts[name])
        left -= count
    return chosen


def measure(texts: Sequence[str], *, annotated: float | None, tagged: int) -> Variety:
    """Measure one collection.

    Parameters
    ----------
    texts
        The sample; its last fifth is the test part, for the share of names that the others lack.
    annotated
        The annotated mentions of the collection in 100 words; None where there is no annotation.
    tagged
        How many mentions the rules find in the sample.

    """
    counts = Counter(word.lower() for text in texts for word in _WORD.findall(text))
    words = counts.total()
    sentences = [s for text in texts for part in SENTENCE_END.split(text) if len(s := _WORD.findall(part)) > 2]
    lengths = [len(sentence) for sentence in sentences]
    cut = len(texts) * 4 // 5
    seen, tested = ({name for text in part for name in _NAME.findall(text)} for part in (texts[:cut], texts[cut:]))
    return Variety(
        words=words,
        type_token_ratio=len(counts) / words,
        hapax_share=sum(count == 1 for count in counts.values()) / words,
        openings=len({tuple(w.lower() for w in s[:3]) for s in sentences}) / len(sentences),
        sentence_words=statistics.median(lengths),
        sentence_spread=statistics.pstdev(lengths),
        mentions=annotated,
        tagged=100 * tagged / words,
        unseen_names=len(tested - seen) / len(tested) if tested else None,
    )


def count_words(text: str) -> int:
    """The words of a text, as they are counted here."""
    return len(_WORD.findall(text))


def report(found: Mapping[str, Variety]) -> str:
    """A Markdown table with a column for each collection, and where the written one is unlike the real ones."""
    lines = [f"| | {' | '.join(found)} |", f"|---|{'---:|' * len(found)}"]
    for field, what in MEASURES.items():
        values = [getattr(variety, field) for variety in found.values()]
        lines.append(f"| {what} | {' | '.join(_number(value) for value in values)} |")
    if len(found) < 2:
        return "\n".join(lines) + "\n"
    written = found["written"]
    less, other = [], []
    for name, variety in found.items():
        for field, what in MEASURES.items():
            here, there = getattr(written, field), getattr(variety, field)
            if here is None or there is None or field == "words":
                continue
            beside = f"{what} ({_number(here)} against {_number(there)} in {name})"
            if field in HIGHER_IS_MORE_VARIED and here < 0.95 * there:
                less.append(beside)
            elif field not in HIGHER_IS_MORE_VARIED and abs(here - there) > 0.15 * there:
                other.append(beside)
    lines += [
        "",
        f"Less varied than the real texts, by more than 5 %: {'; '.join(less) or 'in nothing measured here'}.",
        f"Otherwise unlike them, by more than 15 %: {'; '.join(other) or 'in nothing measured here'}.",
    ]
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.2f}"
