"""`dealspan corpus check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.corpus.reading import Archive

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(
    paths: Annotated[
        list[Path], typer.Argument(help="Files of articles, or the folder of a corpus.", show_default=False)
    ],
    press: Archive = None,
    doubts: Annotated[
        bool, typer.Option("--doubts", help="List doubts too: places that a rule reads otherwise.")
    ] = False,
) -> None:
    """Check articles: markup, slots against text and mentions, names and sums that look forgotten.

    Of a whole corpus it is also checked that its splits share no name, that no name or sentence is used too often, and
    that the held-out part is the one that was frozen. The real part is checked where its texts are given.
    """
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output

    stream = standard_output()
    counts = {"error": 0, "doubt": 0}
    for severity, message in _findings(paths, press):
        counts[severity] += 1
        if doubts or severity == "error":
            stream.write(f"{severity}: {message}\n")
    stream.write(f"{counts['error']} errors, {counts['doubt']} doubts\n")
    if counts["error"]:
        raise CommandError("the corpus has errors; mend them, and see docs/corpus.md for the format")


def _findings(paths: list[Path], press: Path | None) -> "Iterator[tuple[str, str]]":
    """Yield the severity and the message of everything that looks wrong."""
    from dealspan.corpus.articles import ArticleError, read_article
    from dealspan.corpus.check import problems

    for path in paths:
        if path.is_dir():
            yield from _whole(path, press)
            continue
        try:
            article = read_article(path)
        except ArticleError as error:
            yield "error", str(error)
            continue
        for problem in problems(article.gold, article.spans):
            yield problem.severity, f"{article.gold.id}: {problem}"


def _whole(folder: Path, press: Path | None) -> "Iterator[tuple[str, str]]":
    from dealspan.cli.failures import CommandError
    from dealspan.corpus.across import (
        repeated_sentences,
        shared_between_splits,
        shortened_between_splits,
        used_in,
        worn_names,
    )
    from dealspan.corpus.check import problems
    from dealspan.corpus.collection import frozen_digest, held_out_digest, read_corpus
    from dealspan.corpus.standoff import StandOffError, join

    try:
        corpus = read_corpus(folder)
        if not (corpus.written or corpus.real or corpus.errors):
            raise CommandError(f"{folder}: holds neither articles/*.md nor press.jsonl; name the folder of the corpus")
        for error in corpus.errors:
            yield "error", str(error)
        for article in corpus.written:
            for problem in problems(article.gold, article.spans):
                yield problem.severity, f"{article.gold.id}: {problem}"
        marks = {one.id: one.marks for one in corpus.real}
        for real in join(corpus.real, press) if press else ():
            for problem in problems(real, marks[real.id]):
                yield problem.severity, f"{real.id}: {problem}"
    except StandOffError as error:
        raise CommandError(str(error)) from None
    yield from _stories(folder)
    for message in shared_between_splits(used_in(corpus.written, corpus.real)):
        yield "error", message
    for message in shortened_between_splits(corpus.real):
        yield "error", message
    for message in worn_names(corpus.written):
        yield "error", message
    for message in repeated_sentences({article.gold.id: article.gold.text for article in corpus.written}):
        yield "error", message
    if (frozen := frozen_digest(folder)) is not None and frozen != held_out_digest(corpus):
        yield "error", f"the held-out part is not the frozen one; {folder}/held-out.sha256 says {frozen!r}"


def _stories(folder: Path) -> "Iterator[tuple[str, str]]":
    """Yield what is wrong with the stories, each article checked as an article of the corpus is."""
    from dealspan.corpus.articles import ArticleError
    from dealspan.corpus.check import problems
    from dealspan.corpus.stories import STORIES, read_story

    for path in sorted((folder / STORIES).glob("*.md")):
        try:
            story = read_story(path)
        except ArticleError as error:
            yield "error", str(error)
            continue
        for article, spans in story.articles:
            for problem in problems(article, spans):
                yield problem.severity, f"{article.id}: {problem}"
