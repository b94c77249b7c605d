"""`dealspan_cues`: phrases with which a text does not vouch for a financing as a done fact, and what they bear on.

Patterns find them; where a trained model is given, they are candidates beside those that the model finds, and the model
decides. What calls a financing off is found by patterns alone.
"""

from collections.abc import Sequence
from importlib.resources import files

import msgspec
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Cue, Found
from dealspan.components.cues import learned, patterns
from dealspan.components.cues.model import CueModel, read_model
from dealspan.components.cues.patterns import CueSet, load_cues
from dealspan.loglinear import model_file
from dealspan.records import HedgeKind

_DATA = files("dealspan.components.lexicons")


def known_publications() -> list[str]:
    """The publications of the lexicon."""
    lines = (_DATA / "publications.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


class CuesComponent:
    """Writes the layer `cues`."""

    def __init__(self, cues: CueSet, model: CueModel | None = None) -> None:
        self.cues = cues
        self.use(model)

    def use(self, model: CueModel | None) -> None:
        """Let a model decide, or the patterns alone."""
        self.model = model
        self.level = model.level() if model else None

    def __call__(self, doc: Doc) -> Doc:
        """Find the cues of a Doc."""
        annotations.write(doc, "cues", self._find(doc))
        return doc

    def _find(self, doc: Doc) -> Sequence[Found[Cue]]:
        found = list(patterns.find_cues(annotations.text_of(doc), annotations.sentences_of(doc), self.cues))
        if self.model is None or self.level is None:
            return found
        # A text without an amount or a round type states no financing that a cue beyond the patterns could bear on.
        if not (found or annotations.read(doc, "money") or annotations.read(doc, "rounds")):
            return []
        cancelled = [cue for cue in found if cue.label == "CANCEL"]
        hedges = learned.find_cues(doc, found, self.model, self.level, self.cues.financing_words)
        return [*cancelled, *hedges]


@Language.factory(
    "dealspan_cues",
    assigns=["doc._.dealspan_cues"],
    default_config={"phrases": [], "publications": [], "model": ""},
)
def make_cues(
    nlp: Language, name: str, phrases: list[dict[str, str]], publications: list[str], model: str
) -> CuesComponent:
    """Build the component; `phrases` (each with `phrase` and `kind`) and `publications` add to the lexicon.

    `model` is the name of a shipped model or the path of one; without it the patterns decide.
    """
    extra = [(msgspec.convert(p["kind"], HedgeKind), p["phrase"]) for p in phrases]
    cues = load_cues([*known_publications(), *publications], extra)
    return CuesComponent(cues, read_model(model_file(model)) if model else None)
