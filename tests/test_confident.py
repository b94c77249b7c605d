"""What `--min-confidence` leaves of a record."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import UNSET
from msgspec.structs import replace
from spacy.language import Language

from dealspan import process, record_of
from dealspan.output.confident import confident
from dealspan.records import Article, NameSlot, Record, encode, schema
from tests.annotated import load_cases, parse
from tests.samples import completed, empty, hedged
from tests.test_output import DONE, NONE, RUMOUR

LABELS = {"COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE"}
SLOTS = ("company", "amount", "round_type", "valuation", "date")
VALIDATOR = Draft202012Validator(schema())
WHOLE = hedged(RUMOUR)
(DEAL,) = WHOLE.deals
FIRMS = {"Kettl": 0.9, "Novena": 0.8}


@pytest.fixture(scope="module")
def records(nlp: Language) -> list[Record]:
    """The records of invented articles."""
    articles = [Article(id=case["id"], text=parse(case["text"], LABELS)[0]) for case in load_cases("deals")]
    return [record_of(article, doc) for article, doc in process(nlp, articles)]


def contents(record: Record) -> set[str]:
    """All that a record says, a line each."""
    said = {f"mention {one.id}" for one in record.mentions} | {f"entity {one.id}" for one in record.entities}
    said |= {f"entity {one.id} {mention}" for one in record.entities for mention in one.mentions}
    for deal in record.deals:
        filled = {name: getattr(deal, name) for name in (*SLOTS, "extension")}
        said |= {f"{deal.id}", *(f"{deal.id} {name}" for name, slot in filled.items() if slot not in (None, UNSET))}
        said |= {f"{deal.id} {one.value}" for one in (*(deal.companies or []), *deal.investors, *deal.attribution)}
    return said


def check(record: Record) -> None:
    """A record as its schema and its ids want it."""
    line = json.loads(encode(record))
    VALIDATOR.validate(line)
    mentions = {one["id"]: one for one in line["mentions"]}
    entities = {one["id"]: one for one in line["entities"]}
    for entity in entities.values():
        assert entity["mentions"]
        assert all(mentions[mention]["entity"] == entity["id"] for mention in entity["mentions"])
    assert all(one.get("entity") in {None, *entities} for one in mentions.values())
    for deal in line["deals"]:
        names = [deal["company"], *(deal["companies"] or []), *deal["investors"]]
        assert all(name["entity"] in {None, *entities} for name in names if name)
        filled = [*names, *(deal[slot] for slot in ("amount", "round_type", "valuation", "stage", "certainty"))]
        assert all(mention in mentions for slot in filled if slot for mention in slot["evidence"])


def test_the_more_is_asked_the_less_is_left(records: list[Record]) -> None:
    steps = (0, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 1)
    for record in records:
        ladder = [confident(record, least) for least in steps]
        for less, more, least in zip(ladder, ladder[1:], steps[1:], strict=False):
            assert contents(more) <= contents(less)
            assert confident(less, least) == more
            check(more)
        assert ladder[-1].deals == []


def test_nothing_asked_leaves_everything(records: list[Record]) -> None:
    samples = [WHOLE, completed(DONE, "Kettl & Söhne"), empty(NONE)]
    assert all(confident(record, 0) == record for record in (*records, *samples))


def test_what_is_left_is_as_sure_as_asked(records: list[Record]) -> None:
    for record in records:
        for deal in confident(record, 0.85).deals:
            slots = [getattr(deal, name) for name in SLOTS]
            rated = [deal, *slots, *(deal.companies or []), *deal.investors, *deal.attribution]
            assert all(one.confidence >= 0.85 for one in rated if one)


def left(least: float, **changes: Any) -> Any:
    """The deal that is left of the sample with changes."""
    deals = confident(replace(WHOLE, deals=[replace(DEAL, **changes)]), least).deals
    return deals[0] if deals else None


def test_slots_below_are_left_out_and_the_others_stay() -> None:
    deal = left(0.85)
    assert (deal.valuation, deal.date) == (None, None)
    assert replace(deal, valuation=DEAL.valuation, date=DEAL.date) == DEAL


def test_a_deal_below_is_left_out_whatever_its_slots() -> None:
    assert left(0.85, confidence=0.84) is None


def test_stage_certainty_and_hedges_stay() -> None:
    unsure = {name: replace(getattr(DEAL, name), confidence=0.1) for name in ("stage", "certainty")}
    deal = left(0.85, **unsure)
    assert (deal.stage.value, deal.certainty.value, deal.hedges) == ("in_progress", "rumored", DEAL.hedges)


def test_investors_sources_and_companies_below_are_left_out_one_by_one() -> None:
    (investor,), (source,) = DEAL.investors, DEAL.attribution
    companies = [NameSlot(value=name, entity=None, confidence=sure, evidence=["m1"]) for name, sure in FIRMS.items()]
    deal = left(
        0.85,
        investors=[replace(investor, confidence=0.8), investor],
        attribution=[source, replace(source, confidence=0.8)],
        company=None,
        companies=companies,
    )
    assert (deal.investors, deal.attribution, deal.companies) == ([investor], [source], companies[:1])
    assert left(0.92, company=None, companies=companies[1:], confidence=0.95).companies is None


def test_an_extension_goes_with_its_round() -> None:
    assert left(0.85, extension=True).extension is True
    assert left(0.85, extension=True, round_type=replace(DEAL.round_type, confidence=0.8)).extension is UNSET


def test_a_deal_of_which_nothing_is_left_is_left_out() -> None:
    assert left(0.96, confidence=0.99).company == DEAL.company
    assert left(0.98, confidence=0.99) is None


def test_a_mention_below_stays_as_evidence() -> None:
    unsure = replace(WHOLE, mentions=[replace(one, confidence=0.5) for one in WHOLE.mentions])
    # The valuation (m6) is left out with its mention; the hedge (m2) is evidence of stage and certainty.
    assert [one.id for one in confident(unsure, 0.85).mentions] == ["m1", "m2", "m3", "m4", "m5"]
    nothing = confident(unsure, 0.99)
    assert (nothing.mentions, nothing.entities, nothing.deals) == ([], [], [])
    assert nothing.document == WHOLE.document


def test_an_entity_keeps_its_name_and_the_mentions_that_are_left() -> None:
    first, *others = WHOLE.mentions
    again = replace(first, id="m7", confidence=0.3)
    entity = replace(WHOLE.entities[0], aliases=["Novena"], mentions=["m1", "m7"])
    record = replace(WHOLE, mentions=[first, *others, again], entities=[entity, WHOLE.entities[1]])
    assert confident(record, 0.85).entities[0] == replace(entity, mentions=["m1"])
