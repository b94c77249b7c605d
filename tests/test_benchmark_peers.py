"""What the pipeline is timed against: its peers, what they read, and the rounds in which they take turns."""

from collections.abc import Iterator
from typing import Any

import pytest
from thinc.api import get_current_ops, set_current_ops

from dealspan.benchmark import libraries, spacy_peer
from dealspan.benchmark.steps import WHOLE, Step, shares, shortest
from tests.annotated import load_cases
from tests.test_deals import gold as as_gold

CASES = [as_gold(case) for case in load_cases("deals")[:8]]


def test_the_libraries_read_the_first_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "WORDS", 20)
    found = libraries.speeds([case["text"] for case in CASES], 1)
    assert [one.name for one in found] == list(libraries.LIBRARIES)
    assert all(one.best == one.first > 0 for one in found)


def test_the_spacy_peer_is_timed_with_both_libraries() -> None:
    found = spacy_peer.speeds([CASES[0]["text"]], 1)
    assert [one.name for one in found] == [f"{spacy_peer.NAME}, {library}" for library in spacy_peer.LIBRARIES]
    assert all(one.best == one.first > 0 for one in found)


def test_of_several_rounds_the_shortest_times_count() -> None:
    assert shares(9, 4) == [3, 2, 2, 2]
    assert shares(5, 4) == [3, 2]
    assert shares(1, 4) == [1]
    assert shares(2, 4) == [2]
    rounds = [{WHOLE: Step(3.0, 9.0)}, {WHOLE: Step(2.0, 2.5)}]
    assert shortest(rounds) == {WHOLE: Step(2.0, 9.0)}
    speeds = [[spacy_peer.Speed("a", 5.0, 4.0)], [spacy_peer.Speed("a", 6.0, 3.0)]]
    assert spacy_peer.quickest(speeds) == [spacy_peer.Speed("a", 6.0, 4.0)]
    assert spacy_peer.quickest([]) == []


@pytest.fixture
def thinc_as_it_was() -> Iterator[None]:
    ops = get_current_ops()
    yield
    set_current_ops(ops)


@pytest.mark.usefixtures("thinc_as_it_was")
@pytest.mark.parametrize("use_blis", [False, True])
def test_the_shape_of_the_peer(use_blis: bool) -> None:
    nlp = spacy_peer.peer(use_blis=use_blis)
    assert nlp.pipe_names == ["tok2vec", "tagger", "parser", "ner"]
    pipes: dict[str, Any] = dict(nlp.pipeline)
    assert {name: len(pipes[name].labels) for name in ("tagger", "parser", "ner")} == {
        "tagger": 50,
        "parser": 45,
        "ner": 18,
    }
    listening = [name for name in pipes if any(node.name == "tok2vec-listener" for node in pipes[name].model.walk())]
    assert listening == ["tagger", "parser"]
    assert pipes["tok2vec"].model.get_dim("nO") == 96
    assert {node.ops.use_blis for node in pipes["tok2vec"].model.walk()} == {use_blis}


@pytest.mark.usefixtures("thinc_as_it_was")
def test_the_parser_of_the_peer_makes_as_many_transitions_as_a_trained_one() -> None:
    nlp = spacy_peer.peer(use_blis=False)
    docs = [nlp.make_doc(case["text"]) for case in CASES]
    nlp.get_pipe("tok2vec").set_annotations(docs, nlp.get_pipe("tok2vec").predict(docs))
    for name, each in (("parser", 2), ("ner", 1)):
        pipe: Any = nlp.get_pipe(name)
        step, states, made = pipe.model.predict(docs), pipe.moves.init_batch(docs), 0
        while states:
            made += len(states)
            states = pipe.transition_states(states, step.predict(states))
        assert made == pytest.approx(each * sum(map(len, docs)), rel=0.05)


@pytest.mark.parametrize(
    ("number", "read"), [(9, ["a b c", "d e", "f"]), (5, ["a b c", "d e"]), (4, ["a b c"]), (2, ["a b"])]
)
def test_the_peer_reads_the_first_words(number: int, read: list[str]) -> None:
    assert spacy_peer.first_words(["a b c", "d e", "f"], number) == read
