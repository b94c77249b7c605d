"""`dealspan extract --jobs`: the output is that of one process, whatever becomes of the workers."""

import gc
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from dealspan.articles import RawPage, read_raw
from dealspan.articles.page import Page
from dealspan.jobs import analysis
from dealspan.jobs import pool as pools
from dealspan.jobs.analysis import Settings, load
from dealspan.jobs.documents import Document, Failure, documents
from dealspan.jobs.pool import Pool
from dealspan.records import Article
from tests.extraction import COMMAND, Extraction, children, environment, mixed, running, until
from tests.inputs import pages, record

MODULES = """
import sys
from dealspan.cli import app
try: app()
except SystemExit: pass
print(*sorted({"multiprocessing", "dealspan.jobs.pool", "spacy"} & set(sys.modules)))
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture
def extract(tmp_path: Path) -> Extraction:
    (tmp_path / "site").mkdir()
    return Extraction(tmp_path, environment(tmp_path / "site"))


def ids(lines: bytes) -> list[str]:
    return [json.loads(line)["document"]["id"] for line in lines.splitlines()]


# Order and identity


@pytest.mark.parametrize("format", ["jsonl", "json", "csv", "table", "html"])
def test_the_output_is_that_of_one_process(extract: Extraction, format: str) -> None:
    texts = mixed(300)
    texts[7] = texts[150] = "!unreadable"
    texts[40] = "!crash"
    name = extract.articles(texts)
    seen = []
    for jobs in (1, 3):
        found = extract(name, "nowhere.txt", name, "-j", jobs, "-f", format, "--errors", "errors.jsonl")
        assert found.returncode == 1
        seen.append((found.stdout, found.stderr, extract.read("errors.jsonl")))
    assert seen[0] == seen[1]
    assert len(seen[0][1].splitlines()) == len(extract.errors()) == 7
    unreadable, crashed, *_ = extract.errors()
    assert unreadable.pop("message").startswith("is not one whole JSON object")
    assert unreadable == {"document": None, "source": name, "line": 8, "place": None, "error": "unreadable"}
    assert crashed.pop("message").startswith("could not be analysed (RuntimeError: no such rule); this is a bug")
    assert crashed == {"document": "d40", "source": None, "line": None, "place": None, "error": "exception"}


def test_the_text_of_a_page_is_taken_out_where_it_is_analysed(extract: Extraction) -> None:
    empty = record("http://l/empty", b"<nav>Menu</nav>")
    (extract.folder / "d.warc").write_bytes(b"".join([*pages(50), empty, *pages(3)]))
    (extract.folder / "e.html").write_text("<title>T</title><p>Kettl raised money.")
    seen = []
    for options in (("-j", 1, "-f", "json"), ("-j", 2, "-f", "json"), ("-j", 2, "-f", "html")):
        found = extract("d.warc", "e.html", *options, "--published", "2024-01-01", "--errors", "errors.jsonl")
        assert found.returncode == 1
        (error,) = extract.errors()
        assert error["place"].endswith("http://l/empty")
        assert error["message"].startswith("holds no text outside scripts and navigation")
        seen.append(found.stdout)
    assert seen[0] == seen[1]
    assert json.loads(seen[0])[-1]["document"]["published"] == "2024-01-01"
    assert "Kettl raised money." in seen[2], "the page of the output needs the text"
    # Nothing of a page is parsed in the process that hands it out.
    items = list(documents(read_raw([str(extract.folder / "d.warc")], BytesIO())))
    assert len(items) == 54
    assert all(one.page and not one.article for one in items)


def test_a_page_whose_text_no_output_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.page.read_page", lambda path, html: Page("\ud800", None, None))
    document = Document(b"", page=RawPage(id="p", source="p", path="p", html="<p>"))
    document.parse()
    assert isinstance(document.result, Failure)
    assert (document.result.document, document.result.error) == ("p", "exception")
    assert document.article is None, "it could not be sent"


def test_the_output_of_the_whole_pipeline_is_that_of_one_process(tmp_path: Path) -> None:
    corpus = Path(__file__).parents[1] / "corpus" / "examples"
    options = ("--model", "rules", "--min-confidence", "0.7", "--only", "hedged", "--published", "2024-01-01")
    modules = [
        subprocess.run(
            [sys.executable, "-c", MODULES, "extract", corpus, *options, "-j", jobs, "-o", f"{jobs}.jsonl"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for jobs in ("1", "2")
    ]
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert any(json.loads(line)["deals"] for line in (tmp_path / "1.jsonl").read_bytes().splitlines())
    # One process needs nothing of what is for several; where there are several, only they load the pipeline.
    assert "dealspan.jobs.pool" not in modules[0]
    assert modules[1] == ["dealspan.jobs.pool"]


def test_options_that_no_pipeline_loads_with_are_said_before_anything_is_written(extract: Extraction) -> None:
    name = extract.articles(mixed(3))
    seen = [extract(name, "-j", jobs, "--rules", "my.toml", "-o", "o.jsonl") for jobs in (1, 2)]
    assert [found.returncode for found in seen] == [2, 2]
    assert seen[0].stderr == seen[1].stderr == "dealspan: my.toml: is not a TOML file; see the manual\n"
    assert not list(extract.folder.glob("o.jsonl*"))


def test_progress_on_a_terminal(extract: Extraction) -> None:
    name = extract.articles(mixed(150, slow=True))
    ours, theirs = pty.openpty()
    environment = extract.environment | {"TERM": "xterm"}
    with subprocess.Popen(
        [*COMMAND, name, "-j", "2", "-o", "o.jsonl"], cwd=extract.folder, env=environment, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux says that the other side is closed
            while piece := os.read(ours, 2**16):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.search(r"\d+ documents ━.* [1-9]\d*/s \d:\d\d:\d\d", plain)


# Workers that end


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_that_ends_its_worker_is_reported_and_no_other_is_lost(extract: Extraction, jobs: int) -> None:
    texts = mixed(100)
    for at in (0, 40, 41, 99):
        texts[at] = f"!kill {at}"
    name = extract.articles(texts)
    found = extract(name, "-j", jobs, "--timeout", 20, "-o", "o.jsonl", "--errors", "errors.jsonl")
    assert found.returncode == 1
    assert ids(extract.read("o.jsonl")) == [f"d{at}" for at in range(100) if at not in (0, 40, 41, 99)]
    assert [error["document"] for error in extract.errors()] == ["d0", "d40", "d41", "d99"]
    assert {error["error"] for error in extract.errors()} == {"crash"}
    assert "dealspan: d40: ended its worker twice, the last by SIGKILL; please report it" in found.stderr


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_that_takes_too_long_is_given_up(extract: Extraction, jobs: int) -> None:
    texts = mixed(60)
    texts[20] = "!stuck"
    name = extract.articles(texts)
    found = extract(name, "-j", jobs, "--timeout", 1.5, "-o", "o.jsonl", "--errors", "errors.jsonl")
    assert found.returncode == 1
    assert ids(extract.read("o.jsonl")) == [f"d{at}" for at in range(60) if at != 20]
    (error,) = extract.errors()
    assert (error["document"], error["error"]) == ("d20", "timeout")
    assert error["message"].startswith("took longer than 1.5 s; give more --timeout")


def test_the_time_limit_is_for_each_document(extract: Extraction) -> None:
    # One batch of them takes longer than the limit.
    name = extract.articles(["!slow" * 5] * 64)
    found = extract(name, "-j", 2, "--timeout", 1, "-o", "o.jsonl")
    assert (found.returncode, found.stderr) == (0, "")


@linux
@pytest.mark.parametrize("least", [1, 50_000, 100_000])
def test_a_worker_that_is_killed_costs_nothing(extract: Extraction, least: int) -> None:
    name = extract.articles(mixed(300, slow=True))
    assert extract(name, "-o", "one.jsonl").returncode == 0
    assert len(extract.read("one.jsonl")) > 2 * least
    with extract.started(name, "-j", "2", "-o", "two.jsonl") as process:
        part = extract.folder / "two.jsonl.part"
        until(lambda: part.stat().st_size > least if part.exists() else process.poll() is not None)
        # One only: a second could meet a document that is tried again, which would then be given up.
        os.kill(children(process.pid)[0], signal.SIGKILL)
        _, said = process.communicate()
    assert (process.returncode, said) == (0, "")
    assert extract.read("one.jsonl") == extract.read("two.jsonl")


def test_workers_that_never_come_to_work_end_the_run(extract: Extraction) -> None:
    found = extract(extract.articles(mixed(3)), "-j", 2, "--model", "stillborn", "-o", "o.jsonl")
    assert found.returncode == 1
    assert found.stderr == "dealspan: workers end before they are ready, the last by SIGKILL; try fewer --jobs\n"


@linux
def test_workers_end_with_the_command(extract: Extraction) -> None:
    # One is stuck in C code, where it cannot notice by itself that nobody waits for it.
    name = extract.articles(["!stuck", *mixed(200, slow=True)])
    with extract.started(name, "-j", "2", "-o", "o.jsonl") as process:
        workers = until(lambda: len(found := children(process.pid)) == 2 and found)
        until((extract.folder / "o.jsonl.part").exists)
        process.kill()
    until(lambda: not any(map(running, workers)), 5)


# In bounds


def pieces(number: int) -> Iterator[Article]:
    for at in range(number):
        yield Article(id=f"d{at}", text="!stuck" if not at else "Kettl raised money.")


def test_what_is_read_ahead_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    drawn = 0

    def counted() -> Iterator[Document]:
        nonlocal drawn
        for document in documents(pieces(5000)):
            drawn += 1
            yield document

    with Pool(2, Settings(), timeout=2) as pool:
        first = next(pool.analysed(counted()))
    assert isinstance(first.result, Failure)
    assert first.result.error == "timeout"
    most = (2 * pools.AHEAD + 1) * pools.BATCH_DOCUMENTS
    assert most - 3 * pools.BATCH_DOCUMENTS < drawn <= most


def test_large_documents_are_handed_out_alone_and_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pools, "AHEAD_BYTES", 2**21)
    # Each is larger than what a socket holds, both ways.
    large = [Article(id=f"{at}", text=f"Kettl {'x' * 2**20} raised money.") for at in range(12)]
    with Pool(2, Settings()) as pool:
        found = list(pool.analysed(documents(large)))
    assert [document.article for document in found] == large
    assert all(isinstance(document.result, bytes) and len(document.result) > 2**20 for document in found)


# Signals


@linux
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("number", "status", "message"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_the_run_between_two_documents(
    extract: Extraction, jobs: int, number: signal.Signals, status: int, message: str
) -> None:
    name = extract.articles(mixed(200, slow=True))
    options = (name, "-j", jobs, "-o", "o.jsonl", "--errors", "errors.jsonl")
    part = extract.folder / "o.jsonl.part"
    with extract.started(*options) as process:
        until(lambda: part.exists() and part.stat().st_size > 10_000)
        workers = children(process.pid)
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=10)
    assert process.returncode == status
    assert said.splitlines() == [
        "dealspan: o.jsonl: not written; o.jsonl.part beside it holds what was done before the run broke off; "
        "the same command with --resume goes on with it",
        f"dealspan: {message}",
    ]
    assert not any(map(running, workers))
    done = ids(part.read_bytes())
    assert done == [f"d{at}" for at in range(len(done))]
    assert json.loads(extract.read("o.jsonl.journal"))["documents"] == len(done) < 200
    assert extract(*options, "--resume").returncode == 0
    assert ids(extract.read("o.jsonl")) == [f"d{at}" for at in range(200)]


@linux
@pytest.mark.parametrize("after", [0, 0.05, 0.2])
def test_an_interrupt_while_workers_start(extract: Extraction, after: float) -> None:
    name = extract.articles(mixed(400, slow=True))
    with extract.started(name, "-j", "2", "-o", "o.jsonl") as process:
        workers = until(lambda: children(process.pid))
        time.sleep(after)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "dealspan: interrupted"
    assert "Traceback" not in said
    until(lambda: not any(map(running, workers)), 5)


def test_the_first_words_are_kept_and_later_ones_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "REMEMBERED", 400)
    monkeypatch.setattr(analysis, "FORGOTTEN", 200)
    texts = [" ".join(f"Kettl{at}x{word} raised $5m." for word in range(20)) for at in range(60)]
    nlp = load("rules", None)
    held, results = [], []
    settings = Settings(model="rules", gate=None, batch=1)
    source = documents(Article(id=f"d{at}", text=text) for at, text in enumerate(texts))
    for document in analysis.analyse_all(nlp, settings, source):
        held.append(len(nlp.vocab.strings))
        results.append(document.result)
    assert max(held) < 400 + 200 + 2 * 30  # what one document brings may be on top of each
    kept = len(nlp.vocab.strings)
    assert 400 <= kept < 400 + 30
    # What is found does not depend on what is remembered.
    other = load("rules", None)
    plain = documents(Article(id=f"d{at}", text=text) for at, text in enumerate(texts))
    assert results == [document.result for document in analysis.analyse(other, settings, plain)]


def test_large_documents_are_not_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "TOGETHER_BYTES", 1_000)
    taken = 0

    def articles() -> Iterator[Article]:
        nonlocal taken
        for at in range(10):
            taken += 1
            yield Article(id=f"d{at}", text="Nothing to see. " * 50)

    found = analysis.analyse(load("rules", None), Settings(model="rules", gate=None), documents(articles()))
    assert [next(found).result is not None and taken for _ in range(6)] == [2, 2, 4, 4, 6, 6]


def test_garbage_is_collected_once_the_pipeline_is_loaded() -> None:
    load("rules", None)
    assert gc.isenabled()
    with pytest.raises(ValueError, match="unknown model"):
        load("none", None)
    assert gc.isenabled()
