"""A state from what the machine wrote or from gold, and gold from a state."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import UNSET

from dealspan.components.rounds import find_rounds
from dealspan.corpus.gold import GoldAmount, GoldArticle, GoldDeal, GoldInvestor, GoldMention
from dealspan.records import Article, Deal, DealAmount, Record, RoundType
from dealspan.review.state import (
    DateSlot,
    InvalidError,
    InvestorSlot,
    ReviewDeal,
    ReviewMention,
    Slot,
    SourceSlot,
    State,
    validate,
)

# From a record


def from_record(record: Record, text: str) -> State:
    """Return the state in which a record stands before anybody has looked at it."""
    mentions = {
        one.id: ReviewMention(
            label=one.label,
            start=one.start,
            end=one.end,
            origin="machine",
            confidence=one.confidence,
            amount=one.amount or None,
            entity=one.entity or None,
        )
        for one in record.mentions
    }
    hedges = _Hedges(mentions)
    deals = {deal.id: _deal(deal, hedges) for deal in record.deals}
    state = State(mentions=mentions, deals=deals)
    validate(state, text)
    return state


class _Hedges(NamedTuple):
    """The mentions of hedges; where a deal has a hedge that is none, it becomes one."""

    mentions: dict[str, ReviewMention]

    def at(self, start: int, end: int) -> str:
        """Return the id of the hedge with this span."""
        for name, mention in self.mentions.items():
            if (mention.label, mention.start, mention.end) == ("HEDGE", start, end):
                return name
        name = next(name for n in range(1, len(self.mentions) + 2) if (name := f"mh{n}") not in self.mentions)
        self.mentions[name] = ReviewMention(label="HEDGE", start=start, end=end, origin="machine")
        return name


def _slot(slot: Any) -> Any:
    """Return a slot of a record that rests on mentions."""
    if slot is None:
        return None
    return Slot(value=slot.value, confidence=slot.confidence, evidence=list(slot.evidence), origin="machine")


def _deal(deal: Deal, hedges: _Hedges) -> ReviewDeal:
    return ReviewDeal(
        kind=deal.kind,
        company=_slot(deal.company),
        companies=[_slot(one) for one in deal.companies] if deal.companies else None,
        amount=_slot(deal.amount),
        round_type=_slot(deal.round_type),
        extension=deal.extension is True,
        valuation=_slot(deal.valuation),
        investors=[
            InvestorSlot(
                value=one.value, role=one.role, confidence=one.confidence, evidence=one.evidence, origin="machine"
            )
            for one in deal.investors
        ],
        stage=_slot(deal.stage),
        certainty=_slot(deal.certainty),
        hedges=list(dict.fromkeys(hedges.at(one.start, one.end) for one in deal.hedges)),
        attribution=[
            SourceSlot(value=one.value, start=one.start, end=one.end, confidence=one.confidence, origin="machine")
            for one in deal.attribution
        ],
        date=DateSlot(
            value=deal.date.value,
            confidence=deal.date.confidence,
            evidence=[(start, end) for start, end in deal.date.evidence],
            origin="machine",
        )
        if deal.date
        else None,
        confidence=deal.confidence,
        evidence=[(start, end) for start, end in deal.evidence],
        origin="machine",
    )


# To gold


def to_gold(document: Article, state: State, author: str) -> GoldArticle:
    """Return a reading as gold: every deal that is not rejected."""
    placed = sorted(state.mentions.values(), key=lambda one: (one.start, -one.end, one.label))
    return GoldArticle(
        id=document.id,
        published=document.published,
        title=document.title,
        source=document.source or "",
        genre="reviewed",
        split="train",
        author=author,
        text=document.text,
        mentions=[
            GoldMention(label=one.label, text=document.text[one.start : one.end], start=one.start, end=one.end)
            for one in placed
        ],
        deals=[
            gold_deal(name, deal, state, document.text)
            for name, deal in state.deals.items()
            if deal.verdict != "rejected"
        ],
    )


def gold_deal(name: str, deal: ReviewDeal, state: State, text: str) -> GoldDeal:
    """Return a deal as gold; `name` is its id."""
    amount = deal.amount and deal.amount.value
    hedges = sorted((state.mentions[one] for one in deal.hedges), key=lambda one: (one.start, one.end))
    return GoldDeal(
        id=name,
        kind=deal.kind,
        company=deal.company.value if deal.company else None,
        companies=[one.value for one in deal.companies] if deal.companies else UNSET,
        amount=GoldAmount(
            min=amount.min, max=amount.max, currency=amount.currency, text=amount.text, approx=amount.approx or UNSET
        )
        if amount
        else None,
        round_type=deal.round_type.value if deal.round_type else None,
        extension=deal.extension or UNSET,
        valuation=deal.valuation.value if deal.valuation else None,
        investors=[GoldInvestor(name=one.value, role=one.role) for one in deal.investors],
        stage=deal.stage.value,
        certainty=deal.certainty.value,
        hedges=list(dict.fromkeys(text[one.start : one.end] for one in hedges)),
        attribution=list(dict.fromkeys(one.value for one in deal.attribution)),
        date=deal.date.value if deal.date else None,
    )


def says(deal: GoldDeal) -> dict[str, Any]:
    """Return what a deal says by field, whatever its id and in whatever order its lists are."""
    return {
        field: sorted(map(str, value)) if isinstance(value := getattr(deal, field), list) else value
        for field in deal.__struct_fields__
        if field != "id"
    }


def content(article: GoldArticle) -> str:
    """Return all that a reading says, whoever says it: equal where two readings do not differ."""
    return f"{article.mentions}\n{sorted(str(says(deal)) for deal in article.deals)}"


# From gold


def from_gold(article: GoldArticle) -> State:
    """Return the state in which gold stands before anybody has looked at it.

    Gold does not say which mention a value rests on: the mentions that say it are taken.

    Raises
    ------
    InvalidError
        Where a hedge or a source of a deal is not in the text, or a span is none of the text.

    """
    mentions: dict[str, ReviewMention] = {}
    for number, one in enumerate(article.mentions, 1):
        if article.text[one.start : one.end] != one.text:
            raise InvalidError(f"mention {one.text!r} does not stand at {one.start} to {one.end}")
        mentions[f"m{number}"] = ReviewMention(label=one.label, start=one.start, end=one.end, origin="machine")
    rounds = [(one.start, one.end, one.value.value) for one in find_rounds(article.text)]
    reading = _Reading(article.text, _Hedges(mentions), rounds)
    deals = {f"d{number}": reading.deal(deal) for number, deal in enumerate(article.deals, 1)}
    state = State(mentions=mentions, deals=deals)
    validate(state, article.text)
    return state


class _Reading(NamedTuple):
    """A text with its mentions, in which values of gold are looked for; `rounds` are the types that rules read."""

    text: str
    hedges: _Hedges
    rounds: list[tuple[int, int, RoundType]]

    def deal(self, deal: GoldDeal) -> ReviewDeal:
        """Return a deal of gold with what it rests on."""
        amount = deal.amount
        worth = deal.valuation
        return ReviewDeal(
            kind=deal.kind,
            company=self._name(deal.company) if deal.company else None,
            companies=[self._name(one) for one in deal.companies] if deal.companies else None,
            amount=Slot(
                value=DealAmount(
                    min=amount.min,
                    max=amount.max,
                    currency=amount.currency,
                    approx=amount.approx is True,
                    text=amount.text,
                ),
                evidence=list(self._money(amount.text)),
                origin="machine",
            )
            if amount
            else None,
            round_type=Slot(value=deal.round_type, evidence=list(self._rounds(deal.round_type)), origin="machine")
            if deal.round_type
            else None,
            extension=deal.extension is True,
            valuation=Slot(value=worth, origin="machine") if worth else None,
            investors=[
                InvestorSlot(value=one.name, role=one.role, evidence=list(self._named(one.name)), origin="machine")
                for one in deal.investors
            ],
            stage=Slot(value=deal.stage, origin="machine"),
            certainty=Slot(value=deal.certainty, origin="machine"),
            hedges=[self._hedge(phrase) for phrase in deal.hedges],
            attribution=[self._named_source(name) for name in deal.attribution],
            date=DateSlot(value=deal.date, origin="machine") if deal.date else None,
            origin="machine",
        )

    def _labelled(self, *labels: str) -> Iterator[tuple[str, int, int]]:
        for name, one in self.hedges.mentions.items():
            if one.label in labels:
                yield name, one.start, one.end

    def _named(self, name: str) -> Iterator[str]:
        for mention, start, end in self._labelled("COMPANY", "INVESTOR"):
            if self.text[start:end] == name:
                yield mention

    def _name(self, name: str) -> Slot[str]:
        return Slot(value=name, evidence=list(self._named(name)), origin="machine")

    def _money(self, words: str) -> Iterator[str]:
        """Yield the mentions of money within the words of an amount, wherever these stand."""
        for place in re.finditer(re.escape(words), self.text):
            for mention, start, end in self._labelled("MONEY"):
                if place.start() <= start and end <= place.end():
                    yield mention

    def _rounds(self, value: str) -> Iterator[str]:
        for mention, start, end in self._labelled("ROUND"):
            if any(read == value and at < end and start < until for at, until, read in self.rounds):
                yield mention

    def _hedge(self, phrase: str) -> str:
        for mention, start, end in self._labelled("HEDGE"):
            if self.text[start:end] == phrase:
                return mention
        return self.hedges.at(*self._place(phrase, "hedge"))

    def _named_source(self, name: str) -> SourceSlot:
        start, end = self._place(name, "source")
        return SourceSlot(value=name, start=start, end=end, origin="machine")

    def _place(self, words: str, what: str) -> tuple[int, int]:
        found = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", self.text) or re.search(re.escape(words), self.text)
        if not found or not words.strip():
            raise InvalidError(f"the {what} {words!r} of a deal is not in the text")
        return found.span()
