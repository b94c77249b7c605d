import base64
import csv
import hashlib
import io
import json
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser

from dealspan.output import SUFFIXES, Format, writer
from dealspan.output.page import Mark, marked
from dealspan.output.sheet import COLUMNS
from dealspan.output.wording import amount, money, purpose
from dealspan.records import Amount, Article, Record
from tests.samples import TEXT, completed, empty, hedged

RUMOUR = Article(id="a.txt", text=TEXT, title="Novena in talks", published=date(2018, 5, 31), source="a.txt")
DONE = Article(id="b.txt", text="Kettl & Söhne raised money.")
NONE = Article(id="c.txt", text="Nothing to see.")
ALL = [(RUMOUR, hedged(RUMOUR)), (DONE, completed(DONE, "Kettl & Söhne")), (NONE, empty(NONE))]

FORMATS: tuple[Format, ...] = get_args(Format)


def written(format: Format, pairs: list[tuple[Article, Record]]) -> str:
    stream = io.StringIO(newline="")
    sink = writer(format, stream)
    for article, record in pairs:
        sink.write(article, record)
    sink.close()
    return stream.getvalue()


def hostile(text: str) -> tuple[Article, Record]:
    """A document in which id, title, source, text and company are all the same hostile text."""
    article = Article(id=text, text=f"{text} raised money.", title=text, source=text)
    return article, completed(article, text)


def test_every_ending_stands_for_a_format() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)


# JSON


def test_lines_are_the_records() -> None:
    lines = written("jsonl", ALL).splitlines()
    assert [json.loads(line)["document"]["id"] for line in lines] == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_array_holds_what_the_lines_hold(number: int) -> None:
    lines = written("jsonl", ALL[:number]).splitlines()
    assert json.loads(written("json", ALL[:number])) == [json.loads(line) for line in lines]


# CSV


def rows(pairs: list[tuple[Article, Record]]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", pairs), newline="")))


def test_sheet_has_a_row_for_each_deal() -> None:
    first, second = rows(ALL)
    assert list(first) == list(COLUMNS)
    assert (
        first
        | {
            "document": "a.txt",
            "published": "2018-05-31",
            "deal": "d1",
            "company": "Novena Robotics",
            "amount_min": "60000000",
            "amount_max": "",
            "currency": "USD",
            "amount_text": "at least $60 million",
            "round_type": "series_c",
            "extension": "",
            "valuation": "2000000000",
            "lead_investors": "Harbour Point",
            "certainty": "rumored",
            "hedges": "is said to be",
            "attribution": "The Ledger",
            "date": "2018-05",
            "confidence": "0.85",
        }
        == first
    )
    assert first["evidence"].startswith("Novena Robotics is said")
    assert (second["company"], second["amount_min"], second["investors"]) == ("Kettl & Söhne", "", "")


def test_sheet_without_deals_has_its_header() -> None:
    assert written("csv", []).strip().split(",") == list(COLUMNS)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    (row,) = rows([hostile(f'{start}cmd|"/c calc"!A1')])
    assert row["company"] == row["document"] == row["title"] == f'\'{start}cmd|"/c calc"!A1'
    assert not any(value.startswith(start) for value in row.values())


# Table


def table(monkeypatch: pytest.MonkeyPatch, width: int, pairs: list[tuple[Article, Record]]) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return written("table", pairs).splitlines()


@pytest.mark.parametrize("width", [50, 80, 100, 129, 130, 200])
def test_table_fits_and_shows_every_slot(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = table(monkeypatch, width, ALL)
    assert max(map(len, lines)) <= width
    shown = " ".join(" ".join(lines).split())
    for part in (
        "a.txt",
        "Novena",
        "$60M+",
        "Series C",
        "(lead)",
        "rumored",
        "$2B",
        "2018-05",
        "85%",
        "b.txt",
        "Kettl",
    ):
        assert part in shown


def test_table_marks_hedged_deals_in_text(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = table(monkeypatch, 80, ALL)
    assert [line for line in lines if line.startswith("? Novena Robotics")]
    assert [line for line in lines if line.startswith("  Kettl & Söhne")]
    assert lines[-2:] == [
        "2 deals in 3 documents, 1 without",
        "? hedged (1): the text does not vouch for the deal as done",
    ]


def test_table_says_when_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert table(monkeypatch, 80, [(NONE, empty(NONE))]) == ["No deals in 1 document."]


@pytest.mark.parametrize("width", [80, 150])
def test_table_does_not_let_a_text_steer_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    shown = "\n".join(table(monkeypatch, width, [hostile("\x1b[31mA\x9b2J\u202e[bold]x")]))
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "[bold]x" in shown.replace("\n", "").replace(" ", "")


# Wording


@pytest.mark.parametrize(
    ("low", "high", "currency", "approx", "text"),
    [
        (6e8, None, "USD", False, "$600M+"),
        (None, 5e6, "EUR", False, "up to €5M"),
        (4e7, 4e7, "GBP", True, "~£40M"),
        (5e7, 6e7, "USD", False, "$50M to $60M"),
        (1e9, 1e9, "INR", False, "₹1B"),
        (None, None, "USD", False, "USD"),
    ],
)
def test_amount(low: float | None, high: float | None, currency: str, approx: bool, text: str) -> None:
    assert amount(Amount(low, high, currency, approx)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(12_750_000, "$12.75M"), (999_999_999, "$1B"), (500, "$500"), (999.999, "$1K"), (1.5e12, "$1.5T"), (0, "$0")],
)
def test_money(number: float, text: str) -> None:
    assert money(number, "USD") == text


@given(st.floats(1, 1e13))
def test_money_is_off_by_less_than_one_percent(number: float) -> None:
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    text = money(number, "SEK").removeprefix("SEK ")
    value = float(text[:-1]) * scale[text[-1]] if text[-1] in scale else float(text)
    assert value == pytest.approx(number, rel=0.01)


def test_purpose() -> None:
    deal = hedged(RUMOUR).deals[0]
    assert purpose(deal) == "Series C"
    assert purpose(replace(deal, extension=True)) == "Series C extension"
    assert purpose(replace(deal, kind="total")) == "Series C, total to date"
    assert purpose(replace(deal, kind="fund", round_type=None)) == "own fund"


# Page


def test_page_is_self_contained_and_its_policy_allows_its_style() -> None:
    source = written("html", ALL)
    tree = LexborHTMLParser(source)
    style = tree.css_first("style").text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not tree.css("script, link, img, iframe, [style], [src], [onclick]")
    assert all((node.attributes["href"] or "").startswith("#") for node in tree.css("[href]"))
    assert "prefers-color-scheme: dark" in style


def test_every_quote_leads_to_its_words() -> None:
    tree = LexborHTMLParser(written("html", ALL))
    links = tree.css("a")
    assert links
    for link in links:
        (target,) = tree.css(f'[id="{(link.attributes["href"] or "")[1:]}"]')
        assert link.text() == f"“{target.text()}”"


def test_page_shows_each_slot_with_its_confidence_and_evidence() -> None:
    tree = LexborHTMLParser(written("html", ALL[:1]))
    card = tree.css_first(".deal.hedged")
    names = [node.text() for node in card.css("dt")]
    assert names == [
        *("company", "amount", "round", "lead investor", "valuation", "stage", "certainty"),
        *("hedge", "according to", "date", "stated in"),
    ]
    assert "Hedged: in progress, rumored" in card.css_first(".status").text()
    for name, slot in zip(names, card.css("dd"), strict=True):
        assert slot.css("a")
        assert ("%" in slot.text()) == (name not in ("hedge", "stated in"))


def test_page_without_deals_says_so() -> None:
    assert "No deals found" in written("html", [(NONE, empty(NONE))])


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'</style></title>&lt;"]
)
def test_nothing_of_a_document_becomes_markup(text: str) -> None:
    calm = LexborHTMLParser(written("html", [hostile("calm")]))
    tree = LexborHTMLParser(written("html", [hostile(text)]))
    assert [node.tag for node in tree.root.traverse()] == [node.tag for node in calm.root.traverse()]  # type: ignore[union-attr]
    assert tree.css_first("h2").text() == text
    assert tree.css_first(".text").text() == f"{text} raised money."


def test_same_id_twice_gives_different_anchors() -> None:
    ids = [node.id for node in LexborHTMLParser(written("html", [ALL[0], ALL[0]])).css("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("marks", "html"),
    [
        ([(0, 3, "company"), (1, 2, "money")], "[company#|company a[money#|money b]c]def"),
        ([(0, 3, "company"), (2, 5, "money")], "[company#|company ab[money# c]][money|money de]f"),
        ([(1, 2, "company"), (2, 3, "money")], "a[company#|company b][money#|money c]def"),
        ([(0, 6, "evidence"), (0, 6, "money")], "[evidence# [money#|money abcdef]]"),
        ([(2, 2, "money")], "abcdef"),
    ],
)
def test_marks_nest(marks: list[tuple[int, int, str]], html: str) -> None:
    found = "".join(marked("abcdef", [Mark(*mark) for mark in marks], "t1"))
    for label in ("company", "money", "evidence"):
        for start, end, _ in marks:
            found = found.replace(f' id="t1-{label}-{start}-{end}"', "#")
        found = found.replace(f' data-label="{label}"', f"|{label}")
        for tag in ("mark", "span"):
            found = found.replace(f'<{tag} class="{label}"', f"[{label}")
    assert found.replace(">", " ").replace("</mark ", "]").replace("</span ", "]") == html


spans = st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from(("company", "money", "evidence")))


@given(st.text("ab <&\"'\n", min_size=12, max_size=12), st.sets(spans))
def test_marks_keep_the_text_and_cover_their_words(text: str, drawn: set[tuple[int, int, str]]) -> None:
    marks = {Mark(min(a, b), max(a, b), label) for a, b, label in drawn if a != b}
    source = "".join(marked(text, marks, "t1"))
    tree = LexborHTMLParser(f"<!doctype html><body><div>{source}</div>")
    assert tree.css_first("div").text() == text
    assert source.count("<mark") + source.count("<span") == source.count("</mark>") + source.count("</span>")
    assert source.count(" id=") == len(marks)


def test_text_cut_short_is_not_valid_json() -> None:
    stream = io.StringIO()
    writer("json", stream).write(*ALL[0])
    with pytest.raises(json.JSONDecodeError):
        json.loads(stream.getvalue())
