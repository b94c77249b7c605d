"""How cost grows: with the length of a document, the deals in it, and the documents of an archive."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from dealspan.benchmark.run import Point, Request, measured, stored
from dealspan.benchmark.samples import archive, of_length, with_deals
from dealspan.jobs.analysis import Settings
from dealspan.records import Article

LENGTHS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Characters of a document."""
CHARACTERS = 1_000_000
"""So much text is read of each length: more short documents than long ones."""
DEALS = (0, 10, 20, 50, 100, 200)
PARAGRAPHS = 200
"""Each document has so many, of 200 characters; so many as there are deals tell of one, the others of other things."""
EACH = 5
"""Documents of each number of deals."""
SAMPLE = 3_000
"""The archive is so many articles, repeated with other words."""
RUNS = 3
"""Each point is measured so often, the archive once: it is long."""


class Growth(NamedTuple):
    """The points of a curve: what is on its axis, and the run there."""

    name: str
    title: str
    axis: str
    logarithmic: bool
    points: list[tuple[int, Point]]


def growth(model: str, documents: int, jobs: int, articles: Sequence[Article]) -> Iterator[Growth]:
    """Measure the three; the archive is made of the articles given, or of made ones."""
    all_of_it = Settings(model=model, gate=None)

    def curve(places: Sequence[int], made: Callable[[int], Iterator[Article]]) -> list[tuple[int, Point]]:
        return [(place, _quickest(made(place), all_of_it)) for place in places]

    yield Growth(
        "length",
        "Length of a document",
        "characters of a document",
        True,
        curve(LENGTHS, lambda length: of_length(length, max(1, CHARACTERS // length))),
    )
    yield Growth(
        "deals",
        f"Deals in a document of {PARAGRAPHS} paragraphs",
        "deals in a document",
        False,
        curve(DEALS, lambda deals: with_deals(deals, PARAGRAPHS, EACH)),
    )
    with stored(articles or archive(SAMPLE)) as path:
        request = Request(
            path=path,
            settings=Settings(model=model),
            jobs=jobs,
            documents=documents,
            checkpoints=[step * 10**power for power in range(3, 9) for step in (1, 2, 5)],
        )
        points = [(point.documents, point) for point in measured(request)]
    processes = f", {jobs} processes" if jobs > 1 else ""
    yield Growth("archive", f"Size of an archive{processes}", "documents of an archive", True, points)


def _quickest(articles: Iterator[Article], settings: Settings) -> Point:
    with stored(articles) as path:
        runs = [measured(Request(path=path, settings=settings))[-1] for _ in range(RUNS)]
    return min(runs, key=lambda point: point.seconds)
