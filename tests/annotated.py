r"""Test cases written as annotated sentences: `[COMPANY Novena] raises [MONEY $5m]`.

`parse` turns one into the bare text and its spans. A literal bracket is written `\[` or `\]`. The parser is strict: an
unknown label, an unclosed or nested bracket is an error, so that a malformed case cannot pass by asserting nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


def parse(annotated: str, labels: set[str]) -> tuple[str, list[tuple[str, int, int]]]:
    """The bare text of an annotated sentence, and its spans as (label, start, end)."""
    text: list[str] = []
    spans: list[tuple[str, int, int]] = []
    open_span: tuple[str, int] | None = None
    i = 0
    while i < len(annotated):
        char = annotated[i]
        if char == "\\" and annotated[i + 1 : i + 2] in ("[", "]"):
            text.append(annotated[i + 1])
            i += 2
            continue
        if char == "[":
            label, _, _ = annotated[i + 1 :].partition(" ")
            if open_span or label not in labels:
                raise ValueError(
                    f"{annotated!r}: bracket at {i} is nested or its label {label!r} not in {sorted(labels)}"
                )
            open_span = (label, len(text))
            i += len(label) + 2
            continue
        if char == "]":
            if open_span is None or open_span[1] == len(text):
                raise ValueError(f"{annotated!r}: bracket at {i} closes nothing")
            spans.append((*open_span, len(text)))
            open_span = None
            i += 1
            continue
        text.append(char)
        i += 1
    if open_span:
        raise ValueError(f"{annotated!r}: {open_span[0]} is not closed")
    return "".join(text), spans


def load_cases(name: str) -> list[dict[str, Any]]:
    """The cases of `tests/cases/<name>.jsonl`; every one has a unique `id`."""
    lines = (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    cases: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    ids = [case["id"] for case in cases]
    if not cases or len(ids) != len(set(ids)):
        raise ValueError(f"{name}.jsonl: no cases, or ids repeat")
    return cases


def difference(text: str, expected: Sequence[tuple[str, int, int]], found: Sequence[tuple[str, int, int]]) -> str:
    """What of the expected spans is missing and what was found beside them, in words; empty where they are equal."""
    parts = []
    for what, some, others in (("missed", expected, found), ("spurious", found, expected)):
        parts += [
            f"{what} {label} “{text[start:end]}”" for label, start, end in some if (label, start, end) not in others
        ]
    return "; ".join(parts)
