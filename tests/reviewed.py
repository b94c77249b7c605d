"""Invented articles under review, with what the machine read in them; and a client of the page's server."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from dealspan.corpus.gold import GoldArticle
from dealspan.records import Amount, Article, DealAmount
from dealspan.review.database import Database
from dealspan.review.security import Guard
from dealspan.review.server import Settings, application
from dealspan.review.state import Change, DateSlot, InvestorSlot, ReviewDeal, ReviewMention, Slot, SourceSlot, State
from dealspan.review.store import Store
from tests.samples import span

TEXT = (
    "🚀 Kettl is in talks to raise at least €12m in a Series A round led by Zoë\u0301 Ventures, Bloomberg reported.\r\n"
    "\u202bנובנה\u202c put in money too."
)
"""With an emoji, a combining mark, a Windows line end and a name that runs from right to left."""


def source(id: str = "kettl", text: str = TEXT, title: str | None = "Kettl to raise") -> Article:
    return Article(id=id, title=title, published=date(2026, 3, 2), source="https://example.org/1", text=text)


def mention(label: Any, words: str, text: str = TEXT, **fields: Any) -> ReviewMention:
    start, end = span(text, words)
    return ReviewMention(label=label, start=start, end=end, **fields)


def state(confidence: float = 0.9) -> State:
    """What the machine read in `TEXT`."""

    def slot(value: Any, *evidence: str) -> Any:
        return Slot(value=value, confidence=confidence, evidence=list(evidence), origin="machine")

    machine: dict[str, Any] = {"origin": "machine", "confidence": 0.95}
    start, end = span(TEXT, "Bloomberg")
    return State(
        mentions={
            "m1": mention("COMPANY", "Kettl", **machine),
            "m2": mention("HEDGE", "in talks to", **machine),
            "m3": mention("MONEY", "€12m", amount=Amount(12e6, None, "EUR"), **machine),
            "m4": mention("ROUND", "Series A", **machine),
            "m5": mention("INVESTOR", "Zoë\u0301 Ventures", **machine),
            "m6": mention("HEDGE", "Bloomberg reported", **machine),
            "m7": mention("INVESTOR", "נובנה", **machine),
        },
        deals={
            "d1": ReviewDeal(
                kind="round",
                company=slot("Kettl", "m1"),
                amount=slot(DealAmount(min=12e6, max=None, currency="EUR", approx=False, text="at least €12m"), "m3"),
                round_type=slot("series_a", "m4"),
                investors=[
                    InvestorSlot(
                        value="Zoë\u0301 Ventures", role="lead", confidence=0.8, evidence=["m5"], origin="machine"
                    ),
                    InvestorSlot(value="נובנה", confidence=0.8, evidence=["m7"], origin="machine"),
                ],
                stage=slot("in_progress", "m2"),
                certainty=slot("attributed", "m6"),
                hedges=["m2", "m6"],
                attribution=[SourceSlot(value="Bloomberg", start=start, end=end, confidence=0.9, origin="machine")],
                date=DateSlot(value="2026-03", confidence=0.7, evidence=[span(TEXT, "reported")], origin="machine"),
                confidence=confidence,
                evidence=[(0, len(TEXT))],
                origin="machine",
            )
        },
    )


def changed(state: State, item: str, **fields: Any) -> Change:
    """A change of some fields of an item."""
    before: Any = state.get(item)
    return Change(item, before, replace(before, **fields))


def gold_of(article: GoldArticle) -> GoldArticle:
    """Gold without what a review cannot know: its genre, its author, the ids of its deals."""
    return replace(
        article,
        genre="reviewed",
        split="train",
        author="",
        deals=[replace(deal, id=f"d{number}") for number, deal in enumerate(article.deals, 1)],
    )


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every store that a test opens; a module that imports this has it."""
    opened: list[Database] = []
    prepare = Database._prepare

    def noted(self: Database) -> None:
        opened.append(self)
        prepare(self)

    monkeypatch.setattr(Database, "_prepare", noted)
    yield
    for one in opened:
        one.close()


class Page(TestClient):
    """A browser with the page open: it has the cookie, and says where it is."""

    def __init__(
        self, store: Store, *, mode: Any = "review", reviewer: str = "ana", suggest_after: int = 20, retrain: str = ""
    ) -> None:
        app = Guard(application(store, Settings(mode, reviewer, suggest_after, retrain)), host="127.0.0.1", token="t0")
        super().__init__(
            app, base_url="http://127.0.0.1:8765", headers={"Origin": "http://127.0.0.1:8765"}, follow_redirects=False
        )
        assert self.get("/?token=t0").status_code == 303


def store(folder: Path, *ids: str) -> Store:
    """A store with documents, all of one text."""
    held = Store(folder / "review.db")
    for id in ids:
        held.add(source(id), state())
    return held


def many(held: Store, text: str, read: State, count: int = 10_000) -> None:
    """Fill a store with documents n00000 … of one text, most as copies: it takes a second, not a minute."""
    for number in range(100):
        held.add(source(f"n{number:05}", text), read)
    columns = "title, published, source, digest, deals, doubt, doubt_deal, doubt_field, doubt_confidence, lowest"
    with held.writing() as db:
        db.execute(
            f"WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) "
            f"INSERT INTO documents (id, number, {columns}, words, draw) SELECT printf('n%05d', i), i, {columns}, "
            "replace(words, id, printf('n%05d', i)), (abs(random()) % 1000) / 1000.0 "
            "FROM n JOIN documents ON id = 'n00000'"
        )
        db.execute(
            "INSERT INTO texts SELECT d.id, t.text, t.machine FROM documents d JOIN texts t ON t.document = 'n00000' "
            "WHERE d.number > 99"
        )
