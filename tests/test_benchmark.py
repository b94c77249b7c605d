"""The commands that measure: `benchmark`, and `evaluate` over the shipped rules."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from thinc.api import get_current_ops, set_current_ops
from typer.testing import CliRunner, Result

from dealspan.cli import app, peer
from dealspan.cli.benchmark import PEER, RECORD, TOKENIZER, WHOLE
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
    assert result.stdout.startswith(f"Speed on gold.jsonl, trained: 8 documents, {words:,} words, ")
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
    assert result.stdout.startswith("## Speed on gold.jsonl, trained: 8 documents")
    rows = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(nlp.pipe_names) + 4
    assert all(row.count("|") == 4 for row in rows)


# benchmark --peer


@pytest.mark.usefixtures("quick_start")
def test_benchmark_beside_a_peer(gold: Path) -> None:
    result = run("benchmark", gold, "--repeat", 1, "--peer")
    assert result.exit_code == 0, result.stderr
    rows = dict(re.findall(r"^(.+?) +([\d,]+) words/s", result.stdout, re.MULTILINE))
    speed = {step: int(number.replace(",", "")) for step, number in rows.items()}
    said = re.findall(r"The whole pipeline is ([\d.]+) times as fast as (.+?), [\d.]+ times at first", result.stdout)
    assert [name for _, name in said] == [f"{PEER}, {library}" for library in peer.LIBRARIES]
    for times, name in said:
        assert float(times) == pytest.approx(speed[WHOLE] / speed[name], abs=0.06)
        assert speed[name] == speed[f"{name}, first reading"]  # the only one


@pytest.fixture
def thinc_as_it_was() -> Iterator[None]:
    ops = get_current_ops()
    yield
    set_current_ops(ops)


@pytest.mark.usefixtures("thinc_as_it_was")
@pytest.mark.parametrize("use_blis", [False, True])
def test_the_shape_of_the_peer(use_blis: bool) -> None:
    nlp = peer.peer(use_blis=use_blis)
    assert nlp.pipe_names == ["tok2vec", "tagger", "parser", "ner"]
    pipes: dict[str, Any] = dict(nlp.pipeline)
    assert {name: len(pipes[name].labels) for name in ("tagger", "parser", "ner")} == {
        "tagger": 50,
        "parser": 45,
        "ner": 18,
    }
    listening = [name for name in pipes if any(node.name == "tok2vec-listener" for node in pipes[name].model.walk())]
    assert listening == ["tagger", "parser"]
    assert pipes["tok2vec"].model.get_dim("nO") == 96
    assert {node.ops.use_blis for node in pipes["tok2vec"].model.walk()} == {use_blis}


@pytest.mark.usefixtures("thinc_as_it_was")
def test_the_parser_of_the_peer_makes_as_many_transitions_as_a_trained_one() -> None:
    nlp = peer.peer(use_blis=False)
    docs = [nlp.make_doc(case["text"]) for case in CASES]
    nlp.get_pipe("tok2vec").set_annotations(docs, nlp.get_pipe("tok2vec").predict(docs))
    for name, each in (("parser", 2), ("ner", 1)):
        pipe: Any = nlp.get_pipe(name)
        step, states, made = pipe.model.predict(docs), pipe.moves.init_batch(docs), 0
        while states:
            made += len(states)
            states = pipe.transition_states(states, step.predict(states))
        assert made == pytest.approx(each * sum(map(len, docs)), rel=0.05)


@pytest.mark.parametrize(
    ("number", "read"), [(9, ["a b c", "d e", "f"]), (5, ["a b c", "d e"]), (4, ["a b c"]), (2, ["a b"])]
)
def test_the_peer_reads_the_first_words(number: int, read: list[str]) -> None:
    assert peer.first_words(["a b c", "d e", "f"], number) == read


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
    assert result.stdout.startswith("## gold.jsonl, trained: 8 documents, 20")
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
