"""What comes out of a review: one reading of each document that is done, as gold."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from dealspan.corpus.gold import GoldArticle
from dealspan.review.conversion import content, to_gold
from dealspan.review.store import ADJUDICATOR, Store


class Unsettled(NamedTuple):
    """A document that several reviewers read differently and nobody adjudicated."""

    document: str
    reviewers: list[str]


def readings(store: Store, document: str) -> dict[str, GoldArticle]:
    """The finished readings of a document as gold, by the name of the reviewer."""
    source = store.document(document)
    return {one.reviewer: to_gold(source, one.state, one.reviewer) for one in store.readings(document)}


def chosen(store: Store, reviewer: str | None = None) -> Iterator[GoldArticle | Unsettled]:
    """Yield one reading of each document, or those of a reviewer.

    That is the adjudicated one, or else the only one there is, or what all reviewers say alike.
    """
    for document in store.documents():
        found = readings(store, document)
        if reviewer is not None:
            if reviewer in found:
                yield found[reviewer]
        elif ADJUDICATOR in found:
            yield found[ADJUDICATOR]
        elif len({content(one) for one in found.values()}) == 1:
            yield msgspec.structs.replace(next(iter(found.values())), author=", ".join(found))
        elif found:
            yield Unsettled(document, list(found))
