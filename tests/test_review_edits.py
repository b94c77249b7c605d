"""What an edit on the page carries with it, and what it leaves."""

from collections.abc import Callable

from tests.review_browser import Reviewer, gold_line, select, without_conflicts
from tests.test_review_work import deal

Open = Callable[..., Reviewer]

TEXT = """Brindle Farms raises money

Brindle Farms has raised €4 million at a valuation of €4 million or €40 million, Peakwell said."""
MENTIONS = [("COMPANY", "Brindle Farms"), ("MONEY", "€4 million"), ("MONEY", "€40"), ("ROUND", "Peakwell")]
DEAL = deal("d1", "Brindle Farms", 4_000_000, "€4 million")


def walk_to(reviewer: Reviewer, words: str) -> None:
    """Press n until a mention is in focus."""
    for _ in range(20):
        reviewer.press("n")
        if reviewer.focused() == words:
            return
    raise AssertionError(f"no mention {words!r}")


def test_a_digit_gives_a_mention_its_label_and_the_field_in_focus_in_one_step(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press(*["Tab"] * 5)
    assert reviewer.page.inner_text(".field.active .name") == "investor"
    walk_to(reviewer, "Peakwell")
    reviewer.press("2")
    reviewer.hears("“Peakwell” is now an investor")
    assert ("Peakwell", "investor") in reviewer.mentions()
    assert reviewer.fields()["investor"] == "Peakwell participant"
    reviewer.saved()
    reviewer.answers("u", "Undid: relabel")
    assert ("Peakwell", "round") in reviewer.mentions()
    assert reviewer.fields()["investor"] == "—"


def test_a_valuation_follows_the_edges_of_its_words(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    walk_to(reviewer, "€40")
    reviewer.press("8")
    reviewer.hears("is now the valuation")
    reviewer.press("}")
    reviewer.hears("Now “€40 million”")
    reviewer.saved()
    assert reviewer.fields()["valuation"] == "40,000,000 EUR"


def test_an_amount_that_is_retyped_keeps_resting_where_it_rests(over: Open) -> None:
    """Of words that stand twice, the field keeps those that it had."""
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    walk_to(reviewer, "€4 million")
    reviewer.press("o", "n")
    reviewer.press("7")
    reviewer.hears("“€4 million” is now the amount")
    chip = "() => document.querySelector('[data-row=amount] .chip')?.dataset.mention ?? ''"
    reviewer.saved()
    held = reviewer.page.evaluate(chip)
    reviewer.page.click("[data-field=amount]")
    reviewer.page.keyboard.type("about €4 million")
    reviewer.press("Enter")
    reviewer.hears("Changed amount")
    assert held and reviewer.page.evaluate(chip) == held


def test_a_value_in_the_place_of_one_that_was_looked_at_is_looked_at_anew(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    looked = reviewer.page.evaluate(
        """async () => {
            const { Focus } = await import("/static/focus.js");
            const focus = new Focus({}, {});
            focus.state = { deals: { d1: { investors: [{ value: "Alder" }, { value: "Beck" }] } } };
            focus.look("d1", "investors/0");
            const both = [focus.hasLooked("d1", "investors/0"), focus.hasLooked("d1", "investors/1")];
            focus.state.deals.d1.investors.shift();
            return [...both, focus.hasLooked("d1", "investors/0")];
        }"""
    )
    assert looked == [True, False, False]


def test_deals_that_were_decided_differently_are_decided_anew_when_merged(over: Open) -> None:
    other = deal("d2", "Brindle Farms", 40_000_000, "€40 million")
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL, other]))
    reviewer.press("x", "k", "m")
    reviewer.page.locator("dialog[open]").wait_for()
    reviewer.page.click("dialog button:has-text('Merge') >> nth=-1")
    reviewer.hears("Merged")
    assert reviewer.verdicts() == ["open"]


def test_what_is_done_again_is_not_called_taken_back(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("x")
    reviewer.saved()
    history = "() => document.querySelector('dialog[open] .events')?.textContent ?? ''"
    for key, said, taken_back in (("u", "Undid: reject", True), ("U", "Redid: reject", False)):
        reviewer.answers(key, said)
        reviewer.press("h")
        reviewer.until(f"() => ({history})().includes('reject')")
        assert ("taken back" in reviewer.page.evaluate(history)) is taken_back
        reviewer.press("Escape")
        reviewer.until("() => !document.querySelector('dialog[open]')")


def test_a_mention_deleted_here_and_used_there_leaves_no_evidence_behind(over: Open) -> None:
    mine = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    theirs = mine.tab()
    walk_to(theirs, "€40")
    theirs.press("8")
    theirs.hears("is now the valuation")
    theirs.saved()
    walk_to(mine, "€40")
    mine.press("Delete")
    mine.page.locator("dialog[open]").wait_for()
    mine.page.click("dialog button:has-text('Put mine on top')")
    mine.saved()
    assert ("€40", "money") not in mine.mentions()
    assert mine.fields()["valuation"] == "40 EUR"
    mine.errors = without_conflicts(mine.errors)


def test_an_answer_that_is_older_than_what_was_saved_is_not_taken_for_the_state(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    # The document is read before the step is saved, and the answer comes after it.
    reviewer.page.evaluate("""() => {
      const { fetch } = window;
      window.fetch = async (path, ...more) => {
        const answer = await fetch(path, ...more);
        if (path.startsWith('/api/document/')) await new Promise((resolve) => (window.letGo = resolve));
        return answer;
      };
    }""")
    reviewer.page.click("#list a")
    reviewer.until("() => Boolean(window.letGo)")
    reviewer.press("x")
    reviewer.saved()
    reviewer.page.evaluate("() => window.letGo()")
    reviewer.page.wait_for_timeout(100)
    assert reviewer.verdicts() == ["rejected"]


def test_a_check_shows_the_words_that_it_is_about_ready_to_be_labelled(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    reviewer.press("n")
    reviewer.press("Delete")
    reviewer.saved()
    check = '.check:has-text("no MONEY in"):has-text("at \'€4 million\'") button'
    reviewer.page.click(f"{check} >> nth=0")
    reviewer.hears("Selected “€4 million”")
    reviewer.press("3")
    reviewer.hears("Labelled “€4 million” money")


def test_the_bar_at_a_selection_goes_when_one_goes_on_by_keyboard(over: Open) -> None:
    reviewer = over(gold_line("one", TEXT, MENTIONS, [DEAL]))
    select(reviewer, "Peakwell said")
    reviewer.press("2")
    reviewer.hears("Labelled “Peakwell said” investor")
    assert not reviewer.page.is_visible("#popover")
