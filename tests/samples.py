"""Records made by hand, and a pipeline that needs no spaCy: for tests of what stands around the pipeline."""

import hashlib
import re
import types
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

from dealspan.records import (
    Amount,
    AmountSlot,
    Article,
    Attribution,
    CertaintySlot,
    DateSlot,
    Deal,
    DealAmount,
    Document,
    Entity,
    Hedge,
    InvestorSlot,
    Mention,
    NameSlot,
    Record,
    RoundSlot,
    StageSlot,
    Valuation,
    ValuationSlot,
)

TEXT = (
    "Novena Robotics is said to be raising at least $60 million in a Series C round led by Harbour Point, "
    "according to The Ledger. The deal would value it at $2 billion in May 2018."
)


def span(text: str, words: str) -> tuple[int, int]:
    """Where the words stand in the text, the first time."""
    start = text.index(words)
    return start, start + len(words)


def mention(number: int, label: Any, text: str, words: str, **fields: Any) -> Mention:
    start, end = span(text, words)
    return Mention(id=f"m{number}", label=label, text=words, start=start, end=end, confidence=0.9, by="rules", **fields)


def document(article: Article) -> Document:
    return Document(
        id=article.id,
        source=article.source,
        title=article.title,
        published=article.published.isoformat() if article.published else None,
        language=article.language,
        characters=len(article.text),
        sha256=hashlib.sha256(article.text.encode()).hexdigest(),
    )


def empty(article: Article) -> Record:
    """A record without deals."""
    return Record(schema_version="1.0", document=document(article), mentions=[], entities=[], deals=[])


def hedged(article: Article) -> Record:
    """A record in which every slot is filled, of an article whose text is `TEXT`."""
    text = article.text
    sum_ = Amount(60e6, None, "USD")
    evidence = [list(span(text, text[: text.index(". ") + 1]))]
    deal = Deal(
        id="d1",
        kind="round",
        company=NameSlot(value="Novena Robotics", entity="e1", confidence=0.97, evidence=["m1"]),
        amount=AmountSlot(
            value=DealAmount(min=60e6, max=None, currency="USD", approx=False, text="at least $60 million"),
            confidence=0.95,
            evidence=["m3"],
        ),
        round_type=RoundSlot(value="series_c", confidence=0.9, evidence=["m4"]),
        valuation=ValuationSlot(
            value=Valuation(amount=2e9, currency="USD", kind="unspecified"), confidence=0.8, evidence=["m6"]
        ),
        investors=[InvestorSlot(value="Harbour Point", entity="e2", role="lead", confidence=0.9, evidence=["m5"])],
        stage=StageSlot(value="in_progress", confidence=0.9, evidence=["m2"]),
        certainty=CertaintySlot(value="rumored", confidence=0.9, evidence=["m2"]),
        hedges=[Hedge(text="is said to be", scope=evidence[0], kind="rumor", **_at(text, "is said to be"))],
        attribution=[Attribution(value="The Ledger", confidence=0.9, **_at(text, "The Ledger"))],
        date=DateSlot(value="2018-05", confidence=0.7, evidence=[list(span(text, "May 2018"))]),
        confidence=0.85,
        evidence=evidence,
    )
    return Record(
        schema_version="1.0",
        document=document(article),
        mentions=[
            mention(1, "COMPANY", text, "Novena Robotics", entity="e1"),
            mention(2, "HEDGE", text, "is said to be"),
            mention(3, "MONEY", text, "$60 million", amount=sum_),
            mention(4, "ROUND", text, "Series C"),
            mention(5, "INVESTOR", text, "Harbour Point", entity="e2"),
            mention(6, "MONEY", text, "$2 billion", amount=Amount(2e9, 2e9, "USD")),
        ],
        entities=[
            Entity(id="e1", name="Novena Robotics", label="COMPANY", aliases=[], mentions=["m1"]),
            Entity(id="e2", name="Harbour Point", label="INVESTOR", aliases=[], mentions=["m5"]),
        ],
        deals=[deal],
    )


def completed(article: Article, company: str) -> Record:
    """A record of one completed deal; the text begins with the name of the company."""
    deal = Deal(
        id="d1",
        kind="round",
        company=NameSlot(value=company, entity=None, confidence=0.9, evidence=["m1"]),
        stage=StageSlot(value="completed", confidence=0.9, evidence=["m1"]),
        certainty=CertaintySlot(value="asserted", confidence=0.9, evidence=["m1"]),
        confidence=0.6,
        evidence=[[0, len(article.text)]],
    )
    return Record(
        schema_version="1.0",
        document=document(article),
        mentions=[mention(1, "COMPANY", article.text, company)],
        entities=[],
        deals=[deal],
    )


def pipeline() -> types.ModuleType:
    """A stand-in for `dealspan.pipeline`: "X raised …" is a completed deal; a text with "!crash" breaks the batch."""
    module = types.ModuleType("dealspan.pipeline")

    def load(model: str = "rules", *, rules: Any = None) -> Any:
        if rules is not None:
            raise ValueError(f"{rules}: is not a TOML file; see the manual")
        return types.SimpleNamespace(
            max_length=10_000_000, memory_zone=nullcontext, vocab=types.SimpleNamespace(strings=())
        )

    def process(nlp: Any, articles: Iterable[Article]) -> Iterator[tuple[Article, Article]]:
        batch: list[Article] = []
        for article in articles:
            batch.append(article)
            if len(batch) == 4:
                yield from _analysed(batch)
                batch = []
        yield from _analysed(batch)

    def record_of(article: Article, doc: Article) -> Record:
        if article.text == TEXT:
            return hedged(article)
        raised = re.match(r"(.+) raised", article.text)
        return completed(article, raised[1]) if raised else empty(article)

    def read(nlp: Any, articles: Iterable[Article], gate: Any = None) -> Iterator[Record]:
        for article, doc in module.process(nlp, articles):
            yield module.record_of(article, doc)

    module.__dict__.update(load=load, process=process, record_of=record_of, read=read, explain=_explained)
    return module


def _analysed(batch: list[Article]) -> Iterator[tuple[Article, Article]]:
    if any("!crash" in article.text for article in batch):
        raise RuntimeError("no such rule")
    yield from ((article, article) for article in batch)


def _explained(article: Article) -> list[Any]:
    from dealspan.annotations import Explanation

    if article.text != TEXT:
        return []
    return [Explanation("d1", "company", "Novena Robotics", "names.subject", "Novena Robotics", 0, 15, 0.97)]


def _at(text: str, words: str) -> dict[str, int]:
    start, end = span(text, words)
    return {"start": start, "end": end}
