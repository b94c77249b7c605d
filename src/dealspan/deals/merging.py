"""One record per financing: statements of the same financing are brought together."""

from collections.abc import Iterable, Sequence
from itertools import islice

from dealspan.annotations import Found, Money
from dealspan.deals.drafts import Draft

# Two writings of one sum differ by rounding ("$1.6B" in the headline, "$1.58 billion" below).
_TOLERANCE = 0.02
# A round named alone ("The Series A was led by …") joins an amount without a type at most this many sentences away.
_NEAR = 15
# A statement is brought together with one of so many deals before it: hardly an article tells of more, and in an
# archive that was pasted into one text every statement would be held against every other.
_BACK = 100


def merge(drafts: Iterable[Draft]) -> list[Draft]:
    """Merge the drafts of a text, in text order, into deals."""
    deals: list[Draft] = []
    places: dict[int, dict[str, int]] = {}
    last: Draft | None = None
    for draft in drafts:
        if draft.refers:
            if last is not None:
                _absorb(last, draft, places)
            continue
        home = next((d for d in islice(reversed(deals), _BACK) if _same(d, draft)), None)
        if home is None:
            if draft.weak:
                continue
            deals.append(draft)
            home = draft
        else:
            _absorb(home, draft, places)
        if home.kind != "total" and not draft.earlier:
            last = home
    return _drop_shadows(deals)


def _same(deal: Draft, draft: Draft) -> bool:
    """Whether two drafts speak of one financing."""
    if deal.kind != draft.kind or not _same_company(deal, draft):
        return False
    if deal.amount and draft.amount:
        if not same_sum(deal.amount.mention, draft.amount.mention):
            return False
        return not (deal.round and draft.round) or _round(deal) == _round(draft) or deal.kind != "round"
    if deal.kind != "round":
        return deal.kind == "total" or not (deal.earlier or draft.earlier)
    if deal.round and draft.round:
        return _round(deal) == _round(draft)
    if deal.earlier != draft.earlier or _cancelled(deal) != _cancelled(draft):
        return False
    if not deal.amount and not deal.round and not draft.amount and not draft.round:
        return True
    if _stage(deal) != _stage(draft) and not draft.headline and not deal.headline and _planned(deal) != _planned(draft):
        return False
    return draft.sentence - deal.sentence <= _NEAR or deal.headline


def _same_company(deal: Draft, draft: Draft) -> bool:
    if deal.companies or draft.companies:
        return {c.mention.value.entity for c in deal.companies} == {c.mention.value.entity for c in draft.companies}
    a, b = deal.entity(), draft.entity()
    return a is None or b is None or a == b


def same_sum(a: Found[Money], b: Found[Money]) -> bool:
    """Whether two amounts can be one sum: same currency, a bound in common within rounding."""
    first, second = a.value.amount, b.value.amount
    if first.currency != second.currency:
        return False
    ones = [x for x in (first.min, first.max) if x is not None]
    others = [x for x in (second.min, second.max) if x is not None]
    if not ones or not others:
        return not ones and not others
    return any(abs(x - y) <= _TOLERANCE * max(x, y) for x in ones for y in others)


def _round(draft: Draft) -> str | None:
    return str(draft.round.mention.value) if draft.round else None


def _stage(draft: Draft) -> str | None:
    claims = draft.claims or draft.headline_claims
    return claims[0].value.stage if claims else None


def _planned(draft: Draft) -> bool:
    return _stage(draft) in ("planned", "in_progress")


def _cancelled(draft: Draft) -> bool:
    return _stage(draft) == "cancelled"


def _absorb(deal: Draft, draft: Draft, places: dict[int, dict[str, int]]) -> None:
    """Take over what the second statement adds; the body outweighs the headline.

    `places` keeps, by the identity of a deal, where its investors stand in it.
    """
    body_first = deal.headline and not draft.headline
    if draft.company and (
        deal.company is None
        or (body_first and draft.company.rule in ("subject_of_raise", "possessive", "invested_into"))
    ):
        deal.company = draft.company
    deal.companies = deal.companies or draft.companies
    if draft.amount and (deal.amount is None or (body_first and deal.kind == draft.kind)):
        deal.amount = draft.amount
    deal.round = deal.round or draft.round
    deal.valuation = draft.valuation if draft.valuation and (deal.valuation is None or body_first) else deal.valuation
    known, fresh = places.setdefault(id(deal), {}), len(deal.investors)
    if not known:
        known.update({i.mention.value.entity: n for n, i in enumerate(deal.investors)})
    for investor in draft.investors:
        n = known.get(investor.mention.value.entity)
        if n is None:
            deal.investors.append(investor)
        elif investor.role == "lead" and deal.investors[n].role != "lead":
            deal.investors[n] = investor
    known.update({i.mention.value.entity: n for n, i in enumerate(deal.investors[fresh:], fresh)})
    deal.date = deal.date or draft.date
    deal.claims.extend(draft.claims)
    deal.headline_claims.extend(draft.headline_claims)
    deal.asides.extend(draft.asides)
    deal.stretches.extend(draft.stretches)
    deal.parts.extend(draft.parts)
    if body_first:
        deal.headline = False
        deal.sentence = draft.sentence


def _drop_shadows(deals: Sequence[Draft]) -> list[Draft]:
    """A headline's sum that the body calls the total, or the sum of rounds, is no round of its own."""
    totals = [d for d in deals if d.kind == "total" and d.amount]
    out = []
    for deal in deals:
        if deal.kind == "round" and deal.headline and deal.amount:
            same = [
                t
                for t in totals
                if t.amount and same_sum(t.amount.mention, deal.amount.mention) and _same_company(t, deal)
            ]
            others = [d for d in deals if d is not deal and d.kind == "round" and d.amount and _same_company(d, deal)]
            if same and others:
                same[0].headline_claims.extend(deal.headline_claims)
                continue
        out.append(deal)
    return out


def clean_name(name: str) -> str:
    """A name on one line."""
    return " ".join(name.split())
