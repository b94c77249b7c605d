"""What is decided on the page is kept: in two tabs, while the server is away, while a step is taken back."""

from collections.abc import Callable

from tests.review_browser import DEAL, MENTIONS, TEXT, Reviewer, gold_line, without_conflicts

Open = Callable[..., Reviewer]


def test_two_tabs_in_conflict_lose_nothing(over: Open) -> None:
    mine = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    theirs = mine.tab()
    theirs.press("x")
    theirs.saved()
    mine.press("Tab", "Tab", "Tab", "Enter")
    mine.page.select_option(".editor select", "series_b")
    mine.press("Enter")
    dialog = mine.page.locator("dialog[open]")
    dialog.wait_for()
    assert "rejected" in dialog.inner_text()
    assert "Series A → Series B" in dialog.inner_text()
    mine.page.click("dialog button:has-text('Put mine on top')")
    mine.saved()
    assert mine.verdicts() == ["rejected"]
    assert mine.fields()["round"] == "Series B"
    theirs.page.reload()
    theirs.ready()
    assert theirs.verdicts() == ["rejected"]
    assert theirs.fields()["round"] == "Series B"
    mine.press("a")
    mine.saved()
    theirs.press("s")
    theirs.page.locator("dialog[open]").wait_for()
    theirs.press("Space")
    theirs.page.click("dialog button:has-text('Split') >> nth=-1")
    theirs.page.locator("dialog:has-text('changed elsewhere')").wait_for()
    theirs.page.click("dialog button:has-text('Take theirs')")
    theirs.saved()
    assert theirs.verdicts() == ["accepted"]
    mine.errors, theirs.errors = without_conflicts(mine.errors), without_conflicts(theirs.errors)


def test_what_is_not_saved_is_kept_until_the_server_is_back(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.context.set_offline(True)
    reviewer.press("a")
    reviewer.until("() => document.querySelector('#saved').textContent.includes('1 step not saved')")
    assert reviewer.verdicts() == ["accepted"]
    reviewer.context.set_offline(False)
    reviewer.saved()
    reviewer.page.reload()
    reviewer.ready()
    assert reviewer.verdicts() == ["accepted"]
    reviewer.errors = [error for error in reviewer.errors if "ERR_INTERNET_DISCONNECTED" not in error]


def test_edits_wait_while_a_step_is_taken_back(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("x", "u", "a")
    reviewer.hears("Accepted")
    reviewer.saved()
    assert reviewer.verdicts() == ["accepted"]
    reviewer.press("u")
    reviewer.hears("Undid: accept")
    assert reviewer.verdicts() == ["open"]
