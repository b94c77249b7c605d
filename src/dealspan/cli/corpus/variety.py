"""`dealspan corpus variety`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.corpus.reading import Folder, read_folder

if TYPE_CHECKING:
    from dealspan.corpus.gold import GoldArticle


def variety(
    folder: Folder = Path("corpus"),
    press: Annotated[
        Path | None, typer.Option("--press", help="An archive of real press releases (JSONL, or .xz).")
    ] = None,
    raw: Annotated[Path | None, typer.Option("--raw", help="An archive of real news (JSONL, or .xz).")] = None,
) -> None:
    """Measure how varied the written articles are beside real texts: words, sentences, mentions, unseen names.

    Press releases and news are sampled down to what speaks of a financing, by the rules, so that like stands beside
    like; all samples have the same number of words.
    """
    from dealspan.cli.failures import CommandError
    from dealspan.cli.runs import language
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.standoff import StandOffError, join, read_archive
    from dealspan.corpus.variety import SAMPLE_WORDS, measure, report, sample
    from dealspan.pipeline import process, record_of
    from dealspan.records import Article

    corpus = read_folder(folder)
    nlp = language(None)

    def tagged(texts: Iterable[str]) -> list[int]:
        return [len(record_of(a, doc).mentions) for a, doc in process(nlp, (Article(id="", text=t) for t in texts))]

    def on_financings(archive: Path) -> dict[str, str]:
        articles = (Article(id=one.id, text=one.text) for one in read_archive(archive))
        found = {article.id: article.text for article, doc in process(nlp, articles) if doc._.deals}
        if not found:
            raise CommandError(f"{archive}: holds no text in which the rules find a financing; name another archive")
        return found

    if not corpus.written:
        raise CommandError(f"{folder}: has no written articles to measure")
    collections = {"written": {one.gold.id: one.gold.text for one in corpus.written}}
    try:
        collections |= {name: on_financings(path) for name, path in (("press", press), ("raw", raw)) if path}
        real = list(join(corpus.real, press)) if press else []
    except StandOffError as error:
        raise CommandError(str(error)) from None
    words = min(SAMPLE_WORDS, *(sum(len(text.split()) for text in texts.values()) for texts in collections.values()))
    annotated = {"written": [one.gold for one in corpus.written], "press": real}
    found = {}
    for name, texts in collections.items():
        chosen = sample(texts, words)
        found[name] = measure(chosen, annotated=_rate(annotated.get(name, ())), tagged=sum(tagged(chosen)))
    standard_output().write(report(found))


def _rate(articles: Sequence["GoldArticle"]) -> float | None:
    """Return the annotated mentions in 100 words of articles on financings; None where nothing is annotated."""
    from dealspan.corpus.variety import count_words

    articles = [article for article in articles if article.deals]
    words = sum(count_words(article.text) for article in articles)
    return 100 * sum(len(article.mentions) for article in articles) / words if words else None
