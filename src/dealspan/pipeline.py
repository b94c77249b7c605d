"""The whole path: load the pipeline, send articles through it, get records.

import dealspan
record = dealspan.extract("Novena raises $5m", published="2026-03-02")
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from msgspec.structs import replace
from spacy.lang.en import English, EnglishDefaults
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config_from_str

from dealspan.annotations import BATCH, LONG, Explanation
from dealspan.deals.assembly import record_of
from dealspan.gate import Excerpt, whole
from dealspan.records import Article, Record
from dealspan.rules import read_rules

__all__ = ["explain", "extract", "load", "process", "read", "record_of"]

MODELS = ("trained", "rules", "accurate")
# spaCy's tokenizer peels punctuation off a run without white space one character at a time, which is quadratic in its
# length: no prose holds such a run, and a crafted text is cut plainly.
_LONGEST_RUN = 2000
_PIECES = re.compile(r"(\w+|[^\w\s]|\s)( ?)")
# Runs of text whose tokens the tokenizer remembers, ten times as many as spaCy has it: mixed news has 70,000 in 3,000
# articles, and what is not remembered takes five times as long.
_CHUNKS = 100_000
# The longest text the pipeline takes, in characters; spaCy's own limit is for models that need memory per token.
MAX_LENGTH = 100_000_000


class _Defaults(EnglishDefaults):
    tokenizer_exceptions: dict[str, list[dict[int, str]]] = {}


class _English(English):  # type: ignore[no-untyped-call]
    """English whose tokenizer knows no exceptions.

    After the first exception in a text ("don't", "9am", ":)") spaCy's tokenizer no longer uses its cache, and is many
    times slower. Offsets are the truth here, not tokens, so that none is needed; to read them takes longer than all
    else that a tokenizer needs.
    """

    Defaults = _Defaults


def load(model: str | Path = "trained", *, rules: str | Path | None = None) -> Language:
    """Load the pipeline.

    Parameters
    ----------
    model
        Which pipeline: "trained" (models trained on the corpus decide what is a company and what an investor, which
        part each plays in which deal, what hedges a financing, how far it has come and how sure the text is of it);
        "accurate" (the same with a transformer encoder for the names, some 15 times slower; extra `accurate`); "rules"
        (no trained part, three times as fast); or a folder of models of your own, as `dealspan train` writes it.
    rules
        A TOML or JSONL file of your own lexicon entries and patterns (see docs/rules.md).

    Raises
    ------
    ImportError
        Where the extra `accurate` is needed and not installed.
    ValueError
        Where the model is unknown or a file is not valid; the message says what is wrong.

    """
    folder = None if model in MODELS else Path(model)
    if folder and not folder.is_dir():
        raise ValueError(
            f"unknown model {str(model)!r}; choose one of: {', '.join(MODELS)}, or name a folder of models"
        )
    config = load_config_from_str((files("dealspan") / "pipeline.cfg").read_text(encoding="utf-8"))
    if model != "rules":
        for component, settings in _trained(model, folder).items():
            config["components"][component].update(settings)
    for component, settings in (read_rules(rules) if rules else {}).items():
        config["components"][component].update(settings)
    nlp = _English.from_config(config, auto_fill=True)
    nlp.max_length = MAX_LENGTH
    nlp.tokenizer.max_cache_size = _CHUNKS  # type: ignore[union-attr]
    return nlp


def _trained(model: str | Path, folder: Path | None) -> dict[str, dict[str, str]]:
    """The settings of the components that models decide in: the shipped ones, or those of a folder."""

    def of(name: str) -> str:
        return name if folder is None else str(folder / f"{name}.npz")

    names = "names" if folder is None else str(folder / "names.tagger")
    # Until it is calibrated a folder has no model of confidence.
    calibrated = folder is None or (folder / "confidence.npz").exists()
    return {
        "dealspan_names": {"model": "accurate" if model == "accurate" else names},
        "dealspan_cues": {"model": of("factuality")},
        "dealspan_deals": {
            "confidence": of("confidence") if calibrated else "rules",
            "roles": of("roles"),
            "factuality": of("factuality"),
        },
    }


@cache
def _default() -> Language:
    return load()


def extract(text: str, *, published: date | str | None = None, title: str | None = None, id: str = "text") -> Record:
    """Read one text.

    Parameters
    ----------
    text
        The article; offsets of the record are code points of it.
    published
        Publication date (ISO string or date), against which "today" and "last month" are resolved.
    title, id
        What the record's `document` shall say; neither changes the reading.

    Raises
    ------
    ValueError
        Where `published` is no ISO date, or the text is no valid Unicode.

    """
    try:
        text.encode()
        day = date.fromisoformat(published) if isinstance(published, str) else published
    except UnicodeEncodeError as error:
        raise ValueError(f"the text holds half of a surrogate pair at offset {error.start}: decode it first") from error
    except ValueError as error:
        raise ValueError(f"published {published!r} is no date: write it as YYYY-MM-DD") from error
    article = Article(id=id, text=text, title=title, published=day)
    ((_, doc),) = process(_default(), [article])
    return record_of(article, doc)


def process(nlp: Language, articles: Iterable[Article]) -> Iterator[tuple[Article, Doc]]:
    """Send articles through the pipeline in small batches; nothing is kept."""
    for batch in _batches(articles):
        docs = [prepare(nlp, article) for article in batch]
        for _, component in nlp.pipeline:
            # A component of your own may have a way of its own to read several.
            docs = list(component.pipe(docs)) if hasattr(component, "pipe") else [component(doc) for doc in docs]
        yield from zip(batch, docs, strict=True)


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    for article in articles:
        batch.append(article)
        if len(batch) == BATCH or sum(len(one.text) for one in batch) > LONG:
            yield batch
            batch = []
    if batch:
        yield batch


def prepare(nlp: Language, article: Article) -> Doc:
    """Make the Doc of an article, before any component."""
    if max(map(len, article.text.split()), default=0) > _LONGEST_RUN:
        pieces = _PIECES.findall(article.text)
        doc = Doc(nlp.vocab, words=[word for word, _ in pieces], spaces=[bool(space) for _, space in pieces])
    else:
        doc = nlp.make_doc(article.text)
    doc._.published = article.published
    doc.user_data["dealspan_text"] = article.text
    return doc


def read(
    nlp: Language, articles: Iterable[Article], gate: Callable[[str], Excerpt | None] | None = None
) -> Iterator[Record]:
    """Read articles.

    Parameters
    ----------
    nlp
        The pipeline, as `load` gives it.
    articles
        What to read.
    gate
        What decides how much of a text goes through the pipeline: `documents` or `paragraphs` of a
        `dealspan.gate.Gate`. All of it does where no gate is given; where nothing does, the record is empty.

    """
    waiting: deque[tuple[Article, Excerpt | None]] = deque()

    def opened() -> Iterator[Article]:
        for article in articles:
            part = gate(article.text) if gate else whole(article.text)
            waiting.append((article, part))
            if part:
                yield replace(article, text=part.text)

    for _, doc in process(nlp, opened()):
        yield from _shut(waiting)
        article, part = waiting.popleft()
        assert part
        yield part.restored(record_of(article, doc))
    yield from _shut(waiting)


def _shut(waiting: "deque[tuple[Article, Excerpt | None]]") -> Iterator[Record]:
    """The empty records of the articles in front that the gate lets nothing through of."""
    while waiting and waiting[0][1] is None:
        yield record_of(waiting.popleft()[0])


def explain(doc: Doc) -> list[Explanation]:
    """Why each slot of each deal has its value, in the order of the deals."""
    explanations: list[Explanation] = doc._.dealspan_explanations
    return explanations
