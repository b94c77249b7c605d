"""The documents that were read worst, with the words that were missed or taken wrongly."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from dealspan.evaluation.reading import ScoredDocument, Span
from dealspan.evaluation.scores import NOTHING, Disagreement, counts, score

CONTEXT = 50
"""Characters shown on either side of a mention."""


class Bad(NamedTuple):
    """One document: how many mentions and slots are wrong or missing, and each of them in words."""

    document: str
    wrong: int
    lines: list[str]


def read_texts(path: Path) -> dict[str, str]:
    """Return the texts of a gold file by document; a document without one has an empty text."""
    lines = (msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip())
    return {line["id"]: line.get("text") or "" for line in lines if "id" in line}


def worst(
    gold: Mapping[str, ScoredDocument],
    predicted: Mapping[str, ScoredDocument],
    texts: Mapping[str, str],
    number: int,
) -> list[Bad]:
    """Return the documents with the most wrong or missing mentions and slots, the worst first."""
    ranked = []
    for name, document in gold.items():
        found = counts(document, predicted.get(name, NOTHING))
        wrong = sum(c.gold + c.predicted - 2 * c.both for c in (found["mentions, exact, all"], found["slots, all"]))
        ranked.append((-wrong, name))
    return [
        Bad(name, -wrong, _lines(name, gold[name], predicted.get(name, NOTHING), texts.get(name, "")))
        for wrong, name in sorted(ranked)[:number]
        if wrong
    ]


def _lines(name: str, gold: ScoredDocument, predicted: ScoredDocument, text: str) -> list[str]:
    _, disagreements = score({name: gold}, {name: predicted})
    missed = sorted(set(gold.mentions) - set(predicted.mentions), key=lambda span: span.start)
    spurious = sorted(set(predicted.mentions) - set(gold.mentions), key=lambda span: span.start)
    return [
        *(_said(disagreement) for disagreement in disagreements),
        *_quoted("missed", missed, text),
        *_quoted("spurious", spurious, text),
    ]


def _said(disagreement: Disagreement) -> str:
    return f"{disagreement.what}: {disagreement.value}"


def _quoted(what: str, spans: Sequence[Span], text: str) -> list[str]:
    lines = []
    for span in spans:
        before, words = text[max(0, span.start - CONTEXT) : span.start], text[span.start : span.end]
        after = text[span.end : span.end + CONTEXT]
        lines.append(f"{what} {span.label}: …{' '.join(f'{before}[{words}]{after}'.split())}…")
    return lines
