"""States: from a record, from gold, to gold; changes; what is refused; checks while editing."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from spacy.language import Language

from dealspan import Article, process, record_of
from dealspan.corpus.collection import read_corpus
from dealspan.corpus.gold import GoldArticle, GoldMention
from dealspan.records import Article as Document
from dealspan.review.adjudication import Comparison
from dealspan.review.checks import checks
from dealspan.review.conversion import from_gold, from_record, to_gold
from dealspan.review.state import (
    Change,
    ConflictError,
    InvalidError,
    ReviewMention,
    Slot,
    State,
    apply,
    read_changes,
    turned,
    validate,
)
from tests.reviewed import TEXT, changed, gold_of, mention, source, state
from tests.samples import TEXT as HEDGED
from tests.samples import hedged

WRITTEN = [
    article.gold
    for article in read_corpus(Path(__file__).parents[1] / "corpus").written
    if article.gold.split == "train"
]


# To and from


def test_a_record_becomes_a_state_that_says_the_same() -> None:
    article = Article(id="a", text=HEDGED, published=date(2018, 5, 31))
    record = hedged(article)
    read = from_record(record, HEDGED)
    (deal,), (found,) = record.deals, read.deals.values()
    assert found.company and deal.company and found.company.value == deal.company.value
    assert found.company.confidence == deal.company.confidence
    assert [(HEDGED[read.mentions[m].start : read.mentions[m].end]) for m in found.hedges] == [
        h.text for h in deal.hedges
    ]
    assert all(read.mentions[m].label == "HEDGE" for m in found.hedges)
    assert found.origin == found.company.origin == "machine" and found.verdict == "open"
    gold = to_gold(Document(id="a", title=None, published=None, source=None, text=HEDGED), read, "ana")
    assert gold.deals[0].attribution == [one.value for one in deal.attribution]
    assert gold.genre == "reviewed" and gold.author == "ana" and gold.split == "train"


def test_a_hedge_that_is_no_mention_becomes_one() -> None:
    record = hedged(Article(id="a", text=HEDGED))
    bare = replace(record, mentions=[m for m in record.mentions if m.label != "HEDGE"])
    (deal,) = bare.deals
    slots = {name: replace(getattr(deal, name), evidence=[]) for name in ("stage", "certainty")}
    read = from_record(replace(bare, deals=[replace(deal, **slots)]), HEDGED)
    assert [HEDGED[read.mentions[m].start : read.mentions[m].end] for m in read.deals["d1"].hedges] == [
        one.text for one in deal.hedges
    ]


def test_the_pipeline_reads_what_a_review_can_begin_with(nlp: Language) -> None:
    articles = [Article(id=gold.id, text=gold.text, published=gold.published) for gold in WRITTEN[::10]]
    deals = 0
    for article, doc in process(nlp, articles):
        record = record_of(article, doc)
        document = Document(id=article.id, title=None, published=None, source=None, text=article.text)
        gold = to_gold(document, from_record(record, article.text), "")
        assert [(m.label, m.text) for m in gold.mentions] == [
            (m.label, m.text) for m in sorted(record.mentions, key=lambda m: (m.start, -m.end, m.label))
        ]
        assert [deal.company for deal in gold.deals] == [d.company.value if d.company else None for d in record.deals]
        deals += len(gold.deals)
    assert deals > 30


@pytest.mark.parametrize("article", WRITTEN[::4], ids=lambda article: article.id)
def test_gold_comes_back_as_it_was(article: GoldArticle) -> None:
    document = Document(
        id=article.id, title=article.title, published=article.published, source=article.source, text=article.text
    )
    back = to_gold(document, from_gold(article), "")
    expected = gold_of(article)
    assert sorted(back.mentions, key=str) == sorted(expected.mentions, key=str)
    for deal, other in zip(back.deals, expected.deals, strict=True):
        assert sorted(deal.hedges) == sorted(set(other.hedges))
        assert replace(deal, hedges=[]) == replace(other, hedges=[])


def test_any_script_comes_back_as_it_was() -> None:
    gold = to_gold(source(), state(), "")
    assert {m.text for m in gold.mentions} >= {"Zoë\u0301 Ventures", "נובנה", "Kettl", "€12m"}
    assert all(TEXT[m.start : m.end] == m.text for m in gold.mentions)
    assert gold.deals[0].hedges == ["in talks to", "Bloomberg reported"]
    again = to_gold(source(), from_gold(msgspec.json.decode(msgspec.json.encode(gold), type=GoldArticle)), "")
    assert again == gold


def test_gold_tells_which_mentions_a_value_rests_on() -> None:
    read = from_gold(to_gold(source(), state(), ""))
    deal = read.deals["d1"]
    words = {
        field: [TEXT[read.mentions[m].start : read.mentions[m].end] for m in s.evidence] for field, s in deal.resting()
    }
    assert words["company"] == ["Kettl"] and words["amount"] == ["€12m"] and words["round_type"] == ["Series A"]
    assert words["investors"] == ["נובנה"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hedges": ["perhaps"]}, "the hedge 'perhaps' of a deal is not in the text"),
        ({"attribution": ["The Ledger"]}, "the source 'The Ledger' of a deal is not in the text"),
        ({"attribution": [" "]}, "the source ' ' of a deal is not in the text"),
    ],
)
def test_gold_that_a_state_cannot_hold_is_refused(fields: dict[str, Any], message: str) -> None:
    gold = to_gold(source(), state(), "")
    with pytest.raises(InvalidError, match=message):
        from_gold(replace(gold, deals=[replace(gold.deals[0], **fields)]))
    with pytest.raises(InvalidError, match="'Kettle' does not stand at 2 to 7"):
        from_gold(replace(gold, mentions=[GoldMention(label="COMPANY", text="Kettle", start=2, end=7)]))


def test_what_is_rejected_is_no_gold() -> None:
    read = state()
    assert to_gold(source(), apply(read, [changed(read, "deals/d1", verdict="accepted")]), "").deals
    assert not to_gold(source(), apply(read, [changed(read, "deals/d1", verdict="rejected")]), "").deals


# Changes


def test_a_change_of_what_is_no_longer_there_is_a_conflict() -> None:
    read = state()
    change = changed(read, "deals/d1", verdict="accepted")
    after = apply(read, [change])
    assert after.version == 1 and read.deals["d1"].verdict == "open"
    with pytest.raises(ConflictError, match="deals/d1"):
        apply(after, [change])
    assert apply(after, turned([change])).deals == read.deals


def test_changes_are_compared_as_values() -> None:
    read = state()
    raw = msgspec.to_builtins(changed(read, "deals/d1", verdict="accepted")._asdict())
    raw["before"]["amount"]["value"]["min"] = 12000000
    del raw["before"]["companies"]
    assert apply(read, read_changes([raw])).deals["d1"].verdict == "accepted"


GOOD = {"label": "COMPANY", "start": 2, "end": 7}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("x", "changes: Expected `array`"),
        ([{"item": "mentions/m9"}], "changes: Object missing required field `before`"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD, "x": 1}], "changes: Object contains unknown field"),
        ([{"item": "mentions/9", "before": None, "after": GOOD}], "'mentions/9' is no item"),
        ([{"item": "mentions/m9/../../x", "before": None, "after": GOOD}], "is no item"),
        ([{"item": "mentions/m" + "9" * 99, "before": None, "after": GOOD}], "is no item"),
        ([{"item": "nothing/m9", "before": None, "after": GOOD}], "'nothing/m9' is no item"),
        ([{"item": "status", "before": "open", "after": "finished"}], "status, after: Invalid enum value 'finished'"),
        ([{"item": "status", "before": "open", "after": None}], "status, after: Expected `str`, got `null`"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD | {"label": "PERSON"}}], "Invalid enum value 'PERSON'"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD | {"start": -1}}], "Expected `int` >= 0"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD | {"start": 2.5}}], "Expected `int`, got `float`"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD | {"confidence": 2}}], "Expected `float` <= 1"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD | {"html": "<b>"}}], "unknown field `html`"),
        ([{"item": "deals/d9", "before": None, "after": GOOD}], "deals/d9, after: Object contains unknown field"),
        ([{"item": "mentions/m9", "before": None, "after": GOOD}] * 2, "mentions/m9: is changed twice"),
    ],
)
def test_what_is_not_well_formed_is_refused(raw: Any, message: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_changes(raw)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("item", "fields", "message"),
    [
        ("mentions/m1", {"start": 7, "end": 7}, "mentions/m1: 7 to 7 is no stretch of the text"),
        ("mentions/m1", {"end": 10_000}, f"which has {len(TEXT)} characters"),
        ("mentions/m1", {"start": 1, "end": 2}, "mentions/m1: covers nothing but white space"),
        ("deals/d1", {"hedges": ["m99"]}, "deals/d1, hedges: mention 'm99' is not there"),
        ("deals/d1", {"company": Slot(value="Kettl", evidence=["m99"])}, "company: rests on mention 'm99'"),
        ("deals/d1", {"evidence": [(5, 5)]}, "deals/d1, evidence: 5 to 5"),
    ],
)
def test_a_state_that_does_not_fit_its_text_is_refused(item: str, fields: dict[str, Any], message: str) -> None:
    read = state()
    with pytest.raises(InvalidError) as refused:
        validate(apply(read, [changed(read, item, **fields)]), TEXT)
    assert message in str(refused.value)


def test_a_mention_that_something_rests_on_cannot_go_alone() -> None:
    read = state()
    with pytest.raises(InvalidError, match="rests on mention 'm1', which is not there"):
        validate(apply(read, [Change("mentions/m1", read.mentions["m1"], None)]), TEXT)


spans = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 9)).map(
    lambda s: ReviewMention(label="COMPANY", start=s[0], end=min(s[0] + s[1], len(TEXT)))
)


@given(st.lists(st.tuples(st.sampled_from(["m1", "m2", "m-a", "m-b"]), st.none() | spans), max_size=12))
def test_changes_turned_round_lead_back(steps: list[tuple[str, ReviewMention | None]]) -> None:
    states = [state()]
    done = []
    for name, after in steps:
        change = Change(f"mentions/{name}", states[-1].mentions.get(name), after)
        done.append([change])
        states.append(apply(states[-1], [change]))
    back = states[-1]
    for changes, before in zip(reversed(done), reversed(states[:-1]), strict=True):
        back = apply(back, turned(changes))
        assert (back.mentions, back.deals) == (before.mentions, before.deals)
    assert back.version == 2 * len(steps)


# Checks


def found(read: State) -> list[str]:
    return [f"{c.severity} {c.deal or c.span}: {c.message}" for c in checks(source(), read)]


def test_nothing_is_wrong_with_a_reading_that_is_right() -> None:
    assert not [one for one in checks(source(), state()) if one.severity == "error"]


@pytest.mark.parametrize(
    ("item", "fields", "finding"),
    [
        ("deals/d1", {"company": None}, "doubt d1: names no company: right only where the text leaves it unnamed"),
        ("deals/d1", {"company": Slot(value="Kettl")}, "doubt d1: the company has no evidence"),
        (
            "deals/d1",
            {"company": Slot(value="Kettl", evidence=["m3"])},
            "error d1: the company rests on a MONEY, mention m3",
        ),
        ("deals/d1", {"hedges": []}, "error d1: is attributed without a hedge"),
        ("deals/d1", {"hedges": ["m2", "m6", "m1"]}, "error d1: mention m1 is no HEDGE but a COMPANY"),
        ("mentions/m5", {"start": 3}, "error (3, 83): two mentions overlap at"),
        ("mentions/m1", {"end": 8}, "error (2, 8): COMPANY 'Kettl ' has space at an end: leave it outside"),
    ],
)
def test_what_looks_wrong_is_said(item: str, fields: dict[str, Any], finding: str) -> None:
    read = state()
    assert any(one.startswith(finding) for one in found(apply(read, [changed(read, item, **fields)])))


def test_an_amount_that_does_not_parse_and_one_that_parses_otherwise() -> None:
    read = state()
    amount = read.deals["d1"].amount
    assert amount
    words = replace(amount, value=replace(amount.value, text="talks"))
    other = replace(amount, value=replace(amount.value, min=13e6))
    assert "doubt d1: the words 'talks' of the amount cannot be read as one" in found(
        apply(read, [changed(read, "deals/d1", amount=words)])
    )
    assert any("reads as 12000000.0" in one for one in found(apply(read, [changed(read, "deals/d1", amount=other)])))


def test_two_deals_alike_and_a_lead_named_twice() -> None:
    read = state()
    twin = apply(read, [Change("deals/d2", None, read.deals["d1"])])
    assert "error d2: says the same as another deal" in found(twin)
    lead = read.deals["d1"].investors[0]
    twice = apply(read, [changed(read, "deals/d1", investors=[lead, replace(lead, role="participant")])])
    assert "error d1: a name fills two slots" in found(twice)
    gone = apply(twin, [changed(twin, "deals/d2", verdict="rejected")])
    assert not any("another deal" in one for one in found(gone)), "what is rejected is not looked at"


def test_errors_come_first() -> None:
    read = state()
    severities = [
        one.severity for one in checks(source(), apply(read, [changed(read, "deals/d1", company=None, hedges=[])]))
    ]
    assert severities == sorted(severities, key=["error", "doubt"].index) and len(set(severities)) == 2


# Adjudication


def compare(**readings: State) -> Comparison:
    return Comparison(readings, TEXT)


def test_reviewers_who_say_the_same_agree_on_everything() -> None:
    read = state()
    assert compare(ana=read, ben=read).agreed().mentions == read.mentions
    assert not list(compare(ana=read, ben=read).disagreements(read))
    assert compare(ana=read, ben=read).agreed().deals["d1"].verdict == "accepted"


def test_a_field_a_mention_and_a_deal_in_dispute() -> None:
    read = state()
    stage = apply(read, [changed(read, "deals/d1", stage=Slot(value="planned", evidence=["m2"]))])
    ben = apply(stage, [Change("mentions/m-b", None, mention("COMPANY", "Bloomberg"))])
    other = replace(read.deals["d1"], company=Slot(value="נובנה", evidence=["m7"]), amount=None, round_type=None)
    ana = apply(read, [Change("deals/d-a", None, other)])
    both = compare(ana=ana, ben=ben)
    begun = both.agreed()
    assert "m-b" not in begun.mentions and list(begun.deals) == ["d1"] and begun.deals["d1"].verdict == "open"
    found = {one.id: one for one in both.disagreements(begun)}
    assert set(found) == {"mentions/m-b", "deals/d-a", "deals/d1/stage"}
    assert found["mentions/m-b"].choices == {"ana": None, "ben": ben.mentions["m-b"]}
    assert found["deals/d-a"].kind == "deal" and found["deals/d-a"].choices["ben"] is None
    assert [found["deals/d1/stage"].choices[name].value for name in ("ana", "ben")] == ["in_progress", "planned"]


def test_what_two_made_by_hand_is_one_where_it_says_the_same() -> None:
    read = state()
    bloomberg = mention("COMPANY", "Bloomberg")
    deal = replace(read.deals["d1"], company=Slot(value="Bloomberg", evidence=["m-a"]), confidence=None)
    ana = apply(read, [Change("mentions/m-a", None, bloomberg), Change("deals/d-a", None, deal)])
    mine = replace(deal, company=Slot(value="Bloomberg", evidence=["m-b"]))
    ben = apply(read, [Change("mentions/m-b", None, bloomberg), Change("deals/d-b", None, mine)])
    both = compare(ana=ana, ben=ben)
    begun = both.agreed()
    validate(begun, TEXT)
    assert "m-a" in begun.mentions and "m-b" not in begun.mentions and "d-a" in begun.deals
    assert not list(both.disagreements(begun))


def test_evidence_names_only_what_is_there() -> None:
    read = state()
    bloomberg = mention("COMPANY", "Bloomberg")
    ben = apply(
        read,
        [
            Change("mentions/m-b", None, bloomberg),
            changed(read, "deals/d1", company=Slot(value="Bloomberg", evidence=["m-b"])),
        ],
    )
    both = compare(ana=read, ben=ben)
    begun = both.agreed()
    validate(begun, TEXT)
    (choice,) = [one.choices["ben"] for one in both.disagreements(begun) if one.field == "company"]
    assert choice.evidence == []
    settled = apply(begun, [Change("mentions/m-b", None, bloomberg)])
    (choice,) = [one.choices["ben"] for one in both.disagreements(settled) if one.field == "company"]
    assert choice.evidence == ["m-b"]


def test_a_rejected_deal_is_the_same_as_none() -> None:
    read = state()
    rejected = apply(read, [changed(read, "deals/d1", verdict="rejected")])
    without = apply(read, [Change("deals/d1", read.deals["d1"], None)])
    assert not list(compare(ana=rejected, ben=without).disagreements(read))
    (one,) = compare(ana=rejected, ben=read).disagreements(read)
    assert one.kind == "deal" and one.choices["ana"] is None
