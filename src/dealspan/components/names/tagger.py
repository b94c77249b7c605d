"""The trained tagger: for each token how likely it is to be part of the name of a company or of an investor.

A small convolutional network (hash embeddings, windows of three tokens, maxout) with a linear head over BILOU tags, as
spaCy's `HashEmbedCNN` with spaCy's own layers; probabilities instead of the transitions of a parser.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import srsly
from spacy.util import registry
from thinc.api import (
    Embed,
    HashEmbed,
    Maxout,
    Model,
    NumpyOps,
    Softmax,
    chain,
    clone,
    concatenate,
    expand_window,
    residual,
    with_array,
)
from thinc.types import Floats2d, Ints2d

from dealspan.components.names.columns import LEXEME, PLACE, VALUES, Columns, Tokens
from dealspan.components.names.inference import Inference

LABELS = ("COMPANY", "INVESTOR")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BILU"))
Layer = Model[Any, Any]
Network = Model[list[Ints2d], list[Floats2d]]
Probabilities = npt.NDArray[np.float32]
_NEVER = -1e9
_SURELY = 0.98  # outside: below it a name is looked for


@registry.architectures("dealspan.NameTagger.v1")  # type: ignore[untyped-decorator]
def name_tagger(width: int, depth: int, rows: Sequence[int], dropout: float) -> Network:
    """Build the network.

    Parameters
    ----------
    width
        Of the hidden layers; the embeddings of prefix, suffix and shape are half as wide, those of a place a quarter.
    depth
        Windows of three tokens stacked on each other: a token sees `depth` to either side.
    rows
        Of the embeddings of norm, prefix, suffix and shape.
    dropout
        While training.

    """
    widths = [width, width // 2, width // 2, width // 2]
    lexemes: list[Layer] = [
        HashEmbed(size, row, column=i, seed=i, dropout=dropout)
        for i, (size, row) in enumerate(zip(widths, rows, strict=True))
    ]
    places: list[Layer] = [
        Embed(width // 4, VALUES, column=len(LEXEME) + i, dropout=dropout) for i in range(len(PLACE))
    ]
    total = sum(widths) + len(PLACE) * (width // 4)
    window: Layer = chain(expand_window(1), Maxout(width, width * 3, nP=3, dropout=dropout, normalize=True))
    network: Layer = chain(
        concatenate(*lexemes, *places),
        Maxout(width, total, nP=3, dropout=dropout, normalize=True),
        clone(residual(window), depth),
        Softmax(len(TAGS), width),
    )
    return cast("Network", with_array(network, pad=depth))


class Tagger:
    """A network with the norms that it knows (sorted), and the settings it was built with."""

    def __init__(self, network: Network, norms: Columns, settings: dict[str, object]) -> None:
        self.network = network
        self.norms = norms
        self.settings = settings
        self._inference = Inference(network)

    def probabilities(self, tokens: Tokens, table: Columns) -> Probabilities:
        """The probability of each tag, (tokens, tags)."""
        if not len(table):
            return np.zeros((0, len(TAGS)), dtype=np.float32)
        return self._inference(tokens, table, self.norms)


def build(settings: dict[str, object]) -> Network:
    """The network that a section `[model]` of a configuration describes, not yet trained."""
    resolved = registry.resolve({"model": settings})
    network = cast("Network", resolved["model"])
    # For training: numpy's own matrix product was twice as fast as the one thinc brings where it was measured.
    network._to_ops(NumpyOps(use_blis=False))
    return network


def write_tagger(tagger: Tagger, path: Path) -> None:
    """Write a tagger to one file: the settings of its network, and the weights of each layer with their dimensions."""
    # Not `Model.to_bytes`: all else that it holds is in the settings, and to read it takes most of the time.
    layers = [
        {
            "dims": {name: layer.get_dim(name) for name in layer.dim_names if layer.has_dim(name)},
            "weights": {name: layer.get_param(name) for name in layer.param_names},
        }
        for layer in tagger.network.walk()
    ]
    held = {"model": tagger.settings, "norms": tagger.norms.tobytes(), "layers": layers}
    path.write_bytes(srsly.msgpack_dumps(held))


def read_tagger(path: Path) -> Tagger:
    """Read a tagger written by `write_tagger`; raises `ValueError` where the file is none."""
    try:
        held = srsly.msgpack_loads(path.read_bytes())
        network = build(held["model"])
        for layer, read in zip(network.walk(), held["layers"], strict=True):
            for name, size in read["dims"].items():
                layer.set_dim(name, size)  # an error where the settings say another
            for name in layer.param_names:
                layer.set_param(name, read["weights"][name])
        return Tagger(network, np.frombuffer(held["norms"], dtype=np.uint64), held["model"])
    except Exception as error:  # whatever msgpack, thinc and numpy raise on bytes that are no model
        raise ValueError(f"{path}: is no tagger ({error}); make one with `dealspan train`") from None


def names_in(probabilities: Probabilities, doubt: float) -> list[tuple[int, int]]:
    """The likeliest names whatever their label, as (first token, token behind the last).

    Viterbi over the places outside, begin, inside, last and unit; `doubt` is taken off the logarithm of outside.
    """
    places = np.concatenate([probabilities[:, :1], probabilities[:, 1:5] + probabilities[:, 5:9]], axis=1)
    # Between tokens that are surely outside nothing is open, so each stretch of others is decided by itself.
    inside = np.flatnonzero(places[:, 0] < _SURELY)
    scores = np.log(places[inside].astype(np.float64) + 1e-6)
    scores[:, 0] -= doubt
    rows, cuts = scores.tolist(), (np.flatnonzero(np.diff(inside) > 1) + 1).tolist()
    spans = []
    for first, last in pairwise([0, *cuts, len(rows)]):
        if first < last:
            spans += _decode(rows[first:last], int(inside[first]))
    return spans


def _decode(rows: Sequence[Sequence[float]], offset: int) -> list[tuple[int, int]]:
    """The likeliest names among some tokens, of which none goes beyond them.

    All that counts of a path is whether a name is open behind a token: then inside or last follows, else the others.
    """
    closed, open_, back = 0.0, _NEVER, []
    for outside, begin, inside, last, unit in rows:
        alone, ends = unit > outside, open_ + last > closed + max(outside, unit)
        begins = closed + begin > open_ + inside
        back.append((alone, ends, begins))
        closed, open_ = (
            open_ + last if ends else closed + max(outside, unit),
            closed + begin if begins else open_ + inside,
        )
    spans, end = [], None
    for i, (alone, ends, begins) in reversed(list(enumerate(back, offset))):
        if end is None and ends:
            end = i + 1
        elif end is None and alone:
            spans.append((i, i + 1))
        elif end is not None and begins:
            spans.append((i, end))
            end = None
    return spans[::-1]
