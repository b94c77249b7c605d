"""What the confidence of a mention and of a deal as a whole rests on."""

from typing import Any

from dealspan.annotations import Found
from dealspan.deals.confidence import Grounds
from dealspan.deals.drafts import Draft
from dealspan.deals.statements import LAST_RESORTS


def _rule(draft: Draft) -> str:
    """The slots of a deal in a word."""
    parts: list[str] = [draft.kind]
    parts += [name for name, value in (("amount", draft.amount), ("round", draft.round)) if value]
    if not (draft.amount or draft.round):
        parts.append("investor" if draft.investors else "valuation")
    if draft.company is None and not draft.companies:
        parts.append("unnamed")
    elif draft.company is not None and draft.company.rule in LAST_RESORTS:
        parts.append("guessed")
    parts.append("repeated" if len(draft.stretches) > 1 else "once")
    return "+".join(parts)


def grounds_of_mention(found: Found[Any]) -> Grounds:
    """What the confidence of a mention rests on."""
    sure = found.value.probability if found.label == "HEDGE" else None
    return Grounds(found.label, found.rule, found.value.sure if found.label in ("COMPANY", "INVESTOR") else sure)


def grounds_of_deal(draft: Draft) -> Grounds:
    """What the confidence of a deal rests on."""
    return Grounds("deal", _rule(draft), draft.sure)
