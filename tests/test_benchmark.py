"""The commands that measure: `benchmark`, and `evaluate` over the shipped rules."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from spacy.language import Language
from typer.testing import CliRunner, Result

from dealspan.cli import app
from dealspan.cli.benchmark import RECORD, TOKENIZER, WHOLE
from tests.annotated import load_cases
from tests.test_deals import gold as as_gold

CASES = [as_gold(case) for case in load_cases("deals")[:8]]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    return path


# benchmark


@pytest.fixture
def quick_start(monkeypatch: pytest.MonkeyPatch) -> None:
    # The name of the module is that of its function too.
    monkeypatch.setattr(sys.modules["dealspan.cli.benchmark"], "STARTS", 1)


@pytest.mark.usefixtures("quick_start")
def test_benchmark_times_every_component(gold: Path, nlp: Language) -> None:
    result = run("benchmark", gold, "--repeat", 1)
    assert result.exit_code == 0, result.stderr
    words = sum(len(case["text"].split()) for case in CASES)
    assert result.stdout.startswith(f"Speed on gold.jsonl, rules: 8 documents, {words:,} words, ")
    rows = re.findall(r"^(.+?) +([\d,]+) words/s +([\d.]+)$", result.stdout, re.MULTILINE)
    steps = [TOKENIZER, *nlp.pipe_names, RECORD, WHOLE, f"{WHOLE}, first reading"]
    assert [step for step, _, _ in rows] == steps
    speed = {step: int(number.replace(",", "")) for step, number, _ in rows}
    assert all(speed.values())
    assert speed[WHOLE] < min(speed[name] for name in nlp.pipe_names)
    assert rows[0][2] == "1.00"
    spacy, dealspan = re.findall(r"([\d.]+) s", result.stdout.splitlines()[-1])
    assert float(spacy) > 0 < float(dealspan)


@pytest.mark.usefixtures("quick_start")
def test_benchmark_as_markdown(gold: Path, nlp: Language) -> None:
    result = run("benchmark", gold, "--repeat", 1, "--markdown")
    assert result.stdout.startswith("## Speed on gold.jsonl, rules: 8 documents")
    rows = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(nlp.pipe_names) + 4
    assert all(row.count("|") == 4 for row in rows)


def test_benchmark_of_what_cannot_be_read(tmp_path: Path) -> None:
    result = run("benchmark", tmp_path / "none.txt")
    assert result.exit_code == 1
    assert "does not exist" in result.stderr


# evaluate


def test_evaluate_without_records_takes_those_of_the_shipped_rules(gold: Path, tmp_path: Path) -> None:
    assert run("extract", gold, "-o", tmp_path / "p.jsonl").exit_code == 0
    expected = run("evaluate", gold, tmp_path / "p.jsonl", "--errors")
    found = run("evaluate", gold, "--errors")
    assert (found.exit_code, found.stdout) == (0, expected.stdout)
    assert "deals" in found.stdout


def test_evaluate_as_markdown(gold: Path) -> None:
    result = run("evaluate", gold, "--markdown")
    figures = json.loads(run("evaluate", gold, "--json").stdout)
    assert result.stdout.startswith("## gold.jsonl, rules: 8 documents, 20")
    table = dict(re.findall(r"^\| ([^|]+?) \| (.+) \|$", result.stdout, re.MULTILINE))
    deals = figures["deals"]
    low, high = figures["intervals"]["deals"]
    assert low <= deals["f1"] <= high
    assert table["deals"] == (
        f"{deals['p']:.3f} | {deals['r']:.3f} | {deals['f1']:.3f} | {low:.2f}–{high:.2f} | {deals['gold']} "
        f"| {deals['predicted']}"
    )
    assert {f"slot {slot}" for slot in figures["slots"]} < set(table)
    assert f"stage accuracy, of the deals found: {figures['stage_accuracy']:.3f}" in table
    assert f"calibration error (ECE) of the slots: {figures['ece']:.3f}" in table


@pytest.mark.parametrize("other", ["--json", "--errors"])
def test_markdown_goes_alone(gold: Path, other: str) -> None:
    assert run("evaluate", gold, gold, "--markdown", other).exit_code == 2


# python -m dealspan


def test_the_package_is_the_command() -> None:
    result = subprocess.run([sys.executable, "-m", "dealspan", "--version"], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("dealspan ")
