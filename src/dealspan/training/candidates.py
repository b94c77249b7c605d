"""The model of candidates: what each candidate of the rules is, from its features; an example a candidate."""

from collections.abc import Iterable

from dealspan.components.names import KINDS, decided_by_rules, features_of, read_names, surroundings
from dealspan.components.names.lexicon import Kind, load
from dealspan.loglinear import LogLinear
from dealspan.training.loglinear import fit
from dealspan.training.names import layers
from dealspan.training.variants import Marked

PENALTY = 0.4
"""The inverse strength of the L2 penalty; 0.2 and 0.8 give the same F1 on the development part within 0.006."""
_KIND_OF: dict[str, Kind] = {"COMPANY": "company", "INVESTOR": "investor"}


def train(texts: Iterable[Marked]) -> LogLinear:
    """Fit the model; raises `ImportError` where scikit-learn (extra `train`) is not installed."""
    nlp, lexicon = layers(), load()
    seen: list[list[str]] = []
    answers: list[Kind] = []
    for text, spans in texts:
        around = surroundings(nlp(text))
        reading = read_names(text, lexicon, around)
        seen += features_of(text, reading, decided_by_rules(reading), around, lexicon)
        gold = {(start, end): _KIND_OF[label] for label, start, end in spans if label in _KIND_OF}
        answers += [gold.get((candidate.start, candidate.end), "other") for candidate in reading.candidates]
    return fit(seen, answers, penalty=PENALTY, classes=KINDS)
