"""Whatever text is analysed: a record that is sound, the same each time, and an end.

Texts are put together of what the patterns of the components know, so that every branch of them is met, or are invented
articles in which stretches are cut, doubled, swapped or replaced.
"""

import json
import math
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import UNSET
from spacy.language import Language

from dealspan import Article, encode, explain, load, process, record_of
from dealspan.components.cues.patterns import load_cues
from dealspan.components.dates import EXPRESSION
from dealspan.components.money.numbers import _NUMBER
from dealspan.components.rounds import FORMS
from dealspan.corpus.collection import read_corpus
from dealspan.records import Record, schema

CUES = load_cues(["Bloomberg", "Reuters"])
PATTERNS = (EXPRESSION, _NUMBER, FORMS, CUES.plain, CUES.sourced)
NAMES = (
    "Novena", "Novena Inc.", "Kettl GmbH", "Kettl", "Alder Ventures", "Harbour Point Capital", "Øster & Søn A/S",
    "O’Neil’s", "A.B.C. Partners", "3M", "eToro", "Bloomberg", "Sky News", "Jane Doe", "CEO Jane Doe",
    "Berlin-based fintech Kettl", "Kettl (formerly Novena)", "the company", "it", "May", "March", "Apple", "Will",
    "Seed Capital", "Round Hill", "Zürich", "Novena.ai", "NOVENA", "The", "Series",
)  # fmt: skip
WORDS = (
    "raised", "raises", "is raising", "will raise", "closed", "led by", "co-led by", "with participation from", "and",
    "from", "backed by", "in", "at", "valuing it at", "a valuation of", "pre-money", "is in talks to", "denied that",
    "according to", "people familiar with the matter said", "may", "reportedly", "plans to", "has called off", "round",
    "bringing its total funding to", "fund", "invested", "said", "today", "a", "the", "of", "on", "by", "up to",
    "more than", "between", "to", "or more", "including", "existing investors", "as well as", "also", "funding",
    "last quarter of", "this calendar year", "the end of", "early", "mid-", "next", "million", "$5m", "€1,2", "$5-10",
    "Rs 5 crore", "US$", "bn", "0", "per cent", "%",
)  # fmt: skip
ODD = (
    ". ", ".\n", "\n", "\n\n", "\r\n", "\r", "\t", ", ", "; ", ": ", " — ", "-", "–", " (", ")", "“", "”", "‘", "’",
    '"', "'", "«", "»", "…", "* ", "- ", "• ", "# ", "> ", " | ", "1. ", "&amp;", "\0", "\x0b", "\x0c", "\x1b[2J",
    "\x1c", "\x85", "\u00a0", "\u00ad", "\u0301", "e\u0301\u0323", "\u200b", "\u200d", "\u200f", "\u2028", "\u202e",
    "\u2066", "\u3000", "\ufeff", "\ufffe", "\U0010ffff", "🚀", "👩‍👩‍👧", "🇩🇪", "İ", "ß", "ﬁ", "ς", "ǅ", "½", "²",
    "٣", "१२", "１２", "𝟗", "。", "9" * 1000, "$" + "9" * 1000, "1," * 500, "0." + "0" * 400 + "1", "a" * 3000,
    "É" * 2001, "(" * 100, "[" * 60 + "]" * 60, "." * 100, "$" * 30, "http://ledger.example/$5m", "jane@kettl.example",
)  # fmt: skip
pieces = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(WORDS),
    st.sampled_from(WORDS),
    st.sampled_from(ODD),
    *(st.from_regex(pattern, fullmatch=True).map(lambda text: text[:300]) for pattern in PATTERNS),
)
composed = st.builds(str.join, st.sampled_from([" ", " ", "", "\n"]), st.lists(pieces, max_size=40))
days = st.none() | st.dates() | st.dates(min_value=date(2015, 1, 1), max_value=date(2027, 12, 31))


@cache
def articles() -> list[str]:
    """Some invented articles, of those that are trained on."""
    written = read_corpus(Path(__file__).parents[1] / "corpus").written
    return [one.gold.text for one in written if one.gold.split == "train"][::10]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.deferred(lambda: st.sampled_from(articles())))
    at = draw(st.integers(0, max(0, len(text) - 1500)))
    text = text[at : at + 1500]
    for _ in range(draw(st.integers(1, 8))):
        start, length = draw(st.integers(0, len(text))), draw(st.sampled_from([1, 2, 10, 50, 300]))
        before, stretch, behind = text[:start], text[start : start + length], text[start + length :]
        match draw(st.sampled_from(["cut", "doubled", "swapped", "replaced"])):
            case "cut":
                text = before + behind
            case "doubled":
                text = before + stretch * 2 + behind
            case "swapped":
                text = before + behind[:length] + stretch + behind[length:]
            case _:
                text = before + draw(pieces) + behind
    return text


VALIDATOR = Draft202012Validator(schema())


def check(text: str, record: Record) -> None:
    """Fail where a record is not sound: offsets, references, values, or what the schema says."""

    def inside(start: int, end: int) -> bool:
        return 0 <= start < end <= len(text)

    mentions = {mention.id: mention for mention in record.mentions}
    entities = {entity.id: entity for entity in record.entities}
    assert list(mentions) == [f"m{n}" for n in range(1, len(record.mentions) + 1)]
    assert [deal.id for deal in record.deals] == [f"d{n}" for n in range(1, len(record.deals) + 1)]
    for mention in record.mentions:
        assert inside(mention.start, mention.end)
        assert mention.text == text[mention.start : mention.end] == mention.text.strip()
        assert (mention.amount is not UNSET) == (mention.label == "MONEY")
        assert (mention.entity is not UNSET) == (mention.label in ("COMPANY", "INVESTOR"))
        if mention.entity is not UNSET:
            assert mention.id in entities[mention.entity].mentions
        if mention.amount is not UNSET:
            bounds = [bound for bound in (mention.amount.min, mention.amount.max) if bound is not None]
            assert all(map(math.isfinite, bounds)) and bounds == sorted(bounds)
    for entity in record.entities:
        assert entity.name.strip()
        assert entity.mentions and all(mentions[name].entity == entity.id for name in entity.mentions)
    for deal in record.deals:
        slots = [deal.company, *(deal.companies or ()), deal.amount, deal.round_type, deal.valuation, *deal.investors]
        for slot in (*slots, deal.stage, deal.certainty):
            assert slot is None or (slot.evidence and set(slot.evidence) <= set(mentions))
        for name in (deal.company, *(deal.companies or ()), *deal.investors):
            assert name is None or (name.value.strip() and name.entity in entities)
        assert deal.amount is None or deal.amount.value.text in text
        if deal.date is not None:
            date.fromisoformat(deal.date.value + "-01-01"[len(deal.date.value) - 4 :])
            assert deal.date.evidence
        for start, end in (*deal.evidence, *(deal.date.evidence if deal.date else ())):
            assert inside(start, end)
        assert deal.evidence
        for hedge in deal.hedges:
            assert inside(hedge.start, hedge.end) and hedge.text == text[hedge.start : hedge.end]
            assert 0 <= hedge.scope[0] <= hedge.scope[1] <= len(text)
        for source in deal.attribution:
            assert inside(source.start, source.end) and source.value == text[source.start : source.end]
    line = encode(record)
    assert encode(msgspec.json.decode(line, type=Record)) == line
    for error in VALIDATOR.iter_errors(json.loads(line)):
        raise AssertionError(error.message)


@pytest.fixture(scope="module", params=["rules", "trained"])
def either(request: pytest.FixtureRequest) -> Language:
    return load(request.param)


def analysed(nlp: Language, text: str, published: date | None) -> None:
    article = Article(id="a", text=text, published=published)
    (_, doc), (_, again) = process(nlp, [article, article])
    record = record_of(article, doc)
    check(text, record)
    assert encode(record_of(article, again)) == encode(record)
    for reason in explain(doc):
        assert text[reason.start : reason.end] == reason.text != ""
        assert reason.rule and 0 <= reason.confidence <= 1


# A text of this size takes some hundredths of a second.
bounded = settings(max_examples=40, deadline=20_000, suppress_health_check=list(HealthCheck))


@bounded
@given(text=composed, published=days)
def test_composed_text(either: Language, text: str, published: Any) -> None:
    analysed(either, text, published)


@bounded
@given(text=mutated(), published=days)
def test_mutated_article(either: Language, text: str, published: Any) -> None:
    analysed(either, text, published)
