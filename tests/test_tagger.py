"""The tagger of names: what it sees, how names are cut out of its probabilities, its file, and what it decides."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import spacy

from dealspan.annotations import Found, Name
from dealspan.components.names import (
    KINDS,
    NameModel,
    Surroundings,
    Tokens,
    columns_of,
    decided_by_rules,
    find_names,
    read_names,
    tokens_of,
)
from dealspan.components.names.columns import LEXEME, PLACE, VALUES, frequent, known_only
from dealspan.components.names.lexicon import key, load
from dealspan.components.names.tagger import TAGS, Probabilities, Tagger, build, names_in, read_tagger, write_tagger
from dealspan.loglinear import BUCKETS, LogLinear
from dealspan.training.names import settings

TEXT = "Lending startup Kettl raised $5 million from Alder Ventures.\nKettl is in Oslo."
AROUND = Surroundings(frozenset({0, 61}), ((0, "HEADLINE"), (61, "BODY")), ((29, 39, "money"),))


def tokens(text: str = TEXT) -> Tokens:
    return tokens_of(spacy.blank("en")(text))


def table(text: str = TEXT, around: Surroundings = AROUND) -> np.ndarray:
    reading = read_names(text, load(), around)
    return columns_of(reading, decided_by_rules(reading), tokens(text), around, load())


# Columns


def test_tokens_are_those_of_the_doc() -> None:
    found = tokens()
    assert [TEXT[start:end] for start, end in zip(found.starts, found.ends, strict=True)][:4] == [
        "Lending", "startup", "Kettl", "raised",
    ]  # fmt: skip
    assert [found.words[word] for word in found.word[:3]] == ["Lending", "startup", "Kettl"]


def test_columns_tell_the_place_of_a_token() -> None:
    found = table()
    assert found.shape == (len(tokens().starts), len(LEXEME) + len(PLACE))
    assert found[:, len(LEXEME) :].max() < VALUES
    column = {name: found[:, len(LEXEME) + i].tolist() for i, name in enumerate(PLACE)}
    words = [TEXT[start:end] for start, end in zip(tokens().starts, tokens().ends, strict=True)]
    at = {word: i for i, word in enumerate(words)}
    assert column["layer"][at["$"]] == column["layer"][at["million"]] != column["layer"][at["from"]] == 0
    assert column["kind"][at["Alder"]] not in (0, column["kind"][at["Ventures"]])
    assert column["candidate"][at["Alder"]] != column["candidate"][at["Oslo"]]
    assert column["section"][at["startup"]] != column["section"][at["Oslo"]]
    first, second = (i for i, word in enumerate(words) if word == "Kettl")
    assert column["section"][second] == column["section"][second + 1] + 1  # opens a sentence
    assert column["rule"][first] == column["rule"][second] != 0


def test_a_text_without_tokens_has_no_columns() -> None:
    assert table("", Surroundings()).shape == (0, len(LEXEME) + len(PLACE))


def test_words_that_are_not_known_are_one() -> None:
    found = table()
    norms = np.sort(np.unique(found[:3, 0]))
    masked = known_only(found, norms)
    assert (masked[:3] == found[:3]).all()
    assert (masked[3:6, 0] == 0).all()
    assert (masked[:, 1:] == found[:, 1:]).all()


def test_frequent_words_stand_in_several_texts() -> None:
    one, other = table(), table("Kettl raised again, and Kettl again.", Surroundings())
    both = frequent([one, other], 2)
    strings = spacy.blank("en").vocab.strings
    assert {strings["kettl"], strings["raised"]} <= set(both.tolist())
    assert strings["again"] not in both.tolist()
    assert strings["again"] in frequent([one, other], 1).tolist()


# Names cut out of probabilities


def said(*names: dict[str, float], length: int = 6) -> Probabilities:
    """Probabilities of a text of some tokens, where tags of some tokens are given."""
    out = np.zeros((length, len(TAGS)), dtype=np.float32)
    for row, tags in zip(out, [*names, *[{}] * (length - len(names))], strict=True):
        for tag, value in tags.items():
            row[TAGS.index(tag)] = value
        row[0] = 1 - row[1:].sum()
    return out


def test_names_are_cut_out_whole() -> None:
    found = said({}, {"B-COMPANY": 0.9}, {"I-COMPANY": 0.8}, {"L-INVESTOR": 0.7}, {}, {"U-INVESTOR": 0.9})
    assert names_in(found, 0.0) == [(1, 4), (5, 6)]


def test_places_must_follow_each_other() -> None:
    # The likeliest tag of each token alone would be inside, last, begin.
    found = said({"I-COMPANY": 0.6, "B-COMPANY": 0.3}, {"L-COMPANY": 0.9}, {"B-COMPANY": 0.5, "U-COMPANY": 0.4})
    assert names_in(found, 0.0) == [(0, 2), (2, 3)]


def test_doubt_lets_more_names_through() -> None:
    found = said({"U-COMPANY": 0.4})
    assert names_in(found, 0.0) == []
    assert names_in(found, 1.0) == [(0, 1)]
    assert names_in(said(length=0), 1.0) == []


# The file


@pytest.fixture
def untrained() -> Tagger:
    config = settings()["model"] | {"width": 16, "rows": [50, 20, 20, 20]}
    network = build(config)
    network.initialize()
    return Tagger(network, np.array([3, 5], dtype=np.uint64), config)


def test_a_tagger_comes_back(tmp_path: Path, untrained: Tagger) -> None:
    write_tagger(untrained, tmp_path / "a.tagger")
    back = read_tagger(tmp_path / "a.tagger")
    assert back.settings == untrained.settings
    assert (back.norms == untrained.norms).all()
    assert np.allclose(back.probabilities(tokens(), table()), untrained.probabilities(tokens(), table()))


def test_weights_of_another_network(tmp_path: Path, untrained: Tagger) -> None:
    path = tmp_path / "names.tagger"
    for settings_of_another in (untrained.settings | {"depth": 1}, untrained.settings | {"width": 32}):
        write_tagger(Tagger(untrained.network, untrained.norms, settings_of_another), path)
        with pytest.raises(ValueError, match=r"names.tagger: is no tagger \("):
            read_tagger(path)


def test_probabilities_sum_to_one(untrained: Tagger) -> None:
    found = untrained.probabilities(tokens(), table())
    assert found.shape == (len(tokens().starts), len(TAGS))
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)
    assert untrained.probabilities(tokens(""), table("", Surroundings())).shape == (0, len(TAGS))


@pytest.mark.parametrize("content", [b"", b"\x81\xa1a\x01", b"no model"])
def test_a_file_that_is_no_tagger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.tagger"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"names.tagger: is no tagger \(.*make one with `dealspan train`"):
        read_tagger(path)
    with pytest.raises(ValueError, match=r"none.tagger: is no tagger"):
        read_tagger(tmp_path / "none.tagger")


# Decisions


class Told:
    """A tagger that says what a test tells it, by the words of a text."""

    def __init__(self, tags: Callable[[int, str], dict[str, float]]) -> None:
        self.tags = tags

    def probabilities(self, tokens: Tokens, table: np.ndarray) -> Probabilities:
        words = [tokens.words[word] for word in tokens.word]
        return said(*(self.tags(i, word) for i, word in enumerate(words)), length=len(words))


def names(text: str, tags: Callable[[int, str], dict[str, float]], lexicon: object = None) -> list[Found[Name]]:
    undecided = LogLinear(KINDS, np.zeros((BUCKETS, 3), dtype=np.float32), np.zeros(3, dtype=np.float32))
    model = NameModel(Told(tags), undecided)  # type: ignore[arg-type]
    return list(find_names(text, lexicon or load(), Surroundings(), tokens=tokens(text), model=model))  # type: ignore[arg-type]


def test_a_name_of_the_tagger_needs_no_candidate() -> None:
    text = "backed by quillo last year"
    found = names(text, lambda _, word: {"U-INVESTOR": 0.9} if word == "quillo" else {})
    assert [(f.start, f.end, f.label, f.rule) for f in found] == [(10, 16, "INVESTOR", "learned")]
    assert found[0].value.sure == pytest.approx(1.0, abs=0.01)


def test_a_name_has_no_white_space_at_its_ends() -> None:
    text = "Backed by\n Quillo Corp\x85 and  Weft."
    tags = {"\n ": "B", "Quillo": "I", "Corp": "I", "\x85 ": "L", " ": "U"}
    found = names(text, lambda _, word: {f"{tags[word]}-INVESTOR": 0.9} if word in tags else {})
    assert [text[f.start : f.end] for f in found] == ["Quillo Corp"]


def test_occurrences_are_decided_together() -> None:
    text = "Wexholm grew. Wexholm shrank. Wexholm stayed."
    sure = [0.95, 0.95, 0.3]
    found = names(text, lambda i, word: {"U-COMPANY": sure[i // 3]} if word == "Wexholm" else {})
    assert [f.label for f in found] == ["COMPANY"] * 3
    alone = names("Wexholm stayed.", lambda _, word: {"U-COMPANY": 0.3} if word == "Wexholm" else {})
    assert alone == []


def test_what_the_tagger_does_not_see_is_no_company() -> None:
    text = "Kettl raises $5 million from Alder Ventures"
    by_rules = decided_by_rules(read_names(text, load()))
    assert {decided.kind for decided in by_rules} >= {"company", "investor"}
    assert names(text, lambda *_: {}) == []


def test_the_model_of_candidates_is_asked_where_the_tagger_is_not_sure() -> None:
    text = "Kettl met Obermay."
    sides = [np.zeros((BUCKETS, 3), dtype=np.float32), np.array([-3.0, 0.0, 3.0], dtype=np.float32)]
    model = NameModel(
        Told(
            lambda _, word: {"Kettl": {"U-COMPANY": 0.99}, "Obermay": {"U-COMPANY": 0.5, "U-INVESTOR": 0.2}}.get(
                word, {}
            )
        ),  # type: ignore[arg-type]
        LogLinear(KINDS, *sides),
    )
    found = find_names(text, load(), tokens=tokens(text), model=model)
    assert [(text[f.start : f.end], f.label) for f in found] == [("Kettl", "COMPANY"), ("Obermay", "INVESTOR")]


def test_prediction_is_what_was_trained(untrained: Tagger) -> None:
    far = "Kettl " + "raised money from startup " * 6 + "Obermay raised"
    known = np.sort(np.unique(table(TEXT.lower() + " money", Surroundings())[:, 0]))
    tagger = Tagger(untrained.network, known, untrained.settings)
    for text in (TEXT, "Kettl", "Kettl Kettl Kettl", far):
        seen = table(text, Surroundings())
        (trained,) = tagger.network.predict([known_only(seen, known)])  # type: ignore[list-item]
        found = tagger.probabilities(tokens(text), seen)
        asked = found[:, 0] < 1
        assert np.allclose(found[asked], trained[asked], atol=1e-5)
        assert asked[[0, -1]].all()
        assert asked.mean() < 0.5 or text != far


def test_publications_are_left_to_the_rules() -> None:
    text = "Kettl is in talks, Reuters reported."
    (found,) = names(text, lambda *_: {})
    assert (text[found.start : found.end], found.label, found.value.sure) == ("Reuters", "PUBLICATION", None)


def test_names_that_the_user_lists_are_not_overridden() -> None:
    lexicon = load()
    own = lexicon._replace(known=lexicon.known | {key("Sunday Lantern"): ("investor", "user_investor")})
    text = "Yesterday Sunday Lantern opened a museum."
    (found,) = names(text, lambda *_: {}, own)
    assert (text[found.start : found.end], found.label, found.rule) == ("Sunday Lantern", "INVESTOR", "user_investor")
    (same,) = names(text, lambda _, word: {"U-COMPANY": 0.9} if word == "Lantern" else {}, own)
    assert same == found
