"""How quick the page is, in a real browser: the figures are shown at the end of the run.

What is measured is what a reviewer waits for: from the event of the key to the frame that shows what it did. Each
bound is asked of the best of some rounds, for on a machine that does other work as well a round says little.
"""

import contextlib
import random
import statistics
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dealspan.records import Article
from dealspan.review.state import InvestorSlot, ReviewDeal, ReviewMention, Slot, State
from dealspan.review.store import Store
from tests.review_browser import Browser, Reviewer, hosted
from tests.reviewed import many

WORDS = 5_000
MENTIONS = 500
DOCUMENTS = 10_000
KEY_TO_PAINT = 100
"""Milliseconds, at the median; at the 95th percentile the double is borne, for one frame in twenty that is late."""
OPENING = 1_000
ROUNDS = 5
FILLING = ("alder", "beck", "cove", "dell", "esker", "fen")

Report = Callable[[str], None]


def long_article() -> tuple[Article, State]:
    """An article of 5,000 words, 500 mentions among them, and 25 deals that rest on them."""
    drawn = random.Random(5)
    words: list[str] = []
    mentions: dict[str, ReviewMention] = {}
    at = 0
    for number in range(WORDS):
        name = f"Velmora{number // 10}" if number % 10 == 0 else drawn.choice(FILLING)
        if number % 10 == 0:
            label = ("COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE")[number // 10 % 5]
            mentions[f"m{number // 10}"] = ReviewMention(
                label=label,  # type: ignore[arg-type]
                start=at,
                end=at + len(name),
                origin="machine",
                confidence=0.9,
            )
        end = "\n\n" if number % 200 == 199 else " "
        words.append(name + end)
        at += len(name + end)
    assert len(mentions) == MENTIONS

    def slot(value: str, *evidence: str) -> Slot[str]:
        return Slot(value=value, confidence=0.9, evidence=list(evidence), origin="machine")

    deals = {
        f"d{number}": ReviewDeal(
            kind="round",
            company=slot(f"Velmora{number * 20}", f"m{number * 20}"),
            investors=[
                InvestorSlot(
                    value=f"Velmora{number * 20 + 1}",
                    confidence=0.9,
                    evidence=[f"m{number * 20 + 1}"],
                    origin="machine",
                )
            ],
            stage=slot("completed"),  # type: ignore[arg-type]
            certainty=slot("asserted"),  # type: ignore[arg-type]
            confidence=0.9,
            evidence=[(mentions[f"m{number * 20}"].start, mentions[f"m{number * 20 + 19}"].end)],
            origin="machine",
        )
        for number in range(25)
    }
    source = Article(id="long", title="A long article", published=date(2026, 3, 2), source=None, text="".join(words))
    return source, State(mentions=mentions, deals=deals)


MEASURE = """() => {
  window.waits = [];
  document.addEventListener('keydown', (event) => {
    const pressed = event.timeStamp;
    // The second frame begins when the first, which shows what the key did, is done.
    requestAnimationFrame(() => requestAnimationFrame(() => window.waits.push(performance.now() - pressed)));
  }, { capture: true });
}"""


def waits(reviewer: Reviewer, *keys: str) -> list[float]:
    """Press keys one after the other, each when the one before is seen; return the milliseconds that each took."""
    reviewer.page.evaluate("() => { window.waits.length = 0 }")
    for count, key in enumerate(keys, 1):
        reviewer.press(key)
        reviewer.until("count => window.waits.length >= count", count)
    return list(reviewer.page.evaluate("() => window.waits"))


def test_from_a_key_to_what_it_shows_in_an_article_of_5000_words(
    browser: Browser, tmp_path: Path, report: Report
) -> None:
    source, state = long_article()
    with contextlib.closing(Store(tmp_path / "review.db")) as store:
        store.add(source, state)
    keys = ["n"] * 4 + [
        "p",
        "Tab",
        "Tab",
        "Tab",
        "j",
        "j",
        "k",
        "n",
        "}",
        "{",
        "2",
        "1",
        "o",
        "Escape",
        "x",
        "j",
        "a",
        "u",
        "c",
    ]
    medians, worst = [], []
    with hosted(tmp_path / "review.db") as address:
        reviewer = browser.open(address)
        reviewer.page.evaluate(MEASURE)
        waits(reviewer, "n", "n")  # what a browser does once
        for _ in range(ROUNDS):
            took = sorted(waits(reviewer, *keys))
            medians.append(statistics.median(took))
            worst.append(took[int(len(took) * 0.95)])
            reviewer.saved()
            if medians[-1] < KEY_TO_PAINT and worst[-1] < 2 * KEY_TO_PAINT:
                break
        reviewer.close()
    report(f"key to paint, 5,000 words, 500 mentions: {min(medians):.0f} ms (95 %: {min(worst):.0f} ms)")
    assert reviewer.errors == []
    assert min(medians) < KEY_TO_PAINT
    assert min(worst) < 2 * KEY_TO_PAINT


def test_a_queue_of_10000_documents_opens_at_once(browser: Browser, tmp_path: Path, report: Report) -> None:
    with contextlib.closing(Store(tmp_path / "review.db")) as store:
        many(store, "Velmora raised money. " * 100, State(), DOCUMENTS)
    took = []
    with hosted(tmp_path / "review.db") as address:
        first = browser.open(address)
        for _ in range(ROUNDS):
            page = first.context.new_page()
            page.goto(first.page.url.partition("#")[0])
            page.wait_for_selector("#finish button")
            page.wait_for_selector("#list a")
            took.append(page.evaluate("() => performance.now()"))
            assert page.inner_text("#found").startswith("10,000 documents")
            page.close()
            if took[-1] < OPENING:
                break
        # And it is a whole queue: its end is reached, and a word is found in it.
        first.press("/")
        first.page.keyboard.type("n09999")
        first.until("() => document.querySelector('#found').textContent === '1 found'")
        first.press("ArrowDown", "Enter")
        first.at("n09999")
        first.close()
    report(f"the page opens over a queue of 10,000 documents: {min(took):.0f} ms")
    assert first.errors == []
    assert min(took) < OPENING
