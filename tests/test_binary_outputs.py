"""`dealspan extract` to Parquet and SQLite: what is other than with text."""

import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from dealspan import output
from dealspan.cli import app
from dealspan.output.columns import read
from dealspan.records import Record
from tests.samples import TEXT, pipeline
from tests.test_output import ALL

FORMATS = sorted(output.BINARY)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dealspan.pipeline", pipeline())
    monkeypatch.setattr("dealspan.pipeline", sys.modules["dealspan.pipeline"], raising=False)
    monkeypatch.chdir(tmp_path)
    Path("rumour.txt").write_text(TEXT)
    Path("done.txt").write_text("Kettl raised money.")
    Path("none.txt").write_text("Nothing to see.")


def extract(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["extract", "rumour.txt", "done.txt", "none.txt", *arguments])
    assert "Traceback" not in result.output
    return result


def documents(path: str) -> list[str]:
    """The ids of the documents in a file of either format."""
    if "parquet" in path:
        with Path(path).open("rb") as stream:
            return [record.document.id for record in read(stream)]
    with closing(sqlite3.connect(path)) as connection:
        return [id for (id,) in connection.execute("SELECT id FROM documents ORDER BY document")]


@pytest.mark.parametrize(
    "arguments",
    [("-o", "o.parquet"), ("-o", "o.sqlite"), ("-o", "o.DB"), ("-f", "sqlite", "-o", "o"), ("-o", "o o'.db")],
)
def test_every_document_is_in_the_file(arguments: tuple[str, ...]) -> None:
    result = extract(*arguments)
    assert (result.exit_code, result.output) == (0, "")
    assert documents(arguments[-1]) == ["rumour.txt", "done.txt", "none.txt"]
    assert not list(Path().glob("*.part*"))


def test_parquet_goes_into_a_pipe_and_holds_what_the_lines_hold() -> None:
    lines = extract("-f", "jsonl").stdout_bytes.splitlines()
    found = list(read(io.BytesIO(extract("-f", "parquet").stdout_bytes)))
    assert found == [msgspec.json.decode(line, type=Record) for line in lines]


@pytest.mark.parametrize("format", FORMATS)
def test_a_terminal_gets_no_bytes(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.cli.streams.on_terminal", lambda out: out is None)
    result = extract("-f", format)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"dealspan: {format} is no text for a terminal; name a file with --out\n"


@pytest.mark.parametrize("out", [(), ("-o", "/dev/null")])
def test_a_database_goes_into_no_pipe(out: tuple[str, ...]) -> None:
    result = extract("-f", "sqlite", *out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "dealspan: sqlite: a database cannot go into a pipe or a device; name a file with --out\n"


def test_parquet_names_its_extra_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "dealspan.output.columns")
    monkeypatch.setattr("dealspan.pipeline.load", None)
    result = extract("-o", "o.parquet")
    assert result.exit_code == 1
    assert result.stderr == "dealspan: Parquet needs pyarrow; install the extra: pip install 'dealspan[parquet]'\n"
    assert not list(Path().glob("o.*"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("out", "status", "message"),
    [
        ("rumour.txt", 2, "rumour.txt: is an input too"),
        ("no/o", 1, "no/o: cannot be written (No such file or directory)"),
        (".", 1, ".: cannot be written (Is a directory)"),
    ],
)
def test_where_it_cannot_be_written(format: str, out: str, status: int, message: str) -> None:
    result = extract("-f", format, "-o", out)
    assert result.exit_code == status
    assert f"dealspan: {message}" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_parquet_on_a_full_disk() -> None:
    result = extract("-f", "parquet", "-o", "/dev/full")
    assert result.exit_code == 1
    assert result.stderr == "dealspan: output: No space left on device; check the disk and the permissions\n"


def test_a_database_on_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(sqlite3.Connection):
        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            self.execute("PRAGMA max_page_count = 1")
            self.execute("CREATE TABLE more (x)")
            return super().executemany(*arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **options: connect(*given, factory=Full, **options))
    result = extract("-o", "o.sqlite")
    assert result.exit_code == 1
    assert "o.sqlite.part: No space left on device; check the disk" in result.stderr
    assert "bug" not in result.stderr
    assert not Path("o.sqlite").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_done_before_an_interruption_can_be_read(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(f"o.{format}").write_text("earlier")

    def process(nlp: Any, articles: Any) -> Any:
        for article in list(articles)[:2]:
            yield article, article
        raise KeyboardInterrupt

    monkeypatch.setattr("dealspan.pipeline.process", process)
    result = extract("-o", f"o.{format}")
    assert result.exit_code == 130
    assert f"o.{format}: not written; o.{format}.part beside it holds what was done" in result.stderr
    assert Path(f"o.{format}").read_text() == "earlier"
    assert documents(f"o.{format}.part") == ["rumour.txt", "done.txt"]


def test_a_text_that_breaks_off_is_visibly_cut() -> None:
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), output.writing("json", stream) as sink:
        sink.write(*ALL[0])
        raise KeyboardInterrupt
    with pytest.raises(msgspec.DecodeError, match="truncated"):
        msgspec.json.decode(stream.getvalue())


@pytest.mark.parametrize("format", FORMATS)
def test_filters_and_failures_are_as_with_text(format: str) -> None:
    Path("bad.txt").write_text("!crash")
    result = CliRunner().invoke(app, ["extract", "bad.txt", "done.txt", "--only", "hedged", "-o", f"o.{format}"])
    assert result.exit_code == 1
    assert "bad.txt: could not be analysed" in result.stderr
    assert documents(f"o.{format}") == ["done.txt"]
