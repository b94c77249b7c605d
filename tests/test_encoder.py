"""The accurate tagger: windows of a text, batches of windows, and the probabilities put together again."""

import sys
from pathlib import Path

import numpy as np
import pytest

from dealspan.components.names.columns import LEXEME, PLACE, Columns, Tokens
from dealspan.components.names.encoder import (
    CONTEXT,
    FORMS,
    WINDOW,
    Encoder,
    WordPieces,
    batch,
    form,
    read_encoder,
    windows,
)
from dealspan.components.names.tagger import TAGS
from dealspan.loglinear import model_file


class Letters:
    """A vocabulary with a piece for each letter."""

    ids: list[int]

    def no_truncation(self) -> None: ...

    def no_padding(self) -> None: ...

    def encode(self, word: str, add_special_tokens: bool) -> "Letters":
        found = Letters()
        found.ids = [1000 + ord(letter) for letter in word if letter.isascii()]
        return found


def text(words: list[str]) -> tuple[Tokens, Columns]:
    distinct = sorted(set(words))
    ends = np.cumsum([len(word) + 1 for word in words]).tolist()
    starts = [end - len(word) - 1 for end, word in zip(ends, words, strict=True)]
    number = np.array([distinct.index(word) for word in words], dtype=np.intp)
    table = np.zeros((len(words), len(LEXEME) + len(PLACE)), dtype=np.uint64)
    table[:, len(LEXEME)] = range(len(words))
    numbers = np.arange(len(distinct), dtype=np.uint64)
    return Tokens(
        starts, ends, number, numbers, numbers, np.zeros((len(distinct), len(LEXEME)), np.uint64), distinct
    ), table


PIECES = WordPieces(Letters())  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [1, 3, 150, 400])
def test_every_token_is_in_one_window(length: int) -> None:
    tokens, table = text(["abc"] * length)
    found = list(windows(tokens, table, PIECES))
    seen = [one.start + i for one in found for i in range(len(one.firsts))]
    assert seen == list(range(length))
    for one in found:
        assert len(one.pieces) == len(one.places) <= WINDOW + 2 * CONTEXT + 2
        assert (one.pieces[0], one.pieces[-1]) == (101, 102)
        assert (one.pieces[one.firsts] == 1000 + ord("a")).all()
        # The places of a window's own tokens are those of the text.
        assert one.places[one.firsts, 0].tolist() == list(range(one.start, one.start + len(one.firsts)))
    if length == 400:
        middle = found[2]
        assert middle.firsts[0] == 1 + CONTEXT // 3 * 3
        assert len(middle.pieces) - 2 - middle.firsts[-1] - 2 == CONTEXT // 3 * 3 + 0


def test_a_crafted_word_is_cut_short() -> None:
    tokens, table = text(["a" * 5000, "b"])
    (one,) = windows(tokens, table, PIECES)
    assert len(one.pieces) == 2 + 8 + 1


def test_white_space_and_unknown_letters_have_a_piece() -> None:
    assert PIECES.of(" ") == (2,)
    assert PIECES.of("\n\n") == (1,)
    assert PIECES.of("鄂") == (100,)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        (" ", 0), ("2020", 1), ("B2B", 2), ("pay", 3), ("USD", 4),
        ("A", 5), ("Pay", 6), ("PayLab", 7), ("iPay", 8), ("$", 9),
    ],
)  # fmt: skip
def test_forms(word: str, kind: int) -> None:
    assert form(word) == kind < FORMS


def test_a_batch_is_padded() -> None:
    short, long = (next(windows(*text(["ab"] * n), PIECES)) for n in (2, 5))
    ids, mask, places, firsts = batch([short, long])
    assert ids.shape == mask.shape == (2, 12)
    assert places.shape == (2, 12, len(PLACE) + 1)
    assert mask.sum(axis=1).tolist() == [6, 12]
    assert firsts.tolist() == [[1, 3, 0, 0, 0], [1, 3, 5, 7, 9]]


class Session:
    """Says of each token the number that its place holds."""

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        rows = np.take_along_axis(inputs["places"][:, :, 0], inputs["firsts"], axis=1)
        return [np.repeat(rows[:, :, None], len(TAGS), axis=2).astype(np.float32)]


@pytest.mark.parametrize("length", [0, 1, 700])
def test_windows_are_put_together_again(length: int) -> None:
    tokens, table = text(["abc", "d"] * (length // 2) + ["e"] * (length % 2))
    found = Encoder(Session(), PIECES).probabilities(tokens, table)
    assert found.shape == (length, len(TAGS))
    assert found[:, 0].tolist() == list(range(length))


def test_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"pip install 'dealspan\[accurate\]'"):
        read_encoder(Path("a.onnx"), Path("b.json"))


def test_a_file_that_is_no_encoder(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `accurate` is not installed")
    (tmp_path / "a.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"a.onnx: is no encoder \(.*make one with `dealspan teach`"):
        read_encoder(tmp_path / "a.onnx", model_file("wordpieces", ".json"))
