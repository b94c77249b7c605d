"""`dealspan_factuality`: how far each financing claim has come (stage) and how sure the text is of it (certainty).

A claim is an amount, a round type or a financing verb. Its certainty is the weakest that a cue in whose scope it lies
gives it, in the order of the guidelines; its stage comes from the nearest cue before it, else from the
tense of the verb.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Claim, Cue, Found
from dealspan.records import Certainty, HedgeKind, Stage

_CERTAINTY: dict[HedgeKind, Certainty] = {
    "denial": "denied",
    "speculation": "speculative",
    "rumor": "rumored",
    "attribution": "attributed",
}
_STAGE: dict[HedgeKind, Stage] = {"negotiation": "in_progress", "plan": "planned", "speculation": "planned"}
# Characters on either side of a claim that its verb may stand in: a crafted line without a full stop is not read whole.
_CONTEXT = 400
# "may have raised": what is unsure is whether it happened, not when.
_PERFECT = re.compile(r" (?:already )?have (?:\w+ly )?(?:been )?\w+(?:ed|t)\b")
_CONTRACTED = ("’s ", "'s ", "’ll ", "'ll ")
_CLOSING = re.compile(r"\b(?:clos(?:e|ed|es)|complet(?:e|ed)|finali[sz]ed?|announced?|signed|sign)\b")
_CLAUSE_START = re.compile(r"[;\n]|, (?:which|who|whose|while|after|but|and)\b|, \w+ing\b| -- | — ")


class Tenses(NamedTuple):
    """The verb forms that set a stage, one group each, the words they open with, and the verbs that make a claim."""

    stages: re.Pattern[str]
    opening: frozenset[str]
    verb: re.Pattern[str]


def load_tenses() -> Tenses:
    """Compile the lexicon."""
    data = tomllib.loads((files("dealspan.components.lexicons") / "factuality.toml").read_text(encoding="utf-8"))
    groups = "|".join(f"(?P<{stage}>{pattern})" for stage, pattern in data["stage"].items())
    return Tenses(re.compile(groups), frozenset(data["opening"]["words"]), re.compile(data["verb"]["pattern"]))


def find_claims(
    text: str,
    sentences: Sequence[tuple[int, int]],
    anchors: Sequence[tuple[int, int]],
    investors: Sequence[int],
    cues: Sequence[Found[Cue]],
    tenses: Tenses,
) -> Iterator[Found[Claim]]:
    """Yield a claim for each anchor (amounts and round types) of a sentence, or for its financing verbs.

    `text` is in lower case; `investors` are the offsets of investors' names.
    """
    places = _verb_places(text, tenses.opening)
    first_anchor = first_cue = first_investor = 0
    for start, end in sentences:
        last_anchor, last_cue = first_anchor, first_cue
        while last_anchor < len(anchors) and anchors[last_anchor][0] < end:
            last_anchor += 1
        while last_cue < len(cues) and cues[last_cue].start < end:
            last_cue += 1
        here = anchors[first_anchor:last_anchor]
        near = list(enumerate(cues[first_cue:last_cue], first_cue))
        first_anchor, first_cue = last_anchor, last_cue
        # A sentence with an amount or a round type claims these; a verb speaks where an investor acts or a cue hedges.
        while first_investor < len(investors) and investors[first_investor] < start:
            first_investor += 1
        acted = first_investor < len(investors) and investors[first_investor] < end
        spans = here
        if not here and (near or acted):
            spans = [(m.start(), m.end()) for m in tenses.verb.finditer(text, start, end)]
        if not spans:
            continue
        verbs = list(annotations.matches_at(tenses.stages, text, places, start, end))
        for span in spans:
            low = max(start, span[0] - _CONTEXT)
            high = min(end, span[1] + _CONTEXT)
            first = bisect_left(verbs, low, key=lambda v: v.start())
            last = bisect_left(verbs, high, key=lambda v: v.start())
            near_first = bisect_left(near, low - _CONTEXT, key=lambda c: c[1].start)
            near_last = bisect_left(near, high + _CONTEXT, key=lambda c: c[1].start)
            beside = [c for c in near[near_first:near_last] if c[1].value.scope_start <= span[0] < c[1].value.scope_end]
            yield _claim(text, low, high, span, beside, verbs[first:last])


def _verb_places(text: str, opening: frozenset[str]) -> list[int]:
    """Where a verb form may begin: at a word of the lexicon, or at the apostrophe before a short one ("’s raising")."""
    places = annotations.openings(text, opening)
    return [place - 1 if text.startswith(_CONTRACTED, place - 1) else place for place in places]


def _claim(
    text: str,
    start: int,
    end: int,
    span: tuple[int, int],
    covering: Sequence[tuple[int, Found[Cue]]],
    verbs: Sequence[re.Match[str]],
) -> Found[Claim]:
    """Read the stage and the certainty of one claim off the cues that cover it and the verbs around it."""
    hedges = [(i, c) for i, c in covering if c.label == "HEDGE"]
    certainty, certainty_rule = _certainty([c for _, c in hedges])
    stage, stage_rule = _stage(text, start, end, span, [c for _, c in covering], verbs)
    value = Claim(stage, certainty, tuple(i for i, _ in covering), stage_rule, certainty_rule)
    return Found(span[0], span[1], "CLAIM", f"{stage_rule}+{certainty_rule}", value)


def _certainty(hedges: Sequence[Found[Cue]]) -> tuple[Certainty, str]:
    for kind, certainty in _CERTAINTY.items():
        for cue in hedges:
            if cue.value.kind == kind:
                return certainty, cue.rule
    return "asserted", "no_hedge"


def _stage(
    text: str,
    start: int,
    end: int,
    span: tuple[int, int],
    covering: Sequence[Found[Cue]],
    verbs: Sequence[re.Match[str]],
) -> tuple[Stage, str]:
    if any(c.label == "CANCEL" for c in covering):
        return "cancelled", "cancelled"
    clause = start
    for boundary in _CLAUSE_START.finditer(text, start, span[0]):
        clause = boundary.end()
    verb = next((v for v in reversed(verbs) if clause <= v.start() and v.end() <= span[1]), None)
    # The cue nearest to the claim decides; a completed verb between the two takes the claim out of its hands.
    staged = [c for c in covering if c.value.kind in _STAGE]
    forward = [c for c in staged if c.end <= span[1] + 1]
    for cue in reversed(forward or staged):
        kind = cue.value.kind
        if verb is not None and verb.lastgroup == "completed" and cue.end < verb.start() and verb.end() <= span[0] + 1:
            break
        if kind in ("negotiation", "plan"):
            return _STAGE[kind], cue.rule
    if verb is not None and verb.lastgroup == "in_progress":
        return "in_progress", "raising_now"
    for cue in reversed(staged):
        if cue.value.kind == "speculation":
            if _PERFECT.match(text, cue.end):
                return "completed", "perfect"
            # "likely to close the round": what only waits for its end is under way.
            closing = _CLOSING.search(text, cue.end, min(end, cue.end + 60))
            return ("in_progress", "closing_soon") if closing else ("planned", cue.rule)
    if verb is not None and verb.lastgroup == "planned":
        return "planned", "will_raise"
    return "completed", "completed_verb" if verb is not None else "completed_default"


class FactualityComponent:
    """Writes the layer `claims`."""

    def __init__(self, tenses: Tenses) -> None:
        self.tenses = tenses

    def __call__(self, doc: Doc) -> Doc:
        """Find the claims of a Doc."""
        anchors = sorted((f.start, f.end) for layer in ("money", "rounds") for f in annotations.read(doc, layer))
        claims = find_claims(
            annotations.lower_case(annotations.text_of(doc)),
            annotations.sentences_of(doc),
            anchors,
            [f.start for f in annotations.read(doc, "names") if f.label == "INVESTOR"],
            annotations.read(doc, "cues"),
            self.tenses,
        )
        annotations.write(doc, "claims", claims)
        return doc


@Language.factory("dealspan_factuality", requires=["doc._.dealspan_cues"], assigns=["doc._.dealspan_claims"])
def make_factuality(nlp: Language, name: str) -> FactualityComponent:
    """Build the component."""
    return FactualityComponent(load_tenses())
