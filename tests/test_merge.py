"""Merging across articles: names, sums, points, groups, what a merged deal says."""

import random
from collections import Counter
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealspan.archive import merge
from dealspan.archive.amounts import fit
from dealspan.archive.claims import days
from dealspan.archive.clusters import FULL
from dealspan.archive.names import BLOCK, alike, clean, likeness
from dealspan.merged import MergedDeal
from dealspan.records import Amount, Record
from tests.archives import archive, claim

CORPUS = Path(__file__).parents[1] / "corpus"


def groups(*records: Record) -> list[list[str]]:
    """The documents of each merged deal, sorted."""
    return sorted(sorted(source.document for source in deal.sources) for deal in merge(records))


def merged(*records: Record) -> MergedDeal:
    (deal,) = merge(records)
    return deal


# Names


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("Kettl Holdings Ltd.", "kettl"),
        ("The Kettl Company, Inc.", "kettl"),
        ("Björkvik S.A.", "bjorkvik"),
        ("Kettl’s", "kettl"),
        ("Group", "group"),
        ("Quern & Co", "quern &"),
        ("", ""),
    ],
)
def test_a_name_without_what_says_nothing(written: str, bare: str) -> None:
    assert clean(written) == bare


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (["kettl"], ["kettl"], "same"),
        (["wattlebird"], ["wattle bird"], "same"),
        (["kettl robotics", "kr"], ["kr"], "alias"),
        (["kettl"], ["kettl robotics"], "part"),
        (["kettl bio"], ["kettl robotics"], None),
        (["kettl"], ["royal kettl"], "end"),
        (["bmr"], ["black marsh robotics"], "initials"),
        (["br"], ["black robotics"], None),
        (["thistlewood analytics"], ["thistelwood analytics"], "close"),
        (["thistlewood"], ["thistelwood analytics"], "close"),
        (["novena"], ["novera"], "slip"),
        (["nova"], ["nora"], None),
        (["alder ventures fund 2"], ["alder ventures fund 3"], None),
        ([], ["kettl"], None),
    ],
)
def test_how_two_names_can_be_of_one_company(one: list[str], other: list[str], how: str | None) -> None:
    assert likeness(one, other) == how
    assert likeness(other, one) == how


def test_a_word_that_many_names_share_does_not_hide_names_beside_each_other() -> None:
    many = {f"company{i:04} health": (f"company{i:04} health",) for i in range(5 * BLOCK)}
    pair = {"kettl health": ("kettl health",), "kettl health labs": ("kettl health labs",)}
    assert ("kettl health", "kettl health labs") in alike(many | pair)


# Sums


def usd(low: float | None, high: float | None, *, approx: bool = False) -> list[Amount]:
    return [Amount(low, high, "USD", approx)]


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (usd(45e6, 45e6), usd(45.2e6, 45.2e6), "same"),
        (usd(40e6, None), usd(45e6, 45e6), "fits"),
        (usd(None, 50e6), usd(45e6, 45e6), "fits"),
        (usd(40e6, 40e6, approx=True), usd(43e6, 43e6), "fits"),
        (usd(40e6, 40e6), usd(43e6, 43e6), "near"),
        (usd(40e6, 40e6), usd(70e6, 70e6), "apart"),
        (usd(40e6, None), usd(200e6, 200e6), "far"),
        (usd(4.2e6, 4.2e6), usd(42e6, 42e6), "misprint"),
        ([Amount(420e6, 420e6, "NOK"), Amount(39e6, 39e6, "USD")], usd(40e6, 40e6), "converted"),
        ([Amount(420e6, 420e6, "NOK")], usd(40e6, 40e6), "convertible"),
        ([Amount(420e6, 420e6, "NOK")], usd(400e6, 400e6), "far"),
        ([Amount(420e6, 420e6, "XTS")], usd(400e6, 400e6), None),
        (usd(None, None), usd(40e6, 40e6), None),
    ],
)
def test_how_two_sums_agree(one: list[Amount], other: list[Amount], how: str | None) -> None:
    assert fit(one, other) == how
    assert fit(other, one) == how


def test_the_days_of_a_date() -> None:
    month, year = days("2024-02"), days("2024")
    assert month and year and month.last - month.first == 28 and year.last - year.first == 365
    assert month.apart(year) == 0
    assert [days(value) for value in (None, "", "soon", "2026-13", "9999-12")] == [None] * 5


# Groups


def test_one_deal_of_several_articles() -> None:
    rumour = claim("a", "Kettl", amount=40e6, stage="in_progress", certainty="rumored", published="2026-03-02")
    done = claim("b", "Kettl Ltd", amount=45e6, round_type="series_b", published="2026-03-19")
    again = claim("c", "KETTL", round_type="series_b", published="2026-03-20")
    assert groups(rumour, done, again) == [["a", "b", "c"]]


SERIES_B = claim("a", "Kettl", amount=40e6, round_type="series_b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SERIES_B, claim("b", "Kettl", amount=40e6, round_type="series_c")),
        (SERIES_B, claim("b", "Fowler", amount=40e6, round_type="series_b")),
        (SERIES_B, claim("b", "Kettl", amount=40e6, round_type="debt")),
        (SERIES_B, claim("b", "Kettl", amount=200e6)),
        (SERIES_B, claim("b", "Kettl", amount=60e6, published="2026-09-30", stage="planned", certainty="rumored")),
        (SERIES_B, claim("b", None, amount=40e6, round_type="series_b")),
        (claim("a", "Kettl Bio", amount=40e6), claim("b", "Kettl Motors", amount=40e6)),
    ],
    ids=["letter", "name", "debt", "sum", "next round", "unnamed", "like name"],
)
def test_two_deals_stay_two(one: Record, other: Record) -> None:
    assert groups(one, other) == [["a"], ["b"]]


def test_no_chain_of_contradictions() -> None:
    """What fits two deals goes to one of them and does not bring them together."""
    a = claim("a", "Kettl", amount=20e6, round_type="series_a", published="2026-03-02")
    vague = claim("b", "Kettl", amount=20e6, published="2026-03-03")
    c = claim("c", "Kettl", amount=20e6, round_type="series_b", published="2026-03-04")
    found = groups(a, vague, c)
    assert sorted(map(len, found)) == [1, 2] and ["a", "c"] not in found
    bio, short, motors = (
        claim("a", "Kettl Bio", amount=2e7),
        claim("b", "Kettl", amount=2e7),
        claim("c", "Kettl Motors"),
    )
    assert ["a", "b"] in groups(bio, short, motors) and ["c"] in groups(bio, short, motors)


def test_a_deal_told_by_many_documents_is_one_deal() -> None:
    told = [claim(f"d{i:03}", "Kettl", amount=20e6, published=f"2026-03-{1 + i % 9:02}") for i in range(5 * FULL)]
    assert len(merged(*told).sources) == 5 * FULL


records = st.lists(
    st.builds(
        claim,
        st.sampled_from([f"doc-{i}" for i in range(6)]),
        st.sampled_from(["Kettl", "Kettl Bio", "Kettl Motors", "Thistlewood", "Thistelwood", None]),
        amount=st.sampled_from([None, 20e6, 21e6, 40e6]),
        currency=st.sampled_from(["USD", "EUR"]),
        round_type=st.sampled_from([None, "seed", "series_a", "debt"]),
        stage=st.sampled_from(["completed", "in_progress", "cancelled"]),
        certainty=st.sampled_from(["asserted", "rumored", "denied"]),
        published=st.sampled_from([None, "2026-03-02", "2026-04-02", "2027-03-02"]),
    ),
    max_size=12,
)


def as_articles(drawn: list[Record]) -> list[Record]:
    """The drawn deals of one document as one record."""
    held: dict[str, list[Any]] = {}
    for record in drawn:
        held.setdefault(record.document.id, []).append(record.deals[0])
    first = {record.document.id: record for record in reversed(drawn)}
    return [
        msgspec.structs.replace(
            first[name], deals=[msgspec.structs.replace(deal, id=f"d{n}") for n, deal in enumerate(deals, 1)]
        )
        for name, deals in held.items()
    ]


@settings(max_examples=60, deadline=None)
@given(records, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(drawn: list[Record], shuffle: random.Random) -> None:
    articles = as_articles(drawn)
    shuffled = shuffle.sample(articles, len(articles))
    assert merge(shuffled) == merge(articles)


@settings(max_examples=60, deadline=None)
@given(records)
def test_what_is_read_twice_counts_once(drawn: list[Record]) -> None:
    articles = as_articles(drawn)
    assert merge([*articles, *articles]) == merge(articles)


@settings(max_examples=60, deadline=None)
@given(records)
def test_every_deal_stands_in_one_group_and_no_two_of_a_document_together(drawn: list[Record]) -> None:
    articles = as_articles(drawn)
    found = merge(articles)
    placed = Counter((source.document, source.deal) for deal in found for source in deal.sources)
    assert placed == Counter((record.document.id, deal.id) for record in articles for deal in record.deals)
    for deal in found:
        documents = [source.document for source in deal.sources]
        assert len(documents) == len(set(documents))
        assert sorted(name for step in deal.timeline for name in step.sources) == sorted(s.id for s in deal.sources)


# What a merged deal says


def test_the_timeline_and_how_it_stands_now() -> None:
    deal = merged(
        claim("c", "Kettl", amount=45e6, round_type="series_b", published="2026-03-19"),
        claim("a", "Kettl", amount=40e6, stage="in_progress", certainty="rumored", published="2026-03-02"),
        claim("b", "Kettl", stage="in_progress", certainty="rumored", published="2026-03-05"),
        claim("d", "Kettl", amount=45e6, stage="in_progress", certainty="rumored", published="2026-03-20"),
    )
    assert [source.document for source in deal.sources] == ["a", "b", "c", "d"]
    assert [(step.date, step.stage, step.sources) for step in deal.timeline] == [
        ("2026-03-02", "in_progress", ["s1", "s2"]),
        ("2026-03-19", "completed", ["s3"]),
        ("2026-03-20", "in_progress", ["s4"]),
    ]
    assert (deal.stage, deal.certainty, deal.stands_on) == ("completed", "asserted", ["s3"])


def test_a_denial_answers_a_rumour_of_the_same_day() -> None:
    rumour = claim("b", "Kettl", amount=40e6, stage="in_progress", certainty="rumored")
    denial = claim("a", "Kettl", amount=40e6, stage="in_progress", certainty="denied")
    assert merged(rumour, denial).certainty == "denied"


def test_conflicts_are_kept_and_not_averaged() -> None:
    deal = merged(
        claim("a", "Kettl", amount=25e6, round_type="series_a"),
        claim("b", "Kettl", amount=25e6, round_type="series_a"),
        claim("c", "Kettl", amount=27e6, round_type="series_a"),
    )
    assert deal.amount and deal.amount.conflict and deal.amount.value.min == 25e6
    assert [(one.value.min, one.sources) for one in deal.amount.variants] == [(25e6, ["s1", "s2"]), (27e6, ["s3"])]


def test_a_rumour_that_the_deal_overtook_is_no_conflict() -> None:
    rumour = claim("a", "Kettl", amount=40e6, stage="in_progress", certainty="rumored", published="2026-03-02")
    deal = merged(rumour, claim("b", "Kettl", amount=45e6, published="2026-03-19"))
    assert deal.amount and deal.amount.value.min == 45e6 and not deal.amount.conflict
    assert len(deal.amount.variants) == 2


def test_a_plain_sum_comes_before_the_bounds_that_it_lies_in() -> None:
    bound = [claim(name, "Kettl", amount=40e6, upper=60e6) for name in "ab"]
    deal = merged(*bound, claim("c", "Kettl", amount=45e6))
    assert deal.amount and deal.amount.value.max == 45e6 and not deal.amount.conflict


def test_the_name_is_what_most_call_it_and_else_the_fullest() -> None:
    short, full = claim("a", "Kettl", amount=40e6), claim("b", "Kettl Robotics Ltd", amount=40e6)
    company = merged(short, full).company
    assert company and company.value == "Kettl Robotics Ltd"
    company = merged(short, full, claim("c", "Kettl", amount=40e6)).company
    assert company and [(one.value, one.sources) for one in company.variants] == [
        ("Kettl", ["s1", "s3"]),
        ("Kettl Robotics Ltd", ["s2"]),
    ]


# Growth


def test_the_time_grows_with_the_deals_and_not_with_their_square() -> None:
    """Ten times the deals in at most thirty times the time: n log n would be 13, n² a hundred."""

    def seconds(claims: int) -> float:
        told = list(archive(claims))
        started = process_time()
        merge(told)
        return process_time() - started

    assert seconds(10_000) < 30 * max(seconds(1_000), 0.1)
