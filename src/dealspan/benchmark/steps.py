"""The steps of the pipeline timed in this process, beside spaCy's tokenizer."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from dealspan.annotations import text_of
from dealspan.jobs.worker import WARM_UP
from dealspan.pipeline import process, record_of
from dealspan.records import Article, encode

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TOKENIZER, WHOLE, RECORD = "spaCy's tokenizer alone", "whole pipeline with record and JSON", "record and JSON"


class Step(NamedTuple):
    """The seconds that a step takes over all articles: at its best, and when they are read for the first time."""

    best: float
    first: float


def steps(nlp: "Language", articles: Sequence[Article], repeat: int) -> dict[str, Step]:
    """Time the tokenizer, each component, the record, and all of it but the gate."""
    import spacy

    # What is only imported or read when it is first used is used here.
    for article, doc in process(nlp, [Article(id="warm-up", text=WARM_UP)]):
        encode(record_of(article, doc))
    # Its cache fills like that of the pipeline's own: made anew for each run, it would be slower.
    tokenizer = spacy.blank("en").tokenizer
    runs = [_once(nlp, tokenizer, articles) for _ in range(repeat)]
    return {step: Step(min(run[step] for run in runs), runs[0][step]) for step in runs[0]}


def shares(number: int, most: int) -> list[int]:
    """Cut a number of times into at most so many rounds, of two at least: what is made anew for a round begins cold."""
    parts = max(1, min(number // 2, most))
    return [number // parts + (part < number % parts) for part in range(parts)]


def shortest(rounds: Sequence[dict[str, Step]]) -> dict[str, Step]:
    """Return the shortest times of several rounds; the first reading is that of the first round."""
    return {step: Step(min(one[step].best for one in rounds), took.first) for step, took in rounds[0].items()}


def _once(nlp: "Language", tokenizer: "Callable[[str], Doc]", articles: Sequence[Article]) -> dict[str, float]:
    """Return the seconds that each step takes over all articles."""
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
