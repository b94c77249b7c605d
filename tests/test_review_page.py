"""The review page in a real browser: what a reviewer does with it, by keyboard and by mouse."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docs.pictures import PAGE, with_table

import dealspan.review
from tests.review_browser import (
    DEAL,
    MENTIONS,
    TEXT,
    Browser,
    Reviewer,
    box,
    gold_line,
    hosted,
    scratch,
    select,
    served,
)

EXAMPLES = Path(__file__).parent.parent / "corpus/examples"
SERIES_B = "02-series-b.txt"

Open = Callable[..., Reviewer]


@pytest.fixture(scope="module")
def read_examples(browser: Browser) -> Iterator[Path]:
    """A store that holds the bundled examples as the machine reads them."""
    with scratch() as folder:
        store = folder / "read.db"
        with served(store, EXAMPLES):
            pass
        yield store


@pytest.fixture
def examples(browser: Browser, read_examples: Path, tmp_path: Path) -> Iterator[Reviewer]:
    """The page over a fresh copy of the examples."""
    store = tmp_path / "review.db"
    for file in read_examples.parent.glob("read.db*"):
        shutil.copy(file, store.with_name(file.name.replace("read.db", store.name)))
    with served(store) as server:
        reviewer = browser.open(server.address)
        yield reviewer
        reviewer.close()
    assert reviewer.errors == []


def test_a_whole_session_by_keyboard_alone(examples: Reviewer) -> None:
    """Every document is decided without the mouse; a flagged field asks for a look before its deal is accepted."""
    asked = 0
    for _ in range(200):
        if "No document is left" in examples.said:
            break
        examples.press("a")
        if "first: the machine is only" in examples.said:
            asked += 1
        elif "That was the last one" in examples.said or "There is no deal" in examples.said:
            before = examples.page.inner_text("#source")
            examples.press("f")
            examples.until(
                "before => document.querySelector('#source').textContent !== before"
                " || document.querySelector('#said').textContent.includes('No document is left')",
                before,
            )
    assert "No document is left" in examples.said
    assert asked > 3
    examples.saved()
    assert examples.page.inner_text("#progress").startswith("8 of 8 done")


def test_enter_finishes_after_the_last_decision(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]), gold_line("two", TEXT, MENTIONS, [DEAL]))
    first = reviewer.page.inner_text("#source")
    reviewer.press("a")
    reviewer.hears("Enter finishes the document")
    reviewer.press("Enter")
    reviewer.at("two" if "one" in first else "one")
    reviewer.saved()
    assert reviewer.page.inner_text("#progress").startswith("1 of 2")


def test_undo_goes_back_across_documents(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]), gold_line("two", TEXT, MENTIONS, [DEAL]))
    first, second = ("one", "two") if "one" in reviewer.page.inner_text("#source") else ("two", "one")
    reviewer.press("a", "f")
    reviewer.at(second)
    reviewer.press("x")
    reviewer.saved()
    assert reviewer.verdicts() == ["rejected"]
    reviewer.press("u")
    reviewer.hears("Undid: reject")
    assert reviewer.verdicts() == ["open"]
    reviewer.press("Control+z")
    reviewer.at(first)
    reviewer.hears("Undid: finish")
    assert reviewer.verdicts() == ["accepted"]
    reviewer.press("u")
    reviewer.hears("Undid: accept")
    assert reviewer.verdicts() == ["open"]
    reviewer.press("Control+Shift+z")
    reviewer.hears("Redid: accept")
    assert reviewer.verdicts() == ["accepted"]


def test_a_field_lights_up_its_evidence_and_a_mention_its_fields(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("Tab", "Tab")
    assert reviewer.page.evaluate("() => document.querySelector('mark.lit').textContent") == "€12 million"
    assert reviewer.fields()["amount"] == "€12 million → 12,000,000 EUR"
    reviewer.press("Tab", "Tab", "Tab")
    assert reviewer.page.inner_text(".field.active .evidence") == "Alder Ventures"
    reviewer.press("n", "n")
    assert reviewer.focused() == "€12 million"
    assert (
        reviewer.page.eval_on_selector_all(".field.uses", "rows => rows.map((row) => row.dataset.row)")[0] == "amount"
    )
    assert "used by amount" in reviewer.said


def test_edges_move_by_tokens_and_the_value_follows(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("n")
    reviewer.press("{")
    reviewer.hears("Now “Marlpit”")
    assert reviewer.focused() == "Marlpit"
    assert reviewer.fields()["company"] == "Marlpit"
    reviewer.press("}", "}", "}")
    reviewer.hears("Now “Marlpit Robotics of Ghent”")
    reviewer.press("]")
    reviewer.hears("Now “Robotics of Ghent”")
    reviewer.press("[", "{", "{")
    reviewer.hears("Now “Marlpit Robotics”")
    reviewer.saved()
    assert reviewer.fields()["company"] == "Marlpit Robotics"


def test_words_are_selected_and_labelled_by_keyboard_and_the_others_follow(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, [], []))
    reviewer.press("ArrowRight")
    reviewer.hears("Selected “Marlpit”")
    reviewer.press("1")
    reviewer.hears("Labelled “Marlpit” company.")
    reviewer.press("o")
    reviewer.hears("in 3 more places")
    assert reviewer.mentions() == [("Marlpit", "company")] * 4
    reviewer.saved()
    reviewer.press("u")
    reviewer.hears("Undid: same everywhere")
    assert reviewer.mentions() == [("Marlpit", "company")]


def test_a_new_deal_from_words(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("c")
    reviewer.hears("New deal")
    reviewer.page.evaluate("() => document.querySelector('#article').scrollTo(0, 1e6)")
    reviewer.page.get_by_text("had raised", exact=False).first.wait_for()
    reviewer.press("n")
    reviewer.press("6")
    reviewer.hears("is now the company")
    reviewer.press("n")
    reviewer.press("7")
    reviewer.hears("is now the amount")
    assert reviewer.fields()["company"] == "Marlpit Robotics"
    assert reviewer.fields()["amount"] == "€12 million → 12,000,000 EUR"
    reviewer.saved()
    assert len(reviewer.verdicts()) == 2


def test_a_digit_labels_the_selection_and_gives_it_to_the_field_in_focus(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press(*["Tab"] * 8)
    assert reviewer.page.inner_text(".field.active .name") == "hedges"
    select(reviewer, "is said to be seeking")
    reviewer.press("5")
    reviewer.hears("is a hedge of the deal")
    assert ("is said to be seeking", "hedge") in reviewer.mentions()
    assert reviewer.page.inner_text(".field.active .evidence") == "is said to be seeking"
    reviewer.press("Tab")
    assert reviewer.page.inner_text(".field.active .name") == "source"
    select(reviewer, "De Standaard")
    reviewer.press("e")
    reviewer.hears("is now a source")
    assert reviewer.fields()["source"] == "De Standaard"


def test_a_value_is_edited_in_place_and_keys_are_ignored_meanwhile(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("Tab", "Tab", "Enter")
    reviewer.page.keyboard.type("up to Rs 100 crore")
    reviewer.until("() => document.querySelector('.parsed').textContent.includes('up to 1,000,000,000 INR')")
    reviewer.press("Enter")
    reviewer.hears("Changed amount")
    assert reviewer.fields()["amount"] == "up to Rs 100 crore → up to 1,000,000,000 INR"
    assert reviewer.page.inner_text(".field.active .evidence") == "no evidence in the text"
    assert reviewer.verdicts() == ["open"]
    reviewer.press("Tab", "Enter")
    reviewer.page.select_option(".editor select", "series_b")
    reviewer.press("Enter")
    reviewer.hears("Changed round")
    assert reviewer.fields()["round"] == "Series B"


def test_mouse_selects_labels_and_drags_edges(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    select(reviewer, "Ghent", mouse=True)
    reviewer.page.click("#popover button:has-text('company') >> nth=0")
    reviewer.hears("Labelled “Ghent” company")
    reviewer.page.click("#text mark:has-text('Alder Ventures')")
    assert reviewer.focused() == "Alder Ventures"
    handle = reviewer.page.locator(".handle.end").bounding_box()
    word = box(reviewer, "reported")
    reviewer.page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] - 4)
    reviewer.page.mouse.down()
    reviewer.page.mouse.move(word["x"] + word["width"] / 2, word["y"] + word["height"] / 2 + 4, steps=6)
    reviewer.page.mouse.up()
    reviewer.hears("Now “Alder Ventures, De Standaard reported”")


def test_overlapping_mentions_stay_apart(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    select(reviewer, "Alder Ventures, De Standaard reported")
    reviewer.press("5")
    reviewer.hears("Labelled")
    assert ("Alder Ventures, De Standaard reported", "hedge") in reviewer.mentions()
    assert ("Alder Ventures", "investor") in reviewer.mentions()
    lanes = reviewer.page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('#text mark')]
      .filter((mark) => mark.textContent === 'Alder Ventures')
      .map((mark) => [mark.classList[1], getComputedStyle(mark).paddingBottom]))""")
    assert lanes["hedge"] != lanes["investor"]
    reviewer.page.click("#text mark.investor:has-text('Alder Ventures')")
    assert reviewer.focused() == "Alder Ventures"
    reviewer.page.click("#text mark.investor:has-text('Alder Ventures')")
    assert reviewer.focused().startswith("Alder Ventures, De Standaard")


def test_deals_are_merged_and_split(over: Open) -> None:
    other = {
        **DEAL,
        "id": "d2",
        "amount": None,
        "round_type": None,
        "investors": [{"name": "Alder Ventures", "role": "lead"}],
    }
    reviewer = over(gold_line("one", TEXT, MENTIONS, [{**DEAL, "investors": []}, other]))
    reviewer.press("m")
    reviewer.page.locator("dialog[open]").wait_for()
    reviewer.page.click("dialog button:has-text('Merge') >> nth=-1")
    reviewer.hears("Merged")
    assert reviewer.verdicts() == ["open"]
    assert reviewer.fields()["investor"] == "Alder Ventures lead"
    reviewer.press("s")
    reviewer.page.locator("dialog[open]").wait_for()
    reviewer.page.check("dialog input[value='investors/0']")
    reviewer.press("Enter")
    reviewer.hears("Split into")
    reviewer.saved()
    assert len(reviewer.verdicts()) == 2
    assert reviewer.fields()["investor"] == "Alder Ventures lead"
    assert reviewer.fields()["company"] == "Marlpit Robotics"
    reviewer.press("u", "u")
    reviewer.hears("Undid: merge")
    assert len(reviewer.verdicts()) == 2


STRANGE = "🌱 Kettl\u202e raised €5m\r\n\r\nחברת Ospray 👩‍👩‍👧 e\u0301tage\x00 raised <script>alert(1)</script> money."


def test_offsets_are_code_points_whatever_the_text_holds(over: Open) -> None:
    reviewer = over(gold_line("strange", STRANGE, [("COMPANY", "Kettl")]))
    assert "\u202e" not in reviewer.page.inner_text("#text")
    assert reviewer.page.locator("#text .control").count() == 2
    for words, key in (("Ospray", "2"), ("e\u0301tage", "4"), ("<script>", "5")):
        select(reviewer, words)
        reviewer.press(key)
        reviewer.hears(f"Labelled “{words}”")
    reviewer.saved()
    state = reviewer.page.evaluate("() => fetch('/api/document/strange').then((answer) => answer.json())")["state"]
    spans = sorted((mention["start"], mention["end"]) for mention in state["mentions"].values())
    assert [STRANGE[start:end] for start, end in spans] == ["Kettl", "Ospray", "e\u0301tage", "<script>"]
    reviewer.page.reload()
    reviewer.ready()
    assert [words for words, _ in reviewer.mentions()] == ["Kettl", "Ospray", "e\u0301tage", "<script>"]


def test_the_queue_is_searched_and_filtered(over: Open) -> None:
    reviewer = over(
        gold_line("one", TEXT, MENTIONS, [DEAL]), gold_line("two", TEXT.replace("Marlpit", "Ospray"), [], [])
    )
    reviewer.press("/")
    reviewer.page.keyboard.type("ospray")
    reviewer.until("() => document.querySelectorAll('#list a').length === 1")
    assert reviewer.page.inner_text("#found") == "1 found"
    reviewer.press("Enter", "Enter")
    reviewer.at("two")
    reviewer.page.click("#more-filters summary")
    reviewer.page.select_option("select[name=status]", "done")
    reviewer.until("() => document.querySelector('#list').textContent.includes('Nothing matches')")
    reviewer.page.click("#filters button[type=reset]")
    reviewer.until("() => document.querySelectorAll('#list a').length === 2")


def test_a_filter_is_what_one_works_on(over: Open) -> None:
    planned = {**DEAL, "stage": "planned"}
    names = ("one", "two", "three", "four")
    reviewer = over(
        *(gold_line(name, TEXT, MENTIONS, [planned if name in ("two", "four") else DEAL]) for name in names)
    )
    reviewer.page.click("#more-filters summary")
    reviewer.page.select_option("select[name=stage]", "planned")
    reviewer.until("() => document.querySelectorAll('#list a').length === 2")
    first = str(reviewer.page.get_attribute("#list a >> nth=0", "data-id"))
    reviewer.page.click(f"#list a[data-id={first}]")
    reviewer.at(first)
    reviewer.press("f")
    reviewer.at({"two": "four", "four": "two"}[first])
    reviewer.answers("f", "No other document is left that the filter of the queue shows")


def test_reviewers_are_adjudicated_by_number(browser: Browser, tmp_path: Path) -> None:
    store, line = tmp_path / "review.db", gold_line("one", TEXT, MENTIONS, [DEAL])
    for name, keys in (("ana", ["a", "f"]), ("ben", ["n", "2", "x", "f"])):
        with hosted(store, line, reviewer=name) as address:
            reviewer = browser.open(address)
            reviewer.press(*keys)
            reviewer.hears("No document is left")
            reviewer.saved()
            reviewer.close()
    with hosted(store, mode="adjudicate") as address:
        reviewer = browser.open(address)
        questions = reviewer.page.locator(".disagreement h3").all_inner_texts()
        assert "Which label?" in questions[0]
        assert "Is this a deal?" in questions[1]
        reviewer.press("2")
        reviewer.hears("Took the reading of ben.")
        reviewer.press("1")
        reviewer.hears("Took the reading of ana. That was the last one")
        reviewer.press("u")
        reviewer.hears("Undid: choose")
        reviewer.until("() => document.querySelector('#finish').textContent.includes('1 to decide')")
        reviewer.press("1")
        reviewer.hears("Enter finishes")
        reviewer.press("Enter")
        reviewer.hears("No document is left")
        assert reviewer.mentions()[0] == ("Marlpit Robotics", "investor")
        reviewer.close()
    assert reviewer.errors == []


def test_the_table_of_keys_in_the_documentation_is_that_of_the_page() -> None:
    documented = PAGE.read_text(encoding="utf-8")
    assert with_table(documented) == documented


def test_every_module_is_loaded_at_once() -> None:
    folder = Path(dealspan.review.__file__).parent / "page"
    named = set(re.findall(r'href="/static/([\w.]+\.js)"', (folder / "index.html").read_text(encoding="utf-8")))
    assert named == {file.name for file in folder.glob("*.js")} - {"app.js", "theme.js"}
