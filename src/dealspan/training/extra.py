"""Articles beside the corpus to train on: what `dealspan review export` wrote, or other gold."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dealspan.corpus.collection import Corpus
from dealspan.corpus.formats import FormatError, jsonl
from dealspan.corpus.formats.entries import lines
from dealspan.corpus.gold import GoldArticle, Split
from dealspan.records import digest


def read_extra(paths: Sequence[Path], corpus: Corpus) -> Iterator[GoldArticle | FormatError]:
    """Yield the articles of gold files, and what keeps one from being trained on.

    A text of the development or test part of the corpus is refused, since figures would then be measured on what was
    trained on; one of the training part, or one that stands twice, since its annotations may contradict each other.
    """
    parts: dict[str, Split] = {digest(article.gold.text): article.gold.split for article in corpus.written}
    parts |= {real.sha256: real.split for real in corpus.real}
    seen: dict[str, str] = {}
    for path in paths:
        for found in lines(path, _placed):
            if isinstance(found, FormatError):
                yield found
                continue
            place, article = found
            text = digest(article.text)
            if problem := _problem(article, parts.get(text), seen.get(text)):
                yield FormatError(place, f"{article.id!r}: {problem}")
                continue
            seen[text] = place
            yield article


def _placed(place: str, line: bytes) -> Iterator[tuple[str, GoldArticle]]:
    yield place, jsonl.article_of(place, line)


def _problem(article: GoldArticle, part: Split | None, twin: str | None) -> str | None:
    """Say why an article must not be trained on."""
    if part in ("dev", "test"):
        return f"its text is in the {part} part of the corpus, on which figures are measured; leave it out"
    if part is not None:
        return "its text is in the training part of the corpus already; leave it out, or correct it there"
    if article.split != "train":
        return f"is of a {article.split} part, kept for measuring; leave it out, or set its split to train"
    if twin is not None:
        return f"its text is that of {twin}; keep one of the two"
    return None
