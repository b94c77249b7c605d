"""A run over many documents in a process of its own, so that its memory is its own and its caches begin empty.

`measured` starts `python -m dealspan.benchmark.run`, which reads the articles of a file and analyses them as `extract`
does, with one process or several; the records are counted and not kept. The clock starts when the pipeline is loaded,
in all processes, and has read its first sentence.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from dealspan.articles import ReadError, read
from dealspan.benchmark import memory
from dealspan.benchmark.processes import answer
from dealspan.benchmark.samples import repeated
from dealspan.jobs.analysis import Settings, analyse, analyse_all, load
from dealspan.jobs.documents import Document, documents
from dealspan.jobs.pool import Pool
from dealspan.jobs.worker import WARM_UP
from dealspan.records import Article


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run.

    Parameters
    ----------
    path
        A file of articles, JSONL.
    settings
        How they are analysed; None for spaCy's tokenizer alone.
    jobs
        In how many processes.
    documents
        How many: the articles are repeated with other words (`samples.repeated`). None for each once, as it stands.
    checkpoints
        After how many documents is looked at the clock, beside the end.

    """

    path: str
    settings: Settings | None
    jobs: int = 1
    documents: int | None = None
    checkpoints: list[int] = []


class Point(msgspec.Struct, frozen=True):
    """How far a run was: documents read and their words, deals found, seconds, and the peak of memory in MiB so far."""

    documents: int
    words: int
    deals: int
    seconds: float
    memory: float | None


class _Counted(msgspec.Struct):
    """A record, as far as its deals are counted."""

    deals: list[msgspec.Raw]


@contextmanager
def stored(articles: Iterable[Article]) -> Iterator[str]:
    """Write articles to a file that is there for a while."""
    encoder = msgspec.json.Encoder()
    with TemporaryDirectory(prefix="dealspan-benchmark-") as folder:
        path = Path(folder) / "articles.jsonl"
        with path.open("wb") as file:
            file.writelines(encoder.encode(article) + b"\n" for article in articles)
        yield str(path)


def measured(request: Request) -> list[Point]:
    """Run it, and return the points of the checkpoints and of the end."""
    found = answer("dealspan.benchmark.run", to=msgspec.json.encode(request))
    return msgspec.json.decode(found, type=list[Point])


def run(request: Request) -> Iterator[Point]:
    """Run it in this process."""
    # What is read once is not held; it is read here too, before the clock starts.
    sizes = list(accumulate((len(article.text.split()) for article in _articles(request.path)), initial=0))
    given = len(sizes) - 1
    number = request.documents or given
    looks = sorted({n for n in request.checkpoints if n < number} | {number})
    source = repeated(list(_articles(request.path)), number) if request.documents else _articles(request.path)
    with _deals(request, source) as found:
        deals = 0
        started = perf_counter()
        for n, more in enumerate(found, 1):
            deals += more
            if n == looks[0]:
                looks.pop(0)
                times, rest = divmod(n, given)
                yield Point(n, times * sizes[-1] + sizes[rest], deals, perf_counter() - started, memory.peak())


def _articles(path: str) -> Iterator[Article]:
    for item in read([path], io.BytesIO()):
        assert not isinstance(item, ReadError), item
        yield item


@contextmanager
def _deals(request: Request, articles: Iterator[Article]) -> Iterator[Iterator[int]]:
    """Give the number of deals of each article in turn, when everything is ready."""
    settings = request.settings
    if settings is None:
        import spacy

        tokenizer = spacy.blank("en").tokenizer
        tokenizer(WARM_UP)
        yield (0 * len(tokenizer(article.text)) for article in articles)
    elif request.jobs == 1:
        nlp = load(settings.model, settings.rules)
        for _ in analyse(nlp, settings, [Document(b"", Article(id="warm-up", text=WARM_UP))]):
            pass
        yield _counts(analyse_all(nlp, settings, documents(articles)))
    else:
        with Pool(request.jobs, settings) as pool:
            pool.wait()
            yield _counts(pool.analysed(documents(articles)))


def _counts(found: Iterable[Document]) -> Iterator[int]:
    decoder = msgspec.json.Decoder(_Counted)
    for document in found:
        assert isinstance(document.result, bytes), document.result
        yield len(decoder.decode(document.result).deals)


def main() -> None:
    """Run the request that stands on standard input."""
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    sys.stdout.buffer.write(msgspec.json.encode(list(run(request))))


if __name__ == "__main__":
    main()
