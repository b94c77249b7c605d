"""What is in the corpus, counted; as a page of Markdown tables."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, get_args

from dealspan.corpus.collection import Corpus
from dealspan.corpus.gold import GENRES, LABELS, SPLITS, Genre, GoldDeal
from dealspan.records import Certainty, Kind, Stage


class Counted(NamedTuple):
    """One article, as far as it is counted without its text."""

    part: str
    genre: Genre
    split: str
    labels: Counter[str]
    deals: list[GoldDeal]


def counted(corpus: Corpus) -> Iterator[Counted]:
    """Yield every article of the corpus, the real ones from their annotations alone."""
    for article in corpus.written:
        labels = Counter[str](mention.label for mention in article.gold.mentions)
        yield Counted("written", article.gold.genre, article.gold.split, labels, article.gold.deals)
    for one in corpus.real:
        labels = Counter[str](label for label, _, _ in one.marks)
        yield Counted("real", one.genre, one.split, labels, one.deals)


def report(corpus: Corpus) -> str:
    """The counts as Markdown tables."""
    articles = list(counted(corpus))
    deals = [deal for article in articles for deal in article.deals]
    parts = [_by_genre(articles), _by_split(articles), _factuality(deals), _slots(articles)]
    return "\n".join(parts)


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"


def _table(first: str, heads: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    columns = [first, *heads]
    return _row(*columns) + f"|---|{'---:|' * (len(columns) - 1)}\n" + "".join(_row(*row) for row in rows)


def _sums(articles: Sequence[Counted]) -> list[int]:
    deals = [deal for article in articles for deal in article.deals]
    labels = Counter[str]()
    for article in articles:
        labels.update(article.labels)
    return [len(articles), len(deals), sum(deal.hedged for deal in deals), *(labels[label] for label in LABELS)]


def _by_genre(articles: Sequence[Counted]) -> str:
    rows: list[list[object]] = []
    for genre in GENRES:
        members = [article for article in articles if article.genre == genre]
        if members:
            rows.append([f"`{genre}`", *_sums(members)])
    for part in ("written", "real"):
        members = [article for article in articles if article.part == part]
        if members:
            rows.append([f"all {part}", *_sums(members)])
    return _table("genre", ("articles", "deals", "hedged", *LABELS), rows)


def _by_split(articles: Sequence[Counted]) -> str:
    rows = [
        [f"{part}, {split}", *_sums([a for a in articles if (a.part, a.split) == (part, split)])]
        for part in ("written", "real")
        for split in SPLITS
    ]
    return _table("part", ("articles", "deals", "hedged", *LABELS), [row for row in rows if row[1]])


def _factuality(deals: Sequence[GoldDeal]) -> str:
    rows = []
    for stage in get_args(Stage):
        found = Counter(deal.certainty for deal in deals if deal.stage == stage)
        rows.append([f"`{stage}`", *(found[certainty] for certainty in get_args(Certainty)), found.total()])
    return _table("stage, by certainty", [*(f"`{c}`" for c in get_args(Certainty)), "all"], rows)


def _slots(articles: Sequence[Counted]) -> str:
    """How many deals fill each slot, and the kinds, round types and currencies there are."""
    deals = [deal for article in articles for deal in article.deals]
    slots = Counter(
        {
            "company named": sum(bool(deal.company or deal.companies) for deal in deals),
            "amount": sum(deal.amount is not None for deal in deals),
            "bounded or approximate amount": sum(
                deal.amount is not None and (deal.amount.min != deal.amount.max or deal.amount.approx is True)
                for deal in deals
            ),
            "round type": sum(deal.round_type is not None for deal in deals),
            "valuation": sum(deal.valuation is not None for deal in deals),
            "any investor": sum(bool(deal.investors) for deal in deals),
            "a lead": sum(any(investor.role == "lead" for investor in deal.investors) for deal in deals),
            "date": sum(deal.date is not None for deal in deals),
            "named source": sum(bool(deal.attribution) for deal in deals),
        }
    )
    kinds = Counter(deal.kind for deal in deals)
    types = Counter(deal.round_type for deal in deals if deal.round_type)
    currencies = Counter(deal.amount.currency for deal in deals if deal.amount)
    by_kind = {kind: kinds[kind] for kind in get_args(Kind)}
    several = sum(len(article.deals) > 1 for article in articles)
    return (
        _table("deals with", ["number"], [[name, number] for name, number in slots.items()])
        + f"\nKinds: {_listed(by_kind)}. Articles with several deals: {several}.\n"
        + f"\nRound types: {_listed(dict(types.most_common()))}.\n"
        + f"\nCurrencies: {_listed(dict(currencies.most_common()))}.\n"
    )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())
