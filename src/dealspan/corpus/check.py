"""What looks wrong in an annotated article.

Errors contradict the guidelines or the text and have to go. Doubts are places to look at: a rule of dealspan reads the
words otherwise, and the annotator may well be right; `[NONE …]` says that one is.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from dealspan.components.money import find_money, parse_amount
from dealspan.components.rounds import find_rounds
from dealspan.corpus.gold import GoldArticle, GoldDeal
from dealspan.corpus.markup import Span
from dealspan.evaluation.align import close

SHORTEST = 3
"""Marked names of fewer letters are not looked for elsewhere: "GV" may be anything."""


Severity = Literal["error", "doubt"]


class Problem(NamedTuple):
    """One finding about an article, with the id of the deal or the span that it is about."""

    severity: Severity
    message: str
    deal: str | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Say which deal is meant, and what is wrong."""
        return f"{self.deal}: {self.message}" if self.deal else self.message


def problems(article: GoldArticle, spans: Sequence[Span]) -> Iterator[Problem]:
    """Yield what is wrong with an article; `spans` are all its marked stretches, NONE too."""
    if article.genre in ("none", "press_none") and article.deals:
        yield Problem("error", f"an article of genre {article.genre} has no deals")
    yield from _spans(article, spans)
    marked: dict[str, set[str]] = {}
    for mention in article.mentions:
        marked.setdefault(mention.label, set()).add(mention.text)
    for deal in article.deals:
        for message in _deal(article, deal, marked):
            yield Problem("error", message, deal.id)
        for message in _doubts(article, deal):
            yield Problem("doubt", message, deal.id)
    yield from _twins(article)
    yield from _forgotten(article, spans)


def _spans(article: GoldArticle, spans: Sequence[Span]) -> Iterator[Problem]:
    for hedges in (False, True):
        alike = sorted((start, end) for label, start, end in spans if (label == "HEDGE") is hedges)
        for (_, end), (start, stop) in pairwise(alike):
            if start < end:
                yield Problem("error", f"two mentions overlap at {article.text[start:stop]!r}", span=(start, stop))
    for label, start, end in spans:
        if said := _span(article.text, label, start, end):
            severity, message = said
            yield Problem(severity, f"{label} {article.text[start:end]!r} {message}", span=(start, end))


def _span(text: str, label: str, start: int, end: int) -> tuple[Severity, str] | None:
    """Say what is wrong with one mention."""
    held = text[start:end]
    name = label in ("COMPANY", "INVESTOR")
    if held != held.strip():
        return "error", "has space at an end: leave it outside"
    if name and held.endswith(("'s", "’s")) and held[:-2] in text:
        return "doubt", "ends with the possessive: leave it outside"
    if name and held.startswith(("the ", "a ")):
        return "error", "begins with an article: leave it outside"
    if label == "MONEY" and not (parse_amount(held) or re.search(r"\d", held)):
        return "doubt", "holds no amount that a rule can read"
    return None


def _deal(article: GoldArticle, deal: GoldDeal, marked: Mapping[str, set[str]]) -> Iterator[str]:
    """Say what of a deal the text or the mentions (their words, by label) do not bear out."""
    organisations = marked.get("COMPANY", set()) | marked.get("INVESTOR", set())
    for name in deal.names:
        if name not in organisations:
            yield f"{name!r} has no mention" + ("" if name in article.text else " and is not in the text")
    if len(set(deal.names)) < len(deal.names):
        yield "a name fills two slots"
    hedges = marked.get("HEDGE", set())
    for phrase in deal.hedges:
        if phrase not in hedges:
            yield f"the hedge {phrase!r} is not marked"
    for source in deal.attribution:
        if not re.search(rf"(?<!\w){re.escape(source)}(?!\w)", article.text) or not source.strip():
            yield f"the source {source!r} is not in the text"
    for field, currency in (("amount", deal.amount), ("valuation", deal.valuation)):
        if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency.currency):
            yield f"the currency of the {field} is {currency.currency!r}; write its ISO 4217 code"
    if deal.amount:
        yield from _amount(article, deal)
    if deal.date and not _is_date(deal.date):
        yield f"the date {deal.date!r} is none of 2026, 2026-03 and 2026-03-02"
    if deal.company is None and not deal.companies and deal.kind != "round":
        yield f"a {deal.kind} needs its company"
    if not (deal.amount or deal.round_type or deal.investors or deal.valuation):
        yield "says nothing: it has no amount, round type, investor or valuation"
    if deal.certainty != "asserted" and not deal.hedges:
        yield f"is {deal.certainty} without a hedge"
    if deal.attribution and deal.certainty == "asserted":
        yield "has a source but is asserted"


def _is_date(value: str) -> bool:
    """Whether a value is a year, a month or a day of the calendar."""
    with contextlib.suppress(ValueError):
        date.fromisoformat(f"{value}-01-01"[:10])
        return len(value) in (4, 7, 10)
    return False


def _amount(article: GoldArticle, deal: GoldDeal) -> Iterator[str]:
    assert deal.amount
    low, high = deal.amount.min, deal.amount.max
    if low is None and high is None:
        yield "the amount has no number: leave it out"
    elif low is not None and high is not None and low > high:
        yield f"the amount has its bounds the wrong way round: {low:g} > {high:g}"
    if deal.amount.text not in article.text:
        yield f"the words {deal.amount.text!r} of the amount are not in the text"
    elif not any(m.label == "MONEY" and m.text in deal.amount.text for m in article.mentions):
        yield f"the words {deal.amount.text!r} of the amount hold no MONEY"


def _doubts(article: GoldArticle, deal: GoldDeal) -> Iterator[str]:
    if deal.round_type and not any(mention.label == "ROUND" for mention in article.mentions):
        yield f"is {deal.round_type}, and no ROUND is marked"
    if deal.amount and (read := parse_amount(deal.amount.text)):
        same = close(read.min, deal.amount.min) and close(read.max, deal.amount.max)
        if not same or read.currency != deal.amount.currency:
            yield (
                f"{deal.amount.text!r} reads as {read.min} to {read.max} {read.currency}, "
                f"annotated is {deal.amount.min} to {deal.amount.max} {deal.amount.currency}"
            )
    if deal.hedges and not deal.hedged:
        yield "has hedges but is completed and asserted"


def _twins(article: GoldArticle) -> Iterator[Problem]:
    """Two deals that say the same."""
    seen: set[tuple[object, ...]] = set()
    for deal in article.deals:
        says = (
            deal.kind, deal.company, str(deal.companies), str(deal.amount), deal.round_type, str(deal.extension),
            str(deal.investors), str(deal.valuation), deal.date, deal.stage,
        )  # fmt: skip
        if says in seen:
            yield Problem("error", "says the same as another deal", deal.id)
        seen.add(says)


def _forgotten(article: GoldArticle, spans: Sequence[Span]) -> Iterator[Problem]:
    """Names marked in one place and not in another; money and round types that a rule finds unmarked."""
    text = article.text
    covered = bytearray(len(text))
    for label, start, end in spans:
        if label != "HEDGE":
            covered[start:end] = b"\x01" * (end - start)
    names = {m.text for m in article.mentions if m.label in ("COMPANY", "INVESTOR") and len(m.text) >= SHORTEST}
    if names:
        longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        for match in re.finditer(rf"(?<![\w@/.-])(?:{longest_first})(?!\w)", text):
            if not any(covered[match.start() : match.end()]):
                place = _around(text, match.start())
                message = f"{match.group()!r} is marked elsewhere but not in {place}"
                yield Problem("error", message, span=match.span())
    for layer, start, end in _by_rules(text):
        if not any(covered[start:end]):
            message = f"no {layer} in {_around(text, start)} at {text[start:end]!r}"
            yield Problem("doubt", message, span=(start, end))


# An article under review is checked after every step.
@lru_cache(maxsize=4)
def _by_rules(text: str) -> tuple[Span, ...]:
    """The money and the round types that rules find."""
    layers = (("MONEY", find_money(text)), ("ROUND", find_rounds(text)))
    return tuple((layer, one.start, one.end) for layer, found in layers for one in found)


def _around(text: str, at: int) -> str:
    return repr(text[max(0, at - 30) : at + 40])
