"""The commands that show a text, explain a reading and score one."""

import json
import re
from pathlib import Path

import pytest

from tests.samples import TEXT
from tests.test_cli import run

pytestmark = pytest.mark.usefixtures("stand_in")


def test_text_is_exact(folder: Path) -> None:
    (folder / "a.txt").write_bytes("Café\r\nb ".encode())
    (folder / "a.jsonl").write_text('{"id": "x", "text": "X"}\n{"id": "y", "text": "Y\\r\\n"}\n')
    assert run("text", "a.txt").stdout_bytes == "Café\r\nb ".encode()
    assert run("text", "a.jsonl", "--id", "y").stdout_bytes == b"Y\r\n"


def test_explain(folder: Path) -> None:
    result = run("explain", "rumour.txt", "none.txt")
    assert result.exit_code == 0
    assert result.stdout == (
        "rumour.txt\n"
        "  d1  company: Novena Robotics  (97%)\n"
        "      names.subject at 0-15: “Novena Robotics”\n"
        "none.txt\n"
        "  no deals\n"
    )


def test_explain_as_json(folder: Path) -> None:
    (found,) = json.loads(run("explain", "rumour.txt", "none.txt", "-f", "json").stdout)
    assert found == {
        "document": "rumour.txt",
        "deal": "d1",
        "slot": "company",
        "value": "Novena Robotics",
        "rule": "names.subject",
        "text": "Novena Robotics",
        "start": 0,
        "end": 15,
        "confidence": 0.97,
    }
    assert json.loads(run("explain", "none.txt", "-f", "json").stdout) == []


def test_evaluate(folder: Path) -> None:
    run("extract", "rumour.txt", "-o", "p.jsonl")
    (folder / "g.jsonl").write_text('{"id": "rumour.txt", "mentions": [], "deals": []}\n')
    result = run("evaluate", "g.jsonl", "p.jsonl", "--errors")
    assert result.stdout.startswith(
        "rumour.txt | spurious deal | round (in_progress, rumored): company Novena Robotics"
    )
    assert "slots, all                 p 0.000" in result.stdout
    assert json.loads(run("evaluate", "g.jsonl", "p.jsonl", "--json").stdout)["deals"]["predicted"] == 1
    found = json.loads(run("evaluate", "g.jsonl", "p.jsonl", "--json", "--errors").stdout)["errors"]
    assert found[0]["what"] == "spurious deal"


@pytest.fixture
def scored(folder: Path) -> Path:
    """Gold and records of two documents, of which one is right."""
    run("extract", "rumour.txt", "none.txt", "-o", "p.jsonl")
    right = json.loads((folder / "p.jsonl").read_text().splitlines()[1])
    gold = [
        {"id": "rumour.txt", "genre": "rumour", "text": TEXT, "mentions": [], "deals": []},
        {"id": "none.txt", "genre": "wire", "text": "Nothing to see.", "mentions": right["mentions"], "deals": []},
    ]
    (folder / "g.jsonl").write_text("".join(json.dumps(one) + "\n" for one in gold))
    return folder


def test_evaluate_by_a_field(scored: Path) -> None:
    lines = run("evaluate", "g.jsonl", "p.jsonl", "--by", "genre").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["genre", "rumour", "wire", "all"]
    rows = json.loads(run("evaluate", "g.jsonl", "p.jsonl", "--by", "genre", "--json").stdout)
    assert rows["rumour"]["deals"]["predicted"] == rows["all"]["deals"]["predicted"] == 1
    section = run("evaluate", "g.jsonl", "p.jsonl", "--by", "genre", "--markdown").stdout
    assert section.startswith("## g.jsonl by genre, ")
    assert "\n| rumour | 1 | 0.00 | 0.00 | – | – | – | – | – | – |\n" in section


def test_a_group_that_is_called_like_the_sum(scored: Path) -> None:
    (scored / "g.jsonl").write_text((scored / "g.jsonl").read_text().replace('"wire"', '"all"'))
    result = run("evaluate", "g.jsonl", "p.jsonl", "--by", "genre")
    assert result.exit_code == 2
    assert "a value of 'genre' is 'all', which stands for the sum; rename it" in result.stderr


def test_evaluate_confusion(scored: Path) -> None:
    out = run("evaluate", "g.jsonl", "p.jsonl", "--confusion").stdout
    assert out.startswith("label, gold by predicted\n")
    (row,) = [line.split() for line in out.splitlines() if line.startswith("nothing")]
    assert row[-1] == "0"
    assert sum(map(int, row[1:])) == sum(
        len(json.loads(line)["mentions"]) for line in (scored / "p.jsonl").read_text().splitlines()[:1]
    )
    section = run("evaluate", "g.jsonl", "p.jsonl", "--confusion", "--markdown").stdout
    assert section.startswith("## g.jsonl: label, gold by predicted, ")


def test_evaluate_worst(scored: Path) -> None:
    lines = run("evaluate", "g.jsonl", "p.jsonl", "--worst", "2").stdout.splitlines()
    assert re.fullmatch(r"rumour.txt: \d+ wrong or missing", lines[0])
    assert any(line.startswith("  spurious COMPANY: …") and "[" in line for line in lines)
    assert not any("none.txt" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--by", "genre", "--confusion"), "choose one"),
        (("--by", "genre", "--errors"), "choose one"),
        (("--worst", "1", "--errors"), "choose one"),
        (("--markdown", "--worst", "1"), "--markdown goes with none of"),
        (("--json", "--confusion"), "--json goes with neither"),
    ],
)
def test_views_of_the_evaluation_exclude_each_other(scored: Path, options: tuple[str, ...], message: str) -> None:
    result = run("evaluate", "g.jsonl", "p.jsonl", *options)
    assert result.exit_code == 2
    assert message in result.stderr
