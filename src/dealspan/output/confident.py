"""What of a record is sure enough: `extract --min-confidence`."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from dealspan.records import Deal, Record


class _Rated(Protocol):
    @property
    def confidence(self) -> float: ...


Slot = TypeVar("Slot", bound=_Rated)


def confident(record: Record, least: float) -> Record:
    """Return a record without what has a lower confidence; ids and values stay as they are.

    Parameters
    ----------
    record
        What was found in one document.
    least
        The lowest confidence that stays, from 0 (all stays) to 1. Deals below it are left out, and so are the slots,
        investors and named sources below it of the other deals. Stage and certainty always stay, for a deal is not
        whole without them, and so do the hedges, which have no confidence. A deal of which no other slot is left is
        left out too. A mention below it stays only as evidence of what stays; an entity stays with its mentions.

    """
    if not least:
        return record
    deals = [
        kept for deal in record.deals if deal.confidence >= least and _says_something(kept := _without(deal, least))
    ]
    evidence = {mention for deal in deals for mention in _evidence(deal)}
    mentions = [one for one in record.mentions if one.confidence >= least or one.id in evidence]
    left = {one.id for one in mentions}
    entities = [
        replace(entity, mentions=members)
        for entity in record.entities
        if (members := [mention for mention in entity.mentions if mention in left])
    ]
    return replace(record, mentions=mentions, entities=entities, deals=deals)


def _without(deal: Deal, least: float) -> Deal:
    """Return a deal without its slots below a confidence."""
    round_type = _sure(deal.round_type, least)
    return replace(
        deal,
        company=_sure(deal.company, least),
        companies=_all_sure(deal.companies or [], least) or None,
        amount=_sure(deal.amount, least),
        round_type=round_type,
        extension=deal.extension if round_type else UNSET,  # it is said of the round
        valuation=_sure(deal.valuation, least),
        investors=_all_sure(deal.investors, least),
        attribution=_all_sure(deal.attribution, least),
        date=_sure(deal.date, least),
    )


def _sure(slot: Slot | None, least: float) -> Slot | None:
    return slot if slot and slot.confidence >= least else None


def _all_sure(slots: Sequence[Slot], least: float) -> list[Slot]:
    return [slot for slot in slots if slot.confidence >= least]


def _says_something(deal: Deal) -> bool:
    """Whether any slot is filled beside those that every deal has."""
    slots = (deal.company, deal.companies, deal.amount, deal.round_type, deal.valuation, deal.investors, deal.date)
    return any(slots)


def _evidence(deal: Deal) -> list[str]:
    """Return the ids of the mentions that a deal rests on; the evidence of a date is no mention."""
    slots = (deal.company, deal.amount, deal.round_type, deal.valuation, deal.stage, deal.certainty)
    filled = [slot for slot in (*slots, *(deal.companies or []), *deal.investors) if slot]
    return [mention for slot in filled for mention in slot.evidence]
