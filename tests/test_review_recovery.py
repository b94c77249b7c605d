"""What cannot be lost, in a real browser: the server is killed, tabs and reviewers work on one document."""

import json
import signal
from pathlib import Path

from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.review.store import Store
from tests.review_browser import DEAL, Browser, Reviewer, gold_line, hosted, served

TEXT = "Sorrel raises €4m\n\nSorrel Foods has raised €4 million in a seed round led by Hask Partners."
SEED = DEAL | {
    "company": "Sorrel Foods",
    "amount": {"min": 4e6, "max": 4e6, "currency": "EUR", "text": "€4 million"},
    "round_type": "seed",
    "investors": [{"name": "Hask Partners", "role": "lead"}],
}
MENTIONS = [
    ("COMPANY", "Sorrel Foods"),
    ("MONEY", "€4 million"),
    ("ROUND", "seed round"),
    ("INVESTOR", "Hask Partners"),
]
LINES = [gold_line(name, TEXT, MENTIONS, [SEED]) for name in ("one", "two", "three")]


def unsaved(reviewer: Reviewer, words: str) -> None:
    """Wait until the page says that something is not saved, and why."""
    reviewer.until("words => document.querySelector('#saved.unsaved')?.textContent.includes(words)", words)


def refused(errors: list[str]) -> list[str]:
    """What the browser logs besides requests that failed, which here are meant to."""
    return [error for error in errors if "Failed to load resource" not in error]


def test_a_killed_server_loses_nothing_and_the_edit_on_screen_outlives_it(browser: Browser, tmp_path: Path) -> None:
    store, file = tmp_path / "review.db", tmp_path / "gold.jsonl"
    file.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    with served(store, file) as server:
        reviewer = browser.open(server.address)
        port = int(reviewer.page.url.split(":")[2].split("/")[0])
        first = reviewer.page.inner_text("#source")
        reviewer.press("a", "f")
        reviewer.until("first => document.querySelector('#source').textContent !== first", first)
        reviewer.press("n", "{")
        reviewer.hears("Now “Sorrel”")
        reviewer.saved()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        # On the screen only, and made while nothing answers.
        reviewer.press("n", "n", "}")
        reviewer.hears("Now “seed round led”")
        reviewer.press("x")
        unsaved(reviewer, "2 steps not saved. The server cannot be reached.")
    with served(store, port=port) as again:
        unsaved(reviewer, "2 steps not saved. open the address that dealspan review printed when it started")
        assert reviewer.verdicts() == ["rejected"]
        # The address is opened in another tab, as the page asks; the first one goes on by itself.
        other = Reviewer(reviewer.context, again.address)
        reviewer.page.bring_to_front()
        reviewer.saved()
        document = reviewer.page.evaluate("() => decodeURIComponent(location.hash.slice(2))")
        other.page.reload()
        other.ready()
        other.go(document)
        assert other.verdicts() == ["rejected"]
        assert ("seed round led", "round") in other.mentions()
        assert ("Sorrel", "company") in other.mentions()
        assert other.page.inner_text("#progress").startswith("1 of 3 done")
        # Undo goes back behind the kill.
        for operation in ("reject", "move edge", "move edge", "finish", "accept"):
            other.answers("u", f"Undid: {operation}")
        reviewer.close()
    assert refused(reviewer.errors) == refused(other.errors) == []


def test_the_page_of_one_reviewer_writes_nothing_for_the_next(browser: Browser, tmp_path: Path) -> None:
    store = tmp_path / "review.db"
    with hosted(store, *LINES, reviewer="ana") as address:
        reviewer = browser.open(address)
        port = int(reviewer.page.url.split(":")[2].split("/")[0])
        document = reviewer.page.evaluate("() => decodeURIComponent(location.hash.slice(2))")
    with hosted(store, reviewer="ben", port=port) as address:
        ben = Reviewer(reviewer.context, address)
        reviewer.press("x")
        unsaved(reviewer, "this page is ana's, and the server now serves ben")
        ben.go(document)
        assert ben.verdicts() == ["open"]
    with hosted(store, reviewer="ana", port=port) as address:
        Reviewer(reviewer.context, address)
        reviewer.page.bring_to_front()
        reviewer.saved()
    reviewer.close()
    held = Store(store)
    assert [event.operation for event in held.history(document, "ana")] == ["reject"]
    assert held.history(document, "ben") == []
    held.close()


def test_two_reviewers_at_once_see_nothing_of_each_other_and_are_adjudicated(browser: Browser, tmp_path: Path) -> None:
    """Two servers over one store at the same time; then what they disagree on is settled and leaves as gold."""
    store = tmp_path / "review.db"
    with hosted(store, *LINES, reviewer="ana") as for_ana, hosted(store, reviewer="ben") as for_ben:
        ana, ben = browser.open(for_ana), browser.open(for_ben)
        for reviewer in (ana, ben):
            reviewer.go("one")
        ana.press(*["Tab"] * 6, "Enter")
        assert ana.page.inner_text(".field.active .name") == "stage"
        ana.page.keyboard.type("planned")
        ana.press("Enter", "a", "f")
        ana.saved()
        # Ben's page, read anew, shows what the machine read, and no step but his own.
        ben.page.reload()
        ben.ready()
        ben.go("one")
        assert (ben.verdicts(), ben.fields()["stage"]) == (["open"], "completed")
        assert ben.page.inner_text("#progress").startswith("0 of 3 done")
        ben.press("h")
        ben.page.locator("dialog:has-text('Nothing was done yet')").wait_for()
        ben.press("Escape", "u")
        ben.hears("Nothing to undo")
        ben.press("n", "2", "x", "f")
        ben.saved()
        for reviewer in (ana, ben):
            reviewer.go("two")
            reviewer.press("a", "f")
            reviewer.saved()
            reviewer.close()
        assert ana.errors == [] and refused(ben.errors) == []
    export = ["review", "export", "--store", str(store), "--out", str(tmp_path / "gold.jsonl")]
    done = CliRunner().invoke(app, export)
    assert "one: ana and ben read it differently" in done.output

    with hosted(store, mode="adjudicate") as address:
        reviewer = browser.open(address)
        # Only the document on which they disagree, and of it only what they disagree on.
        assert reviewer.page.inner_text("#progress").startswith("0 of 1 done")
        questions = reviewer.page.locator(".disagreement h3").all_inner_texts()
        assert len(questions) == 2
        while "Enter finishes" not in reviewer.said:
            before = reviewer.page.inner_text(".disagreement.current h3")
            reviewer.press("2" if "label" in before else "1")
            reviewer.hears("Took the reading of")
            reviewer.saved()
        reviewer.press("Enter")
        reviewer.hears("No document is left")
        reviewer.saved()
        reviewer.close()
        assert reviewer.errors == []
    done = CliRunner().invoke(app, export)
    assert (done.exit_code, "differently" in done.output) == (0, False)
    gold = {each["id"]: each for each in map(json.loads, (tmp_path / "gold.jsonl").read_text("utf-8").splitlines())}
    assert {id: each["author"] for id, each in gold.items()} == {"one": "adjudicator", "two": "ana, ben"}
    assert [deal["stage"] for deal in gold["one"]["deals"]] == ["planned"]
    labels = {mention["text"]: mention["label"] for mention in gold["one"]["mentions"]}
    assert labels["Sorrel Foods"] == "INVESTOR"
