"""The files of the written part: front matter in TOML between lines of `+++`, then the article with marked mentions.

    +++
    id = "wire-a01"
    genre = "wire"
    author = "a"
    split = "train"
    published = 2026-03-02
    outlet = "Tarn Street Wire"
    brief = "closed Series A of a harbour robotics firm, three investors in one sentence"

    [[deals]]
    kind = "round"
    company = "Kettl Inc."
    amount = { text = "€12m", value = 12e6, currency = "EUR" }
    round_type = "series_a"
    lead = ["Alder Ventures"]
    stage = "completed"
    certainty = "asserted"
    +++
    # [COMPANY Kettl] raises [MONEY €12m]

    [COMPANY Kettl Inc.] has raised …

A first line that begins with `# ` is the headline; the mark is no part of the text. `[NONE …]` marks words that look
like a mention and are none (a product's name), so that the check does not take them for forgotten.
"""

import datetime
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct

from dealspan.corpus.gold import (
    LABELS,
    GoldAmount,
    GoldArticle,
    GoldDeal,
    GoldInvestor,
    Split,
    WrittenGenre,
    mentions_of,
)
from dealspan.corpus.markup import MarkupError, Span, parse
from dealspan.records import Certainty, Kind, Role, RoundType, Stage, Valuation

FENCE = "+++"
MARKS = (*LABELS, "NONE")


class ArticleError(ValueError):
    """A file that cannot be read as an annotated article: says where, what is wrong and what would be right."""


class WrittenAmount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`value` for a plain amount; `min`, `max` or both for a bounded one."""

    text: str
    currency: str
    value: float | None = None
    min: float | None = None
    max: float | None = None
    approx: bool = False

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        numbers = [number for number in (self.value, self.min, self.max) if number is not None]
        if self.value is not None and len(numbers) > 1:
            raise ValueError("an amount has `value`, or else `min` and `max`")
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError("an amount is a finite number")

    def gold(self) -> GoldAmount:
        """Return the amount in the gold form."""
        low, high = (self.value, self.value) if self.value is not None else (self.min, self.max)
        approx = True if self.approx else UNSET
        return GoldAmount(min=low, max=high, currency=self.currency, text=self.text, approx=approx)


class WrittenDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal as the front matter writes it: what is not said is left out."""

    kind: Kind
    stage: Stage
    certainty: Certainty
    company: str | None = None
    companies: list[str] = []
    amount: WrittenAmount | None = None
    round_type: RoundType | None = None
    extension: bool = False
    valuation: Valuation | None = None
    lead: list[str] = []
    participants: list[str] = []
    hedges: list[str] = []
    attribution: list[str] = []
    date: str | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.company and self.companies:
            raise ValueError("a deal has `company`, or else `companies`")

    def gold(self, number: int) -> GoldDeal:
        """Return the deal in the gold form."""
        roles: tuple[tuple[Role, list[str]], ...] = (("lead", self.lead), ("participant", self.participants))
        return GoldDeal(
            id=f"d{number}",
            kind=self.kind,
            company=self.company,
            companies=self.companies or UNSET,
            amount=self.amount.gold() if self.amount else None,
            round_type=self.round_type,
            extension=True if self.extension else UNSET,
            valuation=self.valuation,
            investors=[GoldInvestor(name=name, role=role) for role, names in roles for name in names],
            stage=self.stage,
            certainty=self.certainty,
            hedges=self.hedges,
            attribution=self.attribution,
            date=self.date,
        )


class FrontMatter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands above an article: `author` is the brief it was written from, no person."""

    id: str
    genre: WrittenGenre
    author: str
    split: Split
    published: datetime.date
    outlet: str
    brief: str
    held_out: bool = False
    deals: list[WrittenDeal] = []


class Written(Struct, frozen=True, kw_only=True):
    """One file: the article in the gold form, its front matter, and every marked span, NONE too."""

    path: Path
    front: FrontMatter
    gold: GoldArticle
    spans: list[Span]


def read_article(path: Path) -> Written:
    """Read one file.

    Raises
    ------
    ArticleError
        Where the file, its front matter or its markup is not as above.

    """
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ArticleError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        raise ArticleError(f"{path}: cannot be read ({error}); save it as UTF-8") from None
    opening, _, rest = content.partition("\n")
    head, fence, marked = rest.partition(f"\n{FENCE}\n")
    if opening != FENCE or not fence:
        raise ArticleError(f"{path}: front matter stands between two lines of {FENCE}; the first line is {opening!r}")
    try:
        front = msgspec.convert(tomllib.loads(head), FrontMatter)
        headline = marked.startswith("# ")
        text, spans = parse(marked.removeprefix("# ").rstrip("\n"), MARKS)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, MarkupError) as error:
        raise ArticleError(f"{path}: {error}") from None
    if path.stem != front.id:
        raise ArticleError(f"{path}: the id {front.id!r} is not the name of the file; make them the same")
    if front.held_out != (front.split == "test"):
        raise ArticleError(f"{path}: an article of the test part, and no other, says `held_out = true`")
    gold = GoldArticle(
        id=front.id,
        published=front.published,
        title=text.partition("\n")[0] if headline else None,
        source=front.outlet,
        genre=front.genre,
        split=front.split,
        author=front.author,
        text=text,
        mentions=mentions_of(text, spans),
        deals=[deal.gold(number) for number, deal in enumerate(front.deals, 1)],
    )
    return Written(path=path, front=front, gold=gold, spans=spans)


def read_articles(folder: Path) -> Iterator[Written | ArticleError]:
    """Read every `.md` file of a folder in the order of its names; a bad file does not stop the others."""
    for path in sorted(folder.glob("*.md")):
        try:
            yield read_article(path)
        except ArticleError as error:
            yield error
