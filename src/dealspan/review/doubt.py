"""How doubtful a reading of the machine is: which field would change its deal most if it were wrong.

The doubt of a field is the probability that it is wrong times what then is lost of its deal.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from dealspan.review.state import ReviewDeal, State

Field = Literal["company", "amount", "round_type", "valuation", "investors", "stage", "certainty", "date", "deal"]

WEIGHTS: dict[Field, float] = {
    "deal": 7.2,
    "amount": 2.1,
    "investors": 1.4,
    "company": 1.2,
    "round_type": 1.0,
    "valuation": 1.0,
    "stage": 1.0,
    "certainty": 1.0,
    "date": 1.0,
}
"""How many of a deal's items (slots, stage, certainty) are lost where one field is wrong.

Measured on the 2,937 deals of the written articles of the training part: one field of one deal is made wrong, or the
deal left out, and the article is compared with itself as `evaluate` does it. A wrong amount or company costs more than
itself, since a deal is found by them (`evaluation/align.py`); an investor is mostly a lead too. With the real articles
(3,540 deals) a deal counts 7.0 and the company 1.3, the others the same to 0.1.
"""


class Doubt(NamedTuple):
    """A field of a deal and how sure the machine is of it."""

    deal: str
    field: Field
    confidence: float

    @property
    def weight(self) -> float:
        """How much of the deal is likely to be wrong for it."""
        return (1 - self.confidence) * WEIGHTS[self.field]


def doubts(state: State) -> Iterator[Doubt]:
    """Yield every field of every deal that has a confidence; of several companies or investors the least sure."""
    for name, deal in state.deals.items():
        for field, confidence in _confidences(deal):
            yield Doubt(name, field, confidence)


def _confidences(deal: ReviewDeal) -> Iterator[tuple[Field, float]]:
    if deal.confidence is not None:
        yield "deal", deal.confidence
    found: dict[Field, float] = {}
    for field, slot in deal.resting():
        if slot.confidence is not None:
            key: Field = "company" if field == "companies" else field  # type: ignore[assignment]
            found[key] = min(slot.confidence, found.get(key, 1.0))
    if deal.date and deal.date.confidence is not None:
        found["date"] = deal.date.confidence
    yield from found.items()


def worst(state: State) -> Doubt | None:
    """Return the field whose doubt would change its deal most; None where nothing has a confidence."""
    return max(doubts(state), key=lambda doubt: doubt.weight, default=None)
