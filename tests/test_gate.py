"""The quality gate: no figure on the held-out written articles may fall.

`quality.json` holds a floor for each figure, the digest of the articles they were measured on, and the noise margin: a
figure may lie below its floor by that much, since a correction of one article moves it. After an improvement
`pytest tests/test_gate.py --record-floors` raises the floors; to lower one takes `--lower-floors` too.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dealspan.corpus.collection import gold_articles, read_corpus
from dealspan.corpus.gold import GoldArticle
from dealspan.evaluation import load, score
from dealspan.evaluation.reading import ScoredDocument
from dealspan.pipeline import MODELS, process, record_of
from dealspan.pipeline import load as load_pipeline
from dealspan.records import Article, encode

FILE = Path(__file__).parent / "quality.json"
CORPUS = Path(__file__).parents[1] / "corpus"
MARGIN = 0.01


@pytest.fixture(scope="module")
def articles() -> list[GoldArticle]:
    return list(gold_articles(read_corpus(CORPUS), None, "test"))


def measure(model: str, articles: list[GoldArticle], folder: Path) -> dict[str, float]:
    """The figures of a shipped pipeline."""
    (folder / "gold.jsonl").write_bytes(b"".join(msgspec.json.encode(article) + b"\n" for article in articles))
    given = (Article(id=one.id, text=one.text, title=one.title, published=one.published) for one in articles)
    records = (encode(record_of(article, doc)) for article, doc in process(load_pipeline(model), given))
    (folder / "records.jsonl").write_bytes(b"".join(record + b"\n" for record in records))
    return figures(load(folder / "gold.jsonl"), load(folder / "records.jsonl"))


def figures(gold: dict[str, ScoredDocument], predicted: dict[str, ScoredDocument]) -> dict[str, float]:
    """The figures that have a floor."""
    found: dict[str, Any]
    found, _ = score(gold, predicted)
    return {
        **{f"{label}, exact F1": by_span["exact"]["f1"] for label, by_span in found["mentions"].items()},
        "deals F1": found["deals"]["f1"],
        "slots F1": found["slots_micro"]["f1"],
        "hedged F1": found["hedged"]["f1"],
        "stage accuracy": found["stage_accuracy"],
        "certainty accuracy": found["certainty_accuracy"],
        "hedges of deals F1": found["deal_hedges"]["f1"],
    }


def raised(old: dict[str, float], new: dict[str, float], *, lower: bool) -> dict[str, float]:
    """The new floors: none lower than before, unless that is wanted."""
    fallen = [name for name, value in new.items() if value < old.get(name, 0)]
    if fallen and not lower:
        pytest.fail(f"would lower the floor of {', '.join(fallen)}; if that is wanted, add --lower-floors")
    return new


@pytest.mark.parametrize("model", MODELS)
def test_no_figure_falls(
    model: str, articles: list[GoldArticle], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    digest = hashlib.sha256(b"".join(msgspec.json.encode(article) for article in articles)).hexdigest()
    measured = measure(model, articles, tmp_path)
    quality = json.loads(FILE.read_text(encoding="utf-8"))
    if request.config.getoption("--record-floors"):
        old = quality["floors"].get(model, {})
        floors = raised(old, measured, lower=request.config.getoption("--lower-floors"))
        quality = {"articles": digest, "margin": MARGIN, "floors": quality["floors"] | {model: floors}}
        FILE.write_text(json.dumps(quality, indent=1) + "\n", encoding="utf-8")
    assert quality["articles"] == digest, "the held-out articles have changed: measure, and record the floors anew"
    assert quality["margin"] == MARGIN
    floors = quality["floors"][model]
    assert floors.keys() == measured.keys()
    fallen = {name: (floor, measured[name]) for name, floor in floors.items() if measured[name] < floor - MARGIN}
    assert not fallen


def test_a_floor_is_lowered_only_when_that_is_said() -> None:
    old, new = {"deals F1": 0.7, "slots F1": 0.5}, {"deals F1": 0.69, "slots F1": 0.6}
    with pytest.raises(pytest.fail.Exception, match="would lower the floor of deals F1; "):
        raised(old, new, lower=False)
    assert raised(old, new, lower=True) == new
    assert raised(old, {"deals F1": 0.7}, lower=False) == {"deals F1": 0.7}
