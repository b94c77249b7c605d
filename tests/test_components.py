"""What holds for every component: it stands alone, writes what it declares, keeps its offsets, takes linear time."""

from importlib.metadata import entry_points
from time import thread_time
from typing import Any, get_args

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import Article, encode, process, record_of
from dealspan.annotations import LAYERS, VIEWS, Cue, Money, read
from dealspan.records import Label

FACTORIES = sorted(e.name for e in entry_points(group="spacy_factories") if e.name.startswith("dealspan_"))
TEXT = """Novena raises $5m from Harbour Point

Novena Inc. raised $5 million in a Series A round led by Harbour Point Ventures on May 3, 2026, Bloomberg reported.
Kettl GmbH is said to be in talks to raise €12m."""
PIECES = [
    "Novena", "Novena Inc.", "Harbour Point Ventures", "Bloomberg", "J. Osei", "Müller & Söhne GmbH", "Ünïcorn",
    "$5m", "Rs 1,00,000 crore", "€12m", "R$3 mi", "between $5 and $9", "up to", "at least", "about", "$", "1,1,1",
    "Series A", "seed", "IPO", "convertible note", "round", "funding", "raised", "raises", "is raising", "closed",
    "led by", "from", "and", "with participation from", "including", "investors", "to date", "valued at", "total",
    "is said to be", "in talks to", "could", "reportedly", "according to Bloomberg", "denied", "plans to", "called off",
    "people familiar with the matter said", "if", "may", "May 3", "last year", "2018", "today", "in March",
    ".", ",", ";", ":", "-", "—", "(", ")", "[", "]", "“", "”", "'s", "’s", "%", "&", "/", "•", "#", "...",
    "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u2028", "\u200b", "\ufeff", "\x00",
    "\U0001f680", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301", "\u0301", "İ", "ß", "ﬁ",
    "\u202e", "\u202c", "שלום", "مرحبا", "融资", "٣", "²", "½",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda space: space.join(pieces))
)


def assigned(nlp: Language, name: str) -> set[str]:
    """The extension attributes that a component declares."""
    return {a.removeprefix("doc._.") for a in nlp.get_pipe_meta(name).assigns if a.startswith("doc._.")}


def written(doc: Doc) -> set[str]:
    """The extension attributes that are set on a Doc."""
    return {key[1] for key in doc.user_data if isinstance(key, tuple) and key[0] == "._."}


def test_every_factory_is_in_the_pipeline(nlp: Language) -> None:
    assert sorted(nlp.pipe_names) == FACTORIES


@pytest.mark.parametrize("name", FACTORIES)
def test_component_alone_writes_what_it_assigns(name: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(name)
    views = {f"dealspan_{layer}" for layer in VIEWS}
    for text in (TEXT, ""):
        doc = nlp(text)
        assert doc.text == text
        assert written(doc) == assigned(nlp, name)
        assert set(doc.spans) == assigned(nlp, name) & views


def test_pipeline_fills_what_its_components_assign(nlp: Language) -> None:
    doc = nlp(TEXT)
    for name in nlp.pipe_names:
        assert all(len(doc._.get(attribute)) for attribute in assigned(nlp, name)), name


def test_pipeline_meets_the_requirements_of_its_components(nlp: Language) -> None:
    analysis = nlp.analyze_pipes()
    assert analysis
    assert analysis["problems"] == {name: [] for name in nlp.pipe_names}


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
def test_no_text_breaks_the_pipeline_or_an_offset(nlp: Language, text: str) -> None:
    article = Article(id="any", text=text)
    ((_, doc),) = process(nlp, [article])
    for layer in LAYERS:
        for found in read(doc, layer):
            spans = [(found.start, found.end)]
            if isinstance(found.value, Money):
                spans.append((found.value.start, found.value.end))
            if isinstance(found.value, Cue):
                spans.append((found.value.scope_start, found.value.scope_end))
                if found.value.source_start != -1:
                    spans.append((found.value.source_start, found.value.source_end))
            for start, end in spans:
                assert 0 <= start < end <= len(text), (layer, found)
    record = record_of(article, doc)
    assert encode(record)
    for deal in record.deals:
        marked: list[Any] = [*deal.hedges]
        for one in marked:
            assert text[one.start : one.end] == one.text
        for source in deal.attribution:
            assert text[source.start : source.end] == source.value
        for start, end in [*deal.evidence, *(deal.date.evidence if deal.date else []), *(h.scope for h in deal.hedges)]:
            assert 0 <= start < end <= len(text)
        assert deal.amount is None or deal.amount.value.text in text
    for mention in record.mentions:
        assert mention.label in get_args(Label)
        assert text[mention.start : mention.end] == mention.text


FUNDING = "Novena Labs raised $5 million in a Series A led by Harbour Point, people familiar with the matter said. "
CRAFTED = {
    "digits and commas": ("$", "1,"),
    "conjunctions": ("", "and "),
    "capitals": ("", "A "),
    "brackets": ("", "("),
    "amounts": ("", "€5m "),
    "amounts in brackets": ("", "$5m (€4m) "),
    "funding news": ("", FUNDING),
}


def seconds(nlp: Language, text: str) -> dict[str, float]:
    """The processor time that the tokenizer and each component take for a text."""
    times = {}
    components = nlp.pipeline
    started = thread_time()
    with nlp.select_pipes(disable=nlp.pipe_names):
        ((_, doc),) = process(nlp, [Article(id="any", text=text)])
    for name, component in components:
        times[name] = -thread_time()
        doc = component(doc)
        times[name] += thread_time()
    return {"tokenizer": thread_time() - started - sum(times.values()), **times}


@pytest.mark.parametrize("crafted", CRAFTED)
def test_time_is_linear(nlp: Language, crafted: str) -> None:
    """Twice the text takes about twice the time; the sizes go up from little, so that a failure shows soon."""
    front, piece = CRAFTED[crafted]
    half, before = "", dict[str, float]()
    for size in [3_125 * 2**n for n in range(7)]:
        text = front + piece * (size // len(piece))
        times = seconds(nlp, text)
        slow = {name for name, now in times.items() if now > max(0.5, 3.5 * before.get(name, now))}
        for _ in range(3):
            if not slow:
                break
            # The machine may be slower now than it was: both are timed again, one after the other.
            shorter, longer = seconds(nlp, half), seconds(nlp, text)
            # What takes less than half a second is too short to compare.
            slow &= {name for name, now in longer.items() if now > max(0.5, 3.5 * shorter[name])}
        assert not slow, f"at {size} characters"
        half, before = text, times
