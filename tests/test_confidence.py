"""Confidences: the counts are right, and so is what is made of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dealspan.cli import app
from dealspan.deals import confidence as module
from dealspan.deals.confidence import confidence
from dealspan.evaluation.precision import Fired, FiredDeal, Reason, precision
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument, Slot, Span, Sum
from tests.annotated import load_cases
from tests.test_deals import gold as as_gold

SLOTS = {
    *("COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE"),
    *("company", "amount", "round_type", "valuation", "investor", "date"),
    *("stage", "certainty", "attribution", "deal"),
}
TEXT = (
    "Novena Inc. raised $5 million in a Series A round led by Harbour Point Ventures.\n"
    "Kettl GmbH raised €12 million, according to Bloomberg.\n"
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def gold_file(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return path


def totals(counts: dict[str, dict[str, list[int]]]) -> dict[str, list[int]]:
    """Of each slot, how often its rules were right and how often they fired."""
    return {slot: [sum(column) for column in zip(*rules.values(), strict=True)] for slot, rules in counts.items()}


# The counts


def test_precision_of_each_rule() -> None:
    five = Sum("USD", 5e6, 5e6)
    gold = ScoredDocument(
        [Span("COMPANY", 0, 6), Span("MONEY", 14, 16)],
        [
            ScoredDeal(
                "round",
                "completed",
                "attributed",
                [Slot("company", "Novena", None), Slot("amount", five, None), Slot("investor", "Kettl", None)],
            )
        ],
    )
    predicted = ScoredDocument(
        [],
        [
            ScoredDeal("total", "completed", "asserted", [Slot("amount", Sum("USD", 9.0, 9.0), 0.5)]),
            ScoredDeal(
                "round",
                "completed",
                "asserted",
                [
                    *(Slot("company", "Novena Inc.", 0.5), Slot("amount", five, 0.5), Slot("round_type", "seed", 0.5)),
                    *(Slot("investor", "Kettl", 0.5), Slot("lead", "Kettl", 0.5), Slot("investor", "Orla", 0.5)),
                ],
            ),
        ],
    )
    fired = Fired(
        [(Span("COMPANY", 0, 6), "a"), (Span("COMPANY", 14, 16), "a"), (Span("MONEY", 14, 16), "b")],
        [
            FiredDeal("poor", [Reason("amount", "$9", "far"), Reason("stage", "completed", "verb")]),
            FiredDeal(
                "rich",
                [
                    Reason("company", "Novena Inc.", "subject"),
                    Reason("amount", "$5m", "near"),
                    Reason("round_type", "seed", "near"),
                    Reason("investor", "Kettl", "led_by"),
                    Reason("investor", "Orla", "led_by"),
                    Reason("stage", "completed", "verb"),
                    Reason("certainty", "asserted", "none"),
                    Reason("attribution", "The Ledger", "source"),
                    Reason("attribution", "Bloomberg", "source"),
                ],
            ),
        ],
    )
    assert precision({"x": gold}, {"x": predicted}, {"x": fired}, {"x": [["Bloomberg"]]}) == {
        "COMPANY": {"a": [1, 2]},
        "MONEY": {"b": [1, 1]},
        "deal": {"poor": [0, 1], "rich": [1, 1]},
        "company": {"subject": [1, 1]},
        "amount": {"far": [0, 1], "near": [1, 1]},
        "round_type": {"near": [0, 1]},
        "investor": {"led_by": [1, 2]},
        "stage": {"verb": [1, 2]},
        "certainty": {"none": [0, 1]},
        "attribution": {"source": [1, 2]},
    }


def test_calibrate(tmp_path: Path) -> None:
    def mention(label: str, words: str) -> dict[str, Any]:
        start = TEXT.index(words)
        return {"label": label, "start": start, "end": start + len(words)}

    document = {
        "id": "a",
        "published": "2026-05-04",
        "text": TEXT,
        "mentions": [
            *(mention("COMPANY", "Novena Inc."), mention("MONEY", "$5 million"), mention("ROUND", "Series A")),
            *(mention("COMPANY", "Harbour Point Ventures"), mention("COMPANY", "Kettl GmbH"), mention("MONEY", "€12")),
        ],
        "deals": [
            {
                "kind": "round",
                "company": "Novena Inc.",
                "amount": {"min": 5e6, "max": 5e6, "currency": "USD", "text": "$5 million"},
                "round_type": "series_b",
                "investors": [{"name": "Harbour Point Ventures", "role": "participant"}],
                "stage": "completed",
                "certainty": "rumored",
                "attribution": ["Bloomberg"],
            }
        ],
    }
    gold, out = gold_file(tmp_path / "gold.jsonl", document), tmp_path / "confidence.json"
    result = run("calibrate", gold, "--out", out)
    assert (result.exit_code, result.output) == (0, "")
    table = json.loads(out.read_text(encoding="utf-8"))
    assert (table["gold"], table["documents"]) == ("gold.jsonl", 1)
    assert table["digest"] == hashlib.sha256(gold.read_bytes()).hexdigest()
    # The second deal is not in gold, so that all of it is wrong.
    assert totals(table["slots"]) == {
        "COMPANY": [2, 2],
        "INVESTOR": [0, 1],
        "MONEY": [1, 2],
        "ROUND": [1, 1],
        "HEDGE": [0, 1],
        "deal": [1, 2],
        "company": [1, 2],
        "amount": [1, 2],
        "round_type": [0, 1],
        "investor": [1, 1],
        "stage": [1, 2],
        "certainty": [0, 2],
        "attribution": [0, 1],
    }
    assert '": [1, 1]' in out.read_text(), "each rule stands on a line of its own"


def test_the_counts_are_those_of_the_scorer(tmp_path: Path) -> None:
    cases = [as_gold(case) for case in load_cases("deals") if case["split"] == "held_out"]
    gold = gold_file(tmp_path / "gold.jsonl", *cases)
    counted = totals(json.loads(run("calibrate", gold).stdout)["slots"])
    figures = json.loads(run("evaluate", gold, "--json").stdout)
    scored = figures["slots"] | {label: spans["exact"] for label, spans in figures["mentions"].items()}
    scored |= {"deal": figures["deals"]}
    # Being a lead has no confidence of its own.
    del scored["lead"]
    assert {slot: counted[slot] for slot in scored} == {
        slot: [round(f["p"] * f["predicted"]), f["predicted"]] for slot, f in scored.items()
    }


def test_calibrate_does_not_overwrite_its_input(tmp_path: Path) -> None:
    gold = gold_file(tmp_path / "gold.jsonl", {"id": "a", "text": TEXT, "mentions": [], "deals": []})
    before = gold.read_bytes()
    result = run("calibrate", gold, "-o", gold)
    assert result.exit_code == 2
    assert "is an input too" in result.stderr
    assert gold.read_bytes() == before


# What is made of them

uncached = confidence.__wrapped__


def with_counts(monkeypatch: pytest.MonkeyPatch, right: int, fired: int) -> float:
    counts = {"company": {"rule": (right, fired), "other": (3, 5)}}
    monkeypatch.setattr(module, "_counts", lambda model: counts)
    return float(uncached("rules", "company", "rule"))


@given(st.integers(0, 500), st.integers(1, 500))
def test_confidence_rises_with_what_was_right(right: int, wrong: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lower = with_counts(patch, right, right + wrong)
        higher = with_counts(patch, right + 1, right + wrong)
        assert 0 < lower <= higher < 1


def test_a_rule_never_seen_has_the_precision_of_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    with_counts(monkeypatch, 77, 93)
    assert uncached("rules", "company", "new") == 0.81
    assert uncached("rules", "valuation", "new") == 0.5


def test_much_seen_outweighs_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(with_counts(monkeypatch, 900, 1000) - 0.9) < 0.005


# The table that is shipped


def test_the_shipped_table() -> None:
    table = json.loads((Path(module.__file__).parent / "confidence-rules.json").read_text(encoding="utf-8"))
    assert set(table) == {"gold", "digest", "date", "documents", "slots"}
    assert len(table["digest"]) == 64
    assert set(table["slots"]) == SLOTS
    for rules in table["slots"].values():
        assert all(0 <= right <= fired for right, fired in rules.values())
        assert all(fired for _, fired in rules.values())
