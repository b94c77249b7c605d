"""`dealspan benchmark`."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import FieldNames, Model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

    from dealspan.records import Article

TOKENIZER, WHOLE, RECORD = "spaCy's tokenizer alone", "whole pipeline with record and JSON", "record and JSON"
PEER = "spaCy in the shape of en_core_web_sm"
STARTS = 3
"""How many interpreters are started to time the start: each takes seconds."""
START = (
    "from time import perf_counter as now; a = now(); import spacy; b = now(); "
    "import sys, dealspan; dealspan.load(sys.argv[1]); print(b - a, now() - b)"
)
WARM_UP = "Novena Inc. raised $5 million in a Series A round on 3 March 2020, according to Bloomberg."


def benchmark(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES|-", help="The inputs, as for extract; all are held in memory.", show_default=False
        ),
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="How often everything is timed; the shortest time counts.")] = 5,
    fields: FieldNames = None,
    model: Model = "trained",
    against_peer: Annotated[
        bool,
        typer.Option(
            "--peer", help="Time a usual spaCy pipeline too, on the first 20,000 words; takes a minute or two."
        ),
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a section of a Markdown page.")] = False,
) -> None:
    """Time the pipeline and each component on your texts, in words per second on one core.

    Words are what whitespace separates. Speed differs between machines: compare the ratio to spaCy's tokenizer, timed
    in the same run. The last line is the start: what loading takes beyond the import of spaCy. With --peer, a pipeline
    of tok2vec, tagger, parser and ner in the shape of en_core_web_sm is timed in the same run, with random weights and
    thus without a download.
    """
    from dealspan.articles import ReadError, read
    from dealspan.cli.failures import CommandError
    from dealspan.cli.runs import language
    from dealspan.cli.streams import fields_of, given, standard_input, standard_output

    inputs = given(files)
    articles = []
    for item in read(inputs, standard_input(), fields_of(fields)):
        if isinstance(item, ReadError):
            raise CommandError(str(item))
        articles.append(item)
    words = sum(len(article.text.split()) for article in articles)
    nlp = language(None, model)
    _warm_up(nlp)
    import spacy

    # Its cache fills like that of the pipeline's own: made anew for each run, it would be slower.
    tokenizer = spacy.blank("en").tokenizer
    runs = [_once(nlp, tokenizer, articles) for _ in range(repeat)]
    best = {step: min(run[step] for run in runs) for step in runs[0]}
    rows = [(step, words / time, best[TOKENIZER] / time) for step, time in best.items()]
    # Later readings of a text find its dates and names in caches.
    first = runs[0][WHOLE]
    rows.append((f"{WHOLE}, first reading", words / first, runs[0][TOKENIZER] / first))
    closing = []
    if against_peer:
        from dealspan.cli import peer

        for speed in peer.speeds([article.text for article in articles], repeat):
            name = f"{PEER}, {speed.library}"
            rows.append((name, speed.best, speed.best * best[TOKENIZER] / words))
            rows.append((f"{name}, first reading", speed.first, speed.first * runs[0][TOKENIZER] / words))
            closing.append(
                f"The whole pipeline is {words / best[WHOLE] / speed.best:.1f} times as fast as {name}, "
                f"{words / first / speed.first:.1f} times at first reading."
            )
    spacy_start, dealspan_start = _start(model)
    closing.append(
        f"Start: `import spacy` {spacy_start:.2f} s; importing and loading dealspan {dealspan_start:.2f} s more."
    )
    standard_output().write(_report(inputs, model, len(articles), words, rows, closing, markdown=markdown))


def _warm_up(nlp: "Language") -> None:
    """Import what is only imported when first used (dateparser), and read the tables that are read late."""
    from dealspan.pipeline import process, record_of
    from dealspan.records import Article, encode

    for article, doc in process(nlp, [Article(id="warm-up", text=WARM_UP)]):
        encode(record_of(article, doc))


def _once(nlp: "Language", tokenizer: "Callable[[str], Doc]", articles: "Sequence[Article]") -> dict[str, float]:
    """Return the seconds that each step takes over all articles."""
    from time import perf_counter

    from dealspan.annotations import text_of
    from dealspan.pipeline import process, record_of
    from dealspan.records import encode

    spent = dict.fromkeys([TOKENIZER, *nlp.pipe_names, RECORD, WHOLE], 0.0)
    started = perf_counter()
    for article in articles:
        tokenizer(article.text)
    spent[TOKENIZER] = perf_counter() - started
    started = perf_counter()
    for article, doc in process(nlp, articles):
        encode(record_of(article, doc))
    spent[WHOLE] = perf_counter() - started
    for article in articles:
        doc = nlp.make_doc(article.text)
        doc._.published = article.published
        text_of(doc)
        for name, component in nlp.pipeline:
            started = perf_counter()
            doc = component(doc)
            spent[name] += perf_counter() - started
        started = perf_counter()
        encode(record_of(article, doc))
        spent[RECORD] += perf_counter() - started
    return spent


def _start(model: str) -> tuple[float, float]:
    """Return the seconds of `import spacy` and of importing and loading dealspan after it, each at its shortest."""
    import subprocess
    import sys

    timed = [
        subprocess.run([sys.executable, "-c", START, model], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(STARTS)
    ]
    return min(float(spacy) for spacy, _ in timed), min(float(dealspan) for _, dealspan in timed)


def _report(
    inputs: "Sequence[str]",
    model: str,
    articles: int,
    words: int,
    rows: "Sequence[tuple[str, float, float]]",
    closing: "Sequence[str]",
    *,
    markdown: bool,
) -> str:
    """Return the times as lines to read, or as a section of a Markdown page."""
    import platform
    from datetime import date
    from importlib.metadata import version
    from pathlib import Path

    from dealspan.output.wording import count

    names = ", ".join(Path(name).name for name in inputs)
    about = (
        f"Speed on {names}, {model}: {count(articles, 'document')}, {count(words, 'word')}, {date.today().isoformat()}"
    )
    setting = f"Python {platform.python_version()}, spaCy {version('spacy')}, {platform.machine()}, one core."
    if not markdown:
        lines = [f"{step:<52} {speed:>12,.0f} words/s {ratio:>8.2f}" for step, speed, ratio in rows]
        return "\n".join([about, setting, *lines, *(line.replace("`", "") for line in closing)]) + "\n"
    lines = [f"| {step} | {speed:,.0f} | {ratio:.2f} |" for step, speed, ratio in rows]
    head = ["| | words/s | ratio to the tokenizer |", "|---|---:|---:|"]
    return "\n".join([f"## {about}\n", f"{setting}\n", *head, *lines, *(f"\n{line}" for line in closing)]) + "\n\n"
