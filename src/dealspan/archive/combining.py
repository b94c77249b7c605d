"""A group of claims as one merged deal: every value with its sources, how it stands now, and how the claim went."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from dealspan.archive.amounts import Fit, fit
from dealspan.archive.claims import Claim
from dealspan.archive.names import clean
from dealspan.merged import MERGED_VERSION, MergedDeal, MergedInvestor, MergedSlot, Source, Step, TextSlot, Variant
from dealspan.records import Amount, Certainty, DealAmount, Role, RoundType, Valuation

T = TypeVar("T")

# On one day a denial answers the rumour; else who says it himself outweighs who has it from others.
_WEIGHT: dict[Certainty, int] = {"denied": 4, "asserted": 3, "attributed": 2, "rumored": 1, "speculative": 0}
_CONFLICTS: tuple[Fit | None, ...] = ("near", "misprint", "apart", "far")
_UNDATED = 10**9


class _Told(NamedTuple):
    """A claim under the id that it has as a source."""

    id: str
    claim: Claim


def combine(claims: Sequence[Claim]) -> MergedDeal:
    """Return what a group of claims says of its deal."""
    ordered = sorted(claims, key=lambda claim: (claim.said.first if claim.said else _UNDATED, claim.place))
    told = [_Told(f"s{number}", claim) for number, claim in enumerate(ordered, 1)]
    now = _now(told)
    first = min(claims, key=lambda claim: claim.place)
    together = any(claim.together for claim in claims)
    companies = [] if not first.companies else _companies(told)
    return MergedDeal(
        schema_version=MERGED_VERSION,
        id=_id(ordered[0]),
        kind=first.kind,
        company=companies[0] if companies and not together else None,
        companies=companies if together else None,
        amount=_amount(told),
        round_type=_round(told),
        extension=any(claim.extension for claim in claims),
        valuation=_valuation(told),
        investors=_investors(told),
        date=_text_slot((one.id, one.claim, one.claim.date) for one in told if one.claim.date),
        stage=now[0].claim.stage,
        certainty=now[0].claim.certainty,
        stands_on=[one.id for one in now],
        timeline=_timeline(told),
        sources=[_source(one) for one in told],
    )


def _id(claim: Claim) -> str:
    """An id that stays while the first source does."""
    return hashlib.sha256("\0".join((*claim.document, claim.deal)).encode()).hexdigest()[:16]


def _source(told: _Told) -> Source:
    claim = told.claim
    return Source(
        id=told.id,
        document=claim.document[0],
        deal=claim.deal,
        outlet=claim.outlet,
        title=claim.title,
        published=claim.published,
        stage=claim.stage,
        certainty=claim.certainty,
        attribution=claim.attribution,
        confidence=claim.confidence,
    )


def _now(told: Sequence[_Told]) -> list[_Told]:
    """Return the sources that say how the deal stands: the latest, and of its day the most certain.

    Once a source vouches for the deal as done or as called off, only such a source counts: a rumour that goes on being
    told undoes nothing.
    """
    best = max(_standing(one.claim) for one in told)
    sources = [one for one in told if _standing(one.claim) == best]
    last = sources[-1].claim
    return [one for one in sources if (one.claim.stage, one.claim.certainty) == (last.stage, last.certainty)]


def _standing(claim: Claim) -> tuple[bool, int, int]:
    """What makes a source outweigh another: vouching for the end of it, the day, the certainty."""
    return claim.settled, claim.said.first if claim.said else 0, _WEIGHT[claim.certainty]


def _variants(
    told: Iterable[tuple[str, Claim, T]], key: Callable[[T], Hashable], plain: Callable[[T], bool] = lambda _: True
) -> list[tuple[T, list[str]]]:
    """Group what sources say by value, the one to take first.

    Of what is vouched for, a plain value comes before bounds and what most say before what few say; of a deal still
    open, what was said last comes first.
    """
    groups: dict[Hashable, list[tuple[str, Claim, T]]] = {}
    for one in told:
        groups.setdefault(key(one[2]), []).append(one)

    def rank(group: list[tuple[str, Claim, T]]) -> tuple[object, ...]:
        vouched, day, weight = max(_standing(claim) for _, claim, _ in group)
        how_many = len(group)
        is_plain = plain(group[0][2])
        return (vouched, is_plain, how_many, day) if vouched else (vouched, day, is_plain, how_many, weight)

    # Sorting is stable: of two that rank alike, the one said first comes first.
    ranked = sorted(groups.values(), key=rank, reverse=True)
    return [(group[-1][2], list(dict.fromkeys(name for name, _, _ in group))) for group in ranked]


def _text_slot(told: Iterable[tuple[str, Claim, str]]) -> TextSlot | None:
    variants = [Variant(value=value, sources=ids) for value, ids in _variants(told, lambda value: value)]
    return TextSlot(value=variants[0].value, variants=variants) if variants else None


def _companies(told: Sequence[_Told]) -> list[TextSlot]:
    """The companies under the names that sources give them: the place of each is its place in the sorted names."""
    slots = []
    for place in range(len(told[0].claim.companies)):
        named = [(one.id, one.claim, sorted(one.claim.companies, key=lambda c: c[1])[place][0]) for one in told]
        slot = _text_slot(named)
        assert slot
        # What most call it, and of two names the fuller one, as within a document.
        variants = sorted(slot.variants, key=lambda one: (-len(one.sources), -len(clean(one.value).split())))
        slots.append(TextSlot(value=variants[0].value, variants=variants))
    return slots


def _amount(told: Sequence[_Told]) -> MergedSlot[DealAmount] | None:
    amounts = {one.id: one.claim.amounts for one in told}
    return _slot(
        told,
        _variants(
            [(one.id, one.claim, one.claim.amount) for one in told if one.claim.amount],
            lambda amount: (amount.min, amount.max, amount.currency, amount.approx),
            lambda amount: amount.min == amount.max and not amount.approx,
        ),
        lambda one, other: fit(amounts[one.sources[0]], amounts[other.sources[0]]) in _CONFLICTS,
    )


def _round(told: Sequence[_Told]) -> MergedSlot[RoundType] | None:
    # "Unknown" is what a text calls a round that has no name of its own.
    return _slot(
        told,
        _variants(
            [(one.id, one.claim, one.claim.round_type) for one in told if one.claim.round_type],
            lambda value: value,
            lambda value: value != "unknown",
        ),
        lambda one, other: one.value != other.value and "unknown" not in (one.value, other.value),
    )


def _valuation(told: Sequence[_Told]) -> MergedSlot[Valuation] | None:
    def sums(value: Valuation) -> list[Amount]:
        return [Amount(value.amount, value.amount, value.currency)]

    return _slot(
        told,
        _variants(
            [(one.id, one.claim, one.claim.valuation) for one in told if one.claim.valuation], lambda value: value
        ),
        lambda one, other: fit(sums(one.value), sums(other.value)) in _CONFLICTS,
    )


def _slot(
    told: Sequence[_Told], found: Sequence[tuple[T, list[str]]], contrary: Callable[[Variant[T], Variant[T]], bool]
) -> MergedSlot[T] | None:
    """The slot of some variants; a rumour that the deal has overtaken contradicts nothing."""
    variants = [Variant(value=value, sources=ids) for value, ids in found]
    if not variants:
        return None
    vouched = {one.id for one in told if one.claim.settled}
    weighty = [one for one in variants if not vouched.isdisjoint(one.sources)] or variants
    conflict = any(contrary(one, other) for one, other in combinations(weighty, 2))
    return MergedSlot(value=variants[0].value, conflict=conflict, variants=variants)


def _investors(told: Sequence[_Told]) -> list[MergedInvestor]:
    """The investors, those of the same clean name as one, the leading ones first, else as the sources name them."""
    named: dict[str, list[tuple[str, Claim, str]]] = {}
    led: dict[str, list[str]] = {}
    for one in told:
        for name, role in one.claim.investors:
            named.setdefault(clean(name), []).append((one.id, one.claim, name))
            if role == "lead":
                led.setdefault(clean(name), []).append(one.id)
    found = []
    for key, said in named.items():
        slot = _text_slot(said)
        assert slot
        ids = list(dict.fromkeys(led.get(key, ())))
        part: Role = "lead" if ids else "participant"
        found.append(MergedInvestor(value=slot.value, role=part, variants=slot.variants, led=ids))
    return sorted(found, key=lambda investor: investor.role != "lead")


def _timeline(told: Sequence[_Told]) -> list[Step]:
    """The points at which a source says something that none said before; who repeats it the same day is with it."""
    steps: list[Step] = []
    last: tuple[object, ...] | None = None
    amount: object = None
    for one in told:
        claim = one.claim
        said = (claim.amount.min, claim.amount.max, claim.amount.currency) if claim.amount else amount
        now = (claim.stage, claim.certainty, said)
        if now == last and steps:
            before = steps[-1]
            attribution = list(dict.fromkeys((*before.attribution, *claim.attribution)))
            steps[-1] = replace(
                before,
                attribution=attribution,
                round_type=before.round_type or claim.round_type,
                sources=[*before.sources, one.id],
            )
            continue
        steps.append(
            Step(
                date=claim.published,
                stage=claim.stage,
                certainty=claim.certainty,
                attribution=claim.attribution,
                amount=claim.amount,
                round_type=claim.round_type,
                sources=[one.id],
            )
        )
        last, amount = now, said
    return steps
