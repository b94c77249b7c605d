"""What is taken for what: labels of mentions, stages and certainties, gold against predicted."""

from collections import Counter
from collections.abc import Mapping

from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import ScoredDocument, Span
from dealspan.evaluation.scores import NOTHING

Table = Counter[tuple[str, str]]
"""How often a gold value (first) was predicted as another (second)."""
NOWHERE = "nothing"
"""Stands for a mention that the other side does not have."""


def confusion(gold: Mapping[str, ScoredDocument], predicted: Mapping[str, ScoredDocument]) -> dict[str, Table]:
    """Return three tables: `label` over overlapping mentions, `stage` and `certainty` over paired deals."""
    tables: dict[str, Table] = {"label": Counter(), "stage": Counter(), "certainty": Counter()}
    for name, expected in gold.items():
        given = predicted.get(name, NOTHING)
        tables["label"].update(_labels(expected.mentions, given.mentions))
        for g, p in pairs(expected.deals, given.deals):
            a, b = expected.deals[g], given.deals[p]
            tables["stage"][a.stage or NOWHERE, b.stage or NOWHERE] += 1
            tables["certainty"][a.certainty or NOWHERE, b.certainty or NOWHERE] += 1
    return tables


def _labels(gold: list[Span], predicted: list[Span]) -> Table:
    """The label that each mention has on the other side: the same one if it can be, else that of any overlap."""
    table: Table = Counter()
    free = list(predicted)
    left = []
    for span in gold:
        same = next((p for p in free if p.label == span.label and p.start < span.end and span.start < p.end), None)
        if same:
            free.remove(same)
            table[span.label, span.label] += 1
        else:
            left.append(span)
    for span in left:
        other = next((p for p in free if p.start < span.end and span.start < p.end), None)
        if other:
            free.remove(other)
        table[span.label, other.label if other else NOWHERE] += 1
    table.update((NOWHERE, span.label) for span in free)
    return table
