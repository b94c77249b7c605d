"""What amounts are for: listed sentences, offsets, and the gold sets."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from dealspan.annotations import AmountRole, Found, read, write
from dealspan.components.amount_roles import find_amount_roles
from dealspan.components.money import find_money
from tests.annotated import load_cases, parse

CASES = load_cases("amount_roles")
GOLD = Path(__file__).parents[2] / "shared" / "gold"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    text, spans = parse(case["text"], {"MONEY"})
    assert len(spans) == len(case["roles"]) > 0
    assert set(case["roles"]) <= set(get_args(AmountRole))
    money = list(find_money(text))
    assert [(f.start, f.end) for f in money] == [(start, end) for _, start, end in spans]
    found = list(find_amount_roles(text, money))
    assert [(f.value, f.start, f.end) for f in found] == [
        (role, start, end) for role, (_, start, end) in zip(case["roles"], spans, strict=True)
    ]


def test_enough_cases() -> None:
    assert len(CASES) >= 90
    assert {role for case in CASES for role in case["roles"]} == set(get_args(AmountRole))


def test_a_cue_of_another_sentence_does_not_count() -> None:
    text = "Corvine raised money. It made $5 million."
    money = list(find_money(text))
    (alone,) = find_amount_roles(text, money)
    sentences = [Found(0, 21, "SENTENCE", "stop", None), Found(22, len(text), "SENTENCE", "stop", None)]
    (with_sentences,) = find_amount_roles(text, money, sentences)
    assert alone.value == with_sentences.value == "other"
    whole = [Found(0, len(text), "SENTENCE", "stop", None)]
    (joined,) = find_amount_roles(text, money, whole)
    assert joined.value == "raised"


PIECES = st.sampled_from(
    ["$5m", "€3 million", "Rs 5 crore", " raised ", " valued at ", " valuation ", " (", ") ", " total ",
    " to date ", " fund ",
     " round ", ". The ", "\n", ", ", " led by X ", " revenue ", "İ", " to "]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=25).map("".join)))
def test_one_role_for_each_amount(text: str) -> None:
    money = list(find_money(text))
    found = list(find_amount_roles(text, money))
    assert [(f.start, f.end) for f in found] == [(f.start, f.end) for f in money]
    assert {f.value for f in found} <= set(get_args(AmountRole))


def test_component_alone_in_a_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("dealspan_money")
    nlp.add_pipe("dealspan_amount_roles")
    doc = nlp("Corvine raised $5m at an $80m valuation.")
    assert [f.value for f in read(doc, "amount_roles")] == ["raised", "valuation"]
    assert not nlp.analyze_pipes()["problems"]["dealspan_amount_roles"]
    write(doc, "money", ())
    assert read(nlp.get_pipe("dealspan_amount_roles")(doc), "amount_roles") == ()  # type: ignore[operator]


@pytest.mark.skipif(not GOLD.exists(), reason="the gold sets are not part of the project")
def test_roles_on_the_gold_sets() -> None:
    """An amount that equals a deal's is that deal's, any other is "other"; conversions and vague sums are left out."""
    kinds = {"round": "raised", "total": "total", "fund": "fund"}
    right = count = 0
    for name in ("dev.jsonl", "seeds.jsonl"):
        for line in (GOLD / name).read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            gold: dict[tuple[float | None, str], set[str]] = {}
            for deal in article["deals"]:
                if amount := deal.get("amount"):
                    for bound in (amount["min"], amount["max"]):
                        gold.setdefault((bound, amount["currency"]), set()).add(kinds[deal["kind"]])
                if valuation := deal.get("valuation"):
                    gold.setdefault((valuation["amount"], valuation["currency"]), set()).add("valuation")
            money = list(find_money(article["text"]))
            for amount, role in zip(money, find_amount_roles(article["text"], money), strict=True):
                read_as = amount.value.amount
                if role.rule == "conversion" or read_as.min is read_as.max is None:
                    continue
                bounds = {(bound, read_as.currency) for bound in (read_as.min, read_as.max) if bound is not None}
                expected = set().union(*(gold.get(bound, set()) for bound in bounds)) or {"other"}
                right, count = right + (role.value.split("_")[0] in expected), count + 1
    assert right / count >= 0.86
