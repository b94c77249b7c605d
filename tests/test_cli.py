import errno
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from dealspan.cli import EXIT_STATUS, app

pytestmark = pytest.mark.usefixtures("stand_in")

COMMAND = [sys.executable, "-c", "from dealspan.cli import main; main()"]
GROUP: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = {}
for _name, _command in GROUP.commands.items():
    _below = getattr(_command, "commands", None)
    COMMANDS |= {f"{_name} {name}": command for name, command in _below.items()} if _below else {_name: _command}


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def records(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


# Help


def test_commands() -> None:
    alone = {
        "extract",
        "ray",
        "merge",
        "text",
        "explain",
        "schema",
        "evaluate",
        "reliability",
        "calibrate",
        "train",
        "teach",
        "benchmark",
    }
    of_the_corpus = {"check", "stats", "convert", "build", "agreement", "variety", "plot", "stories"}
    of_the_review = {"serve", "adjudicate", "export", "import", "agreement"}
    grouped = {f"corpus {name}" for name in of_the_corpus} | {f"review {name}" for name in of_the_review}
    assert set(COMMANDS) == alone | grouped


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert COMMANDS[command].help
    assert COMMANDS[command].epilog == EXIT_STATUS
    for parameter in COMMANDS[command].params:
        assert parameter.name == "help" or parameter.help, f"{command} {parameter.name} has no help"
    # Not on one line: the help is wrapped.
    assert "Exit status: 0 all went well" in " ".join(result.stdout.split())


def test_no_arguments_show_the_help() -> None:
    assert "extract" in run().output


def test_version() -> None:
    assert run("--version").stdout.startswith("dealspan ")


def test_completion_is_offered() -> None:
    assert "--install-completion" in run("--help").stdout


@pytest.mark.parametrize("command", ["extract", "ray"])
def test_help_does_not_import_the_heavy_parts(command: str) -> None:
    code = (
        "import sys\nfrom dealspan.cli import app\n"
        f"try: app(['{command}', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'spacy', 'thinc', 'numpy', 'pyarrow', 'ray', 'selectolax', 'dateparser'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_extracting_a_text_imports_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Kettl raised $5 million on Monday.", encoding="utf-8")
    code = (
        "import sys\nfrom dealspan.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sorted(name for name, module in sys.modules.items() if module), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "extract", str(tmp_path / "note.txt")]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout)["deals"]
    imported = set(result.stderr.split())
    assert "spacy" in imported
    heavy = {
        "torch",
        "sklearn",
        "scipy",
        "onnxruntime",
        "pyarrow",
        "ray",
        "dateparser",
        "selectolax",
        "xml.sax",
        # What spaCy's own commands need.
        "spacy.cli",
        "requests",
        "httpx",
        "jinja2",
        "weasel",
    }
    assert not heavy & imported
    others = ("articles.page", "articles.feed", "cli.train", "cli.corpus", "cli.review", "training", "evaluation")
    assert not {f"dealspan.{one}" for one in others} & imported


def test_help_is_quick() -> None:
    start = time.perf_counter()
    subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
    # It takes 0.3 s; the rest is for a machine that is busy.
    assert time.perf_counter() - start < 2


# extract


def test_extract_in_a_pipe_writes_lines(folder: Path) -> None:
    found = records(run("extract", "rumour.txt", "none.txt"))
    assert [(one["document"]["id"], len(one["deals"])) for one in found] == [("rumour.txt", 1), ("none.txt", 0)]


def test_extract_reads_standard_input() -> None:
    (found,) = records(run("extract", stdin="Kettl raised money."))
    assert found["deals"][0]["company"]["value"] == "Kettl"
    assert found["document"]["id"] == "-"
    (found,) = records(run("extract", "-", stdin='{"id": "k", "text": "Kettl raised money."}\n'))
    assert found["document"]["id"] == "k"


def test_extract_a_folder_in_order(folder: Path) -> None:
    assert [one["document"]["id"] for one in records(run("extract", "."))] == ["done.txt", "none.txt", "rumour.txt"]


@pytest.mark.parametrize(
    ("options", "beginning"),
    [
        ((), '{"schema_version"'),
        (("--format", "json"), "[\n{"),
        (("-f", "csv"), "document,source"),
        (("-f", "table"), "  company"),
        (("-f", "html"), "<!DOCTYPE html>"),
    ],
)
def test_extract_formats(folder: Path, options: tuple[str, ...], beginning: str) -> None:
    result = run("extract", "rumour.txt", *options)
    assert result.exit_code == 0
    assert result.stdout.startswith(beginning)


@pytest.mark.parametrize(
    ("out", "options", "beginning"),
    [
        ("o.jsonl", (), '{"schema_version"'),
        ("o.json", (), "[\n"),
        ("o.CSV", (), "document,"),
        ("o.html", (), "<!DOCTYPE"),
        ("o.txt", (), "  company"),
        ("o", (), '{"schema_version"'),
        ("o.json", ("-f", "csv"), "document,"),
    ],
)
def test_out_tells_the_format(folder: Path, out: str, options: tuple[str, ...], beginning: str) -> None:
    result = run("extract", "rumour.txt", "--out", out, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (folder / out).read_text().startswith(beginning)
    assert not list(folder.glob("*.part"))


def test_published_is_for_inputs_without_a_date(folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"text": "x", "published": "2017-01-01"}\n{"text": "y"}\n')
    found = records(run("extract", "a.jsonl", "--published", "2018-05-31"))
    assert [one["document"]["published"] for one in found] == ["2017-01-01", "2018-05-31"]


@pytest.mark.parametrize(
    ("options", "deals"),
    [
        (("--min-confidence", "0.7"), [0, 0, 1]),
        (("--min-confidence", "0.6"), [1, 0, 1]),
        (("--only", "hedged"), [0, 0, 1]),
        (("--only", "completed"), [1, 0, 0]),
        (("--only", "completed", "--min-confidence", "0.7"), [0, 0, 0]),
    ],
)
def test_filters(folder: Path, options: tuple[str, ...], deals: list[int]) -> None:
    assert [len(one["deals"]) for one in records(run("extract", ".", *options))] == deals


def test_output_is_utf8_whatever_the_locale(folder: Path) -> None:
    (folder / "a.txt").write_text("Café €5m", encoding="utf-8")
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    result = subprocess.run([*COMMAND, "text", "a.txt"], capture_output=True, check=True, env=environment)
    assert result.stdout.decode() == "Café €5m"


# Exit status and messages


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("extract", "rumour.txt"), 0, ""),
        (("extract", "nowhere.txt"), 1, "dealspan: nowhere.txt: does not exist; check the path\n"),
        (("extract", "rumour.txt", "--rules", "my.toml"), 2, "dealspan: my.toml: is not a TOML file; see the manual\n"),
        (("extract", "rumour.txt", "--format", "pdf"), 2, "Invalid value for '--format'"),
        (("extract", "rumour.txt", "--published", "May"), 2, "Invalid value for '--published'"),
        (("extract", "rumour.txt", "--min-confidence", "2"), 2, "Invalid value for '--min-confidence'"),
        (("extract", "rumour.txt", "--out", "o.pdf"), 2, "dealspan: o.pdf: the ending stands for no format"),
        (("extract", "rumour.txt", "--out", "rumour.txt"), 2, "dealspan: rumour.txt: is an input too"),
        (("extract", "rumour.txt", "--out", "no/o.json"), 1, "dealspan: no/o.json: cannot be written (No such file"),
        (("extract", "rumour.txt", "--out", "."), 1, "dealspan: .: cannot be written (Is a directory)"),
        (("nothing",), 2, "No such command 'nothing'"),
        (("text", "nowhere.txt"), 1, "dealspan: nowhere.txt: does not exist"),
        (("text", "a.jsonl"), 2, "dealspan: a.jsonl: holds several documents; name one with --id, such as --id x"),
        (("text", "a.jsonl", "--id", "z"), 1, "dealspan: a.jsonl: holds no document 'z'"),
        (("explain", "nowhere.txt"), 1, "dealspan: nowhere.txt: does not exist"),
        (("evaluate", "nowhere.jsonl", "a.jsonl"), 1, "dealspan: nowhere.jsonl: cannot be read"),
        (("evaluate", "a.jsonl", "a.jsonl"), 1, "dealspan: a.jsonl:1: is neither gold nor a record"),
    ],
)
def test_exit_status(folder: Path, arguments: tuple[str, ...], status: int, message: str) -> None:
    (folder / "a.jsonl").write_text('{"id": "x", "text": "X"}\n{"id": "y", "text": "Y"}\n')
    result = run(*arguments)
    assert result.exit_code == status
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_no_input_on_a_terminal_is_wrong_usage() -> None:
    ours, theirs = pty.openpty()
    result = subprocess.run([*COMMAND, "extract"], stdin=theirs, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert result.returncode == 2
    assert "dealspan: no input; name files or folders" in result.stderr


def test_a_table_on_a_terminal(folder: Path) -> None:
    code = (
        "import sys\nfrom tests.samples import pipeline\nsys.modules['dealspan.pipeline'] = pipeline()\n"
        "from dealspan.cli import main\nmain()"
    )
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[1])}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-c", code, "extract", "rumour.txt", "none.txt"]
    status = subprocess.run(command, stdout=theirs, stderr=theirs, env=environment, check=False).returncode
    os.close(theirs)
    shown = b"".join(iter(lambda: _available(ours), b"")).decode()
    os.close(ours)
    assert status == 0
    assert "\x1b[" in shown
    assert "Novena Robotics" in shown
    assert "1 deal in 2 documents, 1 without" in shown


def _available(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError as error:  # how Linux says that the other side is closed
        if error.errno != errno.EIO:
            raise
        return b""


def test_output_closed_early_is_no_error_message() -> None:
    with subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_output_that_is_closed() -> None:
    result = subprocess.run(
        f'"{sys.executable}" -c "{COMMAND[2]}" schema >&-', shell=True, capture_output=True, check=False
    )
    assert result.returncode == 1
    assert b"dealspan: standard output is closed" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["schema"], ["extract", "a.txt", "-o", "/dev/full"]])
def test_full_disk(tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("Kettl raised money.")
    if arguments == ["schema"]:
        with Path("/dev/full").open("wb") as full:
            result = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
        status, message = result.returncode, result.stderr.decode()
    else:
        status, message = (found := run(*arguments)).exit_code, found.stderr
    assert status == 1
    assert "No space left on device; check the disk" in message
    assert "Traceback" not in message


def broken_by(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def process(nlp: Any, articles: Iterator[Any]) -> Iterator[Any]:
        article = next(iter(articles))
        yield article, article
        raise error

    monkeypatch.setattr(sys.modules["dealspan.pipeline"], "process", process)


def test_interrupted_run_leaves_the_earlier_output(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "o.jsonl").write_text("earlier")
    broken_by(monkeypatch, KeyboardInterrupt())
    result = run("extract", "rumour.txt", "none.txt", "-o", "o.jsonl")
    assert result.exit_code == 130
    assert "dealspan: o.jsonl: not written; o.jsonl.part beside it holds what was done" in result.stderr
    assert (folder / "o.jsonl").read_text() == "earlier"
    assert (folder / "o.jsonl.part").read_text().count("\n") == 1


def test_a_bug_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.read_raw", None)
    result = run("extract", "rumour.txt")
    assert result.exit_code == 1
    assert result.stderr.startswith("dealspan: unexpected TypeError")
    assert result.stderr.count("\n") == 1


def test_a_document_that_breaks_the_pipeline_is_named_and_the_rest_goes_on(folder: Path) -> None:
    names = [f"{number}.txt" for number in range(10)]
    for name in names:
        Path(name).write_text("!crash" if name in ("2.txt", "9.txt") else "Kettl raised money.")
    result = run("extract", *names)
    assert result.exit_code == 1
    found = [json.loads(line)["document"]["id"] for line in result.stdout.splitlines()]
    assert found == [name for name in names if name not in ("2.txt", "9.txt")]
    assert [line.split(" (")[0] for line in result.stderr.splitlines()] == [
        "dealspan: 2.txt: could not be analysed",
        "dealspan: 9.txt: could not be analysed",
    ]


def test_a_document_that_breaks_the_record_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sys.modules["dealspan.pipeline"].record_of

    def record_of(article: Any, doc: Any) -> Any:
        if "Kettl" in article.text:
            raise IndexError("no such mention")
        return real(article, doc)

    monkeypatch.setattr(sys.modules["dealspan.pipeline"], "record_of", record_of)
    result = run("extract", "done.txt", "none.txt")
    assert result.exit_code == 1
    assert result.stdout.count("\n") == 1
    assert "done.txt: could not be analysed (IndexError: no such mention)" in result.stderr


# Progress


def test_progress_only_on_a_terminal_with_something_to_wait_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dealspan.articles import Position
    from dealspan.cli.progress import followed

    source: Iterator[int] = iter(())
    assert followed(source, [str(folder)], Position()) is source
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert followed(source, [str(folder)], Position()) is source
    (folder / "four.txt").write_text("x")
    assert followed(source, [str(folder)], Position()) is not source
    (folder / "many.jsonl").write_text("x")
    assert followed(source, [str(folder / "many.jsonl")], Position()) is not source
