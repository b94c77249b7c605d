"""Names through the whole pipeline: the exact companies and investors of every case."""

from typing import Any

import pytest
from spacy.language import Language

from dealspan.annotations import read
from tests.annotated import difference, load_cases, parse

CASES = load_cases("names")
LABELS = {"COMPANY", "INVESTOR"}
FLOOR = 0.46  # measured: 0.496


def disagreement(nlp: Language, case: dict[str, Any]) -> str:
    text, spans = parse(case["text"], LABELS)
    found = [(f.label, f.start, f.end) for f in read(nlp(text), "names") if f.label in LABELS]
    return difference(text, spans, found)


@pytest.mark.cases("names")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(nlp: Language, case: dict[str, Any]) -> None:
    if differs := disagreement(nlp, case):
        raise AssertionError(differs)


def test_share_of_cases_that_pass(nlp: Language) -> None:
    assert sum(not disagreement(nlp, case) for case in CASES) / len(CASES) >= FLOOR
