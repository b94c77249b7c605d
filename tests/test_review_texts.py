"""Texts that are hard to show right, in a real browser: of many scripts and signs, and hostile ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.cli.options import ToolFormat
from dealspan.review.store import Store
from tests.review_browser import Browser, Reviewer, box, gold_line, hosted, select

Open = Callable[..., Reviewer]

MANY = (
    "🌱🌱 Zoe\u0308lla raises 5 M€\r\n\r\n"
    "👩‍🔬 Zoe\u0308lla Foods 🥖 raised €5 million 💶 from קרן אלון and 山田 Capital.\r\n"
    "שלום: חברת Zoe\u0308lla Foods גייסה."
)
"""Signs outside the basic plane, joined and combining ones, Windows line ends, and words from right to left."""


def test_signs_of_every_kind_come_out_of_the_page_as_they_are_and_back(over: Open, tmp_path: Path) -> None:
    reviewer = over(gold_line("many/🌱 1", MANY, [], [], title="🌱 Zoe\u0308lla"))
    reviewer.press("c")
    reviewer.hears("New deal")
    for words, key in (("Zoe\u0308lla Foods", "6"), ("€5 million", "7"), ("קרן אלון", "9"), ("山田 Capital", "9")):
        select(reviewer, words)
        reviewer.press(key)
        reviewer.hears(f"“{words}” is now")
    reviewer.page.click("#text mark:has-text('Zoe\u0308lla Foods')")
    reviewer.press("o")
    reviewer.hears("in one more place")
    reviewer.press("a", "Enter")
    reviewer.hears("No document is left")
    reviewer.saved()
    expected = sorted(
        (label, start, start + len(words), words)
        for label, words in [
            ("COMPANY", "Zoe\u0308lla Foods"),
            ("MONEY", "€5 million"),
            ("INVESTOR", "קרן אלון"),
            ("INVESTOR", "山田 Capital"),
        ]
        for start in range(len(MANY))
        if MANY.startswith(words, start)
    )
    assert len(expected) == 5
    for form in get_args(ToolFormat):
        out, back = tmp_path / f"out-{form}", tmp_path / f"{form}.db"
        # A tool's file is read by its ending where no format is named; here it is named.
        out = out.with_suffix(".jsonl") if form in ("jsonl", "prodigy", "doccano") else out
        for command in (
            ["export", "--store", tmp_path / "review.db", "--format", form, "--out", out],
            ["import", out, "--store", back, "--format", form],
        ):
            done = CliRunner().invoke(app, ["review", *map(str, command)])
            assert done.exit_code == 0, done.output
        held = Store(back)
        (id,) = held.documents()
        document, state = held.document(id), held.machine(id)
        held.close()
        assert (id, document.text, document.title) == ("many/🌱 1", MANY, "🌱 Zoe\u0308lla"), form
        spans = [(each.label, each.start, each.end) for each in state.mentions.values()]
        assert sorted((*each, MANY[each[1] : each[2]]) for each in spans) == expected, form
        (deal,) = state.deals.values()
        assert deal.company and deal.company.value == "Zoe\u0308lla Foods"
        assert [each.value for each in deal.investors] == ["קרן אלון", "山田 Capital"]
        assert deal.amount and deal.amount.value.text == "€5 million"


SCRIPT = "<script>window.owned = 1</script>"
IMAGE = '<img src=x onerror="window.owned = 2">'
LINK = '<a href="javascript:window.owned = 3" onclick="window.owned = 3">prize</a>'
FRAME = '"><iframe srcdoc="<script>parent.owned = 4</script>"></iframe><svg onload="window.owned = 4">'
TEMPLATE = "${window.owned = 5} {{constructor.constructor('window.owned = 5')()}}"
STYLE = "<style>* { background: url(https://evil.example/s) }</style><link rel=stylesheet href=//evil.example/l>"
BIDI = "\u202eelgooG\u202c \u2066x\u2069 \u200f"
LONG = "Long" * 800
HOSTILE = "\n\n".join(
    [IMAGE, f"{SCRIPT} and {LINK} {FRAME}", f"{BIDI} raised €5 million \x00 \x1b[31m {TEMPLATE}", LONG, STYLE]
)
HOSTILE_ID = f"../../etc/{IMAGE}?a=b#c&d=%2e%2e/\\{BIDI}\u2028"


def hostile_deal(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "round",
        "company": IMAGE,
        "amount": {"min": 5e6, "max": 5e6, "currency": "EUR", "text": SCRIPT},
        "round_type": "seed",
        "valuation": None,
        "investors": [{"name": LINK, "role": "lead"}],
        "stage": "in_progress",
        "certainty": "attributed",
        "hedges": [SCRIPT],
        "attribution": [BIDI.strip()],
        "date": "2026-03",
    } | more


def hostile_line() -> str:
    mentions = [
        ("COMPANY", IMAGE),
        ("HEDGE", SCRIPT),
        ("INVESTOR", LINK),
        ("MONEY", "€5 million"),
        ("ROUND", BIDI.strip()),
        ("INVESTOR", LONG),
    ]
    deals = [hostile_deal("d1"), hostile_deal("d2", company=LONG, hedges=[])]
    return gold_line(HOSTILE_ID, HOSTILE, mentions, deals, title=f"{IMAGE}{BIDI}{LONG}", source=f"javascript:{SCRIPT}")


def check_nothing_ran(reviewer: Reviewer) -> None:
    """Nothing of the article is more than text: not run, not loaded, not made an element, not wider than the page."""
    page = reviewer.page
    assert page.evaluate("() => window.owned") is None
    made = "() => document.querySelectorAll('img, iframe, svg, style, script:not([src]), a:not([href^=\"#\"])').length"
    assert page.evaluate(made) == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    shown = page.evaluate("() => document.body.textContent")
    assert not any(sign in shown for sign in "\u202e\u2066\u200f\x00\x1b\u2028")


def test_a_hostile_article_is_only_text(browser: Browser, tmp_path: Path) -> None:
    """In the queue, the text, the cards, the checks, every dialog, and in adjudication."""
    seen: list[Reviewer] = []
    for name, verdicts in (("ana", "aa"), ("ben", "xa")):
        with hosted(tmp_path / "review.db", hostile_line(), reviewer=name) as address:
            reviewer = browser.open(address)
            seen.append(reviewer)
            text = reviewer.page.inner_text("#text")
            for words in (SCRIPT, IMAGE, LINK, FRAME, TEMPLATE, STYLE, LONG, "◊elgooG◊"):
                assert words in text
            assert IMAGE in reviewer.page.inner_text("#list")
            assert IMAGE in reviewer.fields()["company"]
            assert LINK in reviewer.fields()["investor"]
            assert "cannot be read" in reviewer.page.inner_text("#deals")
            check_nothing_ran(reviewer)
            reviewer.press(*["n"] * 6, *["Tab"] * 12)
            reviewer.press("n")
            check_nothing_ran(reviewer)
            for key in "ms":
                reviewer.press(key)
                reviewer.page.locator("dialog[open]").wait_for()
                check_nothing_ran(reviewer)
                reviewer.press("Escape")
            # An editor holds what the field says.
            reviewer.page.click(".deal.current [data-field=company]")
            assert reviewer.page.input_value(".editor input") in (IMAGE, LONG)
            reviewer.press("Escape")
            reviewer.press("k", "k", *verdicts)
            reviewer.press("h")
            reviewer.page.locator("dialog:has-text('Machine against human')").wait_for()
            check_nothing_ran(reviewer)
            reviewer.press("Escape", "f")
            reviewer.hears("No document is left")
            reviewer.saved()
            # What would be a link is pressed.
            reviewer.page.evaluate("() => document.querySelector('#article').scrollTo(0, 0)")
            prize = box(reviewer, "prize")
            reviewer.page.mouse.click(prize["x"] + 3, prize["y"] + prize["height"] / 2)
            assert "onclick" in reviewer.focused()
            check_nothing_ran(reviewer)
            reviewer.close()
    with hosted(tmp_path / "review.db", mode="adjudicate") as address:
        reviewer = browser.open(address)
        seen.append(reviewer)
        assert IMAGE in reviewer.page.inner_text("#cards")
        check_nothing_ran(reviewer)
        reviewer.press("2")
        reviewer.hears("Took the reading of ben")
        check_nothing_ran(reviewer)
        reviewer.close()
    for each in seen:
        assert each.errors == []
        assert each.strays == []
