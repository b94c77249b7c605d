"""A reviewer's work in a real browser: whole sessions, by keyboard, mouse and touch."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.review.store import Store
from tests.review_browser import Reviewer, box, gold_line, select

Open = Callable[..., Reviewer]


def deal(id: str, company: str, amount: int, words: str, **more: Any) -> dict[str, Any]:
    """A deal of gold."""
    money = {"min": amount, "max": amount, "currency": "EUR", "text": words}
    nothing: dict[str, Any] = {"round_type": None, "valuation": None, "investors": [], "date": None}
    said = {"stage": "completed", "certainty": "asserted", "hedges": [], "attribution": []}
    return {"id": id, "kind": "round", "company": company, "amount": money} | nothing | said | more


FERRAL = """Ferral takes in €7m

Ferral has raised €7 million in a seed round led by Ostrel Capital. Ostrel Capital also put €3 million into Quillon.

Ferral is in talks to raise €20 million, and Ferral may list its shares."""
FERRAL_LINE = gold_line(
    "ferral",
    FERRAL,
    [
        ("COMPANY", "Ferral"),
        ("MONEY", "€7 million"),
        ("ROUND", "seed round"),
        ("INVESTOR", "Ostrel Capital"),
        ("MONEY", "€3 million"),
        ("COMPANY", "Quillon"),
    ],
    [
        deal(
            "d1",
            "Ferral",
            7_000_000,
            "€7 million",
            round_type="seed",
            investors=[{"name": "Ostrel Capital", "role": "lead"}],
        ),
        deal("d2", "Quillon", 3_000_000, "€3 million", investors=[{"name": "Ostrel Capital", "role": "participant"}]),
    ],
)
MORREL = "Morrel nets €5m\n\nMorrel nets €5 million from Tessaly Fund."
MORREL_LINE = gold_line(
    "morrel",
    MORREL,
    [("COMPANY", "Morrel"), ("MONEY", "€5 million")],
    [deal("d1", "Morrel", 5_000_000, "€5 million")],
)


def dealspan(*arguments: object) -> str:
    """Run a command; return what it writes."""
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_the_queue_to_gold_by_keyboard_alone(over: Open, tmp_path: Path) -> None:
    """What the reviewer corrects is what the machine is then said to have got wrong."""
    reviewer = over(FERRAL_LINE, MORREL_LINE)
    # From the queue, by search, to the second article, whose investor the machine missed.
    reviewer.press("/")
    reviewer.page.keyboard.type("morrel")
    reviewer.until("() => document.querySelector('#found').textContent === '1 found'")
    reviewer.press("ArrowDown", "Enter")
    reviewer.at("morrel")
    reviewer.until("() => document.activeElement.closest('.deal')")
    # A selection by arrows, made longer, labelled, given to the deal; then a hedged stage.
    for _ in range(40):
        reviewer.press("ArrowRight")
        if "“Tessaly”" in reviewer.said:
            break
    reviewer.press("Shift+ArrowRight")
    reviewer.hears("Selected “Tessaly Fund”")
    reviewer.press("9")
    reviewer.hears("is now an investor")
    reviewer.press("a")
    reviewer.hears("Enter finishes the document")
    reviewer.press("Enter")
    reviewer.at("ferral")
    # The second deal is none; the first one is only planned.
    reviewer.press("j", "x")
    reviewer.hears("Rejected Quillon")
    reviewer.press("k", *["Tab"] * 6)
    assert reviewer.page.inner_text(".field.active .name") == "stage"
    reviewer.press("Enter")
    reviewer.page.keyboard.type("planned")
    reviewer.press("Enter")
    reviewer.hears("Changed stage of Ferral")
    reviewer.press("a", "Enter")
    reviewer.hears("No document is left to review")
    reviewer.saved()
    assert reviewer.page.inner_text("#progress").startswith("2 of 2 done")

    machine = tmp_path / "machine.jsonl"
    machine.write_text(f"{FERRAL_LINE}\n{MORREL_LINE}\n", encoding="utf-8")
    out = tmp_path / "review.jsonl"
    dealspan("review", "export", "--store", tmp_path / "review.db", "--out", out)
    reviewed = {each["id"]: each for each in map(json.loads, out.read_text(encoding="utf-8").splitlines())}
    assert [each["stage"] for each in reviewed["ferral"]["deals"]] == ["planned"]
    assert [each["name"] for each in reviewed["morrel"]["deals"][0]["investors"]] == ["Tessaly Fund"]
    figures = json.loads(dealspan("evaluate", out, machine, "--json"))
    assert (figures["deals"]["p"], figures["deals"]["r"]) == (0.6667, 1.0)
    assert figures["mentions"]["INVESTOR"]["exact"]["r"] == 0.5
    assert figures["slots"]["investor"] == {"p": 0.5, "r": 0.5, "f1": 0.5, "gold": 2, "predicted": 2}
    assert (figures["stage_accuracy"], figures["certainty_accuracy"]) == (0.5, 1.0)


def test_every_edit_is_one_step_and_all_are_undone_and_redone_over_documents(over: Open, tmp_path: Path) -> None:
    reviewer = over(FERRAL_LINE, MORREL_LINE)
    reviewer.go("ferral")

    def shown() -> tuple[Any, ...]:
        return reviewer.page.inner_text("#source"), reviewer.mentions(), reviewer.verdicts(), reviewer.fields()

    start = reviewer.mentions(), reviewer.verdicts(), reviewer.fields()
    # The same for the other occurrences; a merge; a split; a new deal; then another document.
    steps = ["o", "D", "m", "s", "c"]
    reviewer.press("n")
    reviewer.press("o")
    reviewer.hears("Labelled “Ferral” company in 3 more places")
    reviewer.press("D")
    reviewer.hears("Deleted the mention “Ferral”, 4 times")
    reviewer.press("m")
    reviewer.page.locator("dialog:has-text('Merge')").wait_for()
    reviewer.press("Enter")
    reviewer.hears("Merged Quillon")
    assert len(reviewer.verdicts()) == 1
    reviewer.press("s")
    reviewer.page.locator("dialog:has-text('Split')").wait_for()
    reviewer.press("Space", "Enter")
    reviewer.hears("Split into")
    assert len(reviewer.verdicts()) == 2
    reviewer.press("c")
    reviewer.hears("New deal")
    reviewer.press("f")
    reviewer.at("morrel")
    reviewer.press("x")
    reviewer.saved()
    held = Store(tmp_path / "review.db")
    assert len(held.history("ferral", "ana")) == len(steps) + 1
    held.close()
    end = shown()

    undone = ["reject", "finish", "add deal", "split", "merge", "same everywhere", "same everywhere"]
    for operation in undone:
        reviewer.answers("u", f"Undid: {operation}")
    assert (reviewer.mentions(), reviewer.verdicts()) == start[:2]
    reviewer.press("u")
    reviewer.hears("Nothing to undo")
    # Undo and redo live in the store: they go on after a reload.
    reviewer.page.reload()
    reviewer.ready()
    for operation in reversed(undone):
        reviewer.answers("U", f"Redid: {operation}")
    assert shown() == end
    reviewer.press("U")
    reviewer.hears("Nothing to redo")
    reviewer.errors = [error for error in reviewer.errors if "404" not in error]


def test_by_touch_words_are_labelled_and_edges_dragged(over: Open) -> None:
    """On a telephone: there is no hover, no key and no second button."""
    reviewer = over(MORREL_LINE, width=390, height=844, has_touch=True, is_mobile=True)
    select(reviewer, "Tessaly")
    reviewer.page.tap("#popover button:has-text('investor') >> nth=0")
    reviewer.hears("Labelled “Tessaly” investor")
    drag_by_touch(reviewer, ".handle.end", "Fund")
    reviewer.hears("Now “Tessaly Fund”")
    assert ("Tessaly Fund", "investor") in reviewer.mentions()
    reviewer.page.tap("#text mark:has-text('€5 million')")
    assert reviewer.focused() == "€5 million"
    reviewer.page.tap(".deal [data-action=accept]")
    reviewer.hears("That was the last one")
    reviewer.page.tap("#finish [data-action=finish]")
    reviewer.hears("No document is left")
    reviewer.page.tap("header [data-action=undo]")
    reviewer.hears("Undid: finish")
    reviewer.saved()


def drag_by_touch(reviewer: Reviewer, handle: str, words: str) -> None:
    """Drag a handle to the end of words with a finger."""
    from_ = reviewer.page.locator(handle).bounding_box()
    to = box(reviewer, words)
    x, y = from_["x"] + from_["width"] / 2, from_["y"] + from_["height"] / 2
    touch = reviewer.context.new_cdp_session(reviewer.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for share in (0.3, 0.7, 1):
        at = {"x": x + (to["x"] + to["width"] - 2 - x) * share, "y": y + (to["y"] + to["height"] / 2 - y) * share}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    # The finger rests: a fling would take the next tap to be stopped.
    reviewer.page.wait_for_timeout(100)
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
