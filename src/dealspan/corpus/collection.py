"""The corpus as a whole: its written files, the annotations of real texts, both in the gold form, the frozen part."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from dealspan.corpus.articles import ArticleError, Written, read_articles
from dealspan.corpus.gold import GoldArticle, Split
from dealspan.corpus.standoff import StandOff, join, read_archive, read_standoff

ARTICLES, PRESS, FROZEN = "articles", "press.jsonl", "held-out.sha256"


class Corpus(NamedTuple):
    """Everything in a folder of the corpus; `errors` are the files that cannot be read."""

    written: list[Written]
    real: list[StandOff]
    errors: list[ArticleError]


def read_corpus(folder: Path) -> Corpus:
    """Read `articles/*.md` and, where it is there, `press.jsonl` of a folder.

    Raises
    ------
    StandOffError
        Where `press.jsonl` is not valid.

    """
    items = list(read_articles(folder / ARTICLES))
    press = folder / PRESS
    return Corpus(
        written=[item for item in items if isinstance(item, Written)],
        real=read_standoff(press) if press.exists() else [],
        errors=[item for item in items if isinstance(item, ArticleError)],
    )


def gold_articles(corpus: Corpus, archive: Path | None, split: Split | None = None) -> Iterator[GoldArticle]:
    """Yield the written articles and, with the archive of their texts, the real ones; of one split or of all."""
    for article in corpus.written:
        if split in (None, article.gold.split):
            yield article.gold
    if archive is not None:
        yield from join([one for one in corpus.real if split in (None, one.split)], archive)


def unannotated(corpus: Corpus, archive: Path) -> Iterator[str]:
    """Yield the texts of an archive that the corpus does not annotate; raises `StandOffError`."""
    annotated = {one.id for one in corpus.real}
    for document in read_archive(archive):
        if document.id not in annotated:
            yield document.text


def held_out_digest(corpus: Corpus) -> str:
    """The digest of the test part: of its articles and annotations, in the order of their ids."""
    parts = {one.gold.id: msgspec.json.encode(one.gold) for one in corpus.written if one.gold.split == "test"}
    parts |= {one.id: msgspec.json.encode(one) for one in corpus.real if one.split == "test"}
    total = hashlib.sha256()
    for name in sorted(parts):
        total.update(name.encode() + b"\n" + parts[name] + b"\n")
    return total.hexdigest()


def frozen_digest(folder: Path) -> str | None:
    """What the file of the frozen test part says, its first word a digest; None where there is no such file."""
    path = folder / FROZEN
    return path.read_text(encoding="utf-8", errors="replace").partition(" ")[0] if path.exists() else None
