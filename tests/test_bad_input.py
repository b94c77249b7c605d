"""Input that no reader of news would send, through the whole command: one clear line, and the rest goes on."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealspan.cli import app

GOOD = "Kettl GmbH raised $12 million in a Series B round led by Alder Ventures."


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("good.txt").write_text(GOOD)


def extract(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["extract", *arguments])
    assert "Traceback" not in result.output
    assert "unexpected" not in result.stderr
    return result


def ids(result: Result) -> list[str]:
    return [json.loads(line)["document"]["id"] for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "a.txt: is empty; give a file with text"),
        ("a.txt", b" \r\n\t", "a.txt: is empty; give a file with text"),
        ("a.html", b"", "a.html: is empty; give a file with text"),
        ("a.jsonl", b"", "a.jsonl: is empty; give a file with one JSON object per line"),
        (
            "a.txt",
            b"\x7fELF\x02\x00\x01",
            "a.txt: is binary (a NUL byte at 5); give text, HTML or JSON",
        ),
        ("a.html", b"<p>\x00", "a.html: is binary (a NUL byte at 3)"),
        ("a.txt", b"caf\xe9 raises", "a.txt: is not UTF-8 (byte 0xe9 at offset 3); convert it"),
        ("a.txt", "Novena".encode("utf-16"), "a.txt: is UTF-16, not UTF-8; convert it: iconv -f UTF-16"),
        ("a.html", b"<script>var x", "a.html: holds no text outside scripts"),
        ("a.jsonl", b'{"text": "x"', "a.jsonl:1: is not one whole JSON object"),
        ("a.docx", b"x", "a.docx: ends in .docx, which is not read"),
    ],
)
def test_bad_file_is_named_and_the_others_are_done(name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)
    result = extract(name, "good.txt")
    assert result.exit_code == 1
    assert f"dealspan: {message}" in result.stderr
    assert result.stderr.count("\n") == 1
    assert ids(result) == ["good.txt"]


def test_missing_file() -> None:
    result = extract("missing.txt", "good.txt")
    assert (result.exit_code, result.stderr) == (1, "dealspan: missing.txt: does not exist; check the path\n")
    assert ids(result) == ["good.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission() -> None:
    Path("a.txt").write_text(GOOD)
    Path("a.txt").chmod(0)
    result = extract("a.txt", "good.txt")
    assert "dealspan: a.txt: cannot be read (Permission denied)" in result.stderr
    assert ids(result) == ["good.txt"]


def test_file_that_fails_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def broken(path: Path, *arguments: str, **options: str) -> object:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", "a.txt")
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    Path("a.txt").write_text(GOOD)
    monkeypatch.setattr(Path, "open", broken)
    result = extract("a.txt", "good.txt")
    assert result.exit_code == 1
    assert "dealspan: a.txt: cannot be read (Permission denied); check the path and its permissions" in result.stderr
    assert ids(result) == ["good.txt"]


def test_broken_line_among_good_ones() -> None:
    good = json.dumps({"text": GOOD})
    Path("a.jsonl").write_text(f"{good}\n{{broken\n{good}\n")
    result = extract("a.jsonl")
    assert result.exit_code == 1
    assert "dealspan: a.jsonl:2: is not one whole JSON object" in result.stderr
    assert ids(result) == ["a.jsonl:1", "a.jsonl:3"]


def test_same_id_twice() -> None:
    line = json.dumps({"id": "same", "text": GOOD})
    Path("a.jsonl").write_text(f"{line}\n{line}\n")
    for format in ("jsonl", "json", "csv", "table", "html"):
        assert extract("a.jsonl", "-f", format).exit_code == 0


def test_truncated_page_is_read_as_far_as_it_goes() -> None:
    Path("a.html").write_text(f"<html><head><title>News</title><body><article><p>{GOOD}</p><p>It sa<b")
    result = extract("a.html")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["deals"]


def test_no_funding_at_all() -> None:
    Path("a.txt").write_text("It rained on Tuesday. The match was called off.")
    result = extract("a.txt")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["deals"] == []
    assert "No deals in 1 document." in extract("a.txt", "-f", "table").stdout


@pytest.mark.parametrize(
    "piece", ["a", "1,", "word ", GOOD + " "], ids=["one word", "one number", "words", "sentences"]
)
def test_one_very_long_line(piece: str) -> None:
    Path("a.txt").write_text("$" + piece * (200_000 // len(piece)))
    result = extract("a.txt", "good.txt")
    assert result.exit_code == 0
    assert ids(result) == ["a.txt", "good.txt"]


def test_text_beyond_the_limit_of_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.pipeline.MAX_LENGTH", 200)
    Path("a.txt").write_text(GOOD * 10)
    result = extract("a.txt", "good.txt")
    assert result.exit_code == 1
    assert f"dealspan: a.txt: has {len(GOOD) * 10} characters, more than 200; split it into articles" in result.stderr
    assert ids(result) == ["good.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufffe\ufdd0 raised $5m",
        "\x01\x02\x1b[2J raised $5m",
        "🚀" * 50 + " raised $5m",
        "a\u0301" * 500,
        "\u202e$5m desiar",
    ],
)
def test_odd_characters(text: str) -> None:
    Path("a.txt").write_text(text, encoding="utf-8")
    for format in ("jsonl", "csv", "table", "html"):
        assert extract("a.txt", "-f", format).exit_code == 0
    record = json.loads(extract("a.txt").stdout)
    assert all(text[m["start"] : m["end"]] == m["text"] for m in record["mentions"])
