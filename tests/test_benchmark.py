"""The commands that measure: `benchmark`, and `evaluate` over the shipped rules."""

import importlib.util
import json
import platform
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from spacy.language import Language
from typer.testing import CliRunner, Result

from dealspan import process, record_of
from dealspan.benchmark import growth, runs, samples, start
from dealspan.benchmark.plots import draw
from dealspan.benchmark.processes import MeasuringError, answer
from dealspan.benchmark.run import Point
from dealspan.benchmark.run import run as run_here
from dealspan.benchmark.spacy_peer import Speed
from dealspan.benchmark.steps import RECORD, TOKENIZER, WHOLE, Step
from dealspan.cli import app
from dealspan.cli import benchmark_report as report
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


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the command prints of a few short articles; it starts a dozen interpreters, so it does so once."""
    path = tmp_path_factory.mktemp("measured") / "gold.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start, "STARTS", 1)
        patch.setattr(runs, "WORDS", 2 * WORDS + 1)
        result = run("benchmark", path, "--repeat", 1, "--model", "rules")
    assert result.exit_code == 0, result.stderr
    return result.stdout


WORDS = sum(len(case["text"].split()) for case in CASES)


def rows_of(printed: str, columns: int) -> dict[str, list[float]]:
    """The rows of the tables with so many columns of figures."""
    found = re.findall(rf"^(\S.*?)((?:  +[\d,.–]+){{{columns}}})$", printed, re.MULTILINE)
    return {name: [float(cell.replace(",", "")) for cell in cells.split()] for name, cells in found}


def test_benchmark_times_every_component(measured: str, nlp: Language) -> None:
    assert measured.startswith(f"Speed on gold.jsonl, rules: 8 documents, {WORDS:,} words, 20")
    first_table = rows_of(measured.partition("Whole runs")[0], 2)
    steps = [TOKENIZER, *nlp.pipe_names, RECORD, WHOLE, f"{WHOLE}, first reading"]
    assert list(first_table) == steps
    assert first_table[WHOLE][0] < min(first_table[name][0] for name in nlp.pipe_names)
    assert first_table[TOKENIZER][1] == 1


def test_benchmark_times_whole_runs(measured: str) -> None:
    # The texts are too short to time: they are read three times.
    assert f"in a process of its own: 24 documents, {3 * WORDS:,} words" in measured
    found = rows_of(measured.partition("Whole runs")[2].partition("Start")[0], 4)
    assert list(found) == [TOKENIZER, "extract --no-gate", "extract", "extract --skim", "extract --jobs 2"]
    for words, documents, ratio, memory in found.values():
        assert words / documents == pytest.approx(WORDS / 8, rel=0.2)
        assert ratio == pytest.approx(words / found[TOKENIZER][0], abs=0.02)
        assert 20 < memory < 1500
    assert found["extract --jobs 2"][3] > 1.5 * found["extract"][3]
    assert re.search(r"extract --jobs 2 is [\d.]+ times as fast as extract\.", measured)


def test_benchmark_times_the_start(measured: str) -> None:
    section = measured.partition("Start, rules, 20")[2]
    found = rows_of(section, 2)
    assert list(found) == [name.replace("`", "") for name in (start.IMPORT, start.HELP, start.LOAD, start.FIRST)]
    imported, helped, loaded, extracted = (seconds for seconds, _ in found.values())
    # On a busy machine the rules may seem to be loaded before spaCy alone is.
    assert 0 < helped < min(imported, loaded, extracted)
    assert re.search(r"^torch is never imported", section, re.MULTILINE)


def test_the_machine_is_described_without_its_name(measured: str) -> None:
    line = next(line for line in measured.splitlines() if line.startswith("Python "))
    assert re.fullmatch(r"Python 3\S+, spaCy 3\S+, dealspan \S+; .+, \d+ cores?, \d+ GiB of memory, \w+ \w+\.", line)
    assert platform.node() not in line


def test_as_markdown_every_table_is_one() -> None:
    table = report.Table(("", "words/s"), [("`extract`", "1,000")])
    written = report.Section("Speed on a.txt", ["Said.", table]).written(markdown=True)
    assert re.match(r"## Speed on a\.txt, 20\d\d-\d\d-\d\d\n\nPython ", written)
    assert written.endswith("\n\nSaid.\n\n| | words/s |\n|---|---:|\n| `extract` | 1,000 |\n\n")


def test_peers_are_set_against_the_whole_pipeline() -> None:
    steps = {TOKENIZER: Step(1.0, 2.0), WHOLE: Step(10.0, 20.0)}
    point = Point(documents=4, words=100, deals=1, seconds=2.0, memory=None)
    section = report.speed("a.txt", "rules", 4, 100, steps, [Speed("Other", 5.0, 4.0)], {TOKENIZER: point})
    assert "The whole pipeline is 2.0 times as fast as Other, 1.2 times at first reading." in section.parts
    lines = section.written(markdown=True).splitlines()
    assert "| Other | 5 | 0.05 |" in lines
    assert "| Other, first reading | 4 | 0.08 |" in lines
    assert f"| {TOKENIZER} | 50 | 2 | 1.00 | – |" in lines


def test_without_files_made_articles_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "dealspan.cli.benchmark._sections", lambda samples, *_, **__: seen.extend((n, len(a)) for n, a in samples) or []
    )
    assert run("benchmark").exit_code == 0
    assert seen == [("made funding news", 60), ("a made archive", 600)]


def test_benchmark_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,text\n")
    result = run("benchmark", tmp_path / "empty.csv")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "empty.csv: holds no document; give files with text" in result.stderr


def test_benchmark_of_what_cannot_be_read(tmp_path: Path) -> None:
    result = run("benchmark", tmp_path / "none.txt")
    assert result.exit_code == 1
    assert "does not exist" in result.stderr


@pytest.mark.parametrize(
    ("options", "package"),
    [(["--peer"], "quantulum3"), (["--peer"], "natura"), (["--growth", "pictures"], "matplotlib")],
)
def test_what_is_missing_is_named_before_anything_is_measured(
    options: list[str], package: str, monkeypatch: pytest.MonkeyPatch, gold: Path
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else found(name))
    result = run("benchmark", gold, *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{package} is not installed; install the extra: pip install 'dealspan[benchmark]'" in result.stderr


# Processes that measure


def test_a_process_that_fails_is_named() -> None:
    with pytest.raises(MeasuringError, match=r"dealspan\.benchmark\.run ended with status 1: .*missing required field"):
        answer("dealspan.benchmark.run", to=b"{}")


def test_a_failure_ends_the_command_in_one_line(monkeypatch: pytest.MonkeyPatch, gold: Path) -> None:
    def fail(*_: object) -> None:
        raise MeasuringError("it ended with status 1: no memory")

    monkeypatch.setattr(runs, "runs", fail)
    result = run("benchmark", gold, "--repeat", 1, "--model", "rules")
    assert (result.exit_code, result.stderr) == (1, "dealspan: it ended with status 1: no memory\n")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells")
def test_memory_is_that_of_the_process_and_those_it_runs() -> None:
    # The process that starts one does not count.
    held = bytearray(200 * 2**20)
    code = "from dealspan.benchmark.memory import peak; import subprocess, sys; a = peak(); "
    hold = [sys.executable, "-c", "held = bytearray(50 * 2**20); print(flush=True); input()"]
    code += f"child = subprocess.Popen({hold}, stdin=-1, stdout=-1); child.stdout.readline(); print(a, peak()); "
    code += "child.communicate()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    alone, both = map(float, done.stdout.split())
    assert len(held) == 200 * 2**20
    assert alone < 100
    assert 50 < both - alone < 100


@pytest.mark.parametrize("module", ["benchmark.run", "benchmark.spacy_peer", "cli.benchmark"])
def test_numpy_is_imported_when_its_threads_are_settled(module: str) -> None:
    code = f"import sys, dealspan.{module}; print(sorted({{'numpy', 'spacy'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# Made text


def test_an_archive_has_one_article_on_a_financing_in_thirty() -> None:
    articles = list(samples.archive(60))
    assert len({article.text for article in articles}) == 60
    assert [article.id.partition("-")[0] for article in articles].count("funding") == 2
    assert articles == list(samples.archive(60))


@pytest.mark.parametrize("deals", [0, 3, 10])
def test_made_deals_are_found(deals: int, nlp: Language) -> None:
    (article,) = samples.with_deals(deals, 10, 1)
    assert len(article.text.split("\n\n")) == 10
    ((_, doc),) = process(nlp, [article])
    assert len(record_of(article, doc).deals) == pytest.approx(deals, abs=2 if deals else 0)


@pytest.mark.parametrize("characters", [1000, 5000])
def test_an_article_has_the_length_asked_for(characters: int) -> None:
    first, second = samples.of_length(characters, 2)
    assert len(first.text) == len(second.text) == characters
    assert first.text != second.text


def test_repeated_articles_have_other_words() -> None:
    given = list(samples.funding_news(3))
    found = list(samples.repeated(given, 7))
    assert len({article.id for article in found}) == 7
    words = [article.text.split(" ") for article in found]
    assert len(words[0]) == len(words[3])
    assert 0 < sum(a != b for a, b in zip(words[0], words[3], strict=True)) < len(words[0]) / 5


def test_made_words_differ() -> None:
    numbers = [*range(3000), *range(359_000, 362_000)]
    assert len({samples.word(number) for number in numbers}) == 6000


# benchmark --growth


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[growth.Growth], Path]:
    with pytest.MonkeyPatch.context() as patch:
        small = {"LENGTHS": (1000, 4000), "CHARACTERS": 4000, "DEALS": (0, 4), "PARAGRAPHS": 8, "EACH": 2, "RUNS": 1}
        for name, value in (small | {"SAMPLE": 31}).items():
            patch.setattr(growth, name, value)
        patch.setattr(growth, "measured", lambda request: list(run_here(request)))
        found = list(growth.growth("rules", 1100, 1, []))
    folder = tmp_path_factory.mktemp("pictures")
    for one in found:
        draw(one, folder)
    return found, folder


def test_growth_is_measured_at_every_place(grown: tuple[list[growth.Growth], Path]) -> None:
    length, deals, archive = (one.points for one in grown[0])
    assert [(place, point.documents) for place, point in length] == [(1000, 4), (4000, 1)]
    assert [(place, point.documents) for place, point in deals] == [(0, 2), (4, 2)]
    assert [place for place, _ in archive] == [1000, 1100]
    assert deals[0][1].deals == 0 < deals[1][1].deals <= 8
    for _, point in (*length, *deals, *archive):
        assert point.seconds > 0 < point.words
    (_, early), (_, late) = archive
    assert (late.words / early.words, early.seconds < late.seconds) == (pytest.approx(1.1, rel=0.02), True)


def test_the_pictures_of_growth(grown: tuple[list[growth.Growth], Path]) -> None:
    found, folder = grown
    assert sorted(path.name for path in folder.iterdir()) == [
        "growth-archive.svg", "growth-deals.svg", "growth-length.svg"
    ]  # fmt: skip
    for one in found:
        picture = ElementTree.parse(folder / f"growth-{one.name}.svg").getroot()
        texts = {"".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")}
        assert {one.title, one.axis, "microseconds for a word", "peak of memory, MiB"} <= texts


def test_growth_as_markdown(grown: tuple[list[growth.Growth], Path]) -> None:
    found, folder = grown
    written = report.growth(found, "rules", [folder / f"growth-{one.name}.svg" for one in found])
    page = written.written(markdown=True)
    assert page.startswith("## Growth, rules, 20")
    assert re.findall(r"^!\[.+\]\((.+)\)$", page, re.MULTILINE) == [
        f"{folder.name}/growth-{name}.svg" for name in ("length", "deals", "archive")
    ]
    assert len(re.findall(r"^\| [\d,]+ \|", page, re.MULTILINE)) == 6


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
