"""The trained model of names: features, file, training, and what it may not override."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

import dealspan
from dealspan.annotations import read
from dealspan.cli import app
from dealspan.components.names import Surroundings, decided_by_rules, features_of, find_names, read_names
from dealspan.components.names.features import Context
from dealspan.components.names.lexicon import load
from dealspan.components.names.model import NameModel, read_model
from dealspan.corpus.collection import gold_articles, read_corpus
from dealspan.corpus.gold import GoldArticle
from dealspan.deals.roles import MODELS
from dealspan.loglinear import BUCKETS, LogLinear, buckets, model_file, read_models, write_models
from dealspan.training.card import card, digest, scores
from dealspan.training.names import examples, train
from tests.test_corpus_cli import folder  # noqa: F401

CORPUS = Path(__file__).parents[1] / "corpus"
TEXT = "Lending startup Kettl raised $5 million from Alder Ventures. Kettl is in Oslo.\nOslo is a city."


@pytest.fixture(scope="module")
def articles() -> list[GoldArticle]:
    return list(gold_articles(read_corpus(CORPUS), None, "train"))[:80]


@pytest.fixture(scope="module")
def small(articles: list[GoldArticle]) -> NameModel:
    """Trained on a tenth of the corpus."""
    return train(list(examples(articles)))


# Features


def seen(text: str) -> list[list[str]]:
    reading = read_names(text, load(), Surroundings(frozenset({0, text.find("Kettl is")})))
    context = Context([text.find("$5")], [(0, "HEADLINE"), (79, "BODY")])
    return features_of(text, reading, decided_by_rules(reading), context, load())


def test_features() -> None:
    _, kettl, alder, again, oslo, other = seen(TEXT)
    assert {"before 0 startup", "behind 0 raised", "before two startup lending", "between startup raised"} <= {*kettl}
    assert {"last ventures", "full last ventures", "here investor_shape", "anchor 0", "rules investor"} <= {*alder}
    assert "anywhere company_noun" in again
    assert "here company_noun" not in again
    assert "opens True titled False person False" in again
    assert {"section HEADLINE", "known place", "occurs 2"} <= {*oslo}
    assert "section BODY" in other


def test_neighbours_are_told_with_what_stands_between() -> None:
    first, second = seen("Alder Ventures and Bo Finch invested.")
    assert {"glue 1 and", "next 1 and investor", "next 1 participated"} <= {*first}
    assert {"glue -1 and", "next -1 and investor", "next -1 investor_shape"} <= {*second}
    alone, _ = seen("Alder Ventures\nBo Finch invested.")
    assert not any(feature.startswith(("glue", "next")) for feature in alone)


def test_buckets_are_the_same_in_every_process() -> None:
    assert sorted(buckets(["before 0 startup", "last ventures", "last ventures"])) == [5751, 121056]


# The file


def test_models_come_back(tmp_path: Path) -> None:
    weights = np.zeros((BUCKETS, 3), dtype=np.float32)
    weights[[3, 70_000]] = [[0.5, -0.25, 1.0], [2.0, 0.0, 0.125]]
    model = LogLinear(("a", "b", "c"), weights, np.array([0.5, 0.0, -0.5], dtype=np.float32))
    write_models({"one": model, "two": model._replace(classes=("x", "y", "z"))}, tmp_path / "both.npz")
    back = read_models(tmp_path / "both.npz")
    assert list(back) == ["one", "two"]
    assert (back["one"].weights == weights).all()
    assert (back["one"].bias == model.bias).all()
    assert back["two"].classes == ("x", "y", "z")
    with pytest.raises(ValueError, match=r"both.npz: holds no model of names"):
        read_model(tmp_path / "both.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no model"])
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"names.npz: holds no models \(.*make it with `dealspan train`"):
        read_model(path)
    with pytest.raises(ValueError, match=r"none.npz: holds no models"):
        read_model(tmp_path / "none.npz")


def test_probabilities_sum_to_one(small: NameModel) -> None:
    found = np.exp(small.kinds.log_probabilities(seen(TEXT)))
    assert found.shape == (6, 3)
    assert np.allclose(found.sum(axis=1), 1)


def test_the_shipped_model_is_small() -> None:
    assert model_file("names").stat().st_size < 2_000_000


@pytest.mark.parametrize("unit", ["Kettl raised money. ", "Aa Bb, Cc and Dd. ", "Alder Ventures and "])
def test_time_is_linear(unit: str, small: NameModel) -> None:
    def seconds(times: int) -> float:
        text = unit * times
        around = Surroundings(frozenset(range(0, len(text), len(unit))))
        started = perf_counter()
        for _ in find_names(text, load(), around, model=small):
            pass
        return perf_counter() - started

    short = min(seconds(1_000) for _ in range(3))
    assert min(seconds(8_000) for _ in range(2)) < 20 * short


# Training


def test_the_same_articles_give_the_same_model(articles: list[GoldArticle], small: NameModel) -> None:
    again = train(list(examples(articles)))
    assert (again.kinds.weights == small.kinds.weights).all()
    assert (again.kinds.bias == small.kinds.bias).all()


def test_eighty_articles_beat_the_rules_on_others(small: NameModel) -> None:
    others = list(gold_articles(read_corpus(CORPUS), None, "dev"))
    rules, model = scores(others, None), scores(others, small)
    assert all(model[label][2] > rules[label][2] + 0.03 for label in ("COMPANY", "INVESTOR"))


def test_the_card_says_what_it_was_trained_on(articles: list[GoldArticle]) -> None:
    found = list(examples(articles[:5]))
    page = card(articles[:5], found, {"written": (scores(articles[:5], None),) * 2}, sizes=(12_345, 67_890))
    assert digest(articles[:5]) in page
    assert digest(articles[:5]) != digest(articles[:4])
    assert f"{sum(len(one.classes) for one in found):,} candidates" in page
    assert "| written | INVESTOR |" in page
    assert "12 kB" in page
    assert "68 kB" in page


# Decisions


def test_the_trained_pipeline_reads_what_rules_miss() -> None:
    text = (
        "Yesterday Wexholm banked a $5 million seed round, with cheques from Quorline Capital and Obermay.\n"
        "Quorline Capital sits on the board."
    )
    rules, trained = (dealspan.load(model)(text) for model in ("rules", "trained"))
    assert "Obermay" not in {text[f.start : f.end] for f in read(rules, "names")}
    (obermay,) = [f for f in read(trained, "names") if text[f.start : f.end] == "Obermay"]
    assert (obermay.label, obermay.rule) == ("INVESTOR", "learned")
    assert "Obermay" in [investor.value for investor in trained._.deals[0].investors]


def test_lists_and_own_rules_are_not_overridden(tmp_path: Path) -> None:
    text = "Yesterday Sunday Lantern opened a museum. The Gullwing Museum is run by Sunday Lantern."
    file = tmp_path / "my.toml"
    file.write_text('investors = ["Sunday Lantern"]\ncompanies = ["Gullwing Museum"]\n')
    doc = dealspan.load("trained", rules=file)(text)
    assert {(text[f.start : f.end], f.label, f.rule) for f in read(doc, "names")} == {
        ("Sunday Lantern", "INVESTOR", "user_investor"),
        ("The Gullwing Museum", "COMPANY", "user_company"),
    }


def test_a_text_without_candidates_has_no_names(small: NameModel) -> None:
    assert list(find_names("nothing to see here, $5 million.", load(), model=small)) == []


# The command


def run_train(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def test_train(folder: Path) -> None:  # noqa: F811
    out = folder.parent / "models"
    result = run_train(folder, "--press", folder.parent / "pr.jsonl", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "names.npz and roles.npz trained on 2 articles" in result.stderr
    assert set(read_models(out / "roles.npz")) == set(MODELS)
    assert read_model(out / "names.npz").kinds.weights.any()
    assert "Trained on 2 articles" in (out / "README.md").read_text(encoding="utf-8")


def test_train_without_articles(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    (folder / "articles" / "wire-z01.md").unlink()
    result = run_train(folder, "--out", tmp_path / "models")
    assert result.exit_code == 1
    assert "has no article of the training part; nothing to train on" in result.stderr
    assert not (tmp_path / "models").exists()


def test_train_names_the_extra_it_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run_train(folder, "--out", folder.parent / "models")
    assert result.exit_code == 1
    assert "scikit-learn is not installed; install the extra: pip install 'dealspan[train]'" in result.stderr
