"""What an annotated article holds, as frozen values in the gold form: what a careful reader says is right.

A gold line is one article as JSON; it is at the same time an input of `dealspan extract` and the first argument of
`dealspan evaluate`. The corpus adds where the article comes from.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

import msgspec
from msgspec import UNSET, Struct, UnsetType

from dealspan.corpus.markup import Span
from dealspan.records import Certainty, Kind, Label, Role, RoundType, Stage, Valuation

Split = Literal["train", "dev", "test"]
WrittenGenre = Literal[
    "wire", "feature", "press_release", "blog", "digest", "rumour", "followup", "denial", "instruments", "deeptech",
    "regional", "fund", "roundup", "exit", "none",
]  # fmt: skip
RealGenre = Literal["press", "press_none", "reviewed"]
"""Real press releases and stories, with a financing and without; and what users have reviewed of their own."""
Genre = WrittenGenre | RealGenre
GENRES: tuple[Genre, ...] = (*get_args(WrittenGenre), "press", "press_none")
"""The genres of the corpus, which holds nothing that users have reviewed."""

SPLITS: tuple[Split, ...] = get_args(Split)
LABELS: tuple[Label, ...] = get_args(Label)


class GoldAmount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sum of a deal: bounds in units of the currency, and the words with their modifier."""

    min: float | None
    max: float | None
    currency: str
    text: str
    approx: bool | UnsetType = UNSET


class GoldInvestor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An investor of a deal."""

    name: str
    role: Role


class GoldDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One financing as the text states it; what the fields mean is said in docs/record.md."""

    id: str
    kind: Kind
    company: str | None = None
    companies: list[str] | UnsetType = UNSET
    amount: GoldAmount | None = None
    round_type: RoundType | None = None
    extension: bool | UnsetType = UNSET
    valuation: Valuation | None = None
    investors: list[GoldInvestor] = []
    stage: Stage
    certainty: Certainty
    hedges: list[str] = []
    attribution: list[str] = []
    date: str | None = None

    @property
    def hedged(self) -> bool:
        """Whether the text does not vouch for the deal as done."""
        return self.certainty != "asserted" or self.stage != "completed"

    @property
    def names(self) -> list[str]:
        """The companies and investors that its slots name."""
        companies = [self.company] if self.company else []
        return [*companies, *(self.companies or ()), *(investor.name for investor in self.investors)]


class GoldMention(Struct, frozen=True, kw_only=True):
    """A labelled span; `text` equals the slice."""

    label: Label
    text: str
    start: int
    end: int


class GoldArticle(Struct, frozen=True, kw_only=True):
    """An annotated article, as a line of a gold file."""

    id: str
    published: date | None
    title: str | None
    source: str
    genre: Genre
    split: Split
    author: str
    text: str
    mentions: list[GoldMention]
    deals: list[GoldDeal]


def mentions_of(text: str, spans: Iterable[Span]) -> list[GoldMention]:
    """The spans of a text as mentions; stretches marked NONE are left out."""
    return [
        GoldMention(label=msgspec.convert(label, Label), text=text[start:end], start=start, end=end)
        for label, start, end in spans
        if label != "NONE"
    ]


def is_real(article: GoldArticle) -> bool:
    """Whether an article is a real text, not a written one."""
    return article.genre in get_args(RealGenre)
