"""Which of the hedges of a text bear on a deal that the text does not vouch for.

"The people said", three sentences on, still speaks of the deal of the first one; of two rumours side by side each has
its own hedges. A log-linear model sees where a hedge stands beside the statements of a deal and of other deals, who is
named there, and the words of the hedge.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

import numpy as np
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Cue, Found
from dealspan.deals.drafts import Draft
from dealspan.loglinear import LogLinear

BEARS = ("no", "yes")
"""Whether a hedge bears on a deal."""
BEARS_FROM = 0.35
"""A hedge that is at least this likely to bear on a deal is one of it. On the development part the F1 of the hedges of
the deals that are found is 0.69, and from 0.2 to 0.5 it is at least 0.68; of those in whose scope a statement lies it
is 0.56."""
MOST = 60
"""Hedges of a text that are looked at for each deal, those nearest to it: no article has more, and a crafted text costs
no more."""
_NEAR = 40  # characters beside a hedge whose words are seen
_STEPS = (0, 1, 2, 3, 5, 8)


class Surroundings:
    """The hedges of a text and the statements of its deals, by sentence, and who is named there beside which sums."""

    def __init__(self, doc: Doc, drafts: Sequence[Draft]) -> None:
        self.cues: Sequence[Found[Cue]] = annotations.read(doc, "cues")
        self._drafts = drafts
        self._lower = annotations.lower_case(annotations.text_of(doc))
        self._starts = [start for start, _ in annotations.sentences_of(doc)]
        head = next((s for s in annotations.read(doc, "sections") if s.label == "HEADLINE"), None)
        self._headline_end = head.end if head else 0
        self._names: dict[int, set[str]] = {}
        for name in annotations.read(doc, "names"):
            if name.label in ("COMPANY", "INVESTOR"):
                self._names.setdefault(self._sentence(name.start), set()).add(name.value.entity)
        money = (found.start for layer in ("money", "rounds") for found in annotations.read(doc, layer))
        self._sums = Counter(map(self._sentence, money))
        self._hedges = [i for i, cue in enumerate(self.cues) if cue.label == "HEDGE"]
        self._hedge_starts = [self.cues[i].start for i in self._hedges]
        self._told = [sorted({self._sentence(start) for start, _ in draft.stretches}) for draft in drafts]
        self._tellers = Counter(chain.from_iterable(self._told))
        self._telling = sorted(self._tellers)

    def _sentence(self, place: int) -> int:
        """The number of the sentence that holds a place."""
        return max(0, bisect_right(self._starts, place) - 1)

    def candidates(self, number: int) -> list[int]:
        """The numbers of the cues that may bear on the `number`-th deal, in text order."""
        start = self._drafts[number].start
        i = bisect_left(self._hedge_starts, start)
        near = self._hedges[max(0, i - MOST) : i + MOST]
        return sorted(sorted(near, key=lambda cue: abs(self.cues[cue].start - start))[:MOST])

    def features(self, number: int) -> Iterator[list[str]]:
        """Yield what is seen of the `number`-th deal and each hedge that may bear on it."""
        draft, others = self._drafts[number], min(len(self._drafts) - 1, 4)
        told, company, over = self._told[number], draft.entity(), covering(draft)
        kinds = {self.cues[i].value.kind for i in over}
        anchors = [filled.mention.start for filled in (draft.amount, draft.round, draft.valuation) if filled]
        for i in self.candidates(number):
            cue = self.cues[i]
            sentence, kind, how = self._sentence(cue.start), cue.value.kind, over.get(i, "not")
            gap = min((sentence - one for one in told), key=abs, default=None)
            far, nearer = _step(gap), _nearer(gap, self._gap_to_others(number, sentence))
            names = self._names.get(sentence, set())
            named = f"{company in names} {len(names - {company}) > 0}"
            place = "headline" if cue.start < self._headline_end else "body"
            side = "?" if gap else any(start > cue.start for start in anchors if self._sentence(start) == sentence)
            words = self._lower[cue.start : cue.end].split()
            phrase = " ".join(words[:4])
            yield [
                f"claimed {how}",
                f"claimed {how} {kind}",
                f"claimed {how} {nearer}",
                f"gap {far}",
                f"gap {far} {nearer}",
                f"gap {far} {kind}",
                f"gap {far} {kind} {nearer}",
                f"nearer {nearer} {min(others, 3)}",
                f"deals {others}",
                f"place {place} {draft.headline} {far}",
                f"named {named}",
                f"named {named} {far}",
                f"named {named} {nearer}",
                f"side {side} {kind} {how}",
                f"sums {min(2, self._sums[sentence])} {far} {nearer}",
                f"kind {kind} {kind in kinds} {bool(over)}",
                f"slots {bool(draft.amount)} {bool(draft.round)} {draft.kind} {far}",
                f"probability {int(5 * (cue.value.probability or 0.0))}",
                f"cues {min(6, len(self.cues))} {far}",
                f"words {phrase}",
                f"words {phrase} {gap == 0}",
                f"first {words[0]} {far}",
                *(f"word {word}" for word in words),
                *(f"behind {word}" for word in self._lower[cue.end : cue.end + _NEAR].split()[:3]),
                *(f"before {word}" for word in self._lower[max(0, cue.start - _NEAR) : cue.start].split()[-2:]),
            ]

    def _gap_to_others(self, number: int, sentence: int) -> int | None:
        """How many sentences lie between a sentence and the nearest that tells of another deal."""
        own, middle = self._told[number], bisect_left(self._telling, sentence)
        gaps = []
        for places in (range(middle - 1, -1, -1), range(middle, len(self._telling))):
            # A sentence that tells of this deal must tell of another one too.
            others = (one for i in places if self._tellers[one := self._telling[i]] > (one in own))
            gaps += [abs(sentence - one) for one in islice(others, 1)]
        return min(gaps, default=None)


def bearing(model: LogLinear, doc: Doc, drafts: Sequence[Draft], asked: Mapping[int, bool]) -> dict[int, list[int]]:
    """The numbers of the cues that bear on some deals, by the number of the deal.

    Parameters
    ----------
    model
        What says whether a hedge bears on a deal, with the classes `BEARS`.
    doc, drafts
        A text and its deals.
    asked
        The deals that are asked about, by their number, and whether each is hedged. On one that the text vouches for
        nothing bears but a source that has counted it: "PitchBook data show".

    """
    cues = annotations.read(doc, "cues")
    found: dict[int, list[int]] = {number: [] for number in asked}
    hedged = [number for number in asked if asked[number]]
    for number in asked.keys() - hedged:
        found[number] = [i for i in sorted(covering(drafts[number])) if cues[i].value.source_start >= 0]
    if not hedged:
        return found
    around = Surroundings(doc, drafts)
    pairs = [(number, cue) for number in hedged for cue in around.candidates(number)]
    rows = [row for number in hedged for row in around.features(number)]
    for (number, cue), row in zip(pairs, np.exp(model.log_probabilities(rows)).tolist(), strict=True):
        # The user knows what a phrase of theirs says.
        own = cues[cue].rule.startswith("user_") and cue in covering(drafts[number])
        if own or row[1] >= BEARS_FROM:
            found[number].append(cue)
    return found


def covering(draft: Draft) -> dict[int, str]:
    """The cues in whose scope a statement of a deal lies, by their number, and what the statement is."""
    told = (("aside", draft.asides), ("headline", draft.headline_claims), ("claim", draft.claims))
    return {i: how for how, claims in told for claim in claims for i in claim.value.cues}


def _step(gap: int | None) -> str:
    return "none" if gap is None else f"{'-' if gap < 0 else ''}{bisect_left(_STEPS, abs(gap))}"


def _nearer(gap: int | None, other: int | None) -> str:
    """Whether a hedge is nearer to a deal than to all others."""
    if other is None or gap is None:
        return "alone"
    return "same" if other == abs(gap) else str(other > abs(gap))
