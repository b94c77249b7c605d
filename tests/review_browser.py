"""A real server and a real browser for the tests of the review page.

`served` starts `dealspan review` in a process of its own, as a user does; `hosted` serves a store from a thread, which
is there at once. `Reviewer` opens the page and says what a reader would see. Without Chromium the tests are skipped,
unless DEALSPAN_REQUIRE_BROWSER is set, as in CI.
"""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

CHROMIUM = os.environ.get("DEALSPAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-dev-shm-usage",
]  # fmt: skip
PATIENCE = 10
"""Seconds until what is waited for must have come."""


def need_browser() -> None:
    """Skip the test, or fail it where a browser is required."""
    problem = None
    try:
        import playwright.sync_api  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        problem = f"{error.name} is not installed"
    if problem is None and CHROMIUM is None:
        problem = "there is no chromium; set DEALSPAN_CHROMIUM to another one"
    if problem and os.environ.get("DEALSPAN_REQUIRE_BROWSER"):
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)


class Server(NamedTuple):
    """A running server: its address with the token, its store and its process."""

    address: str
    store: Path
    process: subprocess.Popen[str]


@contextlib.contextmanager
def served(store: Path, *arguments: str | Path, port: int = 0, command: str = "serve") -> Iterator[Server]:
    """Serve what `arguments` name until the block ends."""
    line = [sys.executable, "-m", "dealspan", "review", command, *map(str, arguments), "--store", str(store)]
    process = subprocess.Popen([*line, "--port", str(port)], stderr=subprocess.PIPE, text=True)
    try:
        yield Server(_address(process), store, process)
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        assert process.stderr
        process.stderr.close()
        process.wait()


@contextlib.contextmanager
def hosted(
    path: Path, *lines: str, reviewer: str = "ana", mode: Literal["review", "adjudicate"] = "review", port: int = 0
) -> Iterator[str]:
    """Serve a store, with lines of gold put into it, until the block ends; yields the address with the token."""
    import uvicorn

    from dealspan.cli.review.web import bound
    from dealspan.review import queue
    from dealspan.review.gold_lines import gold_lines
    from dealspan.review.security import Guard
    from dealspan.review.server import Settings, application
    from dealspan.review.store import ADJUDICATOR, Store

    with contextlib.closing(Store(path)) as store:
        for line in gold_lines("gold.jsonl", io.BytesIO("\n".join(lines).encode())):
            assert isinstance(line.content, tuple), line.content
            store.add(*line.content)
        queue.arrange(store)
        settings = Settings(mode, ADJUDICATOR if mode == "adjudicate" else reviewer)
        with bound("127.0.0.1", port) as taken:
            taken.listen(128)
            guard = Guard(application(store, settings), host="127.0.0.1", token="once-only")
            config = uvicorn.Config(guard, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
            thread.start()
            try:
                yield f"http://127.0.0.1:{taken.getsockname()[1]}/?token=once-only"
            finally:
                server.should_exit = True
                thread.join()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise AssertionError("the server ended before it was ready: " + "".join(said))


# The article that most is tried on.
TEXT = """Marlpit raises €12m

Marlpit Robotics of Ghent has raised €12 million in a Series A round led by Alder Ventures, De Standaard reported.

Marlpit had raised €2m before. Marlpit is said to be seeking a loan."""
DEAL = {
    "id": "d1",
    "kind": "round",
    "company": "Marlpit Robotics",
    "amount": {"min": 12e6, "max": 12e6, "currency": "EUR", "text": "€12 million"},
    "round_type": "series_a",
    "valuation": None,
    "investors": [{"name": "Alder Ventures", "role": "lead"}],
    "stage": "completed",
    "certainty": "asserted",
    "hedges": [],
    "attribution": [],
    "date": None,
}
MENTIONS = [
    ("COMPANY", "Marlpit Robotics"),
    ("MONEY", "€12 million"),
    ("ROUND", "Series A"),
    ("INVESTOR", "Alder Ventures"),
]


def without_conflicts(errors: list[str]) -> list[str]:
    """The browser logs every answer 409; here they are meant."""
    return [error for error in errors if "409" not in error]


def gold_line(
    id: str,
    text: str,
    mentions: Iterable[tuple[str, str]] = (),
    deals: Iterable[dict[str, Any]] = (),
    **more: Any,
) -> str:
    """Return a line of gold that the server takes as it is; mentions are (label, words), each at its first place."""
    found = [
        {"label": label, "start": text.index(words), "end": text.index(words) + len(words), "text": words}
        for label, words in mentions
    ]
    article = {"id": id, "title": text.splitlines()[0], "published": "2026-03-02", "text": text} | more
    return json.dumps(article | {"mentions": found, "deals": list(deals)})


class Browser:
    """Chromium, started once for a module."""

    def __init__(self) -> None:
        from playwright.sync_api import sync_playwright

        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

    def open(self, address: str, *, width: int = 1440, height: int = 900, **context: Any) -> "Reviewer":
        """Open the page in a profile of its own."""
        return Reviewer(self.profile(viewport={"width": width, "height": height}, **context), address)

    def profile(self, **context: Any) -> Any:
        """Make a profile: what knows nothing of the others, as the browser of another user."""
        made = self._chromium.new_context(**context)
        made.set_default_timeout(PATIENCE * 1000)
        return made

    def close(self) -> None:
        """End the browser."""
        self._chromium.close()
        self._playwright.stop()


class Reviewer:
    """A page, and what one sees on it.

    Errors of scripts and refusals of the policy are collected in `errors`; requests beyond the server and dialogs of
    the browser, which the page never makes, in `strays`.
    """

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.errors: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.strays: list[str] = []
        origin = re.match(r"http://[^/]+/", address)
        assert origin
        self.page.on("request", lambda sent: None if sent.url.startswith(origin[0]) else self.strays.append(sent.url))
        self.page.on("dialog", self._surprised)
        self.page.goto(address)
        self.ready()

    def _surprised(self, dialog: Any) -> None:
        self.strays.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def until(self, script: str, argument: Any = None) -> None:
        """Wait until a function of JavaScript returns true. (Playwright's own way to wait evaluates a string in the
        page, which its policy forbids.)
        """
        end = time.monotonic() + PATIENCE
        while not self.page.evaluate(script, argument):
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain: {script} {argument!r}; the page says {self.said!r}")
            self.page.wait_for_timeout(20)

    def ready(self) -> None:
        """Wait until a document is on the desk."""
        self.until("() => document.querySelector('#finish').childElementCount > 0")

    def tab(self) -> "Reviewer":
        """Open the page once more in the same profile."""
        return Reviewer(self.context, re.sub(r"\?.*", "", self.page.url))

    def go(self, id: str) -> None:
        """Go to a document by the address."""
        self.page.evaluate("id => { location.hash = '#/' + encodeURIComponent(id) }", id)
        self.at(id)

    def at(self, id: str) -> None:
        """Wait until a document is shown."""
        self.until("id => document.querySelector('#source').textContent.includes(id)", id)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def said(self) -> str:
        """The last message of the page."""
        return str(self.page.inner_text("#said"))

    def hears(self, words: str) -> None:
        """Wait until the page says something."""
        self.until("words => document.querySelector('#said').textContent.includes(words)", words)

    def answers(self, key: str, words: str) -> None:
        """Press a key, and wait until the page says something to it, be it the same as before."""
        self.page.evaluate("() => document.querySelector('#said').replaceChildren()")
        self.press(key)
        self.hears(words)

    def saved(self) -> None:
        """Wait until everything is saved."""
        self.until("() => document.querySelector('#saved').className === 'saved'")

    def mentions(self) -> list[tuple[str, str]]:
        """Return the marked words with their labels, in text order."""
        script = """() => [...document.querySelectorAll('#text mark.first')].map((mark) => {
          const parts = [...document.querySelectorAll(`#text mark[data-mark="${CSS.escape(mark.dataset.mark)}"]`)];
          return [parts.map((part) => part.textContent).join(''), parts.at(-1).dataset.label.replace(/^\\W+/, '')];
        })"""
        return [(words, label) for words, label in self.page.evaluate(script)]

    def focused(self) -> str:
        """Return the words of the mention in focus."""
        return str(
            self.page.evaluate(
                "() => [...document.querySelectorAll('#text mark.focused')].map((m) => m.textContent).join('')"
            )
        )

    def fields(self) -> dict[str, str]:
        """Return the fields of the open card and their values as shown; lists under `investor`, `investor 2` …"""
        rows = self.page.evaluate("""() => [...document.querySelectorAll('.deal.current .field')].map((row) =>
          [row.querySelector('.name').textContent, row.querySelector('.value').innerText])""")
        found: dict[str, str] = {}
        for name, value in rows:
            repeated = sum(1 for each in found if each.split(" ")[0] == name)
            shown = value.replace("\nnot said", "").replace("⚙", "").replace("✎", "").replace("✓", "")
            found[f"{name} {repeated + 1}" if repeated else name] = " ".join(
                shown.replace(", by machine", "").replace(", by hand", "").replace(", confirmed", "").split()
            )
        return found

    def verdicts(self) -> list[str]:
        """Return the verdicts of the deals, in order."""
        script = """() => [...document.querySelectorAll('.deal')].map((card) =>
          ['accepted', 'rejected'].find((verdict) => card.classList.contains(verdict)) ?? 'open')"""
        return [str(each) for each in self.page.evaluate(script)]

    def close(self) -> None:
        """Close the profile."""
        self.context.close()


def box(reviewer: Reviewer, words: str) -> dict[str, float]:
    """Return where words stand on the screen."""
    script = """(words) => {
      const texts = [];
      const walker = document.createTreeWalker(document.querySelector('#text'), NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node);
      const whole = texts.map((node) => node.data).join('');
      const at = whole.indexOf(words);
      const place = (offset, end) => {
        let before = 0;
        for (const node of texts) {
          const after = before + node.data.length;
          if (offset < after || (end && offset === after)) return [node, offset - before];
          before = after;
        }
      };
      const range = document.createRange();
      range.setStart(...place(at, false));
      range.setEnd(...place(at + words.length, true));
      window.lastRange = range;
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }"""
    found: dict[str, float] = reviewer.page.evaluate(script, words)
    return found


def select(reviewer: Reviewer, words: str, *, mouse: bool = False) -> None:
    """Select words of the article: with the mouse, or as a touch does it, without a button."""
    place = box(reviewer, words)
    if mouse:
        middle = place["y"] + place["height"] / 2
        reviewer.page.mouse.move(place["x"] + 2, middle)
        reviewer.page.mouse.down()
        reviewer.page.mouse.move(place["x"] + place["width"] - 2, middle, steps=4)
        reviewer.page.mouse.up()
    else:
        reviewer.page.evaluate("""() => {
          const selection = document.getSelection();
          selection.removeAllRanges();
          selection.addRange(window.lastRange);
        }""")
    reviewer.page.wait_for_selector("#popover:not([hidden])")


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="dealspan-review-") as folder:
        yield Path(folder)
