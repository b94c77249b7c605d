"""The documentation is complete, its links lead somewhere, and what it shows is what happens.

How a page is written. Its blocks run in order, in a folder that holds copies of `corpus/` and `docs/`:

- `python` blocks run, all of a page in one namespace. What one prints stands in a `text` block right below it.
- `console` blocks: each line that begins with `$ ` is run by bash; what it prints, errors included, stands below it. A
  command must succeed; one that fails on purpose ends in `; echo "exit status $?"`.
- A block whose first line names a file after the language (`toml my.toml`) becomes that file.
- All others are not run: `sh` is for what installs.
- In shown output a line `…`, at most one, stands for lines left out.
- What stands between `<!-- name -->` and `<!-- /name -->` is made by the function of that name in `GENERATED`.

`python tests/test_docs.py --refresh` rewrites the shown output and the generated parts of every page; read the diff.
"""

import contextlib
import inspect
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import types
from datetime import datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest
import typer

import dealspan
from dealspan import records
from dealspan.annotations import LAYERS, VIEWS
from dealspan.cli import EXIT_STATUS, app
from dealspan.corpus.collection import read_corpus
from dealspan.corpus.stats import report
from dealspan.output.database import statements
from dealspan.output.sheet import COLUMNS

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "corpus" / "README.md",
    ROOT / "corpus" / "agreement" / "cases.md",
    *sorted(ROOT.glob("docs/*.md")),
]
FIGURES = [ROOT / "docs" / "figures.md", ROOT / "docs" / "corpus-figures.md"]
LEFT_OUT = "…"

BLOCK = re.compile(
    r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```\n(?:\n?```text\n(?P<shown>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


# Pages as they should be


def render(page: Path, folder: Path) -> str:
    """Return a page with its blocks run in the folder, and their output and the generated parts put in."""
    for name in ("corpus", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    text = page.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {}

    def run(block: re.Match[str]) -> str:
        head, body, shown = block[0][: block.start("body") - block.start()], block["body"], block["shown"]
        match block["language"]:
            case "python":
                printed = _run_python(body, page, text.count("\n", 0, block.start("body")), namespace)
                assert shown is not None or not printed, f"{page.name}: no text block shows what this prints:\n{body}"
                return block[0] if shown is None else _with_output(block, _fit(shown, printed))
            case "console":
                return head + _run_console(body, page, folder) + block[0][len(head) + len(body) :]
            case _ if block["file"]:
                (folder / block["file"]).write_text(body, encoding="utf-8")
        return block[0]

    with contextlib.chdir(folder):
        return _generated(BLOCK.sub(run, text))


def _with_output(block: re.Match[str], output: str) -> str:
    start, end = block.start("shown") - block.start(), block.end("shown") - block.start()
    return block[0][:start] + output + block[0][end:]


def _run_python(code: str, page: Path, line: int, namespace: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile("\n" * line + code, str(page), "exec"), namespace)
    return printed.getvalue()


def _run_console(body: str, page: Path, folder: Path) -> str:
    before, *sessions = re.split(r"^\$ ", body, flags=re.MULTILINE)
    assert not before and sessions, f"{page.name}: a console block begins with `$ `:\n{body}"
    return "".join(_run_command(session, page, folder) for session in sessions)


def _run_command(session: str, page: Path, folder: Path) -> str:
    """Run a command line, which may go on behind a backslash, and return it with its output."""
    command = ""
    shown = session
    while not command or command.endswith("\\\n"):
        line, _, shown = shown.partition("\n")
        command += line + "\n"
    programs = os.pathsep.join((sysconfig.get_path("scripts"), str(Path(sys.executable).parent), os.environ["PATH"]))
    # The width of a terminal, and nothing else of the machine, shapes the output.
    settings = {"PATH": programs, "COLUMNS": "80", "TERM": "dumb", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert done.returncode == 0, f"{page.name}: `{command.strip()}` exits with {done.returncode}:\n{done.stdout}"
    return f"$ {command}{_fit(shown, done.stdout)}"


def _fit(shown: str, printed: str) -> str:
    """Return the printed lines, those left out that are left out of the shown ones, without space at their ends."""
    lines = [line.rstrip() for line in printed.splitlines()]
    before = shown.splitlines()
    if LEFT_OUT in before:
        assert before.count(LEFT_OUT) == 1, f"more than one {LEFT_OUT} in:\n{shown}"
        head = before.index(LEFT_OUT)
        tail = len(before) - head - 1
        assert head + tail < len(lines), f"nothing is left out of:\n{printed}"
        lines[head : len(lines) - tail] = [LEFT_OUT]
    return "".join(f"{line}\n" for line in lines)


# Generated parts


def _generated(text: str) -> str:
    for name, make in GENERATED.items():
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda match, make=make: f"{match[1]}{make()}{match[2]}",
            text,
            flags=re.DOTALL,
        )
    return text


def _commands() -> str:
    """Every command with its arguments and options, from the signatures that typer reads."""
    called = {"": app.registered_callback.callback}
    for name, command in typer.main.get_command(app).commands.items():
        below = getattr(command, "commands", None)
        commands = {f"{name} {inner}": one for inner, one in below.items()} if below else {name: command}
        called |= {name: inspect.unwrap(one.callback) for name, one in commands.items()}
    parts = []
    for name, function in called.items():
        about = " ".join((function.__doc__ or "").split())
        rows = "".join(_parameter(parameter) for parameter in inspect.signature(function).parameters.values())
        table = f"| | |\n|---|---|\n{rows}\n" if rows else "It has no options.\n\n"
        parts.append(f"### {f'dealspan {name}'.strip()}\n\n{about}\n\n{table}")
    return "\n" + "".join(parts)


VALUES = {datetime: "YYYY-MM-DD", Path: "FILE", float: "NUMBER", int: "NUMBER", str: "TEXT"}


def _parameter(parameter: inspect.Parameter) -> str:
    annotation, info = parameter.annotation.__origin__, parameter.annotation.__metadata__[0]
    kinds = [one for one in _members(annotation) if one is not type(None)]
    kinds = [get_args(one)[0] if get_origin(one) is list else one for one in kinds]
    if isinstance(info, typer.models.ArgumentInfo):
        name = f"`{info.metavar or parameter.name.upper()}`"
    else:
        # Inside Annotated, typer takes the first spelling for what is elsewhere the default.
        declared = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
        spellings = declared or [f"--{parameter.name.replace('_', '-')}"]
        choices = [choice for one in kinds if (choice := "|".join(map(str, get_args(one))))]
        value = "" if kinds == [bool] else f" {info.metavar or (choices[0] if choices else VALUES[kinds[0]])}"
        name = ", ".join(f"`{spelling}`" for spelling in (*spellings[:-1], spellings[-1] + value))
    usual = parameter.default if parameter.default not in (None, False, inspect.Parameter.empty) else None
    default = "" if usual is None else f" Default: `{usual}`."
    return f"| {_cell(name)} | {_cell(info.help + default)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _members(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _columns() -> str:
    """The columns of the CSV."""
    return "| column | holds |\n|---|---|\n" + "".join(f"| `{name}` | {what} |\n" for name, what in COLUMNS.items())


def _tables() -> str:
    """The tables of the database, as they are made."""
    return f"```sql\n{statements('database')}```\n"


def _figures() -> str:
    """The pages of figures in two tables: how well each set of articles is read, and how fast."""
    sections = [
        section
        for page in FIGURES
        for section in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        if re.match(r"(?:Speed on )?\S+\.jsonl, \w+: ", section)
    ]
    read = [section for section in sections if not section.startswith("Speed")]
    fast = [section for section in sections if section.startswith("Speed")]
    assert read and fast, "the pages of figures hold no scores or no speeds"
    quality = [
        f"| {_about(section)} | {' | '.join(_figure(section, row) for row in READ.values())} |" for section in read
    ]
    speed = [
        f"| {_about(section.removeprefix('Speed on '))}, {row} | {' | '.join(_cells(section, row))} |"
        for section in fast
        for row in FAST
    ]
    return "\n".join(
        [
            f"| | {' | '.join(READ)} |",
            f"|---|{'---:|' * len(READ)}",
            *quality,
            "",
            "| | words/s | ratio to spaCy's tokenizer |",
            "|---|---:|---:|",
            *speed,
            "",
        ]
    )


READ = {
    "mentions F1": "mentions, exact, all",
    "deals F1": "deals",
    "slots F1": "slots, all",
    "hedged F1": "hedged",
    "hedges of deals F1": "hedges of the deals found",
    "stage": "stage accuracy, of the deals found",
    "certainty": "certainty accuracy, of the deals found",
    "ECE": "calibration error (ECE) of the slots",
}
FAST = ("whole pipeline with record and JSON", "whole pipeline with record and JSON, first reading")


def _about(section: str) -> str:
    name, model, documents, day = re.match(r"(\S+), (\w+): ([\d,]+) documents?,.*?(\d{4}-\d\d-\d\d)", section).groups()  # type: ignore[union-attr]
    return f"`{name}` ({documents} articles, {day}), {model}"


def _cells(section: str, row: str) -> list[str]:
    (line,) = re.findall(rf"^\| {re.escape(row)} \| (.*) \|$", section, re.MULTILINE)
    return str(line).split(" | ")


def _figure(section: str, row: str) -> str:
    """The F1 of a row with its interval, or the value that stands in the name of the row."""
    if single := re.search(rf"^\| {re.escape(row)}: (\S+) \|", section, re.MULTILINE):
        return single[1]
    _, _, f1, interval, *_ = _cells(section, row)
    return f"{f1} ({interval})"


def _corpus() -> str:
    """What is in the corpus, counted."""
    return "\n" + report(read_corpus(ROOT / "corpus")) + "\n"


GENERATED = {"commands": _commands, "columns": _columns, "tables": _tables, "figures": _figures, "corpus": _corpus}


# Tests


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    assert render(page, tmp_path) == page.read_text(encoding="utf-8"), "python tests/test_docs.py --refresh"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert ROOT in (target, *target.parents), f"{page.name}: {link} leads out of the repository"
        assert not heading or heading in _anchors(target), f"{page.name}: {link} names no heading"


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_every_page_is_linked_from_the_readme(page: Path) -> None:
    assert f"(docs/{page.name})" in (ROOT / "README.md").read_text(encoding="utf-8")


STRUCTS = [one for one in vars(records).values() if inspect.isclass(one) and issubclass(one, msgspec.Struct)]
WRITTEN = [one for one in STRUCTS if one not in (msgspec.Struct, records.Article)]


@pytest.mark.parametrize("struct", WRITTEN, ids=lambda struct: struct.__name__)
def test_the_page_of_the_record_has_every_field(struct: type[msgspec.Struct]) -> None:
    text = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {struct.__name__}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"no section ### {struct.__name__}"
    first_table = re.search(r"(?:^\|.*\n)+", section[1], re.MULTILINE)
    assert first_table, f"no table below ### {struct.__name__}"
    described = re.findall(r"^\| `(\w+)` \|", first_table[0], re.MULTILINE)
    assert described == [field.name for field in msgspec.structs.fields(struct)]


CHOICES = ("Label", "Kind", "Role", "Stage", "Certainty", "ValuationKind", "HedgeKind", "RoundType")


@pytest.mark.parametrize("choice", CHOICES)
def test_the_page_of_the_record_has_every_value(choice: str) -> None:
    text = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    missing = [value for value in get_args(getattr(records, choice)) if f"`{value}`" not in text]
    assert not missing


@pytest.mark.parametrize("name", dealspan.__all__)
def test_the_page_of_the_library_has_every_name(name: str) -> None:
    assert f"`dealspan.{name}" in (ROOT / "docs" / "library.md").read_text(encoding="utf-8")


def test_the_page_of_the_library_has_every_component_and_layer() -> None:
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    points = distribution("dealspan").entry_points.select(group="spacy_factories")
    rows = dict(re.findall(r"^\| `(dealspan_\w+)` \| (.*?) \|", text, re.MULTILINE))
    assert set(rows) == {point.name for point in points}
    layers = {layer for cell in rows.values() for layer in re.findall(r"`dealspan_(\w+)`", cell)}
    assert layers >= set(LAYERS)
    views = re.search(r"span groups: (.*?)\.", text)
    assert views and set(re.findall(r"`dealspan_(\w+)`", views[1])) == VIEWS


def test_the_page_of_the_command_has_every_exit_status() -> None:
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\b\d+\b", EXIT_STATUS)) == set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE))


def refresh() -> None:
    """Rewrite the shown output and the generated parts of every page."""
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            text = render(page, Path(folder))
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"rewritten: {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--refresh"]:
        sys.exit("usage: python tests/test_docs.py --refresh")
    refresh()
