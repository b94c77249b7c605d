"""Two readings of one text brought together: the deals that the rules make of it, and those of the models.

Rules are right where they speak, wherever a text says things in a way that they know, and follow references far through
a text ("the round was led by …"); the models find what is said in other ways. So the deals of the rules stand, but for
those that the models find unlikely, and the models add to them.
"""

from collections.abc import Sequence
from typing import TypeVar

from dealspan.deals.drafts import Draft, Filled
from dealspan.deals.merging import same_sum
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.grouping import Group
from dealspan.deals.roles.outline import Outline
from dealspan.deals.statements import LAST_RESORTS

T = TypeVar("T")
UNLIKELY = 0.25
"""A deal of the rules is dropped where no anchor of it is likelier than this."""
ADDED = 0.5
"""An investor that only the models see is added where it is at least this likely."""


def reconciled(
    outline: Outline, anchors: Sequence[Anchor], groups: Sequence[Group], drafts: list[Draft]
) -> list[Draft]:
    """The deals of both readings; `drafts` are those of the models, one for each of the `groups`."""
    likely = {id(deal): 0.0 for deal in outline.by_rules}
    for anchor in anchors:
        deal = outline.deal_of(anchor.by_rules)
        if deal is not None:
            likely[id(deal)] = max(likely[id(deal)], anchor.sure)
    learned: dict[int, tuple[Group, Draft]] = {}
    out: list[Draft] = []
    for group, draft in zip(groups, drafts, strict=True):
        deals = outline.deals_of(a.by_rules for a in group.anchors)
        same = next((d for d in deals if d.kind == draft.kind and id(d) not in learned and _same_sum(d, draft)), None)
        same = same or next((d for d in deals if d.kind == draft.kind and id(d) not in learned), None)
        if same is not None:
            learned[id(same)] = group, draft
        elif not deals:
            out.append(draft)
    # A headline alone is not what the models learned from: in an article its body says the same again.
    unlikely = UNLIKELY if len(outline.sentences) > 1 else 0.0
    taken = {i.mention.value.entity for deal in outline.by_rules for i in deal.investors}
    for deal in outline.by_rules:
        if id(deal) in learned:
            out.append(_joined(outline, deal, *learned[id(deal)], taken))
        elif likely[id(deal)] >= unlikely or not (deal.amount or deal.round):
            out.append(deal)
    return sorted(out, key=lambda d: (d.sentence, d.start))


def _same_sum(one: Draft, other: Draft) -> bool:
    return bool(one.amount and other.amount and same_sum(one.amount.mention, other.amount.mention))


def _joined(outline: Outline, deal: Draft, group: Group, draft: Draft, taken: set[str]) -> Draft:
    """A deal of the rules with what the models add; the models' probability of a slot that both fill is kept."""
    deal.sure = draft.sure
    guessed = deal.company is None or deal.company.rule in LAST_RESORTS
    if draft.company and not deal.companies and (guessed or deal.entity() == draft.entity()):
        rule = deal.company.rule if deal.company and deal.entity() == draft.entity() else draft.company.rule
        deal.company = draft.company._replace(rule=rule)
    deal.amount = _either(deal.amount, draft.amount)
    deal.round = _either(deal.round, draft.round)
    deal.valuation = deal.valuation or draft.valuation
    deal.date = _either(deal.date, draft.date)
    known = {i.mention.value.entity: n for n, i in enumerate(deal.investors)}
    for investor in draft.investors:
        n = known.get(investor.mention.value.entity)
        if n is not None:
            deal.investors[n] = deal.investors[n]._replace(sure=investor.sure)
        elif (investor.sure or 0.0) >= ADDED and investor.mention.value.entity not in taken:
            deal.investors.append(investor)
    for anchor in group.anchors:
        home = outline.deal_of(anchor.by_rules)
        if home is None or home is deal:  # what the rules give to another deal says nothing of this one
            headline = anchor.sentence.section == "HEADLINE"
            _add(deal.headline_claims if headline else deal.claims, [anchor.claim] if anchor.claim else [])
            _add(deal.stretches, [(anchor.sentence.start, anchor.sentence.end)])
    return deal


def _add(into: list[T], more: Sequence[T]) -> None:
    into.extend(one for one in more if one not in into)


def _either(one: Filled | None, other: Filled | None) -> Filled | None:
    if one is None or other is None:
        return one or other
    return one._replace(sure=other.sure) if one.mention == other.mention else one
