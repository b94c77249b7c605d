"""Records against the published JSON Schema: those made by hand, and those of the pipeline."""

import json
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from dealspan import pipeline
from dealspan.records import Article, encode, schema
from tests.samples import TEXT, completed, empty, hedged

ARTICLE = Article(id="a.txt", text=TEXT, title="Novena in talks", published=date(2018, 5, 31), source="a.txt")
DONE = Article(id="b.txt", text="Kettl raised money.")

TEXTS = [
    TEXT,
    "",
    "Nothing to see.",
    "Kettl GmbH raised €12m in a Series B extension from Alder Ventures and Harbour Point on May 3.",
    "Novena and Kettl have together raised between Rs 100 crore and Rs 120 crore to date.\r\n\r\nNovena denied it.",
    "Harbour Point could close its third fund at up to R$500 million, The Ledger reported. \U0001f680 $5m",
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def as_json(record: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(record))
    return found


@pytest.mark.parametrize(
    "record", [hedged(ARTICLE), completed(DONE, "Kettl"), empty(DONE)], ids=["hedged", "completed", "empty"]
)
def test_records_made_by_hand_are_valid(validator: Draft202012Validator, record: Any) -> None:
    validator.validate(as_json(record))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("deals", 0, "stage", "value"), "done"),
        (("deals", 0, "stage"), None),
        (("deals", 0, "confidence"), "0.9"),
        (("deals", 0, "investors", 0, "role"), "backer"),
        (("deals", 0, "company"), "Novena"),
        (("mentions", 0, "start"), None),
        (("document", "id"), None),
    ],
)
def test_the_schema_refuses_what_is_no_record(
    validator: Draft202012Validator, path: tuple[str | int, ...], value: Any
) -> None:
    found: Any = as_json(hedged(ARTICLE))
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ValidationError):
        validator.validate(found)


@pytest.mark.parametrize("text", TEXTS)
def test_records_of_the_pipeline_are_valid_and_their_spans_exact(validator: Draft202012Validator, text: str) -> None:
    found = as_json(pipeline.extract(text, published="2026-03-02"))
    validator.validate(found)
    assert found["document"]["characters"] == len(text)
    for span in [*found["mentions"], *(hedge for deal in found["deals"] for hedge in deal["hedges"])]:
        assert text[span["start"] : span["end"]] == span["text"]
    known = {mention["id"] for mention in found["mentions"]}
    for deal in found["deals"]:
        for slot in ("company", "amount", "round_type", "valuation", "stage", "certainty"):
            assert not deal[slot] or set(deal[slot]["evidence"]) <= known
        spans = [*deal["evidence"], *(deal["date"]["evidence"] if deal["date"] else [])]
        assert all(0 <= start < end <= len(text) for start, end in spans)
