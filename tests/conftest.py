"""The loaded pipeline, and the files of expectations that pytest can rewrite: known failures, surface, floors.

A case marked `@pytest.mark.cases("names")` that is listed in `tests/cases/known_failures.json` is a strict xfail: that
it fails is expected, that it passes is an error, so the list cannot outlive its truth. After a change of the rules,
`pytest --refresh-known-failures` runs these cases alone and rewrites the list; the diff shows what was gained and lost.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language

import dealspan
from dealspan import Article, encode, process, record_of
from dealspan.evaluation import Disagreement, load, score
from tests.annotated import CASES, load_cases
from tests.review_browser import Browser, Reviewer, hosted, need_browser
from tests.samples import TEXT, pipeline

Scored = Callable[[Iterable[dict[str, Any]]], tuple[dict[str, Any], list[Disagreement]]]

KNOWN_FAILURES = CASES / "known_failures.json"
REASON_LENGTH = 160
_failures: dict[str, dict[str, str | None]] = defaultdict(dict)
"""What was seen while refreshing: by file and case, the reason of a failure, None for a pass."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-known-failures", action="store_true", help="rewrite tests/cases/known_failures.json")
    parser.addoption("--record-surface", action="store_true", help="rewrite tests/surface.json")
    parser.addoption("--record-floors", action="store_true", help="rewrite tests/quality.json, raising its floors")
    parser.addoption("--lower-floors", action="store_true", help="with --record-floors: floors may fall too")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "cases(file): one case of tests/cases/<file>.jsonl, which may be a known failure"
    )


def _known_failures() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = json.loads(KNOWN_FAILURES.read_text(encoding="utf-8"))
    return known


def _case_of(item: pytest.Item) -> tuple[str, str] | None:
    """Return the file and the id of the case that a test is for."""
    marker = item.get_closest_marker("cases")
    return (marker.args[0], item.callspec.params["case"]["id"]) if marker else None  # type: ignore[attr-defined]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--refresh-known-failures"):
        others = [item for item in items if not _case_of(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _case_of(item)]
        return
    known = _known_failures()
    for item in items:
        if case := _case_of(item):
            file, case_id = case
            if reason := known.get(file, {}).get(case_id):
                item.add_marker(pytest.mark.xfail(reason=reason, raises=AssertionError, strict=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    case = _case_of(item) if item.config.getoption("--refresh-known-failures") else None
    if case and call.when == "call":
        file, case_id = case
        if report.passed:
            _failures[file][case_id] = None
        elif call.excinfo and call.excinfo.errisinstance(AssertionError):
            summary = " ".join(str(call.excinfo.value).split())
            _failures[file][case_id] = summary[:REASON_LENGTH]
            report.outcome = "skipped"
            report.wasxfail = summary
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = _measured
    if not session.config.getoption("--refresh-known-failures"):
        return
    known = _known_failures()
    for file, seen in _failures.items():
        before = known.get(file, {})
        known[file] = {}
        for case_id in (case["id"] for case in load_cases(file)):
            reason = seen[case_id] if case_id in seen else before.get(case_id)
            if reason is not None:
                known[file][case_id] = before.get(case_id, reason)
    text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
    KNOWN_FAILURES.write_text(text + "\n", encoding="utf-8")


_measured: list[str] = []


@pytest.fixture(scope="session")
def report() -> Callable[[str], None]:
    """Say a figure at the end of the run, whether its test passes or not."""
    return _measured.append


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of `pytest -n` has measured."""
    _measured.extend(getattr(node, "workeroutput", {}).get("measured", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _measured:
        terminalreporter.section("measured")
        for line in _measured:
            terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: not for the session, since while it runs no other test of the thread can have a loop of its own."""
    need_browser()
    made = Browser()
    yield made
    made.close()


@pytest.fixture
def over(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Reviewer]]:
    """Open the page over lines of gold, whose store is `review.db`; no script of it may fail."""
    opened: list[Reviewer] = []
    with ExitStack() as servers:

        def start(*lines: str, **options: Any) -> Reviewer:
            address = servers.enter_context(hosted(tmp_path / "review.db", *lines))
            opened.append(browser.open(address, **options))
            return opened[-1]

        yield start
        for reviewer in opened:
            reviewer.close()
    for reviewer in opened:
        assert reviewer.errors == []
        assert reviewer.strays == []


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The pipeline of rules: what most tests are of."""
    return dealspan.load("rules")


@pytest.fixture(scope="session")
def scored(nlp: Language, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Score the pipeline on gold documents: a function that returns the figures and the disagreements."""

    def scored(documents: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], list[Disagreement]]:
        folder = tmp_path_factory.mktemp("scored")
        gold, predicted = folder / "gold.jsonl", folder / "predicted.jsonl"
        with gold.open("w") as expected, predicted.open("wb") as found:
            for document in documents:
                expected.write(json.dumps(document) + "\n")
                published = date.fromisoformat(document["published"])
                article = Article(id=document["id"], text=document["text"], published=published)
                ((_, doc),) = process(nlp, [article])
                found.write(encode(record_of(article, doc)) + b"\n")
        return score(load(gold), load(predicted))

    return scored


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up pipeline in the place of the real one, for what the commands do with it."""
    monkeypatch.setitem(sys.modules, "dealspan.pipeline", pipeline())
    monkeypatch.setattr("dealspan.pipeline", sys.modules["dealspan.pipeline"], raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with three texts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rumour.txt").write_text(TEXT)
    (tmp_path / "done.txt").write_text("Kettl raised money.")
    (tmp_path / "none.txt").write_text("Nothing to see.")
    return tmp_path
