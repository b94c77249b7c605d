from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from dealspan.components.sections import BULLET, find_sections, find_sentences
from tests.annotated import load_cases

CASES = load_cases("sections")
PIECES = [
    "Inc.", "U.S.", "The", "round", "$3.5", "\n", "\r\n", " ", ".", "...", "?", "”", "“", "(", ")", "- ", "• ", "1. ",
    "# ", "J.", "No.", "About Novena", "(Wire) -- ", "LONDON — ", "Sign up", "word " * 14, "\u2028", "\t", "é",
    "Series A.", "mBrand",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join) | st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text()


@pytest.mark.parametrize("case", [c for c in CASES if "sentences" in c], ids=lambda case: case["id"])
def test_sentences(case: dict[str, Any]) -> None:
    text = case["text"]
    assert [text[s.start : s.end] for s in find_sentences(text)] == case["sentences"]


@pytest.mark.parametrize("case", [c for c in CASES if "sections" in c], ids=lambda case: case["id"])
def test_sections(case: dict[str, Any]) -> None:
    text = case["text"]
    found = find_sections(text, list(find_sentences(text)))
    assert [[s.label, text[s.start : s.end]] for s in found] == case["sections"]


@given(TEXTS)
def test_sentences_are_trimmed_ordered_and_cover_the_text(text: str) -> None:
    reached = 0
    for sentence in find_sentences(text):
        between = text[reached : sentence.start].strip()
        assert not between or all(BULLET.fullmatch(line.strip() + " ") for line in between.splitlines() if line.strip())
        piece = text[sentence.start : sentence.end]
        assert piece and piece == piece.strip()
        reached = sentence.end
    rest = text[reached:].strip()
    assert not rest or all(BULLET.fullmatch(line.strip() + " ") for line in rest.splitlines() if line.strip())


@given(TEXTS)
def test_sections_are_runs_of_sentences(text: str) -> None:
    sentences = list(find_sentences(text))
    sections = list(find_sections(text, sentences))
    starts, ends = {s.start for s in sentences}, {s.end for s in sentences}
    assert all(s.start in starts and s.end in ends for s in sections)
    assert all(a.end <= b.start and a.label != b.label for a, b in pairwise(sections))
    assert sum(any(x.start <= s.start < x.end for x in sections) for s in sentences) == len(sentences)


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("dealspan_sections")
    return nlp


@settings(deadline=None)
@given(text=TEXTS)
def test_tokens_carry_the_sentences(nlp: Language, text: str) -> None:
    doc = nlp(text)
    assert all(token.is_sent_start is not None for token in doc)
    assert sum(len(sentence) for sentence in doc.sents) == len(doc)


def test_component_writes_what_it_assigns(nlp: Language) -> None:
    doc = nlp("Novena raises $5m\n\n(Bloomberg) -- Novena Inc. raised $5m. It will hire.")
    assert [s.text.strip() for s in doc.sents] == [
        "Novena raises $5m", "(Bloomberg) --", "Novena Inc. raised $5m.", "It will hire.",
    ]  # fmt: skip
    assert [s.label for s in doc._.dealspan_sections] == ["HEADLINE", "DATELINE", "BODY"]
    assert {s.label for s in doc._.dealspan_sentences} == {"SENTENCE"}
    assert [t.text for t in doc if t.is_sent_start] == ["Novena", "(", "Novena", "It"]


@pytest.mark.parametrize(
    "piece", ["x", ".", ")", " ", "\n", "a.A", "a. ", '."" ', " \n", "- ", "A, ", "word " * 12 + "\n"]
)
def test_time_is_linear(piece: str) -> None:
    started = perf_counter()
    text = "a." + piece * (500_000 // len(piece))
    list(find_sections(text, list(find_sentences(text))))
    assert perf_counter() - started < 10
