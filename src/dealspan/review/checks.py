"""What looks wrong in a reading while it is edited.

Most of it is what the corpus is checked for; added is what only a reading has: the mentions that a value rests on.
"""

from collections.abc import Iterator

from msgspec import Struct

from dealspan.components.money import parse_amount
from dealspan.corpus.check import Severity, problems
from dealspan.records import Article, Label
from dealspan.review.conversion import to_gold
from dealspan.review.state import ReviewDeal, State

_NAMES: tuple[Label, ...] = ("COMPANY", "INVESTOR")
EVIDENCE: dict[str, tuple[Label, ...]] = {
    "company": _NAMES,
    "companies": _NAMES,
    "investors": _NAMES,
    "amount": ("MONEY",),
    "valuation": ("MONEY",),
    "round_type": ("ROUND",),
}
"""The labels that a field may rest on; the others may rest on any."""
FILLED_ALWAYS = ("stage", "certainty")
"""Fields that every deal has, also where no words of the text say so."""


class Check(Struct, frozen=True):
    """A finding, with the deal or the stretch of text that it is about."""

    severity: Severity
    deal: str | None
    span: tuple[int, int] | None
    message: str


def checks(document: Article, state: State) -> list[Check]:
    """Return what looks wrong, errors first; what is rejected is not looked at."""
    found = list(_of_corpus(document, state))
    for name, deal in state.deals.items():
        if deal.verdict != "rejected":
            found += (Check(severity, name, None, message) for severity, message in _deal(deal, state))
    return sorted(found, key=lambda one: one.severity != "error")


def _of_corpus(document: Article, state: State) -> Iterator[Check]:
    """Yield what is wrong with the reading as gold."""
    gold = to_gold(document, state, "")
    for one in problems(gold, [(m.label, m.start, m.end) for m in gold.mentions]):
        yield Check(one.severity, one.deal, one.span, one.message)


def _deal(deal: ReviewDeal, state: State) -> Iterator[tuple[Severity, str]]:
    if deal.kind == "round" and deal.company is None and not deal.companies:
        yield "doubt", "names no company: right only where the text leaves it unnamed"
    if deal.amount and not parse_amount(deal.amount.value.text):
        yield "doubt", f"the words {deal.amount.value.text!r} of the amount cannot be read as one"
    for field, slot in deal.resting():
        if not slot.evidence and field not in FILLED_ALWAYS:
            yield "doubt", f"{_shown(field)} has no evidence"
        for name in slot.evidence:
            label = state.mentions[name].label
            if label not in EVIDENCE.get(field, (label,)):
                yield "error", f"{_shown(field)} rests on a {label}, mention {name}"
    if deal.date and not deal.date.evidence:
        yield "doubt", "the date has no evidence"
    for name in deal.hedges:
        if (label := state.mentions[name].label) != "HEDGE":
            yield "error", f"mention {name} is no HEDGE but a {label}"


def _shown(field: str) -> str:
    return {"investors": "an investor", "companies": "a company", "round_type": "the round type"}.get(
        field, f"the {field}"
    )
