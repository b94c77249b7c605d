"""Draw the pictures of the review page anew, and write its table of keys into review.md: `python docs/pictures.py`.

Needs the extras `dev` and `review`, and Chromium (DEALSPAN_CHROMIUM names another than the one in the path). What is
seen are the invented articles of corpus/examples.
"""

import contextlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.review_browser import Browser, Reviewer, scratch, served  # noqa: E402

EXAMPLES = ROOT / "corpus/examples"
PICTURES = ROOT / "docs/pictures"
PAGE = ROOT / "docs/review.md"
KEYS = ROOT / "src/dealspan/review/page/keys.js"
START, END = "<!-- keys: written by docs/pictures.py -->", "<!-- end of keys -->"

_ENTRY = re.compile(
    r'\{ group: "(?P<group>\w+)", keys: \[(?P<keys>(?:"[^"]*"(?:, )?)*)\](?:, shown: "(?P<shown>[^"]+)")?'
    r'.*?text: "(?P<text>[^"]+)" \}'
)


def table() -> str:
    """Return the table of keys in Markdown, from the page's own."""
    source = KEYS.read_text(encoding="utf-8").partition("export const ADJUDICATION")[0]
    rows = ["| key | what it does |", "|---|---|"]
    group = None
    for line in source.splitlines():
        if not (found := _ENTRY.search(line)):
            continue
        if found["group"] != group:
            group = found["group"]
            rows.append(f"| **{group}** | |")
        shown = found["shown"] or found["keys"].strip().split('"')[1]
        rows.append(f"| {_code(shown)} | {found['text']} |")
    return "\n".join(rows)


def _code(shown: str) -> str:
    return re.sub(r"[^ ,]+", lambda key: key[0] if key[0] == "or" else f"`{key[0]}`", shown)


def with_table(text: str) -> str:
    """Return the documentation with the table as it is now."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


def _settle(reviewer: Reviewer) -> None:
    reviewer.saved()
    reviewer.page.wait_for_timeout(300)


def _shoot(reviewer: Reviewer, name: str) -> None:
    _settle(reviewer)
    reviewer.page.screenshot(path=PICTURES / f"review-{name}.png")
    reviewer.close()


def _draw(browser: Browser, folder: Path) -> None:
    articles = sorted(path.name for path in EXAMPLES.glob("*.txt"))
    with served(folder / "review.db", *articles) as server:
        light = browser.open(server.address, width=1260, height=700, color_scheme="light", reduced_motion="reduce")
        light.go("01-rumour.txt")
        light.press("Tab", "Tab")
        _shoot(light, "light")
        dark = browser.open(server.address, width=1260, height=700, color_scheme="dark", reduced_motion="reduce")
        dark.go("02-series-b.txt")
        dark.press("a", "a", "a", "a", "n", "n", "n", "n")
        _shoot(dark, "dark")
        narrow = browser.open(server.address, width=390, height=844, color_scheme="light", reduced_motion="reduce")
        narrow.go("03-crore.txt")
        narrow.press("Tab", "Tab")
        _shoot(narrow, "narrow")
    for reviewer, keys in (("ana", "nn2j"), ("ben", "jx")):
        with served(folder / "two.db", "02-series-b.txt", "--reviewer", reviewer) as server:
            page = browser.open(server.address)
            for key in keys:
                page.press(key)
                _settle(page)
            page.press("f")
            page.hears("No document is left")
            page.close()
    with served(folder / "two.db", command="adjudicate") as server:
        page = browser.open(server.address, width=1260, height=700, color_scheme="light", reduced_motion="reduce")
        page.press("2")
        _shoot(page, "adjudication")


def main() -> None:
    """Draw all pictures and write the table."""
    PICTURES.mkdir(exist_ok=True)
    browser = Browser()
    # Ids are paths as they were given: short ones look better.
    with scratch() as folder, contextlib.chdir(EXAMPLES):
        _draw(browser, folder)
    browser.close()
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
