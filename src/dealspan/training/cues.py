"""The models of cues, trained on the hedges of annotated articles."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from zlib import crc32

import numpy as np
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Cue, Found
from dealspan.components.cues import learned
from dealspan.components.cues.features import candidate_features, kind_features, token_rows
from dealspan.components.cues.learned import covered
from dealspan.components.cues.model import CUE, GATE, KINDS, TAGS, CueModel
from dealspan.components.cues.sentences import Sentence, sentences
from dealspan.corpus.gold import GoldArticle, GoldDeal, is_real
from dealspan.loglinear import BUCKETS, LogLinear, Table, buckets
from dealspan.records import Certainty, HedgeKind, Stage
from dealspan.training.loglinear import fit, fit_rows

TAGS_PENALTY, CUE_PENALTY, KIND_PENALTY = 0.3, 0.2, 1.0
"""Inverse strengths of the L2 penalties; the F1 of the development part moves by 0.02 from a third of them to three
times as much."""
IN_CUES, NEAR_CUES = 0.1, 0.05
"""How large a part of a word's occurrences stand in cues, for its sentence to be read, and for the tokens around it;
with 0.05 for both twice as many tokens are read and no F1 is better."""
FOLDS = 4
"""The second model learns from what taggers found in articles that they had not seen: one of so many parts each."""
SAME = 0.5
"""A candidate is right when it shares so much of its stretch with a hedge, over both together."""
_OF_CERTAINTY: dict[Certainty, HedgeKind] = {
    "attributed": "attribution", "rumored": "rumor", "speculative": "speculation", "denied": "denial",
}  # fmt: skip
_OF_STAGE: dict[Stage, HedgeKind] = {"in_progress": "negotiation", "planned": "plan"}
_ROUNDS = 3


class Read(NamedTuple):
    """An annotated article that the components before the models have read, and the cues that patterns found."""

    gold: GoldArticle
    doc: Doc
    patterns: Sequence[Found[Cue]]
    fold: int


def fold_of(article: GoldArticle) -> int:
    """The part an article is in: the articles of one author together, real ones each for itself."""
    name = article.id if is_real(article) else article.author
    return crc32(name.encode()) % FOLDS


def train(read: Sequence[Read], words: frozenset[str]) -> tuple[CueModel, list[CueModel]]:
    """Fit the models, and for each part of the articles those that have not seen it."""
    gate = _gate(read)
    kind = _kinds(read, gate, words)
    empty = LogLinear(CUE, np.zeros((BUCKETS, len(CUE)), np.float32), np.zeros(len(CUE), np.float32))
    folds = range(FOLDS)
    apart = [CueModel(gate, _tags([r for r in read if r.fold != fold], gate, words), empty, kind) for fold in folds]
    rows: list[list[list[str]]] = [[] for _ in folds]
    answers: list[list[str]] = [[] for _ in folds]
    for one in read:
        for features, answer in _candidates(one, apart[one.fold], words):
            rows[one.fold].append(features)
            answers[one.fold].append(answer)

    def accept(parts: Sequence[int]) -> LogLinear:
        examples = [row for part in parts for row in rows[part]]
        return fit(examples, [a for part in parts for a in answers[part]], penalty=CUE_PENALTY, classes=CUE)

    apart = [model._replace(cue=accept([f for f in folds if f != fold])) for fold, model in enumerate(apart)]
    return CueModel(gate, _tags(read, gate, words), accept(folds), kind), apart


def _hedges(article: GoldArticle) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in article.mentions if m.label == "HEDGE"]


def _gate(read: Sequence[Read]) -> LogLinear:
    """The words of which many occurrences stand in cues; a table, in the form of a model."""
    inside: Counter[str] = Counter()
    anywhere: Counter[str] = Counter()
    for one in read:
        lower = annotations.lower_case(one.gold.text)
        starts, found = annotations.words_of(lower)
        anywhere.update(found)
        for start, end in _hedges(one.gold):
            inside.update(word for place, word in zip(starts, found, strict=True) if start <= place < end)
    weights = np.zeros((BUCKETS, len(GATE)), np.float32)
    for word, count in inside.items():
        share = count / (anywhere[word] + 1)
        if word.isalpha() and share >= NEAR_CUES:
            weights[buckets([word]), GATE.index("in_cue" if share >= IN_CUES else "near_cue")] = 1
    return LogLinear(GATE, weights, np.zeros(len(GATE), np.float32))


def _level(gate: LogLinear) -> Callable[[str], int]:
    return CueModel(gate, gate, gate, gate).level()


def _sentences(one: Read, gate: LogLinear, words: frozenset[str]) -> Iterator[Sentence]:
    numbers = sorted(chain(*learned.gated(one.doc, one.patterns, _level(gate), words)))
    return (s for s in sentences(one.doc, one.patterns, numbers, words) if s.tokens)


def _tags(read: Sequence[Read], gate: LogLinear, words: frozenset[str]) -> LogLinear:
    examples: list[Table] = []
    answers: list[str] = []
    level = _level(gate)
    for one in read:
        hedges = _hedges(one.gold)
        for sentence in _sentences(one, gate, words):
            tags = ["outside"] * len(sentence.tokens)
            for hedge in hedges:
                if inside := covered(sentence.tokens, *hedge):
                    tags[inside[0] : inside[1]] = ["begin", *["inside"] * (inside[1] - inside[0] - 1)]
            chosen = learned.read_tokens(sentence, level)
            examples.append(token_rows([sentence], [chosen], words))
            answers += [tags[i] for i in chosen]
    return fit_rows(list(chain.from_iterable(examples)), answers, penalty=TAGS_PENALTY, classes=TAGS)


def _candidates(one: Read, model: CueModel, words: frozenset[str]) -> Iterator[tuple[list[str], str]]:
    hedges = _hedges(one.gold)
    level = _level(model.gate)
    for sentence in _sentences(one, model.gate, words):
        for candidate in learned.candidates(sentence, model, level, words):
            start = sentence.tokens[candidate.first].start
            end = sentence.tokens[candidate.last - 1].end
            right = any(_shared(start, end, *hedge) >= SAME for hedge in hedges)
            yield candidate_features(sentence, candidate, words), CUE[right]


def _shared(start: int, end: int, other_start: int, other_end: int) -> float:
    return max(0, min(end, other_end) - max(start, other_start)) / (max(end, other_end) - min(start, other_start))


def _kinds(read: Sequence[Read], gate: LogLinear, words: frozenset[str]) -> LogLinear:
    """Gold names no kinds: a deal's stage and certainty say which its hedges can be, and a model chooses among them."""
    examples: list[list[str]] = []
    allowed: list[list[HedgeKind]] = []
    for one in read:
        of_text: dict[str, list[HedgeKind]] = {}
        for deal in one.gold.deals:
            for text in deal.hedges:
                of_text.setdefault(text, []).extend(_possible(deal))
        for sentence in _sentences(one, gate, words):
            for start, end in _hedges(one.gold):
                kinds = of_text.get(one.gold.text[start:end])
                inside = covered(sentence.tokens, start, end)
                if kinds and inside:
                    near = [c for c in sentence.cues if c.label == "HEDGE" and c.start < end and start < c.end]
                    kinds = [c.value.kind for c in near if c.value.kind in kinds] or kinds
                    examples.append(kind_features(sentence, *inside, tuple(c.rule for c in near)))
                    allowed.append(kinds)
    settled = [i for i, kinds in enumerate(allowed) if len(set(kinds)) == 1]
    model = fit([examples[i] for i in settled], [allowed[i][0] for i in settled], penalty=KIND_PENALTY, classes=KINDS)
    for _ in range(_ROUNDS):
        scores = model.log_probabilities(examples)
        chosen = [max(kinds, key=lambda k: row[KINDS.index(k)]) for kinds, row in zip(allowed, scores, strict=True)]
        model = fit(examples, chosen, penalty=KIND_PENALTY, classes=KINDS)
    return model


def _possible(deal: GoldDeal) -> list[HedgeKind]:
    """The kinds that a hedge of a deal can be of."""
    kinds = [kind for kind in (_OF_CERTAINTY.get(deal.certainty), _OF_STAGE.get(deal.stage)) if kind]
    return kinds or ["speculation"]
