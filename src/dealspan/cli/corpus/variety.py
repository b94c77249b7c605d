"""`dealspan corpus variety`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from dealspan.cli.corpus.reading import Folder, read_folder


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
    from dealspan.corpus.standoff import StandOffError, read_archive
    from dealspan.corpus.variety import SAMPLE_WORDS, halves, measure, report, sample
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

    collections = {"written": {one.gold.id: one.gold.text for one in corpus.written}}
    try:
        collections |= {name: on_financings(path) for name, path in (("press", press), ("raw", raw)) if path}
    except StandOffError as error:
        raise CommandError(str(error)) from None
    words = min(SAMPLE_WORDS, *(sum(len(text.split()) for text in texts.values()) for texts in collections.values()))
    found = {}
    for name, texts in collections.items():
        parts = halves(texts)
        annotated = None
        if name == "written":
            by_split = {
                split: [one.gold.text for one in corpus.written if one.gold.split == split]
                for split in ("train", "test")
            }
            parts = by_split["train"], by_split["test"]
            mentions = sum(len(one.gold.mentions) for one in corpus.written)
            annotated = mentions, sum(len(text.split()) for text in texts.values())
        chosen = sample(texts, words)
        found[name] = measure(chosen, *parts, annotated=annotated, tagged=sum(tagged(chosen)))
    standard_output().write(report(found))
