"""Stories: several invented articles of several outlets, and which of their deals are one.

A file of `stories/` is TOML front matter and the marked articles, the parts set apart by lines of `+++`. Each article
has its outlet, its day and its deals, as an article of the corpus has; `deal` names the deal of the story that it is.
"""

import datetime
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Struct

from dealspan.components.money import parse_amount
from dealspan.corpus.articles import FENCE, MARKS, ArticleError, WrittenDeal
from dealspan.corpus.gold import GoldArticle, GoldDeal, Split, mentions_of
from dealspan.corpus.markup import MarkupError, Span, parse
from dealspan.evaluation.align import same_name
from dealspan.records import (
    SCHEMA_VERSION,
    AmountSlot,
    Attribution,
    CertaintySlot,
    DateSlot,
    Deal,
    DealAmount,
    Document,
    Entity,
    InvestorSlot,
    Mention,
    NameSlot,
    Record,
    RoundSlot,
    StageSlot,
    ValuationSlot,
    digest,
)

STORIES = "stories"
# Gold is sure.
SURE = 1.0


class StoryDeal(WrittenDeal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal of an article, and which deal of the story it is."""

    deal: str


class StoryArticle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of an article before its text."""

    outlet: str
    published: datetime.date
    deals: list[StoryDeal]


class StoryFront(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands above the articles of a story."""

    id: str
    split: Split
    about: str
    articles: list[StoryArticle]
    held_out: bool = False


class Story(NamedTuple):
    """One story: its articles in the gold form with their marked spans, and to which deal each of their deals belongs.

    The deals are named over all stories: by the id of the story and the name within it.
    """

    front: StoryFront
    articles: list[tuple[GoldArticle, list[Span]]]
    deals: dict[tuple[str, str], str]


def read_story(path: Path) -> Story:
    """Read one file; raises `ArticleError`."""
    try:
        parts = path.read_text(encoding="utf-8").split(f"{FENCE}\n")
        if len(parts) < 3 or parts[0]:
            raise ArticleError(f"{path}: a story is front matter and articles, each after a line of {FENCE}")
        front = msgspec.convert(tomllib.loads(parts[1]), StoryFront)
        if len(front.articles) != len(parts) - 2:
            raise ArticleError(f"{path}: {len(front.articles)} articles in the front matter, {len(parts) - 2} texts")
        if path.stem != front.id or front.held_out != (front.split == "test"):
            raise ArticleError(f"{path}: the id is the name of the file, and the test part says `held_out = true`")
        articles, deals = [], {}
        for number, (about, marked) in enumerate(zip(front.articles, parts[2:], strict=True), 1):
            article, spans = _article(f"{front.id}-{number}", front, about, marked)
            articles.append((article, spans))
            for one, deal in zip(article.deals, about.deals, strict=True):
                deals[article.id, one.id] = f"{front.id} {deal.deal}"
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, MarkupError) as error:
        raise ArticleError(f"{path}: {error}") from None
    return Story(front, articles, deals)


def read_stories(folder: Path, split: Split | None = None) -> Iterator[Story]:
    """Yield the stories of a corpus, of one split or of all, in the order of their names; raises `ArticleError`."""
    for path in sorted((folder / STORIES).glob("*.md")):
        story = read_story(path)
        if split in (None, story.front.split):
            yield story


def _article(name: str, front: StoryFront, about: StoryArticle, marked: str) -> tuple[GoldArticle, list[Span]]:
    text, spans = parse(marked.removeprefix("# ").rstrip("\n"), MARKS)
    article = GoldArticle(
        id=name,
        published=about.published,
        title=text.partition("\n")[0],
        source=about.outlet,
        genre="wire" if about.deals else "none",
        split=front.split,
        author="story",
        text=text,
        mentions=mentions_of(text, spans),
        deals=[deal.gold(number) for number, deal in enumerate(about.deals, 1)],
    )
    return article, spans


def record_of_gold(article: GoldArticle) -> Record:
    """The record that a perfect reading of an article gives, as far as the deals of documents are compared by it."""
    mentions = [
        Mention(
            id=f"m{number}",
            label=mention.label,
            text=mention.text,
            start=mention.start,
            end=mention.end,
            confidence=SURE,
            by="gold",
            amount=(parse_amount(mention.text) or UNSET) if mention.label == "MONEY" else UNSET,
        )
        for number, mention in enumerate(article.mentions, 1)
    ]
    companies = list(dict.fromkeys(name for deal in article.deals for name in [deal.company, *(deal.companies or ())]))
    entities = [_entity(f"e{number}", name, mentions) for number, name in enumerate(filter(None, companies), 1)]
    known = {entity.name: entity.id for entity in entities}
    return Record(
        schema_version=SCHEMA_VERSION,
        document=Document(
            id=article.id,
            source=article.source,
            title=article.title,
            published=article.published.isoformat() if article.published else None,
            language="en",
            characters=len(article.text),
            sha256=digest(article.text),
        ),
        mentions=mentions,
        entities=entities,
        deals=[_deal(deal, known, mentions) for deal in article.deals],
    )


def _entity(name: str, company: str, mentions: list[Mention]) -> Entity:
    """A company under its names: those mentions that are the first or last words of the fullest."""
    called = [one for one in mentions if one.label == "COMPANY" and same_name(one.text, company)]
    aliases = list(dict.fromkeys(one.text for one in called if one.text != company))
    return Entity(id=name, name=company, label="COMPANY", aliases=aliases, mentions=[one.id for one in called])


def _deal(deal: GoldDeal, known: dict[str, str], mentions: list[Mention]) -> Deal:
    def slot(name: str) -> NameSlot:
        return NameSlot(value=name, entity=known[name], confidence=SURE, evidence=[])

    amount = None
    if deal.amount:
        text = deal.amount.text
        held = next((one.id for one in mentions if one.label == "MONEY" and one.text in text), None)
        value = DealAmount(
            min=deal.amount.min,
            max=deal.amount.max,
            currency=deal.amount.currency,
            approx=deal.amount.approx is True,
            text=text,
        )
        amount = AmountSlot(value=value, confidence=SURE, evidence=[held] if held else [])
    return Deal(
        id=deal.id,
        kind=deal.kind,
        company=slot(deal.company) if deal.company else None,
        companies=[slot(name) for name in deal.companies] if deal.companies else None,
        amount=amount,
        round_type=RoundSlot(value=deal.round_type, confidence=SURE, evidence=[]) if deal.round_type else None,
        extension=deal.extension,
        valuation=ValuationSlot(value=deal.valuation, confidence=SURE, evidence=[]) if deal.valuation else None,
        investors=[
            InvestorSlot(value=one.name, entity=None, role=one.role, confidence=SURE, evidence=[])
            for one in deal.investors
        ],
        stage=StageSlot(value=deal.stage, confidence=SURE, evidence=[]),
        certainty=CertaintySlot(value=deal.certainty, confidence=SURE, evidence=[]),
        attribution=[Attribution(value=one, confidence=SURE, start=0, end=0) for one in deal.attribution],
        date=DateSlot(value=deal.date, confidence=SURE, evidence=[]) if deal.date else None,
        confidence=SURE,
        evidence=[],
    )
