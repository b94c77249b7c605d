"""What to look at first, what is found by search and filters, how far the review has come and how right the machine is.

The least certain comes first. Among these stands, at a fixed rate, a random share of all documents: it is drawn by a
hash of the id and a seed of the store, so that it does not depend on what the machine read, and the share of deals that
are right in it is an unbiased estimate of the machine's precision.
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

from dealspan.review.documents import headline
from dealspan.review.store import ADJUDICATOR, Store


class Filter(NamedTuple):
    """What the queue shows; an empty text and None ask for nothing."""

    search: str = ""
    status: str = ""
    doubt: str = ""
    stage: str = ""
    certainty: str = ""
    below: float | None = None


OPEN = Filter(status="open")


def share(store: Store) -> float:
    """Return the share of the documents that is audited."""
    return float(store.setting("audit", "0.1"))


def set_share(store: Store, value: float) -> None:
    """Audit another share of the documents: a larger one holds the smaller."""
    if value != share(store):
        store.set("audit", str(value))
        with store.writing() as db:
            db.execute("UPDATE documents SET place = NULL")


def arrange(store: Store) -> None:
    """Give every document its place, where one has none."""
    with store.querying() as db:
        if not db.execute("SELECT 1 FROM documents WHERE place IS NULL LIMIT 1").fetchone():
            return
    wanted = share(store)
    with store.writing() as db:
        drawn = [r[0] for r in db.execute("SELECT id FROM documents WHERE draw < ? ORDER BY draw, id", (wanted,))]
        others = [
            r[0]
            for r in db.execute("SELECT id FROM documents WHERE draw >= ? ORDER BY doubt DESC, number, id", (wanted,))
        ]
        db.executemany(
            "UPDATE documents SET place = ?, audit = ? WHERE id = ?",
            ((place, audit, id) for place, (id, audit) in enumerate(_interleaved(drawn, others, wanted))),
        )


def _interleaved(drawn: Sequence[str], others: Sequence[str], rate: float) -> Iterator[tuple[str, bool]]:
    """Yield the others in order, and one that is drawn at every place where `rate` times the place passes a number."""
    audits, rest = iter(drawn), iter(others)
    for place in range(len(drawn) + len(others)):
        due = math.floor((place + 1) * rate) > math.floor(place * rate)
        id = next(audits if due else rest, None)
        if id is not None:
            yield id, due
        else:
            yield next(rest if due else audits), not due


def _disagreed() -> str:
    """The condition that two or more reviewers have done a document and do not say the same."""
    return (
        f"d.id IN (SELECT document FROM readings WHERE status = 'done' AND reviewer != '{ADJUDICATOR}' "
        "GROUP BY document HAVING count(*) > 1 AND count(DISTINCT digest) > 1)"
    )


def _where(chosen: Filter, adjudicate: bool) -> tuple[str, list[Any]]:
    """Return the condition of a filter in SQL, and its values."""
    conditions: list[tuple[str, list[Any]]] = [(_disagreed(), [])] if adjudicate else []
    conditions += [("instr(d.words, ?)", [word]) for word in chosen.search.casefold().split()]
    if chosen.status:
        conditions.append(("coalesce(r.status, 'open') = ?", [chosen.status]))
    if chosen.doubt:
        conditions.append(("coalesce(d.doubt_field, 'none') = ?", [chosen.doubt]))
    for facet in ("stage", "certainty"):
        if value := getattr(chosen, facet):
            conditions.append(("d.id IN (SELECT document FROM facets WHERE facet = ? AND value = ?)", [facet, value]))
    if chosen.below is not None:
        conditions.append(("d.lowest < ?", [chosen.below]))
    return " AND ".join(sql for sql, _ in conditions) or "1", [value for _, values in conditions for value in values]


_FROM = "FROM documents d LEFT JOIN readings r ON r.document = d.id AND r.reviewer = ?"


def page(
    store: Store, reviewer: str, chosen: Filter, *, offset: int = 0, limit: int = 100, adjudicate: bool = False
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many documents a filter finds, and some of them in the order of the queue."""
    arrange(store)
    where, values = _where(chosen, adjudicate)
    with store.querying() as db:
        (total,) = db.execute(f"SELECT count(*) {_FROM} WHERE {where}", (reviewer, *values)).fetchone()
        rows = db.execute(
            "SELECT d.id, coalesce(d.title, (SELECT substr(text, 1, 400) FROM texts WHERE document = d.id)), "
            "d.published, d.deals, coalesce(r.status, 'open'), d.doubt_deal, d.doubt_field, "
            f"d.doubt_confidence, d.audit {_FROM} WHERE {where} ORDER BY d.place LIMIT ? OFFSET ?",
            (reviewer, *values, limit, offset),
        ).fetchall()
    return total, [_shown(row) for row in rows]


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    id, title, published, deals, status, deal, field, confidence, audit = row
    return {
        "id": id,
        "title": headline(title),
        "published": published,
        "deals": deals,
        "status": status,
        "doubt": {"deal": deal, "field": field, "confidence": confidence} if field else None,
        "audit": bool(audit),
    }


def following(
    store: Store, reviewer: str, after: str | None, chosen: Filter = OPEN, *, adjudicate: bool = False
) -> str | None:
    """Return the next document behind another that a filter finds, else the first one, else None."""
    arrange(store)
    where, values = _where(chosen, adjudicate)
    with store.querying() as db:
        row = db.execute(
            f"SELECT d.id {_FROM} WHERE {where} AND d.id IS NOT ? "
            "ORDER BY d.place <= coalesce((SELECT place FROM documents WHERE id = ?), -1), d.place LIMIT 1",
            (reviewer, *values, after, after),
        ).fetchone()
    return row[0] if row else None


def progress(store: Store, reviewer: str, *, adjudicate: bool = False) -> dict[str, Any]:
    """Return how far a reviewer has come, and the share of the machine's deals that were right on audited documents.

    What is adjudicated was not drawn at random, so that nothing follows from it for the rest: the share is None.
    """
    with store.querying() as db:
        counts = _counts(db, reviewer, adjudicate)
        documents, deals, right = db.execute(
            "SELECT count(*), coalesce(sum(r.machine_deals), 0), coalesce(sum(r.right_deals), 0) FROM readings r "
            "JOIN documents d ON d.id = r.document WHERE r.reviewer = ? AND r.status = 'done' AND d.audit",
            (reviewer,),
        ).fetchone()
    low, high = wilson(right, deals) if deals else (None, None)
    audit = {"done": documents, "deals": deals, "right": right / deals if deals else None, "low": low, "high": high}
    total = sum(counts.values())
    done, skipped = counts.get("done", 0), counts.get("skipped", 0)
    return {
        "total": total,
        "done": done,
        "skipped": skipped,
        "open": total - done - skipped,
        "audit": None if adjudicate else audit,
    }


def _counts(db: sqlite3.Connection, reviewer: str, adjudicate: bool) -> dict[str, int]:
    where, _ = _where(Filter(), adjudicate)
    return dict(
        db.execute(f"SELECT coalesce(r.status, 'open') s, count(*) {_FROM} WHERE {where} GROUP BY s", (reviewer,))
    )


def wilson(right: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share (Wilson, 1927), which holds for small counts and for shares near 0 and 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = right / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    below = 1 + z * z / total
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)
