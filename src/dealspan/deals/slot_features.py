"""What is seen of the slots of a deal, where the question is whether it is one: what all models before made of it."""

import math
from collections.abc import Iterator, Sequence

from dealspan.deals.confidence import STEPS, level
from dealspan.deals.drafts import Draft

COMPARED = 100
"""A deal is compared with so many of a text, the first ones, that the time stays linear."""


def slot_features(drafts: Sequence[Draft], first_line: Sequence[str]) -> list[list[str]]:
    """The features of each deal of a text; `first_line` are those of the words that the text begins with."""
    companies = [draft.entity() for draft in drafts]
    sure = sorted((draft.sure or 0.0 for draft in drafts), reverse=True)
    found = []
    for place, (draft, company) in enumerate(zip(drafts, companies, strict=True)):
        others = [other for i, other in enumerate(drafts[:COMPARED]) if i != place]
        top = sure[1:2] if draft.sure and draft.sure == sure[0] else sure[:1]
        found.append(
            [
                *_slots(draft),
                *first_line,
                *_levels("surest other", top[0] if top else None),
                f"deals {min(len(drafts), 6)} {place == 0}",
                *_beside(draft, company, others),
            ]
        )
    return found


def _slots(draft: Draft) -> Iterator[str]:
    """The slots of a deal, the rules behind them and how likely models find them."""
    kind, company, amount, round_type, valuation = (
        draft.kind, draft.company, draft.amount, draft.round, draft.valuation,
    )  # fmt: skip
    round_name = str(round_type.mention.value.value) if round_type else None
    yield f"by rules alone {draft.sure is None}"
    yield from _levels("sure", draft.sure)
    yield from _levels(f"{kind} sure", draft.sure)
    yield f"company {company and company.rule}"
    yield f"company is {company and company.mention.label}"
    yield from _levels("company", company and company.sure)
    yield from _levels("company name", company and company.mention.value.sure)
    yield f"amount {amount and amount.rule}"
    yield from _levels("amount", amount and amount.sure)
    if amount:
        sums = amount.mention.value.amount
        size = sums.min or sums.max
        yield f"size {int(2 * math.log10(size)) if size and size > 0 else None}"
    yield f"round {round_type and round_type.rule}"
    yield f"type {round_name}"
    yield from _levels("round", round_type and round_type.sure)
    yield f"type {round_name} {bool(amount)} {bool(company)}"
    yield f"valuation {valuation and valuation.rule}"
    yield f"investors {min(len(draft.investors), 4)}"
    for investor in draft.investors:
        yield f"investor {investor.rule}"
    yield from _levels("investor", max((i.sure or 0.0 for i in draft.investors), default=None))
    yield from _levels("investor name", max((i.mention.value.sure or 0.0 for i in draft.investors), default=None))
    filled = f"{bool(company)} {bool(amount)} {bool(round_type)} {bool(valuation)} {min(len(draft.investors), 2)}"
    yield f"filled {filled} {kind}"
    yield f"earlier {draft.earlier} {draft.headline} {min(len(draft.parts), 3)}"
    yield f"date {bool(draft.date)}"
    yield f"sentence {int(math.log2(1 + draft.sentence))}"


def _beside(draft: Draft, company: str | None, others: Sequence[Draft]) -> Iterator[str]:
    """What other deals of the text have in common with one."""
    same = [other for other in others if company and other.entity() == company]
    yield f"of the same company {min(len(same), 3)} {bool(draft.amount)}"
    for other in same:
        kinds, surer = f"{other.kind} {draft.kind}", (other.sure or 0.0) > (draft.sure or 0.0)
        if other.round and draft.round:
            types = other.round.mention.value.value == draft.round.mention.value.value
            yield f"company again {types} {bool(other.amount)} {bool(draft.amount)} {kinds}"
        slots = f"{bool(other.amount)} {bool(draft.amount)} {bool(other.round)} {bool(draft.round)}"
        yield f"company again {kinds} {slots} {surer}"
    for other in others:
        if draft.amount and other.amount and draft.amount.mention.value.amount == other.amount.mention.value.amount:
            yield f"sum again {other.kind} {draft.kind} {bool(other.entity())} {bool(company)}"


def _levels(name: str, likely: float | None) -> Iterator[str]:
    """The steps that a probability is above."""
    if likely is None:
        yield f"{name} none"
    else:
        yield from (f"{name} {step}" for step in STEPS[: level(likely)])
