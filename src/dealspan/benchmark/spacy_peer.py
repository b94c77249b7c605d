"""What a user would pick instead of dealspan, to be timed beside it: a spaCy pipeline in the shape of en_core_web_sm.

A tok2vec shared by a tagger and a transition-based parser, and a transition-based ner with a tok2vec of its own, with
the sizes of the config of en_core_web_sm 3.8 and as many labels. Nothing is downloaded and nothing is trained: the
weights are random, from a fixed seed. What a network costs does not depend on its weights, but for the number of
transitions that the parser makes. A trained one makes two a token, to put it on the stack and to attach it. Random
weights would end sentences at random, which takes further transitions (counted: up to 4 a token); it is kept from that,
and makes 2.0. The ner makes one a token, whatever its weights.

Where it differs from en_core_web_sm it is faster: there, an attribute ruler and a lemmatizer follow. It is timed with
both libraries that thinc can multiply matrices with: BLIS, which spaCy uses unless it is told otherwise, and numpy's.
The size of the batches is spaCy's own; batches of 16, 32 and 256 documents were no faster.
"""

import json
import sys
from collections.abc import Sequence
from itertools import accumulate
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from dealspan.benchmark.processes import answer
from dealspan.jobs.analysis import ONE_THREAD

if TYPE_CHECKING:
    from spacy.language import Language

WIDTH = 96
TOK2VEC: dict[str, Any] = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": WIDTH,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
        "rows": [5000, 1000, 2500, 2500, 50, 50],
        "include_static_vectors": False,
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": WIDTH,
        "depth": 4,
        "window_size": 1,
        "maxout_pieces": 3,
    },
}
OWN_TOK2VEC = TOK2VEC | {
    "embed": TOK2VEC["embed"] | {"attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"], "rows": [5000, 1000, 2500, 2500]}
}
"""That of the ner, which sees no white space."""
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH}
TAGS, DEPENDENCIES, ENTITIES = 50, 45, 18
"""How many labels the tagger, the parser and the ner of en_core_web_sm have."""
WORDS = 20_000
"""So many words are read of the texts; more would take minutes."""
LIBRARIES = {"BLIS": True, "the BLAS of numpy": False}
"""What thinc can multiply matrices with, and whether that is BLIS."""


NAME = "spaCy in the shape of en_core_web_sm"


class Speed(NamedTuple):
    """Words per second of what was timed, best and at the first reading."""

    name: str
    best: float
    first: float


def speeds(texts: Sequence[str], repeat: int) -> list[Speed]:
    """Time the peer on the first words of the texts with each library."""
    return speeds_of("dealspan.benchmark.spacy_peer", first_words(texts, WORDS), repeat)


def speeds_of(module: str, texts: Sequence[str], repeat: int) -> list[Speed]:
    """Have a module time others on texts, in a process of its own.

    How many threads multiply matrices is settled when numpy is imported; there it is one.
    """
    found = answer(module, str(repeat), to=json.dumps(texts).encode(), environment=ONE_THREAD)
    return [Speed(**one) for one in json.loads(found)]


def quickest(rounds: Sequence[Sequence[Speed]]) -> list[Speed]:
    """Return the highest speeds of several rounds."""
    return [
        Speed(one[0].name, max(s.best for s in one), max(s.first for s in one)) for one in zip(*rounds, strict=True)
    ]


def first_words(texts: Sequence[str], number: int) -> list[str]:
    """Return the first texts that together have so many words, or all; a first text that is longer is cut."""
    words = list(accumulate(len(text.split()) for text in texts))
    whole = [text for text, so_far in zip(texts, words, strict=True) if so_far <= number]
    return whole or [" ".join(texts[0].split()[:number])]


def peer(*, use_blis: bool) -> "Language":
    """Return the pipeline; from now on thinc multiplies with the library that was asked for."""
    import spacy
    from numpy.random import default_rng
    from thinc.api import NumpyOps, fix_random_seed, set_current_ops

    set_current_ops(NumpyOps(use_blis=use_blis))
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe("tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER}})
    # Each label occurs once in the examples, and rare ones would be put together.
    nlp.add_pipe("parser", config={"model": _transitions("parser"), "min_action_freq": 1})
    nlp.add_pipe("ner", config={"model": _transitions("ner") | {"tok2vec": OWN_TOK2VEC}})
    nlp.initialize(lambda: _examples(nlp))
    # spaCy starts the layer that scores the transitions with zeros.
    random = default_rng(0)
    for name in ("parser", "ner"):
        pipe: Any = nlp.get_pipe(name)
        layer = pipe.model.get_ref("upper")
        weights, bias = layer.get_param("W"), layer.get_param("b")
        layer.set_param("W", random.standard_normal(weights.shape, dtype="float32"))
        if name == "parser":
            moves = [pipe.moves.get_class_name(n) for n in range(pipe.moves.n_moves)]
            bias[moves.index("B-ROOT")] = -1e6  # ends a sentence
            layer.set_param("b", bias)
    return nlp


def _transitions(kind: str) -> dict[str, Any]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": kind,
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": LISTENER,
    }


def _examples(nlp: "Language") -> list[Any]:
    """Return two examples that have every label; the heads stand before the words in one, and behind in the other."""
    from spacy.tokens import Doc
    from spacy.training import Example

    last = TAGS - 1
    doc = Doc(nlp.vocab, words=[f"word{n}" for n in range(TAGS)])
    labels = {
        "tags": [f"tag{n}" for n in range(TAGS)],
        "entities": [f"U-entity{n % ENTITIES}" for n in range(TAGS)],
    }
    # Two of the labels, ROOT and dep, are spaCy's own.
    dependencies = [f"dependency{n % (DEPENDENCIES - 2)}" for n in range(last)]
    before = {"heads": [0, *range(last)], "deps": ["ROOT", *dependencies]}
    behind = {"heads": [*range(1, TAGS), last], "deps": [*dependencies, "ROOT"]}
    return [Example.from_dict(doc, labels | tree) for tree in (before, behind)]


def main() -> None:
    """Read texts from standard input as a JSON array, and write the speed with each library."""
    texts, repeat = json.load(sys.stdin), int(sys.argv[1])
    words = sum(len(text.split()) for text in texts)
    found = []
    for library, use_blis in LIBRARIES.items():
        nlp = peer(use_blis=use_blis)
        nlp.max_length = max(map(len, texts)) + 1
        nlp("Novena Inc. raised $5 million.")
        times = []
        for _ in range(repeat):
            started = perf_counter()
            for _doc in nlp.pipe(texts):
                pass
            times.append(perf_counter() - started)
        found.append(Speed(f"{NAME}, {library}", best=words / min(times), first=words / times[0])._asdict())
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
