"""`dealspan reliability`: how often what has a confidence is right."""

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from dealspan.cli import app
from dealspan.evaluation import load, score
from dealspan.evaluation.reliability import BINS, THRESHOLDS, Judged, Reliability, bins, reliability, share
from tests.annotated import load_cases
from tests.test_deals import gold as as_gold
from tests.test_evaluation import GOLD, Json, file, record


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["reliability", *map(str, arguments)])


def figures(tmp_path: Path, gold: Json, predicted: Json) -> dict[str, Reliability]:
    return reliability(load(file(tmp_path / "g.jsonl", gold)), load(file(tmp_path / "p.jsonl", predicted)))


def left(found: Reliability) -> dict[float, tuple[int, float] | None]:
    """How many are left at each threshold, and which share of them is right."""
    return {least: one and (one.of, round(one.right, 2)) for least, one in found.thresholds.items()}


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cases = [as_gold(case) for case in load_cases("deals")[:40]]
    return file(tmp_path_factory.mktemp("gold") / "gold.jsonl", *cases)


@pytest.fixture(scope="module")
def records(gold: Path) -> Path:
    path = gold.parent / "records.jsonl"
    assert CliRunner().invoke(app, ["extract", "--no-gate", str(gold), "-o", str(path)]).exit_code == 0
    return path


# What is judged


def test_what_is_right(tmp_path: Path) -> None:
    found = figures(tmp_path, GOLD, record())
    # Gold has one of the six mentions; all eight slots, the lead among them, and the deal are those of gold.
    assert left(found["mentions"]) == {0: (6, 0.17), 0.5: (6, 0.17), 0.8: (6, 0.17), 0.9: (6, 0.17), 0.95: None}
    # Slots of 0.97, 0.95, 0.9 (three), 0.8 and 0.7, of a deal of 0.85.
    assert left(found["slots"]) == {0: (7, 1), 0.5: (7, 1), 0.8: (6, 1), 0.9: None, 0.95: None}
    assert left(found["deals"]) == {0: (1, 1), 0.5: (1, 1), 0.8: (1, 1), 0.9: None, 0.95: None}


def test_what_is_wrong(tmp_path: Path) -> None:
    amount = {"value": {"min": 50e6, "max": None, "currency": "USD"}, "confidence": 0.95}
    found = figures(
        tmp_path, {**GOLD, "mentions": []}, record(amount=amount, company={"value": "Kettl", "confidence": 1})
    )
    # Without the amount and the company it is another deal, and its slots are wrong with it.
    assert {kind: left(one)[0.0] for kind, one in found.items()} == {
        "mentions": (6, 0),
        "slots": (7, 0),
        "deals": (1, 0),
    }
    found = figures(tmp_path, GOLD, record(date={"value": "2017", "confidence": 0.85}))
    assert left(found["slots"])[0.8] == (7, 0.86)


def test_a_deal_goes_with_the_last_of_its_slots(tmp_path: Path) -> None:
    slots = {"amount": None, "round_type": None, "valuation": None, "date": None, "investors": []}
    predicted = record(**slots, company={"value": "Novena Robotics", "confidence": 0.6}, confidence=0.9)
    assert left(figures(tmp_path, GOLD, predicted)["deals"]) == {
        0: (1, 1),
        0.5: (1, 1),
        0.8: None,
        0.9: None,
        0.95: None,
    }


def test_what_gives_no_confidence_is_left_out(tmp_path: Path) -> None:
    found = figures(tmp_path, GOLD, record(company={"value": "Novena Robotics"}, confidence=None))
    assert left(found["slots"])[0.95] == (1, 1)  # the amount; the deal does not hold it back
    assert left(found["slots"])[0.0] == (6, 1)
    assert (found["deals"].bins, found["deals"].error, left(found["deals"])[0.0]) == ([], None, None)


@pytest.mark.parametrize("least", THRESHOLDS)
def test_what_is_left_is_what_extract_leaves(gold: Path, records: Path, least: float) -> None:
    path = records.with_name(f"{least}.jsonl")
    options = ["-o", str(path), "--min-confidence", str(least)]
    assert CliRunner().invoke(app, ["extract", str(gold), *options]).exit_code == 0
    deals = [deal for document in load(path).values() for deal in document.deals]
    found = reliability(load(gold), load(records))
    counted = {kind: one.thresholds[least] for kind, one in found.items()}
    assert (counted["deals"].of if counted["deals"] else 0) == len(deals)
    assert (counted["slots"].of if counted["slots"] else 0) == sum(len(deal.slots) for deal in deals)


def test_the_error_of_the_slots_is_that_of_evaluate(gold: Path, records: Path) -> None:
    expected, predicted = load(gold), load(records)
    assert reliability(expected, predicted)["slots"].error == score(expected, predicted)[0]["ece"] > 0


# Bins and intervals

judged = st.lists(
    st.builds(lambda sure, right: Judged(sure, sure, right), st.sampled_from([0.1, 0.5, 0.7, 0.8, 0.9]), st.booleans())
)


@given(judged, st.integers(1, 12))
def test_bins(cases: list[Judged], number: int) -> None:
    found = bins(cases, number)
    assert len(found) <= number
    assert sum(one.share.of for one in found) == len(cases)
    assert round(sum(one.share.of * one.share.right for one in found)) == sum(one.right for one in cases)
    sure = [one.confidence for one in found]
    assert sure == sorted(set(sure))
    assert all(one.share.of >= len(cases) / number for one in found)
    # As many of a confidence as there are share a bin.
    sizes = Counter(one.confidence for one in cases)
    assert all(one.share.of >= sizes[one.confidence] for one in found if one.confidence in sizes)


def test_bins_of_confidences_that_all_differ_are_of_equal_mass() -> None:
    found = bins([Judged(n / 100, n / 100, n % 2 == 0) for n in range(100)], BINS)
    assert [(one.share.of, one.share.right) for one in found] == [(10, 0.5)] * 10
    assert found[0].confidence == pytest.approx(0.045)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 4, 0, 0.4899), (4, 4, 0.5101, 1)]
)
def test_interval_of_wilson(right: int, of: int, low: float, high: float) -> None:
    found = share([True] * right + [False] * (of - right))
    assert found
    assert found[:2] == (of, right / of)
    assert found[2:] == pytest.approx((low, high), abs=1e-4)


def test_the_share_lies_in_its_interval() -> None:
    assert share([]) is None
    for n in range(1, 60):
        for right in range(n + 1):
            found = share([True] * right + [False] * (n - right))
            assert found
            assert 0 <= found.low <= found.right <= found.high <= 1


# The command


def test_lines(gold: Path, records: Path) -> None:
    result = run(gold, records)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == run(gold).stdout
    rows = [line.split() for line in result.stdout.splitlines()[1:]]
    assert [row[0] for row in rows if len(row) == 7] == ["mentions", "slots", "deals"]
    found = reliability(load(gold), load(records))["slots"]
    everything = found.thresholds[0.0]
    assert everything
    assert ["slots", f"{found.error:.3f}", "0.00", f"{everything.of}", "100%", f"{everything.right:.3f}"] == rows[5][:6]
    assert [row[0] for row in rows[6:10]] == ["0.50", "0.80", "0.90", "0.95"]


def test_json(gold: Path, records: Path) -> None:
    found = json.loads(run(gold, records, "--json").stdout)
    assert set(found) == {"mentions", "slots", "deals"}
    deals = load(records).values()
    assert found["deals"]["at_least"]["0.0"]["of"] == sum(len(document.deals) for document in deals)
    assert sum(one["of"] for one in found["deals"]["bins"]) == found["deals"]["at_least"]["0.0"]["of"]
    assert set(found["slots"]["bins"][0]) == {"confidence", "of", "right", "low", "high"}


def test_markdown(gold: Path) -> None:
    result = run(gold, "--markdown")
    assert result.stdout.startswith("## Reliability on gold.jsonl, trained: 40 documents, 20")
    rows = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3 * len(THRESHOLDS)
    assert {row.count("|") for row in rows} == {8}


def test_the_picture(gold: Path, records: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "a.svg", tmp_path / "b.svg"]
    for path in paths:
        assert run(gold, records, "--out", path).exit_code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    texts = [node.text for node in ElementTree.parse(paths[0]).iter("{http://www.w3.org/2000/svg}text")]
    for kind, one in reliability(load(gold), load(records)).items():
        assert f"{kind}: ECE {one.error:.3f}" in texts
    assert texts.count("confidence") == texts.count("count") == 3
    assert "gold.jsonl" in texts


def test_a_picture_where_a_kind_has_no_confidence(tmp_path: Path) -> None:
    paths = file(tmp_path / "g.jsonl", GOLD), file(tmp_path / "p.jsonl", record(confidence=None))
    assert run(*paths, "--out", tmp_path / "a.svg").exit_code == 0
    assert "deals: ECE none" in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (("--json", "--markdown"), 2, "leave one out"),
        (("--out", "a.png"), 2, "a.png: is drawn as SVG; give a name that ends in .svg"),
    ],
)
def test_wrong_usage(gold: Path, records: Path, options: tuple[str, ...], status: int, message: str) -> None:
    result = run(gold, records, *options)
    assert (result.exit_code, message in result.stderr) == (status, True)


def test_files_that_cannot_be_judged(gold: Path) -> None:
    result = run(gold, gold)
    assert (result.exit_code, "nothing in it has a confidence" in result.stderr) == (1, True)
    result = run(gold.with_name("none.jsonl"))
    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)


def test_the_missing_extra_is_named(gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run(gold, "--out", tmp_path / "a.svg")
    assert (result.exit_code, "pip install 'dealspan[corpus]'" in result.stderr) == (1, True)
    assert not (tmp_path / "a.svg").exists()
