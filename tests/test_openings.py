"""The words that open a pattern are all of them: trying it only there finds what a search of every place finds."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealspan.annotations import lower_case, matches_at, openings
from dealspan.components import dates, factuality, rounds
from dealspan.components.cues import known_publications, patterns
from dealspan.components.money import numbers
from dealspan.components.names import candidates, evidence, lexicon
from tests.annotated import CASES, load_cases

TENSES, NAMES, CUES = factuality.load_tenses(), lexicon.load(), patterns.load_cues(known_publications())
TEXTS = [str(case["text"]) for path in sorted(CASES.glob("*.jsonl")) for case in load_cases(path.stem)] + [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[1] / "corpus").glob("*/*.*"))
]


PATTERNS = {
    "amounts": (numbers._NUMBER, numbers._places, False),
    "dates": (dates.EXPRESSION, dates.places, False),
    "verb forms": (TENSES.stages, lambda text: factuality._verb_places(text, TENSES.opening), True),
    "cues": (CUES.plain, lambda text: patterns._places(text, CUES.opening), True),
    "round types": (rounds.FORMS, rounds._places, False),
    "capitalised words": (candidates._CHAIN, candidates._places, False),
    "cues before names": (NAMES.before, lambda text: evidence._cue_places(text, NAMES.before_opening), False),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_nothing_is_lost(name: str) -> None:
    pattern, places, lower = PATTERNS[name]
    found = 0
    for written in TEXTS:
        text = lower_case(written) if lower else written
        everywhere = [m.span() for m in pattern.finditer(text)]
        assert [m.span() for m in matches_at(pattern, text, places(text), 0, len(text))] == everywhere
        found += len(everywhere)
    assert found > 500


ALPHABET = st.characters(codec="ascii", exclude_categories=("Cc",))


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.from_regex(TENSES.stages, fullmatch=True, alphabet=ALPHABET))
def test_every_verb_form_opens_with_a_word_of_the_lexicon(form: str) -> None:
    words = re.findall(r"\w+", form)
    assert not words or words[0] in TENSES.opening or not re.match(r"\w", form)


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.from_regex(CUES.plain, fullmatch=True, alphabet=ALPHABET))
def test_every_cue_opens_with_a_word_of_the_lexicon(cue: str) -> None:
    assert CUES.opening is not None
    assert cue.startswith("'s") or re.findall(r"\w+", cue)[0] in CUES.opening


def matches(pattern: re.Pattern[str], text: str, places: Sequence[int]) -> list[str]:
    return [match.group() for match in matches_at(pattern, text, places, 0, len(text))]


def test_matches_do_not_overlap_and_keep_to_their_stretch() -> None:
    text = "one two three two one"
    assert matches(re.compile(r"two(?: three two)?"), text, openings(text, {"two"})) == ["two three two"]
    assert [m.start() for m in matches_at(re.compile("one"), text, openings(text, {"one"}), 3, len(text))] == [18]
    assert not list(matches_at(re.compile("one"), text, openings(text, {"one"}), 3, 20))
