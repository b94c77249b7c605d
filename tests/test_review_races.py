"""What a quick hand does on the page while a request is on its way."""

from collections.abc import Callable

from tests.review_browser import Reviewer, gold_line, select
from tests.test_review_work import deal

Open = Callable[..., Reviewer]

LINES = [
    gold_line(
        name,
        f"{name} raises money\n\n{name} has raised €4 million, more than the €3 million of last year, to build barns.",
        [("COMPANY", name), ("MONEY", "€4 million")],
        [deal("d1", name, 4_000_000, "€4 million"), deal("d2", name, 3_000_000, "€3 million")],
    )
    for name in ("Tarn", "Uldale")
]


def hold(reviewer: Reviewer) -> None:
    """Keep every sum on its way until it is let go."""
    reviewer.page.evaluate("""() => {
      const { fetch } = window;
      window.held = [];
      window.fetch = async (path, ...more) => {
        if (path === '/api/amount') await new Promise((resolve) => window.held.push(resolve));
        return fetch(path, ...more);
      };
      window.letGo = () => {
        window.fetch = fetch;
        for (const each of window.held) each();
      };
    }""")


def held(reviewer: Reviewer, count: int = 1) -> None:
    """Wait until so many sums are asked."""
    reviewer.until("count => window.held.length >= count", count)


def let_go(reviewer: Reviewer) -> None:
    """Let them go."""
    reviewer.page.evaluate("() => window.letGo()")


def open_first(over: Open) -> tuple[Reviewer, str, str]:
    """Open the page; return it, the document on it and the other one."""
    reviewer = over(*LINES)
    first = reviewer.page.evaluate("() => decodeURIComponent(location.hash.slice(2))")
    return reviewer, first, ({"Tarn", "Uldale"} - {first}).pop()


def test_a_label_whose_sum_is_still_read_stays_in_its_document(over: Open) -> None:
    reviewer, first, second = open_first(over)
    select(reviewer, "€3 million")
    hold(reviewer)
    reviewer.press("3")
    held(reviewer)
    reviewer.press("f")
    reviewer.page.wait_for_timeout(300)
    let_go(reviewer)
    reviewer.at(second)
    reviewer.saved()
    assert reviewer.mentions() == [(second, "company"), ("€4 million", "money")]
    reviewer.go(first)
    assert ("€3 million", "money") in reviewer.mentions()


def test_a_sum_that_is_still_read_is_given_to_the_deal_it_was_typed_for(over: Open) -> None:
    reviewer, first, second = open_first(over)
    reviewer.page.click("[data-field=amount]")
    reviewer.page.wait_for_timeout(200)
    hold(reviewer)
    reviewer.page.keyboard.type("€9 million")
    reviewer.press("Enter")
    held(reviewer)
    reviewer.page.click(f"#list a[data-id={second}]")
    reviewer.page.wait_for_timeout(300)
    let_go(reviewer)
    reviewer.at(second)
    assert reviewer.fields()["amount"] == "€4 million → 4,000,000 EUR"
    reviewer.go(first)
    assert reviewer.fields()["amount"] == "€9 million → 9,000,000 EUR"


def test_an_editor_that_refuses_its_value_does_not_follow_into_the_next_document(over: Open) -> None:
    reviewer, _, second = open_first(over)
    reviewer.page.click("[data-field=amount]")
    reviewer.page.keyboard.type("much")
    reviewer.press("Enter")
    reviewer.page.wait_for_selector(".editor .problem:not(:empty)")
    reviewer.page.click(f"#list a[data-id={second}]")
    reviewer.at(second)
    assert reviewer.fields()["company"] == second
    assert reviewer.fields()["amount"] == "€4 million → 4,000,000 EUR"


def test_one_click_on_accept_ends_the_editor_and_accepts(over: Open) -> None:
    reviewer, *_ = open_first(over)
    reviewer.page.click("[data-field=company]")
    reviewer.page.keyboard.type("Someone")
    reviewer.page.click(".deal.current [data-action=accept]")
    reviewer.saved()
    assert "Someone" in reviewer.page.inner_text(".deal.accepted h3")


def test_what_is_typed_in_one_field_outlives_the_sum_of_another(over: Open) -> None:
    reviewer, *_ = open_first(over)
    reviewer.page.click("[data-field=amount]")
    reviewer.page.wait_for_timeout(200)
    hold(reviewer)
    reviewer.page.keyboard.type("€9 million")
    reviewer.page.click("[data-field=company]")
    held(reviewer)
    reviewer.page.keyboard.type("Some")
    let_go(reviewer)
    reviewer.page.wait_for_timeout(300)
    reviewer.page.keyboard.type("one")
    reviewer.press("Enter")
    reviewer.hears("Changed company")
    reviewer.saved()
    assert reviewer.fields()["company"] == "Someone"
    assert reviewer.fields()["amount"] == "€9 million → 9,000,000 EUR"
