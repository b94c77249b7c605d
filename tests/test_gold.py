"""Floors on the gold articles, where they are at hand.

Each floor is what the version must reach; what was measured stands beside it.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language

from dealspan import Article, encode, process, record_of
from dealspan.evaluation import load
from dealspan.evaluation.align import pairs
from tests.conftest import Scored

GOLD = Path(__file__).parents[2] / "shared" / "gold"
pytestmark = pytest.mark.skipif(not GOLD.is_dir(), reason=f"the gold articles are not at {GOLD}")
FLOORS = {
    "mentions": 0.70,  # measured: 0.903
    "MONEY": 0.95,  # 0.998
    "ROUND": 0.90,  # 1.000
    "deals": 0.70,  # 0.879
    "slots": 0.62,  # 0.807
    "stage": 0.88,  # 0.962
    "hedged": 0.65,  # 0.731
}


def documents(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def measured(scored: Scored) -> dict[str, float]:
    figures, _ = scored(documents("dev"))
    exact = {label: spans["exact"]["f1"] for label, spans in figures["mentions"].items()}
    return {
        "mentions": figures["mentions_exact_micro"]["f1"],
        "deals": figures["deals"]["f1"],
        "slots": figures["slots_micro"]["f1"],
        "stage": figures["stage_accuracy"],
        "hedged": figures["hedged"]["f1"],
        **exact,
    }


@pytest.mark.parametrize("figure", FLOORS)
def test_dev(measured: dict[str, float], figure: str) -> None:
    assert measured[figure] >= FLOORS[figure]


@pytest.fixture(scope="module")
def seeds(nlp: Language, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The main deal of each seed article, which is its first, in gold and in the record."""
    path = tmp_path_factory.mktemp("seeds") / "records.jsonl"
    found = {}
    for document in documents("seeds"):
        published = date.fromisoformat(document["published"])
        article = Article(id=document["id"], text=document["text"], published=published)
        ((_, doc),) = process(nlp, [article])
        line = encode(record_of(article, doc))
        path.write_bytes(line)
        gold, predicted = load(GOLD / "seeds.jsonl")[article.id], load(path)[article.id]
        same = dict(pairs(gold.deals, predicted.deals))
        assert 0 in same, f"the main deal of {article.id} is not found"
        found[article.id] = (document["deals"][0], json.loads(line)["deals"][same[0]])
    return found


def test_main_deals_of_the_seeds(seeds: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for expected, found in seeds.values():
        assert (found["stage"]["value"], found["certainty"]["value"]) == (expected["stage"], expected["certainty"])


def test_the_rumour_of_the_seeds_names_its_source(seeds: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    _, found = seeds["seed-000"]
    assert (found["stage"]["value"], found["certainty"]["value"]) == ("in_progress", "rumored")
    assert "Bloomberg" in [source["value"] for source in found["attribution"]]
