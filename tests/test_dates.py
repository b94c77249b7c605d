import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from dealspan import annotations
from dealspan.annotations import Found
from dealspan.components.dates import find_dates
from tests.annotated import load_cases, parse

CASES = load_cases("dates")
GOLD = Path(__file__).parents[2] / "shared" / "gold" / "dev.jsonl"
WORDS = [
    "raised", "round", "today", "last", "next", "this", "the", "in", "on", "by", "end of", "year", "week", "month",
    "quarter", "summer", "May", "March", "Feb.", "December", "2019", "2020", "1900", "31", "30", "29", "1st", "of", ",",
    "first", "half", "Q4", "H1", "two", "years", "ago", "and a half", "Tuesday", "will", "plans to", "early", "mid-",
    "later", "over", "999", "-", ".", "\n", "2018-02-31",
]  # fmt: skip
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    text, spans = parse(case["text"], {"DATE"})
    published = date.fromisoformat(case["published"]) if case["published"] else None
    found = list(find_dates(text, published=published))
    assert [(f.label, text[f.start : f.end], f.start) for f in found] == [
        (label, text[a:b], a) for label, a, b in spans
    ]
    assert [f.value.value + "!" * f.value.future for f in found] == case["values"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), DAYS)
def test_values_are_iso_and_not_after_publication_unless_future(text: str, published: date) -> None:
    for found in find_dates(text, published=published):
        value, future = found.value
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])  # a year, a month or a day that exists
        grace = (published + timedelta(days=1)).isoformat()[: len(value)]
        assert future or value <= grace


@given(st.text() | st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join), st.dates() | st.none())
def test_never_fails(text: str, published: date | None) -> None:
    for found in find_dates(text, published=published):
        assert 0 <= found.start < found.end <= len(text)


def test_only_sentences_that_speak_of_a_financing() -> None:
    text = "The shop opened its doors in May 2018. It took $5m in June 2018."
    sentences = [Found(0, 38, "SENTENCE", "", None), Found(39, len(text), "SENTENCE", "", None)]
    found = list(find_dates(text, published=None, sentences=sentences, anchors=[text.index("$")]))
    assert [f.value.value for f in found] == ["2018-06"]


def test_component_uses_the_other_layers() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("dealspan_dates")
    doc = nlp.make_doc("It took 5 in June 2018. Rain fell in May 2018.")
    annotations.write(doc, "money", [Found(8, 9, "MONEY", "", None)])
    annotations.write(doc, "sentences", [Found(0, 23, "SENTENCE", "", None), Found(24, 46, "SENTENCE", "", None)])
    doc._.published = date(2019, 1, 1)
    nlp.get_pipe("dealspan_dates")(doc)
    assert [f.value.value for f in doc._.dealspan_dates] == ["2018-06"]
    assert [span.text for span in doc.spans["dealspan_dates"]] == ["June 2018"]


def test_dateparser_is_imported_late() -> None:
    code = "import sys, dealspan.components.dates; sys.exit('dateparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("piece", ["2019 ", "in 2019 ", "May ", "last year ", "a a a a ago ", "1 ", "early "])
def test_time_is_linear(piece: str) -> None:
    started = perf_counter()
    list(find_dates(piece * (60_000 // len(piece)), published=date(2020, 1, 1)))
    assert perf_counter() - started < 10


@pytest.mark.skipif(not GOLD.exists(), reason="the gold set is not part of the repository")
def test_gold_dates_are_among_those_found() -> None:
    covered = wanted = 0
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        found = find_dates(article["text"], published=date.fromisoformat(article["published"]))
        values = {f.value.value[:7] for f in found}
        dates = [deal["date"][:7] for deal in article["deals"] if deal["date"]]
        covered, wanted = covered + sum(value in values for value in dates), wanted + len(dates)
    assert covered / wanted >= 0.85
