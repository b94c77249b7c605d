"""One deal from many articles: the records of an archive grouped into deals, with every source and the timeline.

`merge` goes the whole way: the deals of a record become claims (`claims`), claims are grouped into deals (`names`,
`amounts`, `pairs`, `clusters`), and each group becomes a merged deal (`combining`).
"""

from collections.abc import Iterable

from dealspan.archive.claims import Claim, claims
from dealspan.archive.clusters import group
from dealspan.archive.combining import combine
from dealspan.merged import MergedDeal
from dealspan.records import Record

__all__ = ["Claim", "claims", "combine", "group", "grouped", "merge"]


def merge(records: Iterable[Record]) -> list[MergedDeal]:
    """Group the deals of many documents into deals, each with all its sources.

    Parameters
    ----------
    records
        The records of the documents, in any order, which does not matter; a document that comes again (the same id and
        the same text) counts once. Only what is compared and reported of a deal is kept.

    """
    return [combine(members) for members in grouped(records)]


def grouped(records: Iterable[Record]) -> list[list[Claim]]:
    """The same as groups of claims: for whoever writes the merged deals one by one, and keeps none."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for record in records:
        if record.deals:  # of a document without any, not even the id is kept
            found.setdefault((record.document.id, record.document.sha256), list(claims(record)))
    return group(claim for kept in found.values() for claim in kept)
