"""Pictures of what is in the corpus; needs matplotlib (extra `corpus`)."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from dealspan.corpus.collection import Corpus
from dealspan.corpus.gold import GENRES, LABELS, GoldDeal
from dealspan.corpus.stats import Counted, counted
from dealspan.evaluation.diagram import METADATA, STYLE
from dealspan.records import Certainty, Stage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"train": "#33658a", "dev": "#86bbd8", "test": "#f26419"}


def draw(corpus: Corpus, folder: Path) -> list[Path]:
    """Draw every picture into a folder as SVG, the same bytes for the same corpus; returns the files.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.

    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    articles = list(counted(corpus))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with mpl.rc_context(STYLE):
        for name, (size, paint) in PICTURES.items():
            figure = Figure(figsize=size, layout="constrained")
            axes = figure.add_subplot()
            axes.margins(0.1)  # room for the numbers at the end of the bars
            paint(axes, articles)
            path = folder / f"{name}.svg"
            figure.savefig(path, metadata=METADATA)
            written.append(path)
    return written


def _genres(axes: "Axes", articles: Sequence[Counted]) -> None:
    names = [genre for genre in GENRES if any(article.genre == genre for article in articles)][::-1]
    left = [0] * len(names)
    for split, colour in COLOURS.items():
        counts = [sum(a.genre == name and a.split == split for a in articles) for name in names]
        axes.barh(names, counts, left=left, color=colour, label=split)
        left = [sum(pair) for pair in zip(left, counts, strict=True)]
    axes.bar_label(axes.containers[-1], [str(total) for total in left], padding=2)  # type: ignore[arg-type]
    axes.set(title="Articles by genre and split", xlabel="articles")
    axes.legend()


def _factuality(axes: "Axes", articles: Sequence[Counted]) -> None:
    stages, certainties = get_args(Stage), get_args(Certainty)
    found = Counter((deal.stage, deal.certainty) for deal in _deals(articles))
    grid = [[found[stage, certainty] for certainty in certainties] for stage in stages]
    shade = [[min(1.0, value / 150) for value in row] for row in grid]
    axes.imshow(shade, cmap="Blues", vmin=0, vmax=1.4, aspect="auto")
    axes.set_xticks(range(len(certainties)), certainties)
    axes.set_yticks(range(len(stages)), stages)
    for y, row in enumerate(grid):
        for x, value in enumerate(row):
            axes.text(x, y, str(value), ha="center", va="center", color="black")
    axes.set(title="Deals by stage and certainty")


def _amounts(axes: "Axes", articles: Sequence[Counted]) -> None:
    """The sums of the deals in dollars, the one currency with enough of them to draw."""
    import math

    sums = [
        deal.amount.min or deal.amount.max or 0
        for deal in _deals(articles)
        if deal.amount and deal.amount.currency == "USD"
    ]
    axes.hist([math.log10(value) for value in sums if value], bins=[n / 4 for n in range(14, 46)], color="#33658a")
    axes.set_xticks(range(4, 12), ["10k", "100k", "1m", "10m", "100m", "1bn", "10bn", "100bn"])
    axes.set(
        title="Sums of the deals in US dollars", xlabel="dollars, each bar a quarter of a power of ten", ylabel="deals"
    )


def _labels(axes: "Axes", articles: Sequence[Counted]) -> None:
    parts = ("written", "real")
    for offset, part in zip((-0.2, 0.2), parts, strict=True):
        counts = [sum(a.labels[label] for a in articles if a.part == part) for label in LABELS]
        places = [n + offset for n in range(len(LABELS))]
        bars = axes.bar(places, counts, width=0.4, label=part, color="#33658a" if part == "written" else "#86bbd8")
        axes.bar_label(bars, padding=1)
    axes.set_xticks(range(len(LABELS)), LABELS)
    axes.set(title="Mentions by label", ylabel="mentions")
    axes.legend()


def _deals_each(axes: "Axes", articles: Sequence[Counted]) -> None:
    most = 12
    found = Counter(min(len(article.deals), most) for article in articles)
    bars = axes.bar(range(most + 1), [found[n] for n in range(most + 1)], color="#33658a")
    axes.bar_label(bars, padding=1)
    axes.set_xticks(range(most + 1), [*map(str, range(most)), f"{most}+"])
    axes.set(title="Deals in an article", xlabel="deals", ylabel="articles")


def _round_types(axes: "Axes", articles: Sequence[Counted]) -> None:
    found = Counter(deal.round_type for deal in _deals(articles) if deal.round_type).most_common()[::-1]
    bars = axes.barh([name for name, _ in found], [number for _, number in found], color="#33658a")
    axes.bar_label(bars, padding=2)
    axes.set(title="Deals by round type", xlabel="deals")


def _deals(articles: Sequence[Counted]) -> list[GoldDeal]:
    return [deal for article in articles for deal in article.deals]


PICTURES: dict[str, tuple[tuple[float, float], Callable[["Axes", Sequence[Counted]], None]]] = {
    "genres": ((7, 4.5), _genres),
    "labels": ((6, 3.2), _labels),
    "stage-and-certainty": ((6, 3), _factuality),
    "deals-each": ((6, 3), _deals_each),
    "round-types": ((6, 5.5), _round_types),
    "amounts": ((6, 3), _amounts),
}
