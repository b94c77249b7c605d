"""Test cases written as annotated sentences: `[COMPANY Novena] raises [MONEY $5m]`.

The markup is that of the corpus, and its parser is strict: an unknown label or an unclosed bracket is an error, so that
a malformed case cannot pass by asserting nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dealspan.corpus.markup import parse

__all__ = ["CASES", "difference", "load_cases", "parse"]

CASES = Path(__file__).parent / "cases"


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
