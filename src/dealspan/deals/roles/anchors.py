"""The places of a text that may state a financing: amounts, round types, and companies that somebody backs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from dealspan.annotations import AmountRole, Claim, Found
from dealspan.deals.drafts import Draft, Sentence
from dealspan.deals.roles.outline import Outline

Sort = Literal["money", "round", "act"]


@dataclass(slots=True)
class Anchor:
    """A place that may state a financing.

    `role` and `sure` are what the model takes it for, `companies` the probability of each company that it may be of.
    """

    sort: Sort
    mention: Found[Any]
    sentence: Sentence
    start: int
    end: int
    by_rules: Draft | None
    rule_role: str
    rule: str
    role: AmountRole = "other"
    sure: float = 0.0
    companies: dict[str, float] = field(default_factory=dict)
    claim: Found[Claim] | None = None

    @property
    def company(self) -> str | None:
        """The likeliest company."""
        return max(self.companies, key=self.companies.__getitem__, default=None)


def find_anchors(outline: Outline) -> Iterator[Anchor]:
    """Yield the anchors of a text, in order."""
    for sentence in outline.sentences:
        found = [*_amounts(outline, sentence), *_rounds(outline, sentence)] or list(_acts(outline, sentence))
        for anchor in sorted(found, key=lambda a: a.start):
            anchor.claim = next(
                (c for c in sentence.claims if (c.start, c.end) == (anchor.mention.start, anchor.mention.end)),
                min(sentence.claims, key=lambda c: abs(c.start - anchor.start), default=None),
            )
            yield anchor


def _amounts(outline: Outline, sentence: Sentence) -> Iterator[Anchor]:
    drafts = outline.drafts.get(sentence.number, ())
    for amount in sentence.amounts:
        value = amount.mention.value
        draft = next((d for d in drafts if d.amount and d.amount.mention is amount.mention), None)
        draft = draft or next((d for d in drafts if d.valuation and d.valuation.mention is amount.mention), None)
        yield Anchor("money", amount.mention, sentence, value.start, value.end, draft, amount.role, amount.rule)


def _rounds(outline: Outline, sentence: Sentence) -> Iterator[Anchor]:
    drafts = outline.drafts.get(sentence.number, ())
    for found in sentence.rounds:
        draft = next((d for d in drafts if d.round and d.round.mention is found), None)
        role = "-" if draft is None else "with" if draft.amount else "alone"
        yield Anchor("round", found, sentence, found.start, found.end, draft, role, found.value.value)


def _acts(outline: Outline, sentence: Sentence) -> Iterator[Anchor]:
    """The companies of a sentence without sum and round type that speaks of an investment."""
    drafts = outline.drafts.get(sentence.number, ())
    if not (drafts or sentence.number in outline.investing):
        return
    seen = set()
    for found in sentence.names:
        if found.label != "COMPANY" or found.value.entity in seen:
            continue
        seen.add(found.value.entity)
        draft = next((d for d in drafts if d.company and d.company.mention is found and not d.refers), None)
        rule = draft.company.rule if draft and draft.company else "-"
        yield Anchor("act", found, sentence, found.start, found.end, draft, rule, found.rule)
