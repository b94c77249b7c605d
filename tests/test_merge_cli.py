"""The command `merge`, its output and its page."""

import inspect
import json
import re
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import dealspan.merged
from dealspan.cli import app
from dealspan.merged import schema
from dealspan.output import writing
from dealspan.records import Article, Record, encode
from tests.archives import claim

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    told = [
        claim("a", "Kettl", amount=40e6, stage="in_progress", certainty="rumored", published="2026-03-02"),
        claim("b", "Kettl", amount=45e6, round_type="series_b", published="2026-03-19"),
        claim("c", "Fowler", amount=45e6, round_type="series_b", published="2026-03-19"),
    ]
    path.write_bytes(b"\n".join(map(encode, told)) + b"\n")
    return path


def test_merged_deals_are_valid_by_the_schema(file: Path) -> None:
    result = CliRunner().invoke(app, ["merge", str(file)])
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [len(deal["sources"]) for deal in lines] == [2, 1]
    printed = json.loads(CliRunner().invoke(app, ["schema", "--merged"]).stdout)
    assert printed == schema()
    Draft202012Validator.check_schema(printed)
    for deal in lines:
        Draft202012Validator(printed).validate(deal)


def test_a_table_shows_the_timeline(file: Path) -> None:
    result = CliRunner().invoke(app, ["merge", str(file), "--format", "table"])
    assert result.stdout.splitlines()[:3] == [
        "Kettl, $45M, Series B, completed, 2 sources",
        "  2026-03-02  in progress, rumored, $40M [The Ledger]",
        "  2026-03-19  completed, $45M, Series B [The Ledger]",
    ]


def test_an_array_and_the_ending_of_the_file(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "deals.json"
    assert CliRunner().invoke(app, ["merge", str(file), "--out", str(out)]).exit_code == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))) == 2
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    assert json.loads(CliRunner().invoke(app, ["merge", str(tmp_path / "none.jsonl"), "-f", "json"]).stdout) == []


def test_bad_lines_are_named_and_the_rest_is_merged(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b'{"deals": []}\n\xff\n')
    result = CliRunner().invoke(app, ["merge", str(file), str(file.with_name("missing.jsonl"))])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert f"{file}:4: is no record" in result.stderr and f"{file}:5: is no record" in result.stderr
    assert "missing.jsonl: cannot be read" in result.stderr


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"\n")
    result = CliRunner().invoke(app, ["merge", str(empty)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "empty.jsonl: is empty; give records" in result.stderr


def test_parquet_is_merged_as_its_lines_are(file: Path) -> None:
    table = file.with_name("records.parquet")
    with table.open("wb") as stream, writing("parquet", stream) as sink:
        for line in file.read_bytes().splitlines():
            record = msgspec.json.decode(line, type=Record)
            sink.write(Article(id=record.document.id, text=""), record)
    result = CliRunner().invoke(app, ["merge", str(table)])
    assert result.exit_code == 0
    assert result.stdout == CliRunner().invoke(app, ["merge", str(file)]).stdout


def test_parquet_without_records_is_named_and_the_rest_is_merged(file: Path) -> None:
    with file.with_name("empty.parquet").open("wb") as stream, writing("parquet", stream):
        pass
    file.with_name("broken.parquet").write_bytes(b"PAR1")
    paths = [str(file.with_name(name)) for name in ("empty.parquet", "missing.parquet", "broken.parquet")]
    result = CliRunner().invoke(app, ["merge", *paths, str(file)])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    first, second, third = result.stderr.splitlines()
    assert "empty.parquet: is empty; give records" in first
    assert "missing.parquet: cannot be read (No such file or directory)" in second
    assert "broken.parquet: is damaged or holds no records" in third


@pytest.mark.parametrize("options", [["--out", "deals.csv"], ["--out", "records.jsonl"]])
def test_wrong_usage(file: Path, options: list[str]) -> None:
    options[1] = str(file.with_name(options[1]))
    assert CliRunner().invoke(app, ["merge", str(file), *options]).exit_code == 2


STRUCTS = [one for one in vars(dealspan.merged).values() if inspect.isclass(one) and issubclass(one, msgspec.Struct)]
WRITTEN = [one for one in STRUCTS if one is not msgspec.Struct and one.__module__ == "dealspan.merged"]


@pytest.mark.parametrize("struct", WRITTEN, ids=lambda struct: struct.__name__)
def test_the_page_has_every_field(struct: type[msgspec.Struct]) -> None:
    text = (CORPUS.parent / "docs" / "merge.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {struct.__name__}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"no section ### {struct.__name__}"
    described = re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE)
    assert described == [field.name for field in msgspec.structs.fields(struct)]
