import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from dealspan.components import rounds
from dealspan.components.rounds import CONTEXTS, FORMS, find_rounds
from tests.annotated import load_cases, parse

CASES = load_cases("rounds")
GOLD = Path(__file__).parents[2] / "shared" / "gold" / "dev.jsonl"
WORDS = [
    "Series", "series", "SERIES", "A", "B", "and", ",", " ", "-", "seed", "pre-", "round", "funding", "$5 million",
    "in", "the", "bridge", "loan", "debt", "venture", "grant", "IPO", "SAFE", "a", "its", "extension", "equity",
    "strategic", "investment", "İ", "\n", "+", "private", "term", "credit facility", "notes", "convertible",
    "investors", "stock", "preferred", "bond", "sale",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    text, spans = parse(case["text"], {"ROUND"})
    found = list(find_rounds(text))
    assert [(f.label, text[f.start : f.end], f.start) for f in found] == [
        (label, text[a:b], a) for label, a, b in spans
    ]
    assert [f.value.value + "+" * f.value.extension for f in found] == case["values"]


def test_cases_cover_every_value_and_negatives() -> None:
    values = {value.rstrip("+") for case in CASES for value in case["values"]}
    assert rounds.ROUND_TYPES - values <= {"series_i"}  # "Series I" is a savings bond unless the context is plain
    assert len(CASES) >= 120
    assert sum(not case["values"] for case in CASES) >= 40


@given(st.lists(st.sampled_from(WORDS)).map(" ".join) | st.lists(st.sampled_from(WORDS)).map("".join) | st.text())
def test_never_fails_and_offsets_hold(text: str) -> None:
    reached = 0
    for found in find_rounds(text):
        assert reached <= found.start < found.end <= len(text)
        assert text[found.start : found.end].strip() == text[found.start : found.end]
        reached = found.end


@given(
    st.lists(st.sampled_from(WORDS)).map(" ".join) | st.sampled_from([parse(c["text"], {"ROUND"})[0] for c in CASES])
)
def test_openings_hide_no_form(text: str) -> None:
    plain = [m.span() for m in FORMS.finditer(text) if CONTEXTS[str(m.lastgroup)].fits(text, *m.span())]
    assert [(f.start, f.end) for f in find_rounds(text)] == plain


@pytest.mark.parametrize(
    "piece", ["$1,1,1,", "seed ", "Series A, ", "$5 million in ", "a-", "senior secured ", "Series"]
)
def test_time_is_linear(piece: str) -> None:
    started = perf_counter()
    list(find_rounds(piece * (300_000 // len(piece))))
    assert perf_counter() - started < 10


def test_component_writes_its_layer() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("dealspan_rounds")
    doc = nlp("Novena raises $5m in seed funding and plans a Series A.")
    assert [doc.text[f.start : f.end] for f in doc._.dealspan_rounds] == ["seed", "Series A"]
    assert [span.label_ for span in doc.spans["dealspan_rounds"]] == ["ROUND", "ROUND"]
    assert nlp("").spans["dealspan_rounds"] is not None


@pytest.mark.skipif(not GOLD.exists(), reason="the gold set is not part of the repository")
def test_gold() -> None:
    right = proposed = wanted = 0
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        gold = {(m["start"], m["end"]) for m in article["mentions"] if m["label"] == "ROUND"}
        found = {(f.start, f.end) for f in find_rounds(article["text"])}
        right, proposed, wanted = right + len(gold & found), proposed + len(found), wanted + len(gold)
    assert 2 * right / (proposed + wanted) >= 0.95
