"""Amounts of money: listed cases, the full product of signs and magnitudes, properties, and linear time."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from dealspan.annotations import read
from dealspan.components.money import find_money, parse_amount
from dealspan.records import Amount
from tests.annotated import load_cases, parse

CASES = load_cases("money")
GOLD = Path(__file__).parents[2] / "shared" / "gold"

FRONT = {
    "$": "USD", "US$": "USD", "C$": "CAD", "A$": "AUD", "S$": "SGD", "HK$": "HKD", "NT$": "TWD", "NZ$": "NZD",
    "R$": "BRL",
    "MX$": "MXN", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₦": "NGN", "₪": "ILS", "₫": "VND",
    "₱": "PHP",
    "₽": "RUB", "฿": "THB", "₺": "TRY", "Rs ": "INR", "Rs. ": "INR", "USD ": "USD", "EUR ": "EUR", "GBP ": "GBP",
    "INR ": "INR", "CHF ": "CHF", "SEK ": "SEK", "NOK ": "NOK", "DKK ": "DKK", "PLN ": "PLN", "RMB ": "CNY",
    "AED ": "AED",
    "SAR ": "SAR", "KES ": "KES", "KSh ": "KES", "ZAR ": "ZAR", "RM": "MYR", "Rp ": "IDR", "NIS ": "ILS", "kr ": "SEK",
}  # fmt: skip
BEHIND = {
    " dollars": "USD", " euros": "EUR", " pounds sterling": "GBP", " yen": "JPY", " yuan": "CNY", " rupees": "INR",
    " rupiah": "IDR", " ringgit": "MYR", " baht": "THB", " pesos": "MXN", " reais": "BRL", " rand": "ZAR",
    " naira": "NGN",
    " shillings": "KES", " won": "KRW", " francs": "CHF", " kronor": "SEK", " shekels": "ILS", " dirhams": "AED",
    " riyals": "SAR", " USD": "USD", " EUR": "EUR", " GBP": "GBP", " Canadian dollars": "CAD",
    " Singapore dollars": "SGD",
}  # fmt: skip
MAGNITUDES = {
    "k": 1e3, "m": 1e6, "M": 1e6, "mm": 1e6, "mn": 1e6, " mln": 1e6, " million": 1e6, "-million": 1e6,
    " Million": 1e6, "b": 1e9,
    "bn": 1e9, " billion": 1e9, "tn": 1e12, " trillion": 1e12, " crore": 1e7, " cr": 1e7, " lakh": 1e5,
    " thousand": 1e3,
    " lakh crore": 1e12, " hundred million": 1e8,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    text, spans = parse(case["text"], {"MONEY"})
    expected = [] if case.get("none") else case.get("amounts") or [case["amount"]]
    assert len(spans) == len(expected), "the case contradicts itself"
    found = list(find_money(text))
    assert [text[f.start : f.end] for f in found] == [text[start:end] for _, start, end in spans]
    assert [(f.start, f.end) for f in found] == [(start, end) for _, start, end in spans]
    assert [f.value.amount for f in found] == [Amount(**amount) for amount in expected]
    if "modifier_text" in case:
        assert text[found[0].value.start : found[0].value.end] == case["modifier_text"]


def test_enough_cases() -> None:
    assert len(CASES) >= 450


@pytest.mark.parametrize("sign", FRONT)
def test_every_sign_in_front_with_every_magnitude(sign: str) -> None:
    for magnitude, factor in MAGNITUDES.items():
        text = f"{sign}2.5{magnitude}"
        (found,) = find_money(f"It took {text}, they said.")
        assert (found.end - found.start, found.value.amount) == (
            len(text),
            Amount(min=2.5 * factor, max=2.5 * factor, currency=FRONT[sign]),
        ), text


@pytest.mark.parametrize("name", BEHIND)
def test_every_name_behind_with_every_magnitude(name: str) -> None:
    for magnitude, factor in MAGNITUDES.items():
        text = f"2.5{magnitude}{name}"
        (found,) = find_money(f"It took {text}, they said.")
        assert (found.end - found.start, found.value.amount) == (
            len(text),
            Amount(min=2.5 * factor, max=2.5 * factor, currency=BEHIND[name]),
        ), text


def _indian(number: int) -> str:
    head, tail = divmod(number, 1000)
    groups = [f"{tail:03d}"]
    while head >= 100:
        head, group = divmod(head, 100)
        groups.insert(0, f"{group:02d}")
    return ",".join([str(head), *groups])


@given(st.integers(1000, 10**12))
def test_a_number_reads_the_same_in_every_notation(number: int) -> None:
    plain = f"{number:,}"
    notations = [
        str(number), plain, f"{plain}.00", plain.replace(",", "."), plain.replace(",", ".") + ",00",
        plain.replace(",", "'"),
        plain.replace(",", "’"), plain.replace(",", " "), plain.replace(",", "\u00a0"), plain.replace(",", "\u202f"),
        _indian(number),
    ]  # fmt: skip
    for notation in notations:
        for text in (f"€{notation}", f"EUR {notation}", f"{notation} euros"):
            assert parse_amount(text) == Amount(min=float(number), max=float(number), currency="EUR"), text


@given(st.integers(1, 99999), st.sampled_from(["k", "m", "bn", " million", " billion"]))
def test_a_decimal_before_a_magnitude(cents: int, magnitude: str) -> None:
    number = f"{cents / 100:.2f}"
    expected = round(float(number) * MAGNITUDES[magnitude], 4)
    for text in (f"${number}{magnitude}", f"${number.replace('.', ',')}{magnitude}"):
        assert parse_amount(text) == Amount(min=expected, max=expected, currency="USD"), text


@given(st.integers(1, 500), st.integers(1, 500), st.sampled_from(["-", "–", " - ", " to "]))
def test_a_range_is_one_span(low: int, more: int, joint: str) -> None:
    for text in (f"${low}{joint}{low + more} million", f"${low} million{joint}${low + more} million"):
        (found,) = find_money(text)
        assert (found.start, found.end) == (0, len(text))
        assert found.value.amount == Amount(min=low * 1e6, max=(low + more) * 1e6, currency="USD")


PIECES = st.sampled_from(
    ["$", "€", "Rs ", "USD ", "1", "2.5", "1,200", "5", " ", "-", "–", " to ", " and ", "between ", "m", " million",
    " crore",
     " dollars", " euros", " of ", "half a", "a few", "billions", "one", "hundred", "(", ")", ".", ",", "+", "\n",
     "at least ",
     "up to ", "about ", " Canadian", "kr", "¥", "pounds", "İ", "\u00a0", "'", "’"]
)  # fmt: skip


@pytest.mark.parametrize(("text", "currency"), [("5-K$", "USD"), ("5-k¥", "JPY"), ("5-K￥", "JPY")])
def test_a_magnitude_joined_to_a_sign_of_several_currencies(text: str, currency: str) -> None:
    (found,) = find_money(text)
    assert (found.value.amount.min, found.value.amount.currency) == (5000, currency)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_spans_are_sound_on_any_text(text: str) -> None:
    position = 0
    for found in find_money(text):
        assert position <= found.start < found.end <= len(text)
        assert 0 <= found.value.start <= found.start
        assert found.end <= found.value.end <= len(text)
        assert text[found.start : found.end].strip() == text[found.start : found.end]
        amount = found.value.amount
        assert len(amount.currency) == 3
        assert amount.currency.isupper()
        assert amount.min is None or amount.max is None or amount.min <= amount.max
        position = found.end


@pytest.mark.parametrize(
    "unit",
    [
        "$1,1,1,1",
        "1,",
        "and ",
        "1",
        "$ ",
        "$1 to ",
        "1.111",
        "111 ",
        "a million ",
        "hundreds of ",
        "one hundred and ",
        "US",
        " ",
    ],
)
def test_time_is_linear(unit: str) -> None:
    text = "$" + unit * (1_000_000 // len(unit))
    began = time.perf_counter()
    for _ in find_money(text):
        pass
    assert time.perf_counter() - began < 20  # about 1 s on one idle core; a quadratic scan takes hours


def test_component_alone_in_a_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("dealspan_money")
    doc = nlp("Corvine raised at least Rs100crore from Tavolo.")
    (found,) = read(doc, "money")
    assert (doc.text[found.start : found.end], found.value.amount.min) == ("Rs100crore", 1e9)
    assert [span.text for span in doc.spans["dealspan_money"]] == ["Rs100crore"]


@pytest.mark.skipif(not GOLD.exists(), reason="the gold sets are not part of the project")
def test_exact_spans_on_the_gold_sets() -> None:
    right = found = wanted = 0
    for name in ("dev.jsonl", "seeds.jsonl"):
        for line in (GOLD / name).read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            gold = {(m["start"], m["end"]) for m in article["mentions"] if m["label"] == "MONEY"}
            ours = {(f.start, f.end) for f in find_money(article["text"])}
            right, found, wanted = right + len(gold & ours), found + len(ours), wanted + len(gold)
    assert 2 * right / (found + wanted) >= 0.95
