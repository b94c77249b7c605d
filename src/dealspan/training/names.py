"""The tagger of names, trained on annotated articles, their variants, and a teacher's labels of these and of others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import spacy
from spacy.language import Language
from spacy.util import load_config, load_config_from_str, registry
from thinc.api import Optimizer, fix_random_seed, set_dropout_rate
from thinc.types import Floats2d, Ints2d

from dealspan.components.names import columns_of, decided_by_rules, read_names, surroundings
from dealspan.components.names.columns import LEXEME, Columns, Tokens, frequent, known_only, tokens_of
from dealspan.components.names.lexicon import load
from dealspan.components.names.tagger import LABELS, TAGS, Probabilities, Tagger, build
from dealspan.corpus.gold import GoldArticle
from dealspan.training.labels import Labels, probabilities_of, text_digest
from dealspan.training.variants import Marked, name_words, variants

VARIANTS = 1
"""The seed of the variants, whatever that of the training: the tagger has to see those that its teacher labelled."""


class Example(NamedTuple):
    """The columns of a text, and the tags that annotators and the teacher give its tokens, None where they do not."""

    table: Columns
    tags: npt.NDArray[np.intp] | None
    taught: npt.NDArray[np.uint8] | None


def layers() -> Language:
    """The pipeline of what the names component reads."""
    nlp = spacy.blank("en")
    nlp.tokenizer.rules = {}  # type: ignore[union-attr]  # as dealspan.load does
    for name in ("dealspan_sections", "dealspan_money", "dealspan_rounds"):
        nlp.add_pipe(name)
    return nlp


def marked(article: GoldArticle) -> Marked:
    """The text of an article with its mentions."""
    return Marked(article.text, tuple((m.label, m.start, m.end) for m in article.mentions))


def with_variants(articles: Sequence[GoldArticle], seed: int) -> Iterator[Marked]:
    """Yield every article and its variants; the same seed gives the same."""
    texts = [marked(article) for article in articles]
    random, pool = Random(seed), name_words(texts)
    for text in texts:
        yield text
        yield from variants(text, random, pool)


def taught_first(articles: Sequence[GoldArticle], taught: Sequence[str], seed: int) -> Iterator[Marked]:
    """Yield every article and its variants, first those of the articles that the teacher learned from, by digest.

    Their variants are drawn from them alone, so that they are those it has labelled, whatever has been added since.
    """
    by_digest = {text_digest(article.text): article for article in articles}
    yield from with_variants([by_digest[one] for one in taught if one in by_digest], seed)
    known = frozenset(taught)
    yield from with_variants([article for one, article in by_digest.items() if one not in known], seed)


def readings(
    texts: Iterable[Marked],
) -> Iterator[tuple[Tokens, Columns, tuple[tuple[str, int, int], ...]]]:
    """Yield the tokens and the columns of each text, with its spans."""
    nlp, lexicon = layers(), load()
    for text, spans in texts:
        doc = nlp(text)
        tokens, around = tokens_of(doc), surroundings(doc)
        reading = read_names(text, lexicon, around)
        yield tokens, columns_of(reading, decided_by_rules(reading), tokens, around, lexicon), spans


def examples(annotated: Sequence[Marked], others: Iterable[str], labels: Labels) -> Iterator[Example]:
    """Yield an example for each annotated text, and for each of the `others` that the teacher has labelled."""
    taught = [text for text in others if text_digest(text) in labels]
    for text, (tokens, table, spans) in zip(annotated, readings(annotated), strict=True):
        yield Example(table, tags_of(tokens, spans), _taught(labels, text.text, len(table)))
    for other, (_, table, _) in zip(taught, readings(Marked(text, ()) for text in taught), strict=True):
        yield Example(table, None, _taught(labels, other, len(table)))


def _taught(labels: Labels, text: str, tokens: int) -> npt.NDArray[np.uint8] | None:
    label = labels.get(text_digest(text))
    return label if label is not None and len(label) == tokens else None


def tags_of(tokens: Tokens, spans: Iterable[tuple[str, int, int]]) -> npt.NDArray[np.intp]:
    """The tag of each token; a span that cuts a token takes the whole of it."""
    tags = np.zeros(len(tokens.starts), dtype=np.intp)
    for label, start, end in spans:
        if label not in LABELS:
            continue
        first = int(np.searchsorted(tokens.ends, start, side="right"))
        last = int(np.searchsorted(tokens.starts, end, side="left")) - 1
        if last < first or tags[first : last + 1].any():
            continue
        tags[first : last + 1] = TAGS.index(f"I-{label}")
        tags[first], tags[last] = TAGS.index(f"B-{label}"), TAGS.index(f"L-{label}")
        if first == last:
            tags[first] = TAGS.index(f"U-{label}")
    return tags


def one_hot(tags: npt.NDArray[np.intp]) -> Probabilities:
    """Tags as probabilities, (tokens, tags)."""
    result: Probabilities = np.eye(len(TAGS), dtype=np.float32)[tags]
    return result


def target(example: Example, hard: float) -> Probabilities:
    """What the tagger shall say, (tokens, tags): the annotators' tags and the teacher's, mixed where both speak."""
    taught = None if example.taught is None else probabilities_of(example.taught)
    if example.tags is None:
        assert taught is not None
        return taught
    told = one_hot(example.tags)
    return told if taught is None else hard * told + (1 - hard) * taught


def settings(path: Path | None = None, name: str = "names") -> dict[str, dict[str, Any]]:
    """The sections of a configuration: of a file, or of the package's own by its name where none is given.

    Raises
    ------
    ValueError
        Where the file is no configuration.

    """
    if path is not None:
        return cast("dict[str, dict[str, Any]]", load_config(path, interpolate=True))
    text = (files("dealspan.training") / f"{name}.cfg").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, Any]]", load_config_from_str(text, interpolate=True))


def train(
    found: Sequence[Example],
    config: dict[str, dict[str, Any]],
    tell: Callable[[int, float], None] = lambda epoch, loss: None,
) -> Tagger:
    """Train a tagger; the same examples and configuration give the same weights on the same machine.

    `tell` is called after each epoch with its number and its mean loss a token.
    """
    training = config["training"]
    norms = frequent((example.table for example in found), training["least_texts"])
    network = build(config["model"])
    fix_random_seed(training["seed"])
    network.initialize()
    optimizer: Optimizer = registry.resolve({"optimizer": training["optimizer"]})["optimizer"]
    random, noise = Random(training["seed"]), np.random.default_rng(training["seed"])
    tables = [known_only(example.table, norms) for example in found]
    set_dropout_rate(network, config["model"]["dropout"])
    for epoch in range(training["epochs"]):
        total = tokens = 0.0
        for batch in _batches([len(table) for table in tables], training["batch"], random):
            seen = [_hidden(tables[i], training["hide"], noise) for i in batch]
            told, backprop = network.begin_update([cast("Ints2d", table) for table in seen])
            size = sum(len(table) for table in seen)
            slopes = []
            for i, row in zip(batch, told, strict=True):
                wanted = target(found[i], training["hard"])
                total -= float((wanted * np.log(np.asarray(row) + 1e-9)).sum())
                slopes.append(cast("Floats2d", (np.asarray(row) - wanted) / size))
            tokens += size
            backprop(slopes)
            network.finish_update(optimizer)
            optimizer.step_schedules()  # type: ignore[no-untyped-call]
        tell(epoch, total / max(1, tokens))
    set_dropout_rate(network, 0.0)
    averages = optimizer.averages or {}
    for node in network.walk():
        for name in node.param_names:
            if (node.id, name) in averages:
                node.set_param(name, averages[node.id, name])
    return Tagger(network, norms, config["model"])


def _batches(sizes: Sequence[int], most: int, random: Random) -> Iterator[list[int]]:
    order = [i for i, size in enumerate(sizes) if size]
    random.shuffle(order)
    batch: list[int] = []
    for i in order:
        batch.append(i)
        if sum(sizes[n] for n in batch) >= most:
            yield batch
            batch = []
    if batch:
        yield batch


def _hidden(table: Columns, share: float, noise: np.random.Generator) -> Columns:
    """The columns with some words and some places hidden."""
    out = table.copy()
    out[noise.random(len(out)) < share, 0] = 0
    places = out[:, len(LEXEME) :]
    places[noise.random(places.shape) < share] = 0
    return out
