"""Cues by trained models: a tagger finds candidates beside those of the patterns, a second model decides.

The tagger is spared some doubt so that it misses little; the second model, which sees each candidate as a whole, takes
away what it finds too much.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Cue, Found
from dealspan.components.cues.features import Candidate, candidate_features, kind_features, token_rows
from dealspan.components.cues.model import GATE, KINDS, CueModel
from dealspan.components.cues.patterns import clause_of
from dealspan.components.cues.sentences import Sentence, Token, financings, sentences
from dealspan.components.cues.sources import kind_of, whole_name, with_source
from dealspan.records import HedgeKind

LEARNED = "learned"
"""The rule of a cue that only the model speaks for."""
DOUBTS = (0.0, 1.0, 2.0, 3.0)
"""What is taken off the log-odds of "outside" to find candidates, one reading each."""
ACCEPTED = 0.3
"""The probability from which a candidate is a cue. On the development part the F1 of overlapping hedges is 0.707, with
0.4 it is 0.701, with 0.25 it is 0.726, but in its real articles, which are few, it falls with every step down."""
NEAR = 3
"""Tokens on either side of a word of cues that are read."""
OPENING = GATE.index("in_cue")
TOGETHER = 64
"""Sentences that the models read in one call: each call has its cost, but not all of a long text is held at once."""
Scores = Sequence[float]
_UNREAD: Scores = (0.0, -9.0, -9.0)
_WHOLE: frozenset[HedgeKind] = frozenset(("rumor", "attribution", "denial"))


def find_cues(
    doc: Doc, patterns: Sequence[Found[Cue]], model: CueModel, level: Callable[[str], int], words: frozenset[str]
) -> Iterator[Found[Cue]]:
    """Yield the hedges that the models accept; `patterns` are the hedges and cancellations that patterns found."""
    near, far = gated(doc, patterns, level, words)
    hedges = list(_hedges(doc, sentences(doc, patterns, near, words), model, level, words))
    yield from hedges
    # Of a hundred hedges in the development part one stands far from all financings in a text without any near one.
    if hedges:
        yield from _hedges(doc, sentences(doc, patterns, far, words), model, level, words)


def _hedges(
    doc: Doc, read: Iterator[Sentence], model: CueModel, level: Callable[[str], int], words: frozenset[str]
) -> Iterator[Found[Cue]]:
    """Yield the hedges that the models accept in some sentences."""
    text = annotations.text_of(doc)
    while together := list(islice(read, TOGETHER)):
        found = [
            (sentence, list(_stretches(sentence, scores))) for sentence, scores in _tag(together, model, level, words)
        ]
        rows = [candidate_features(sentence, candidate, words) for sentence, here in found for candidate in here]
        sure = iter(np.exp(model.cue.log_probabilities(rows)[:, 1]).tolist())
        for sentence, here in found:
            if here:
                yield from _accepted(text, sentence, list(zip(here, sure, strict=False)), model)


def gated(
    doc: Doc, patterns: Sequence[Found[Cue]], level: Callable[[str], int], words: frozenset[str]
) -> tuple[list[int], list[int]]:
    """The numbers of the sentences that hold a word of cues or a cue of the patterns: those near a financing, others.

    Near is one that holds a cue of the patterns, a sum that is raised or valued, a round type or a word of financing,
    or stands beside such a sum or round type.
    """
    lower = annotations.lower_case(annotations.text_of(doc))
    bounds = [start for start, _ in annotations.sentences_of(doc)]

    def numbers(places: Iterable[int]) -> set[int]:
        return {bisect_right(bounds, place) - 1 for place in places} - {-1}

    of_patterns = numbers(cue.start for cue in patterns)
    words_at = annotations.places_of(lower)
    opened = numbers(start for word, starts in words_at.items() if level(word) == OPENING for start in starts)
    told = numbers(annotations.openings(lower, words))
    stated = numbers(financings(doc))
    near = of_patterns | told | {number + by for number in stated for by in (-1, 0, 1)}
    chosen = of_patterns | opened
    return sorted(chosen & near), sorted(chosen - near)


def candidates(
    sentence: Sentence, model: CueModel, level: Callable[[str], int], words: frozenset[str]
) -> Iterator[Candidate]:
    """Yield the stretches of a sentence that could be a cue: what the tagger finds or a pattern did."""
    ((_, scores),) = _tag([sentence], model, level, words)
    yield from _stretches(sentence, scores)


def _tag(
    together: Sequence[Sentence], model: CueModel, level: Callable[[str], int], words: frozenset[str]
) -> Iterator[tuple[Sentence, list[Scores]]]:
    """Yield sentences with the log-probabilities of the tags of each token."""
    chosen = [read_tokens(sentence, level) for sentence in together]
    table = iter(model.tags.judge_table(token_rows(together, chosen, words)).tolist())
    for sentence, mine in zip(together, chosen, strict=True):
        scores = [_UNREAD] * len(sentence.tokens)
        for i, row in zip(mine, table, strict=False):
            scores[i] = row
        yield sentence, scores


def _stretches(sentence: Sentence, scores: Sequence[Scores]) -> Iterator[Candidate]:
    """Yield the candidates of a sentence whose tokens are tagged."""
    found: dict[tuple[int, int], tuple[list[str], int]] = {}
    surest = max((begin - outside for outside, begin, _ in scores), default=-9.0)
    for loosest, doubt in enumerate(DOUBTS):
        if surest + doubt > 0:
            for stretch in _tagged(scores, doubt):
                found.setdefault(stretch, ([], loosest))
    for cue in sentence.cues:
        inside = covered(sentence.tokens, cue.start, cue.end)
        if cue.label == "HEDGE" and inside:
            found.setdefault(inside, ([], -1))[0].append(cue.rule)
    for (first, last), (rules, loosest) in found.items():
        odds = [scores[first][1] - scores[first][0], *(row[2] - row[0] for row in scores[first + 1 : last])]
        yield Candidate(
            first,
            last,
            tuple(rules),
            loosest,
            sum(max(one, -4.0) for one in odds) / len(odds),
            scores[first][1],
            scores[last][2] if last < len(scores) else -9.0,
        )


def read_tokens(sentence: Sentence, level: Callable[[str], int]) -> list[int]:
    """The tokens of a sentence that the tagger reads: those near a word of cues, and the cues of the patterns."""
    chosen: set[int] = set()
    for i, token in enumerate(sentence.tokens):
        if level(token.word):
            chosen.update(range(max(0, i - NEAR), min(len(sentence.tokens), i + NEAR + 1)))
    for cue in sentence.cues:
        if inside := covered(sentence.tokens, cue.start, cue.end):
            chosen.update(range(*inside))
    return sorted(chosen)


def covered(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int] | None:
    """The tokens that a stretch of text touches, from the first to behind the last."""
    inside = [i for i, token in enumerate(tokens) if token.start < end and start < token.end]
    return (inside[0], inside[-1] + 1) if inside else None


def _tagged(scores: Sequence[Scores], doubt: float) -> Iterator[tuple[int, int]]:
    """Yield the stretches of the most probable tags of which no "inside" follows an "outside"."""
    outside, begin, inside = scores[0][0] - doubt, scores[0][1], -1e9
    back = []
    for o, b, i in scores[1:]:
        best = max(outside, begin, inside)
        origin = 0 if best == outside else 1 if best == begin else 2
        within = max(begin, inside)
        back.append((origin, 1 if within == begin else 2))
        outside, begin, inside = best + o - doubt, best + b, within + i
    ends = (outside, begin, inside)
    tag = ends.index(max(ends))
    tags = [tag]
    for origin, within in reversed(back):
        tag = within if tag == 2 else origin
        tags.append(tag)
    tags.reverse()
    first = None
    for i, tag in enumerate((*tags, 0)):
        if tag != 2:
            if first is not None:
                yield first, i
            first = i if tag == 1 else None


def _accepted(
    text: str, sentence: Sentence, found: Sequence[tuple[Candidate, float]], model: CueModel
) -> Iterator[Found[Cue]]:
    """Yield the cues among the candidates of a sentence, the most probable of those that overlap."""
    taken: list[Candidate] = []
    # The user's own phrases first: no cue takes their words.
    for own, candidate, probability in sorted(
        (
            (any(rule.startswith("user_") for rule in candidate.rules), candidate, probability)
            for candidate, probability in found
        ),
        key=lambda one: (not one[0], -one[2], one[1][:2]),
    ):
        if (own or probability >= ACCEPTED) and all(
            candidate.last <= other.first or other.last <= candidate.first for other in taken
        ):
            taken.append(candidate)
            found_cue = _cue(text, sentence, candidate, model)
            yield found_cue._replace(value=found_cue.value._replace(probability=probability))


def _cue(text: str, sentence: Sentence, candidate: Candidate, model: CueModel) -> Found[Cue]:
    """The cue of a candidate; one that a pattern found keeps what the pattern says of it."""
    start, end = sentence.tokens[candidate.first].start, sentence.tokens[candidate.last - 1].end
    for cue in sentence.cues:
        if cue.label == "HEDGE" and (cue.start, cue.end) == (start, end):
            return cue if cue.value.source_start >= 0 else with_source(text, cue)
    near = [cue for cue in sentence.cues if cue.label == "HEDGE" and cue.start < end and start < cue.end]
    rules = tuple(cue.rule for cue in near)
    features = kind_features(sentence, candidate.first, candidate.last, rules)
    kind = kind_of(text[start:end], KINDS[int(model.kind.log_probabilities([features])[0].argmax())])
    rule = next((cue.rule for cue in near if cue.value.kind == kind), LEARNED)
    whole = sentence.start, sentence.end
    if kind == "attribution":
        end = whole_name(text, start, end, sentence.end)
    scope = whole if kind in _WHOLE else clause_of(text, *whole, start, end)
    return with_source(text, Found(start, end, "HEDGE", rule, Cue(kind, *scope)))
