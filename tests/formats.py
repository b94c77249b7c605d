"""Invented articles in the gold form, out to the format of a tool and back."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from dealspan.corpus.formats import FORMATS
from dealspan.corpus.gold import GoldAmount, GoldArticle, GoldDeal, GoldInvestor, GoldMention
from dealspan.records import Valuation

READ = [name for name, format in FORMATS.items() if format.read]
TOOLS = [name for name in READ if name != "jsonl"]


def gold(text: str, spans: Iterable[tuple[str, int, int]] = (), **fields: Any) -> GoldArticle:
    mentions = [GoldMention(label=label, text=text[a:b], start=a, end=b) for label, a, b in spans]  # type: ignore[arg-type]
    return GoldArticle(**({
        "id": "a1", "published": date(2026, 3, 2), "title": "Novena", "source": "wire", "genre": "reviewed",
        "split": "train", "author": "ana", "text": text, "mentions": mentions, "deals": [],
    } | fields))  # fmt: skip


def marked(text: str, **words: str) -> GoldArticle:
    """An article with the first occurrence of some words marked, each under the label that names it."""
    return gold(text, [(label, text.index(word), text.index(word) + len(word)) for label, word in words.items()])


def deal(number: int = 1, **fields: Any) -> GoldDeal:
    return GoldDeal(**({
        "id": f"d{number}", "kind": "round", "company": "Novena", "stage": "planned", "certainty": "rumored",
        "amount": GoldAmount(min=5e6, max=None, currency="USD", text="at least\n$5m"), "round_type": "seed",
        "investors": [GoldInvestor(name="Alder\u2028Ventures 🌲", role="lead")], "hedges": ["is said to"],
        "valuation": Valuation(amount=1e9, currency="EUR", kind="pre"), "attribution": ["Tarn\tWire"],
        "date": "2026-03", "extension": True,
    } | fields))  # fmt: skip


def out_and_back(name: str, articles: list[GoldArticle], folder: Path) -> tuple[list[Any], list[str]]:
    path = folder / f"articles.{name}"
    losses = FORMATS[name].write(articles, path)
    read = FORMATS[name].read
    assert read is not None
    return list(read(path)), losses


def found(name: str, path: Path) -> list[Any]:
    read = FORMATS[name].read
    assert read is not None
    return list(read(path))
