"""`dealspan benchmark`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import FieldNames, Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dealspan.cli.benchmark_report import Section
    from dealspan.records import Article

ROUNDS = 4
"""In how many rounds at most the pipeline and what stands beside it are timed."""
FUNDING, ARCHIVE = 60, 600
"""How many articles are made where no files are given: of each kind enough for some seconds."""


def benchmark(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES|-",
            help="The inputs, as for extract; all are held in memory. Default: made articles, of funding news and of a "
            "mixed archive.",
            show_default=False,
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option(min=1, help="How often everything is timed, whole runs three times at most.")
    ] = 5,
    fields: FieldNames = None,
    model: Model = "trained",
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", min=1, metavar="N", help="Time a run in N processes too; --growth reads its archive so."
        ),
    ] = 2,
    against_peer: Annotated[
        bool,
        typer.Option(
            "--peer",
            help="Time beside it what you could take instead, on the first words of the texts: a usual spaCy pipeline, "
            "quantulum3, natura and dateparser; takes some minutes. Needs the extra benchmark.",
        ),
    ] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--growth",
            metavar="FOLDER",
            help="Measure too how cost grows with the length of a document, its deals and the size of an archive, and "
            "draw it into this folder; takes some minutes. Needs the extra benchmark.",
        ),
    ] = None,
    documents: Annotated[
        int, typer.Option(min=1, help="The documents of the largest archive of --growth: FILES or made ones, repeated.")
    ] = 100_000,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print sections of a Markdown page.")] = False,
) -> None:
    """Measure speed, memory and start on this machine, on your texts or on made ones.

    Words are what whitespace separates. Speed differs between machines: compare the ratio to spaCy's tokenizer, timed
    in the same run. First come the tokenizer, each component and the whole pipeline, then whole runs as extract makes
    them: without the gate, with it, with --skim and in several processes, with the most memory they held. Shorter texts
    are repeated there, with other words, up to 200,000 words. Then comes the start. All times are the shortest of
    several.
    """
    from dealspan.benchmark.processes import MeasuringError
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output

    _needs({"quantulum3": against_peer, "natura": against_peer, "matplotlib": pictures is not None})
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    given = _given(files, fields) if files else []
    samples = [(", ".join(Path(name).name for name in files), given)] if files else _made()
    stream = standard_output()
    try:
        for section in _sections(samples, model, repeat, jobs, against_peer=against_peer):
            stream.write(section.written(markdown=markdown))
            stream.flush()
        if pictures:
            section = _growth(pictures, model, documents, jobs, given)
            stream.write(section.written(markdown=markdown))
    except MeasuringError as error:
        raise CommandError(str(error)) from None


def _needs(packages: dict[str, bool]) -> None:
    """Raise where a package is wanted and missing, before minutes are spent."""
    from importlib.util import find_spec

    from dealspan.cli.failures import CommandError

    for package, wanted in packages.items():
        if wanted and find_spec(package) is None:
            raise CommandError(f"{package} is not installed; install the extra: pip install 'dealspan[benchmark]'")


def _given(files: "Sequence[str]", fields: str | None) -> "list[Article]":
    from dealspan.articles import ReadError, read
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import fields_of, standard_input

    articles = []
    for item in read(files, standard_input(), fields_of(fields)):
        if isinstance(item, ReadError):
            raise CommandError(str(item))
        articles.append(item)
    if not articles:
        raise CommandError(f"{', '.join(files)}: holds no document; give files with text")
    return articles


def _made() -> "list[tuple[str, list[Article]]]":
    from dealspan.benchmark.samples import archive, funding_news

    return [("made funding news", list(funding_news(FUNDING))), ("a made archive", list(archive(ARCHIVE)))]


def _sections(
    samples: "Sequence[tuple[str, list[Article]]]", model: str, repeat: int, jobs: int, *, against_peer: bool
) -> "Iterator[Section]":
    from dealspan.cli.runs import language

    # Before anything imports numpy: it settles then how many threads multiply matrices.
    nlp = language(None, model)
    from dealspan.benchmark import libraries, spacy_peer
    from dealspan.benchmark.runs import runs
    from dealspan.benchmark.start import imports_torch, starts
    from dealspan.benchmark.steps import Step, shares, shortest, steps
    from dealspan.cli import benchmark_report as report

    for name, articles in samples:
        texts = [article.text for article in articles]
        words = sum(len(text.split()) for text in texts)
        timed: list[dict[str, Step]] = []
        peers: list[list[spacy_peer.Speed]] = []
        # In turn, so that a slow phase of the machine is not that of one of them.
        for times in shares(repeat, ROUNDS if against_peer else 1):
            timed.append(steps(nlp, articles, times))
            if against_peer:
                peers.append([*spacy_peer.speeds(texts, times), *libraries.speeds(texts, times)])
        whole = runs(articles, words, model, jobs, repeat)
        quickest = spacy_peer.quickest(peers)
        yield report.speed(name, model, len(articles), words, shortest(timed), quickest, whole)
    yield report.start(model, starts(model), torch=imports_torch(model))


def _growth(folder: Path, model: str, documents: int, jobs: int, articles: "Sequence[Article]") -> "Section":
    from dealspan.benchmark.growth import growth
    from dealspan.benchmark.plots import draw
    from dealspan.cli import benchmark_report as report
    from dealspan.cli.progress import tracked

    found = list(tracked(growth(model, documents, jobs, articles), "growth", 3))
    return report.growth(found, model, [draw(one, folder) for one in found])
