"""The format of the corpus: markup, files, stand-off annotations, and what the check finds in and across articles."""

import json
import lzma
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dealspan.corpus.across import (
    repeated_sentences,
    shared_between_splits,
    shortened_between_splits,
    used_in,
    worn_names,
)
from dealspan.corpus.articles import ArticleError, Written, read_article
from dealspan.corpus.check import problems
from dealspan.corpus.gold import LABELS
from dealspan.corpus.markup import MarkupError, parse
from dealspan.corpus.standoff import StandOff, StandOffError, join, read_standoff
from dealspan.records import digest

MARKS = (*LABELS, "NONE")

FRONT = """+++
id = "wire-z01"
genre = "wire"
author = "z"
split = "train"
published = 2026-03-02
outlet = "Tarn Street Wire"
brief = "a closed round"

[[deals]]
kind = "round"
company = "Novena Inc."
amount = { text = "about €12 million", value = 12e6, currency = "EUR", approx = true }
round_type = "series_a"
lead = ["Alder Ventures"]
stage = "completed"
certainty = "asserted"
+++
"""
BODY = (
    "# [COMPANY Novena] raises [MONEY €12m]\n\n[COMPANY Novena Inc.] has raised about [MONEY €12 million] in a "
    "[ROUND Series A] round led by [INVESTOR Alder Ventures], for its [NONE Novena Pro].\n"
)


def write(folder: Path, front: str = FRONT, body: str = BODY, name: str = "wire-z01") -> Path:
    path = folder / f"{name}.md"
    path.write_text(front + body, encoding="utf-8")
    return path


# Markup


def test_markup() -> None:
    text, spans = parse(r"[HEDGE according to [COMPANY Novena]], \[sic\]", MARKS)
    assert text == "according to Novena, [sic]"
    assert spans == [("HEDGE", 0, 19), ("COMPANY", 13, 19)]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("[FIRM Novena]", "'FIRM' is no label"),
        ("[COMPANY Novena", "COMPANY is not closed"),
        ("Novena]", "closes no bracket"),
        ("[COMPANY [MONEY $5m]]", "a bracket in a bracket"),
        ("[HEDGE a [HEDGE b [MONEY $5m]]]", "a bracket in a bracket"),
        ("[COMPANY ]", "mark words without space"),
        ("[COMPANY Novena ]", "mark words without space"),
        ("[COMPANY Novena\nInc.]", "mark words without space"),
    ],
)
def test_bad_markup(marked: str, message: str) -> None:
    with pytest.raises(MarkupError, match=message.replace("[", r"\[")):
        parse(marked, MARKS)


# Files


def test_an_article(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    gold = json.loads(msgspec.json.encode(article.gold))
    assert gold["title"] == "Novena raises €12m"
    assert gold["text"].startswith("Novena raises €12m\n\nNovena Inc. has raised")
    assert [m["label"] for m in gold["mentions"]] == ["COMPANY", "MONEY", "COMPANY", "MONEY", "ROUND", "INVESTOR"]
    assert all(gold["text"][m["start"] : m["end"]] == m["text"] for m in gold["mentions"])
    (deal,) = gold["deals"]
    assert deal["amount"] == {
        "min": 12e6, "max": 12e6, "currency": "EUR", "text": "about €12 million", "approx": True,
    }  # fmt: skip
    assert deal["investors"] == [{"name": "Alder Ventures", "role": "lead"}]
    assert not list(problems(article.gold, article.spans))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("+++\nid", "id", "stands between two lines"),
        ('genre = "wire"', 'genre = "wires"', "Invalid enum value 'wires'"),
        ("value = 12e6", "sum = 12e6", "unknown field `sum`"),
        ('id = "wire-z01"', 'id = "wire-z02"', "is not the name of the file"),
        ('split = "train"', 'split = "test"', "says `held_out = true`"),
        (
            "published = 2026-03-02",
            "published = 2026-13-02",
            "wire-z01.md: .* .at line 5",
        ),
        ("value = 12e6", "value = 12e6, min = 1e6", "has `value`, or else `min` and `max`"),
        ("value = 12e6", "value = inf", "a finite number"),
        ('company = "Novena Inc."', 'company = "Novena Inc."\ncompanies = ["A", "B"]', "or else `companies`"),
        ("[MONEY €12m]", "[MONEY €12m", "a bracket in a bracket|is not closed|mark words"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, FRONT.replace(old, new), BODY.replace(old, new))
    with pytest.raises(ArticleError, match=message):
        read_article(path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "wire-z01.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArticleError, match="cannot be read"):
        read_article(path)


@pytest.mark.parametrize(
    ("old", "new", "severity", "message"),
    [
        ('company = "Novena Inc."', 'company = "Novena Corp."', "error", "'Novena Corp.' has no mention"),
        ('company = "Novena Inc."', 'company = "Alder Ventures"', "error", "a name fills two slots"),
        ("[NONE Novena Pro]", "Novena Pro", "error", "'Novena' is marked elsewhere but not in"),
        ("for its", "for $3m of its", "doubt", "no MONEY in"),
        ("for its", "after a bridge loan, for its", "doubt", "no ROUND in"),
        ("value = 12e6", "value = 11e6", "doubt", "reads as 12000000.0"),
        ('text = "about €12 million"', 'text = "€13 million"', "error", "are not in the text"),
        ('text = "about €12 million"', 'text = "round led"', "error", "hold no MONEY"),
        ("value = 12e6", "min = 2e6, max = 1e6", "error", "the wrong way round"),
        ("value = 12e6, ", "", "error", "has no number"),
        ('"EUR"', '"EURO"', "error", "ISO 4217"),
        ('certainty = "asserted"', 'certainty = "rumored"', "error", "rumored without a hedge"),
        ('certainty = "asserted"', 'certainty = "asserted"\nhedges = ["may"]', "error", "'may' is not marked"),
        ('certainty = "asserted"', 'certainty = "asserted"\nattribution = ["Novena"]', "error", "but is asserted"),
        ('certainty = "asserted"', 'certainty = "asserted"\nattribution = ["Tribune"]', "error", "'Tribune' is not in"),
        ('certainty = "asserted"', 'certainty = "asserted"\ndate = "March"', "error", "the date 'March' is none of"),
        ('kind = "round"\ncompany = "Novena Inc."', 'kind = "total"', "error", "a total needs its company"),
        ('genre = "wire"', 'genre = "none"', "error", "has no deals"),
        ("[COMPANY Novena Inc.]", "[COMPANY the Novena Inc.]", "error", "begins with an article"),
        ("[COMPANY Novena Inc.] has", "[COMPANY Novena's] sums have", "doubt", "ends with the possessive"),
        ("about [MONEY €12 million]", "[MONEY about euros]", "doubt", "holds no amount that a rule can read"),
        ('certainty = "asserted"', 'certainty = "asserted"\ndate = "2026-02-31"', "error", "the date '2026-02-31' is"),
        (
            'certainty = "asserted"',
            'certainty = "asserted"\nattribution = ["ove"]',
            "error",
            "'ove' is not in the text",
        ),
    ],
)
def test_what_the_check_finds(tmp_path: Path, old: str, new: str, severity: str, message: str) -> None:
    assert (old in FRONT) != (old in BODY), "the case changes one thing"
    article = read_article(write(tmp_path, FRONT.replace(old, new), BODY.replace(old, new)))
    found = [p for p in problems(article.gold, article.spans) if p.severity == severity]
    assert any(message in p.message for p in found), [*problems(article.gold, article.spans)]


def test_a_deal_that_says_nothing_or_the_same(tmp_path: Path) -> None:
    deal = FRONT.partition("[[deals]]")[2].partition("+++")[0]
    bare = '[[deals]]\nkind = "round"\ncompany = "Novena"\nstage = "planned"\ncertainty = "asserted"\n'
    article = read_article(write(tmp_path, FRONT.replace("[[deals]]", f"{bare}\n[[deals]]{deal}\n[[deals]]")))
    messages = [str(p) for p in problems(article.gold, article.spans)]
    assert "d1: says nothing: it has no amount, round type, investor or valuation" in messages
    assert "d3: says the same as another deal" in messages


def test_marks_of_the_real_part_are_checked_too(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    gold = article.gold

    def found(*spans: tuple[str, int, int]) -> list[str]:
        return [p.message for p in problems(gold, spans) if "overlap" in p.message or "space" in p.message]

    assert found(("COMPANY", 20, 31), ("COMPANY", 0, 6)) == []
    assert found(("COMPANY", 20, 31), ("INVESTOR", 0, 6), ("MONEY", 4, 9)) == ["two mentions overlap at 'na ra'"]
    assert found(("HEDGE", 0, 12), ("COMPANY", 0, 6)) == []
    assert found(("HEDGE", 0, 12), ("HEDGE", 7, 18)) == ["two mentions overlap at 'raises €12m'"]
    assert found(("COMPANY", 0, 7)) == ["COMPANY 'Novena ' has space at an end: leave it outside"]


def test_forgotten_names_are_looked_for_the_longest_first(tmp_path: Path) -> None:
    body = (
        BODY + "[COMPANY GVX] and [COMPANY Novena Inc.] met. Then Novena Inc. left GVX. [INVESTOR GV] stays; GV too.\n"
    )
    article = read_article(write(tmp_path, body=body))
    missing = [
        p.message.partition(" is marked")[0] for p in problems(article.gold, article.spans) if "marked" in p.message
    ]
    assert missing == ["'Novena Inc.'", "'GVX'"]


# Across articles


def other(article: Written, **changes: Any) -> Written:
    return msgspec.structs.replace(article, gold=msgspec.structs.replace(article.gold, **changes))


def test_names_shared_between_splits(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    tested = other(article, id="wire-z02", split="test")
    assert not list(shared_between_splits(used_in([article, other(article, id="wire-z02")], [])))
    shared = list(shared_between_splits(used_in([article, tested], [])))
    assert [message.split("'")[1] for message in shared] == ["alder ventures", "novena"]
    assert "(train: wire-z01; test: wire-z02)" in shared[0]


def test_real_names_are_shared_in_their_short_form_too() -> None:
    real = [
        standoff("x", id="pr/1", names=["Novena Capital China"]),
        standoff("x", id="pr/2", names=["Novena Capital"]),
    ]
    assert not list(shortened_between_splits(real))
    real[1] = standoff("x", id="pr/2", names=["Novena Capital"], split="test", held_out=True)
    assert list(shortened_between_splits(real)) == [
        "'novena capital' and 'novena capital china' are shared between splits (train: pr/1; test: pr/2)"
    ]


def test_worn_names(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    four = [other(article, id=f"wire-z0{n}") for n in range(4)]
    assert not list(worn_names(four))
    assert len(list(worn_names([*four, other(article, id="wire-z09")]))) == 2


def test_repeated_sentences() -> None:
    long = "The harbour was closed for the whole of that winter."
    assert list(repeated_sentences({"a": f"Yes. {long}", "b": f"No!\n{long.upper()} Never."}))
    assert not list(repeated_sentences({"a": f"{long} {long}", "b": "The harbour was closed for the whole winter."}))


# Stand-off


def standoff(text: str, **changes: Any) -> StandOff:
    fields: dict[str, Any] = {
        "id": "pr/1", "sha256": digest(text), "published": None, "genre": "press_none", "split": "train",
        "held_out": False, "author": "p", "marks": [("COMPANY", 0, 6)], "names": ["Novena"], "deals": [],
    }  # fmt: skip
    return StandOff(**(fields | changes))


def archive(folder: Path, *texts: str, packed: bool = False) -> Path:
    lines = "".join(json.dumps({"id": f"pr/{n}", "text": text}) + "\n" for n, text in enumerate(texts, 1)).encode()
    path = folder / ("pr.jsonl.xz" if packed else "pr.jsonl")
    path.write_bytes(lzma.compress(lines) if packed else lines)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_annotations_join_their_texts(tmp_path: Path, packed: bool) -> None:
    text = "Novena grows.\nAnd how."
    (article,) = join([standoff(text)], archive(tmp_path, text, "another", packed=packed))
    assert (article.title, article.source) == ("Novena grows.", "pr")
    assert [(m.label, m.text) for m in article.mentions] == [("COMPANY", "Novena")]


def test_annotations_that_do_not_join(tmp_path: Path) -> None:
    path = archive(tmp_path, "Novena shrinks.")
    with pytest.raises(StandOffError, match="is not the one that was annotated"):
        list(join([standoff("Novena grows.")], path))
    with pytest.raises(StandOffError, match="lacks 1 annotated documents, such as pr/2"):
        list(join([standoff("x", id="pr/2")], path))
    with pytest.raises(StandOffError, match="cannot be read"):
        list(join([standoff("x")], tmp_path / "none.jsonl"))
    with pytest.raises(StandOffError, match="pr/1: a mark is empty or lies beyond the text"):
        list(join([standoff("Novena shrinks.", marks=[("COMPANY", 9, 99)])], path))
    path.write_text('\n{"id": "pr/1"}\n')
    with pytest.raises(StandOffError, match=r"pr.jsonl:2: is not what it should be"):
        list(join([standoff("x")], path))
    path.write_bytes(b'{"id": "pr/1", "text": "\xff"}\n')
    with pytest.raises(StandOffError, match=r"pr.jsonl:1: is not what it should be"):
        list(join([standoff("x")], path))
    path = path.with_suffix(".xz")
    path.write_bytes(b"no archive")
    with pytest.raises(StandOffError, match="cannot be unpacked"):
        list(join([standoff("x")], path))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{}", "press.jsonl:3: is not what it should be"),
        (msgspec.json.encode(standoff("x")).decode(), "press.jsonl:3: the id 'pr/1' stands twice"),
        (msgspec.json.encode(standoff("x", id="pr/2", held_out=True)).decode(), "and no other, is `held_out`"),
        (msgspec.json.encode(standoff("x", id="pr/2", marks=[("FIRM", 0, 1)])).decode(), "Invalid enum value 'FIRM'"),
    ],
)
def test_bad_annotations(tmp_path: Path, second: str, message: str) -> None:
    bad = tmp_path / "press.jsonl"
    bad.write_text(f"{msgspec.json.encode(standoff('x')).decode()}\n\n{second}\n", encoding="utf-8")
    with pytest.raises(StandOffError, match=message):
        read_standoff(bad)
