"""Whether everybody can use the page, in a real browser: axe finds nothing, and nothing is wider than the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.review_browser import Browser, Reviewer, gold_line, hosted

TEXT = """Tarrow raises €9m

Tarrow Mobility is said to have raised €9 million in a Series A round led by Brine Capital, Der Anzeiger reported.

Tarrow was valued at €40 million. It plans a second round."""
MENTIONS = [
    ("COMPANY", "Tarrow Mobility"),
    ("HEDGE", "is said to"),
    ("MONEY", "€9 million"),
    ("ROUND", "Series A"),
    ("INVESTOR", "Brine Capital"),
    ("HEDGE", "Der Anzeiger reported"),
    ("INVESTOR", "Der Anzeiger"),
    ("MONEY", "€40 million"),
]
DEAL: dict[str, Any] = {
    "id": "d1",
    "kind": "round",
    "company": "Tarrow Mobility",
    "amount": {"min": 9e6, "max": 9e6, "currency": "EUR", "text": "€9 million"},
    "round_type": "series_a",
    "valuation": {"amount": 40e6, "currency": "EUR", "kind": "unspecified"},
    "investors": [{"name": "Brine Capital", "role": "lead"}],
    "stage": "completed",
    "certainty": "rumored",
    "hedges": ["is said to"],
    "attribution": ["Der Anzeiger"],
    "date": "2026-03",
}
SECOND = DEAL | {"id": "d2", "amount": None, "round_type": "unknown", "investors": [], "hedges": [], "stage": "planned"}
LINES = [
    gold_line("tarrow", TEXT, MENTIONS, [DEAL, SECOND]),
    gold_line("ostler", "Ostler opens a shop", [], [], title="Ostler opens a shop" * 6),
]
SCREENS = {
    "wide": {"width": 1440, "height": 900},
    "narrow": {"width": 360, "height": 740, "has_touch": True},
    # A window of 1280 by 720 at 200 %: half as many pixels of CSS, each of two.
    "magnified": {"width": 640, "height": 360, "device_scale_factor": 2},
}


@pytest.fixture(scope="module")
def store(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that two reviewers have finished and do not agree on."""
    path: Path = tmp_path_factory.mktemp("access") / "review.db"
    for name, keys in (("ana", "af"), ("ben", "xf")):
        with hosted(path, *LINES, reviewer=name) as address:
            reviewer = browser.open(address)
            reviewer.go("tarrow")
            reviewer.press(*keys)
            reviewer.at("ostler")
            reviewer.saved()
            reviewer.close()
    return path


def findings(reviewer: Reviewer) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not reviewer.page.evaluate("() => 'axe' in window"):
        reviewer.page.evaluate(AXE_SCRIPT)
    violations = reviewer.page.evaluate(
        "() => axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)"
    )
    found = [
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in violations for node in each["nodes"]
    ]
    if reviewer.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
        found.append("the page is wider than the screen")
    return found


def visit(reviewer: Reviewer, look: Callable[[str], None]) -> None:
    """Go through all that the page shows."""
    page = reviewer.page
    reviewer.go("tarrow")
    look("article")
    reviewer.press("n", "n", "Tab", "Tab")
    look("a mention and a field in focus")
    page.locator(".deal.current [data-field=amount]").press("Enter")
    page.locator(".editor input").first.wait_for()
    look("an editor")
    reviewer.press("Escape")
    page.locator(".deal.current .more summary").click()
    look("what is under More")
    reviewer.press("ArrowRight", "Shift+ArrowRight")
    look("a selection")
    reviewer.press("/")
    page.locator("#more-filters summary").click()
    look("queue and filter")
    page.locator("#more-filters summary").press("Escape")
    page.locator("#article").click(position={"x": 5, "y": 5}, trial=True)
    for key, title in (
        ("?", "Keys"),
        ("g", "Guidelines"),
        ("h", "Machine against human"),
        ("m", "Merge"),
        ("s", "Split"),
    ):
        reviewer.press(key)
        page.locator(f"dialog[open]:has-text('{title}')").wait_for()
        look(title)
        reviewer.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
    reviewer.go("ostler")
    look("an article without deals")


@pytest.mark.parametrize(
    ("screen", "scheme"), [("wide", "light"), ("wide", "dark"), ("narrow", "dark"), ("magnified", "light")]
)
def test_axe_finds_nothing_wherever_one_looks(browser: Browser, store: Path, screen: str, scheme: str) -> None:
    found: dict[str, list[str]] = {}
    for mode in ("review", "adjudicate"):
        with hosted(store, mode=mode) as address:  # type: ignore[arg-type]
            reviewer = browser.open(address, color_scheme=scheme, reduced_motion="reduce", **SCREENS[screen])

            def look(where: str, reviewer: Reviewer = reviewer) -> None:
                if wrong := findings(reviewer):
                    found[where] = wrong

            if mode == "review":
                visit(reviewer, look)
            else:
                look("adjudication")
                reviewer.press("1")
                look("adjudication, settled")
            reviewer.close()
        assert reviewer.errors == []
    assert found == {}
