"""What the trained models see of a deal that say how far it has come, how sure the text is, and whether it is one.

A statement is a sentence that speaks of the deal, with its anchor there (an amount, a round type, a verb). Strings of
the words around the anchor and of their tenses stand beside what the rules made of it, and what the rest of the text
says, so that a model can hear a hedge for which there is no pattern. Whether it is a deal at all is asked last, and its
slots are seen too (`slot_features`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar, get_args

import numpy as np
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Claim, Cue, Found
from dealspan.deals.drafts import Draft
from dealspan.deals.hedging import BEARS
from dealspan.deals.slot_features import slot_features
from dealspan.loglinear import LogLinear, Weights, buckets, joined, read_models
from dealspan.records import Certainty, Stage

V = TypeVar("V")
_TOKEN = re.compile(r"\w+(?:[’']\w+)?|[,;:.?!()“”\"–—]")
_LETTERS = re.compile(r"[a-z]+|[$€£¥₹]|\d")
_FIRST_LINE = 300  # characters of it that are read
_CLAUSE = frozenset((
    ";", ":", "(", ")", "–", "—", "but", "while", "whereas", "although", "though", "because", "after", "before", "when",
    "which", "who", "whose",
))  # fmt: skip
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ied|ies|ed|es|s|e)$")
_BE = frozenset(("is", "are", "was", "were", "be", "been", "being", "’s", "'s"))
_HAVE = frozenset(("has", "have", "had", "having"))
_MODAL = frozenset(("could", "may", "might", "would", "should", "can", "will", "shall", "must"))
_CERTAINTIES: tuple[Certainty, ...] = ("denied", "speculative", "rumored", "attributed", "asserted")
_STAGES: tuple[Stage, ...] = ("cancelled", "in_progress", "planned", "completed")
UNMARKED = Claim("completed", "asserted", (), "completed_default", "no_hedge")
"""The reading of a deal that no claim speaks of."""
LEARNED = "learned"
"""The rule of a stage or a certainty that only the model speaks for."""
_MEANS: dict[str | None, Stage | Certainty] = {
    "negotiation": "in_progress", "plan": "planned", "denial": "denied", "speculation": "speculative",
    "rumor": "rumored", "attribution": "attributed", None: "cancelled",
}  # fmt: skip
STAGES: tuple[Stage, ...] = get_args(Stage)
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
DEAL = ("no", "yes")
DOUBT = 0.75
"""What is taken off the logarithm of "completed" and of "asserted": nine in ten deals are both, and a hedge overheard
costs more than one too many. The F1 of hedged deals in cross-validation over authors is the same from 0.5 to 1.0."""
TRUST = 1.0
"""What is added to the logarithm of a hedge that the rules read. From 0 to 2 no accuracy in cross-validation moves by
more than 0.01, and the rules were made on news from before the corpus."""
WINDOW = 8
"""Tokens on either side of the anchor."""
KEPT = 0.4
"""A deal is kept that is at least this likely to be one. From 0.3 to 0.5 no F1 of deals on the development part or on
`dev.jsonl` differs by more than 0.03."""
LONGEST = 80
"""Tokens of a statement that are read, around its anchor: a crafted line is not read whole."""


class Statement(NamedTuple):
    """A sentence that speaks of a deal, the anchor in it, and how the rules read it there."""

    start: int
    end: int
    anchor: int
    anchor_end: int
    claim: Claim | None
    aside: bool


class Context(NamedTuple):
    """What is known of a text beside its deals; `said`, `first_line` are features of its cues and first words."""

    text: str
    lower: str
    cues: Sequence[Found[Cue]]
    cue_starts: Sequence[int]
    said: Sequence[str]
    headline_end: int
    future: Sequence[int]
    first_line: Sequence[str]


class Read(NamedTuple):
    """The stage and the certainty of a deal, each with its probability, and how likely it is a deal at all."""

    stage: tuple[Stage, float]
    certainty: tuple[Certainty, float]
    likely: float

    @property
    def hedged(self) -> bool:
        """Whether the text does not vouch for the deal as done."""
        return self.stage[0] != "completed" or self.certainty[0] != "asserted"


class FactualityModel(NamedTuple):
    """The trained decisions: the stage and the certainty of a deal, whether it is one, and which hedges bear on it."""

    stage: LogLinear
    certainty: LogLinear
    deal: LogLinear
    hedge: LogLinear

    def read(self, drafts: Sequence[Draft], context: Context) -> list[Read]:
        """The stage and the certainty of each deal of a text, and how likely it is one."""
        if not drafts:
            return []
        said = [buckets(features(draft, context)) for draft in drafts]
        seen = joined(said)
        of_slots = map(buckets, slot_features(drafts, context.first_line))
        deal = self.deal.judge(joined([[*one, *more] for one, more in zip(said, of_slots, strict=True)]))
        return [
            Read(
                _best(stage, STAGES, staged.stage), _best(certainty, CERTAINTIES, sure_of.certainty), float(np.exp(yes))
            )
            for stage, certainty, yes, (staged, sure_of) in zip(
                self.stage.judge(seen), self.certainty.judge(seen), deal[:, 1], map(_marked, drafts), strict=True
            )
        ]


def _best(scores: Weights, classes: Sequence[V], by_rules: V) -> tuple[V, float]:
    weighed = scores.copy()
    weighed[0] -= DOUBT
    rule = classes.index(by_rules)
    if rule:
        weighed[rule] += TRUST
    best = int(weighed.argmax())
    return classes[best], round(float(np.exp(scores[best])), 4)


def read_model(path: Path) -> FactualityModel:
    """Read a model of factuality; raises `ValueError` where the file holds none."""
    classes = {"stage": STAGES, "certainty": CERTAINTIES, "deal": DEAL, "hedge": BEARS}
    models = read_models(path, classes)
    if any(name not in models or models[name].classes != expected for name, expected in classes.items()):
        raise ValueError(f"{path}: holds no model of factuality; make one with `dealspan train`")
    return FactualityModel(*(models[name] for name in classes))


def means(cue: Found[Cue]) -> Stage | Certainty:
    """The stage or the certainty that a cue speaks for."""
    return _MEANS[cue.value.kind]


def by_rules(claims: Sequence[Found[Claim]]) -> tuple[Found[Claim] | None, Found[Claim] | None]:
    """The claims that settle stage and certainty by the rules: one that vouches for the deal as done settles both."""
    decisive = any(c.value.stage == "cancelled" or c.value.certainty == "denied" for c in claims)
    done = None if decisive else next((c for c in claims if _vouches(c.value)), None)
    staged = done or min(claims, key=lambda c: _STAGES.index(c.value.stage), default=None)
    sure_of = done or min(claims, key=lambda c: _CERTAINTIES.index(c.value.certainty), default=None)
    return staged, sure_of


def _marked(draft: Draft) -> tuple[Claim, Claim]:
    """What the rules read of a deal: the claim that settles its stage, and that of its certainty."""
    staged, sure_of = by_rules(draft.claims or draft.headline_claims)
    return staged.value if staged else UNMARKED, sure_of.value if sure_of else UNMARKED


def _vouches(claim: Claim) -> bool:
    """Whether a claim states its financing as done, with a verb of its own."""
    return claim.stage == "completed" and claim.certainty == "asserted" and claim.stage_rule == "completed_verb"


def context_of(doc: Doc) -> Context:
    """Read what the components wrote on a Doc."""
    text = annotations.text_of(doc)
    lower = annotations.lower_case(text)
    cues = annotations.read(doc, "cues")
    head = next((s for s in annotations.read(doc, "sections") if s.label == "HEADLINE"), None)
    return Context(
        text,
        lower,
        cues,
        [c.start for c in cues],
        list(dict.fromkeys(f"text {cue.value.kind or cue.label}" for cue in cues)),
        head.end if head else 0,
        [d.start for d in annotations.read(doc, "dates") if d.value.future],
        [f"first line {word}" for word in sorted({*_LETTERS.findall(lower.partition("\n")[0][:_FIRST_LINE])})],
    )


def statements_of(draft: Draft) -> list[Statement]:
    """The statements of a draft, in text order, each sentence once."""
    claims = [(c, False) for c in (*draft.claims, *draft.headline_claims)] + [(c, True) for c in draft.asides]
    claims.sort(key=lambda one: one[0].start)
    places = [claim.start for claim, _ in claims]
    out: list[Statement] = []
    for start, end in sorted(set(draft.stretches)):
        here = claims[bisect_left(places, start) : bisect_left(places, end)]
        if here:
            claim, aside = min(here, key=lambda one: (one[1], one[0].start))
            out.append(Statement(start, end, claim.start, claim.end, claim.value, aside))
        else:
            out.append(Statement(start, end, start, start, None, True))
    return out


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its ending."""
    return _ENDING.sub("", word)


def _tokens(text: str, lower: str, start: int, end: int) -> list[tuple[int, str]]:
    """The tokens of a stretch: numbers as one sign, capitalised words inside a sentence as another."""
    out: list[tuple[int, str]] = []
    for m in _TOKEN.finditer(lower, start, end):
        first = text[m.start()]
        word = m.group()
        if first.isdigit():
            word = "0"
        elif first.isupper() and out and len(word) > 1 and out[-1][1] not in '.“"?!:':
            word = "X"
        out.append((m.start(), word))
    return out


def _form(word: str) -> str:
    """The grammatical form of a word, as far as its letters show it."""
    if word in _BE:
        return "BE"
    if word in _HAVE:
        return "HAVE"
    if word in _MODAL or word in ("to", "not", "X", "0", "by", "in"):
        return word
    if word.endswith("ing"):
        return "ING"
    if word.endswith("ed"):
        return "ED"
    return "w" if word[0].isalnum() else word


def features(draft: Draft, context: Context) -> list[str]:
    """The features of a deal: those of all its statements together, which decide better than one by one."""
    statements = statements_of(draft)
    staged, sure_of = _marked(draft)
    slots = f"{bool(draft.amount)} {bool(draft.round)} {bool(draft.investors)} {bool(draft.valuation)}"
    number = min(len(statements), 4)
    found = [
        f"kind {draft.kind}",
        f"statements {number}",
        f"slots {slots}",
        f"earlier {draft.earlier}",
        f"cues {min(len(context.cues), 4)}",
        *context.said,
    ]
    # What the rules say, beside each of the facts: so often said it outweighs the many words, which know less.
    for fact in ("", draft.kind, f"of {number}", f"slots {slots}", f"headline {draft.headline}"):
        found += (
            f"stage {staged.stage} {fact}",
            f"stage rule {staged.stage_rule} {fact}",
            f"certainty {sure_of.certainty} {fact}",
            f"certainty rule {sure_of.certainty_rule} {fact}",
            f"rules {staged.stage} {sure_of.certainty} {fact}",
            f"rules {staged.stage_rule} {sure_of.certainty_rule} {fact}",
        )
    said = [f"{s.claim.stage} {s.claim.certainty} {s.claim.stage_rule}" for s in statements if s.claim]
    if len(said) > 1:
        found += (f"one says {one}" for one in said)
    for statement in statements:
        found += _statement(statement, context)
    return found


def _statement(statement: Statement, context: Context) -> Iterator[str]:
    start, end, anchor, anchor_end, claim, aside = statement
    headline = start < context.headline_end
    place = "h" if headline else "b"
    yield f"place {place} {aside}"
    if claim:
        yield f"claims {claim.stage}"
        yield f"claims {place} {claim.stage_rule}"
        yield f"claims {claim.certainty}"
        yield f"claims {place} {claim.certainty_rule}"
        yield f"claims {claim.stage} {claim.certainty}"
        for i in claim.cues:
            cue = context.cues[i]
            yield f"scope {cue.value.kind or cue.label}"
            yield f"scope {place} {cue.value.kind or cue.label}"
    first, last = bisect_left(context.cue_starts, start), bisect_left(context.cue_starts, end)
    for cue in context.cues[first:last]:
        side = "behind" if cue.start > anchor else "before"
        yield f"cue {cue.value.kind or cue.label}"
        yield f"cue {side} {cue.value.kind or cue.label}"
        yield f"cue {side} {cue.rule}"
    yield f"cues here {min(3, last - first)}"
    i = bisect_left(context.future, start)
    yield f"future {i < len(context.future) and context.future[i] < end}"
    tokens = _tokens(context.text, context.lower, start, end)
    places = [place for place, _ in tokens]
    at, behind = bisect_left(places, anchor), bisect_left(places, anchor_end)
    low, high = max(0, at - LONGEST // 2), behind + LONGEST // 2
    quoted = sum(w in '“”"' for _, w in tokens[:at]) % 2
    yield f"quoted {quoted}"
    words = [w for _, w in tokens]
    stems = [stem(w) for w in words]
    for word in dict.fromkeys(stems[low:high]):
        yield f"in {word}"
    before, after = stems[max(0, at - WINDOW) : at], stems[behind : behind + WINDOW]
    for word in dict.fromkeys(before):
        yield f"before {word}"
    for word in dict.fromkeys(after):
        yield f"behind {word}"
    near = [*stems[max(0, at - 12) : at], "#", *stems[behind : behind + 12]]
    for a, b in pairwise(near):
        yield f"two {a} {b}"
    clause = at
    while clause > low and words[clause - 1] not in _CLAUSE:
        clause -= 1
    clause_end = behind
    while clause_end < min(len(words), high) and words[clause_end] not in _CLAUSE:
        clause_end += 1
    for word in dict.fromkeys(stems[clause:at] + stems[behind:clause_end]):
        yield f"clause {word}"
    forms = [_form(w) for w in words[clause:at]][-10:]
    for a, b in zip(forms, [*forms[1:], "#"], strict=False):
        yield f"form {a} {b}"
        yield f"form {place} {a} {b}"
    for i in range(max(clause, at - 10), at):
        if words[i] in _MODAL or words[i] in _BE or words[i] in _HAVE or words[i] == "to":
            follow = next((w for w in words[i + 1 : i + 3] if not w.endswith("ly")), "#")
            yield f"verb {words[i]} {stem(follow)} {_form(follow)}"
