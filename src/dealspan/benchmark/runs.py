"""Whole runs of `extract` beside spaCy's tokenizer, over the same text."""

from collections.abc import Sequence

from dealspan.benchmark.run import Point, Request, measured, stored
from dealspan.benchmark.steps import TOKENIZER
from dealspan.jobs.analysis import Settings
from dealspan.records import Article

EXTRACT, JOBS = "`extract`", "`extract --jobs"
WORDS = 200_000
"""A run is at least so long, some seconds; shorter texts are repeated with other words."""
RUNS = 3
"""The most that each is run."""


def runs(articles: Sequence[Article], words: int, model: str, jobs: int, repeat: int) -> dict[str, Point]:
    """Return the end of the quickest run of each kind, with the tokenizer first."""
    documents = len(articles) * -(-WORDS // words) if words < WORDS else None
    with stored(articles) as path:

        def request(settings: Settings | None, jobs: int = 1) -> Request:
            return Request(path=path, settings=settings, jobs=jobs, documents=documents)

        requests = {
            TOKENIZER: request(None),
            "`extract --no-gate`": request(Settings(model=model, gate=None)),
            EXTRACT: request(Settings(model=model)),
            "`extract --skim`": request(Settings(model=model, gate="paragraphs")),
        }
        if jobs > 1:
            requests[f"{JOBS} {jobs}`"] = request(Settings(model=model), jobs)
        # In turn, so that a slow phase of the machine is not that of one of them.
        times = [{name: measured(one)[-1] for name, one in requests.items()} for _ in range(min(repeat, RUNS))]
    return {name: min((one[name] for one in times), key=lambda point: point.seconds) for name in requests}
