"""Cues through the whole pipeline: the exact hedges of every case, what they say, and the source they name."""

from typing import Any

import pytest
from spacy.language import Language

from dealspan.annotations import read
from tests.annotated import difference, load_cases, parse

CASES = load_cases("cues")
FLOOR = 0.88  # measured: 0.913


def disagreement(nlp: Language, case: dict[str, Any]) -> str:
    text, spans = parse(case["text"], {"HEDGE"})
    found = [f for f in read(nlp(text), "cues") if f.label == "HEDGE"]
    if differs := difference(text, spans, [(f.label, f.start, f.end) for f in found]):
        return differs
    kinds = [f.value.kind for f in found]
    if kinds != case["kinds"]:
        return f"kinds {kinds}, not {case['kinds']}"
    sources = [text[f.value.source_start : f.value.source_end] for f in found if f.value.source_start >= 0]
    if "source" in case and case["source"] not in sources:
        return f"sources {sources}, not {case['source']}"
    return ""


@pytest.mark.cases("cues")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(nlp: Language, case: dict[str, Any]) -> None:
    if differs := disagreement(nlp, case):
        raise AssertionError(differs)


def test_share_of_cases_that_pass(nlp: Language) -> None:
    assert sum(not disagreement(nlp, case) for case in CASES) / len(CASES) >= FLOOR


def test_offsets_are_inside_the_text(nlp: Language) -> None:
    for case in CASES:
        text, _ = parse(case["text"], {"HEDGE"})
        for f in read(nlp(text), "cues"):
            assert 0 <= f.value.scope_start < f.value.scope_end <= len(text)
            assert -1 <= f.value.source_start <= f.value.source_end <= len(text)
