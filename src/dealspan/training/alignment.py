"""Which gold deal each anchor of an annotated article is of, by value: what the models of roles are trained on."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from dealspan.annotations import AmountRole
from dealspan.corpus.gold import GoldArticle, GoldDeal
from dealspan.deals.roles.anchors import Anchor, find_anchors
from dealspan.deals.roles.outline import Outline
from dealspan.evaluation.align import close, same_name
from dealspan.records import Kind, ValuationKind

ROLE_OF: dict[Kind, AmountRole] = {"round": "raised", "total": "total", "fund": "fund"}
_VALUED: dict[ValuationKind, AmountRole] = {
    "pre": "valuation_pre",
    "post": "valuation_post",
    "unspecified": "valuation",
}
_TOLERANCE = 0.02  # what the merging of drafts takes for one sum written twice
_NOWHERE = 9  # sentences to an amount that the text does not have


class Aligned(NamedTuple):
    """The index of the gold deal of an anchor, -1 where there is none, and its role there."""

    deal: int = -1
    role: AmountRole = "other"


class Read(NamedTuple):
    """An article as found, and what gold says: an `Aligned` for each anchor."""

    outline: Outline
    anchors: list[Anchor]
    aligned: list[Aligned]
    deals: list[GoldDeal]

    def deal_of(self) -> dict[int, int]:
        """The index of the gold deal of each anchor, by the identity of the anchor."""
        return {id(anchor): one.deal for anchor, one in zip(self.anchors, self.aligned, strict=True)}


def read(doc: Doc, article: GoldArticle) -> Read:
    """An article as the pipeline saw it, aligned with gold."""
    outline = Outline(doc)
    anchors = list(find_anchors(outline))
    return Read(outline, anchors, align(anchors, article.deals), article.deals)


def align(anchors: Sequence[Anchor], deals: Sequence[GoldDeal]) -> list[Aligned]:
    """Say of each anchor which gold deal it is of; amounts first, since round types go by the amounts beside them."""
    sums: dict[int, Aligned] = {}
    homes: dict[int, list[int]] = {}
    for place, anchor in enumerate(anchors):
        if anchor.sort == "money":
            sums[place] = _sum(anchor, deals)
            homes.setdefault(sums[place].deal, []).append(anchor.sentence.number)
    out = []
    for place, anchor in enumerate(anchors):
        if anchor.sort == "money":
            out.append(sums[place])
        else:
            out.append(_round(anchor, deals, homes) if anchor.sort == "round" else _act(anchor, deals))
    return out


def of_company(entity: str, deal: GoldDeal) -> bool:
    """Whether a name is that of the company of a deal."""
    companies = (*([deal.company] if deal.company else ()), *(deal.companies or ()))
    return any(same_name(entity, company) for company in companies)


def _sum(anchor: Anchor, deals: Sequence[GoldDeal]) -> Aligned:
    """The deal, of those with this sum, of which most stands in the sentence; next to the role that the rules see."""
    options = [*_options(anchor, deals)]
    if not options:
        return Aligned()
    seen = anchor.rule_role.partition("_")[0]
    return max(options, key=lambda o: _shared(anchor, deals[o.deal]) + 1.5 * (o.role.partition("_")[0] == seen))


def _options(anchor: Anchor, deals: Sequence[GoldDeal]) -> Iterator[Aligned]:
    found = anchor.mention.value.amount
    for i, deal in enumerate(deals):
        if deal.amount and deal.amount.currency == found.currency:
            bounds = [
                (x, y)
                for x in (found.min, found.max)
                for y in (deal.amount.min, deal.amount.max)
                if x is not None and y is not None
            ]
            if any(abs(x - y) <= _TOLERANCE * max(x, y) for x, y in bounds):
                yield Aligned(i, ROLE_OF[deal.kind])
    for i, deal in enumerate(deals):
        lower = found.min if found.min is not None else found.max
        valuation = deal.valuation
        if valuation and valuation.currency == found.currency and close(lower, valuation.amount):
            yield Aligned(i, _VALUED[valuation.kind])


def _round(anchor: Anchor, deals: Sequence[GoldDeal], homes: dict[int, list[int]]) -> Aligned:
    """The deal of this type of which most stands in the sentence; where there are several companies, more than that."""
    rated = []
    for i, deal in enumerate(deals):
        if deal.kind == "round" and deal.round_type == anchor.mention.value.value:
            gap = min((abs(n - anchor.sentence.number) for n in homes.get(i, ())), default=_NOWHERE)
            shared = _shared(anchor, deal) + 3 * (gap == 0)
            rated.append((shared - gap / 10, shared, i))
    several = len({deal.company for deal in deals}) > 1
    if not rated or (several and max(rated)[1] <= 1):
        return Aligned()
    return Aligned(max(rated)[2], "raised")


def _act(anchor: Anchor, deals: Sequence[GoldDeal]) -> Aligned:
    """The deal of this company with most of its investors in the sentence, or without a sum and a type."""
    entity = anchor.mention.value.entity
    others = {n.value.entity for n in anchor.sentence.names if n.value.entity != entity}
    rated = []
    for i, deal in enumerate(deals):
        if deal.kind != "total" and of_company(entity, deal):
            shared = sum(any(same_name(investor.name, name) for name in others) for investor in deal.investors)
            bare = deal.amount is None and deal.round_type is None
            if shared or bare:
                rated.append((shared + bare, -i))
    return Aligned(-max(rated)[1], "raised") if rated else Aligned()


def _shared(anchor: Anchor, deal: GoldDeal) -> float:
    """How much of a deal stands in the sentence of an anchor: its names, and for half as much its type and date."""
    names = {n.value.entity for n in anchor.sentence.names if n.label in ("COMPANY", "INVESTOR")}
    score = sum(2.0 for name in deal.names if any(same_name(name, one) for one in names))
    score += sum(1.0 for found in anchor.sentence.rounds if found.value.value == deal.round_type)
    return score + sum(1.0 for found in anchor.sentence.dates if deal.date and found.value.value[:7] == deal.date[:7])
