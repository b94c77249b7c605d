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
from dealspan.deals.confidence import Confidence, Grounds, confidence_of, counted, fitted, grounds_features
from dealspan.evaluation.precision import Fired, FiredDeal, Reason, counts, judged
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
    assert counts(judged({"x": gold}, {"x": predicted}, {"x": fired}, {"x": [["Bloomberg"]]})) == {
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
    figures = json.loads(run("evaluate", gold, "--model", "rules", "--json").stdout)
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


def test_calibrate_a_trained_model(tmp_path: Path) -> None:
    cases = [as_gold(case) for case in load_cases("deals") if case["split"] == "held_out"]
    gold, out = gold_file(tmp_path / "gold.jsonl", *cases), tmp_path / "confidence.npz"
    result = run("calibrate", gold, "--model", "trained", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "of 60 documents" in result.stderr.replace(str(len(cases)), "60")
    known = fitted(out)
    assert known(Grounds("company", "raises", 0.95, 0.95, 0.95)) > known(Grounds("company", "raises", 0.2, 0.2, 0.2))
    assert run("calibrate", gold, "--model", "trained").exit_code == 2


# What is made of them


def with_counts(monkeypatch: pytest.MonkeyPatch, right: int, fired: int) -> Confidence:
    table = {"slots": {"company": {"rule": (right, fired), "other": (3, 5)}}}
    monkeypatch.setattr(module.json, "loads", lambda text: table)
    return counted()


@given(st.integers(0, 500), st.integers(1, 500))
def test_confidence_rises_with_what_was_right(right: int, wrong: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        lower = with_counts(patch, right, right + wrong)(Grounds("company", "rule"))
        higher = with_counts(patch, right + 1, right + wrong)(Grounds("company", "rule"))
        assert 0 < lower <= higher < 1


def test_a_rule_never_seen_has_the_precision_of_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    known = with_counts(monkeypatch, 77, 93)
    assert known(Grounds("company", "new")) == 0.81
    assert known(Grounds("valuation", "new")) == 0.5


def test_much_seen_outweighs_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(with_counts(monkeypatch, 900, 1000)(Grounds("company", "rule")) - 0.9) < 0.005


def test_grounds_are_told_in_steps() -> None:
    found = set(grounds_features(Grounds("company", "raises", 0.9, None, 0.5)))
    assert {"slot company", "slot company rule raises", "slot company deal none", "sure 2", "name -0.5"} <= found
    assert not {"sure 3", "name 0", "slot company sure none"} & found
    assert set(grounds_features(Grounds("company", "raises", 0.0, None, 0.5))) < found


def test_the_shipped_model_of_confidence() -> None:
    known = confidence_of("confidence")
    for slot in sorted(SLOTS - {"deal"}):
        low, high = (known(Grounds(slot, "learned", sure, sure, sure)) for sure in (0.3, 0.97))
        assert 0 < low < high < 1
    assert known(Grounds("company", "never seen", 0.5)) < 1


def test_a_file_without_confidences(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none.npz: holds no models"):
        confidence_of(str(tmp_path / "none.npz"))
    with pytest.raises(
        ValueError, match=r"roles.npz: holds no model of confidence; make one with `dealspan calibrate`"
    ):
        confidence_of("roles")


# The table that is shipped


def test_the_shipped_table() -> None:
    table = json.loads((Path(module.__file__).parent / "confidence-rules.json").read_text(encoding="utf-8"))
    assert set(table) == {"gold", "digest", "date", "documents", "slots"}
    assert len(table["digest"]) == 64
    assert set(table["slots"]) == SLOTS
    for rules in table["slots"].values():
        assert all(0 <= right <= fired for right, fired in rules.values())
        assert all(fired for _, fired in rules.values())
