"""Training of the tagger of names: its examples, the teacher's labels, the fitting, the card and the command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from click.testing import Result
from typer.testing import CliRunner

import dealspan
from dealspan.annotations import read
from dealspan.cli import app
from dealspan.components.names import NameModel, read_model, tokens_of
from dealspan.components.names.tagger import TAGS, Tagger, read_tagger
from dealspan.corpus.articles import read_article
from dealspan.corpus.collection import gold_articles, read_corpus
from dealspan.corpus.gold import GoldArticle
from dealspan.deals.roles import MODELS
from dealspan.loglinear import (
    BUCKETS,
    LogLinear,
    buckets,
    joined,
    model_file,
    number,
    read_models,
    rows_of,
    templates,
    write_models,
)
from dealspan.training import names
from dealspan.training.card import card, digest, factuality_section, names_section, scores
from dealspan.training.factuality import Trained
from dealspan.training.labels import probabilities_of, quantized, read_labels, text_digest, write_labels
from dealspan.training.variants import Marked
from tests.test_corpus_cli import folder  # noqa: F401

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.fixture(scope="module")
def articles() -> list[GoldArticle]:
    return list(gold_articles(read_corpus(CORPUS), None, "train"))[:40]


@pytest.fixture(scope="module")
def found(articles: list[GoldArticle]) -> list[names.Example]:
    return list(names.examples([names.marked(article) for article in articles], (), {}))


def short(epochs: int = 3) -> dict[str, dict[str, object]]:
    """The configuration of the package, for a training of seconds."""
    config = names.settings()
    config["model"] |= {"width": 32, "depth": 1, "rows": [500, 200, 300, 200], "dropout": 0.0}
    config["training"] |= {"epochs": epochs, "batch": 1000}
    config["training"]["optimizer"]["learn_rate"] |= {"warmup_steps": 5, "total_steps": 300}
    return config


@pytest.fixture(scope="module")
def small(found: list[names.Example]) -> Tagger:
    return names.train(found, short(12))


# Log-linear models


def test_buckets_are_the_same_in_every_process() -> None:
    assert sorted(buckets(["before 0 startup", "last ventures", "last ventures"])) == [5751, 121056]


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
    assert list(read_models(tmp_path / "both.npz", ["two", "three"])) == ["two"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no model"])
def test_a_file_that_holds_no_models(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"names.npz: holds no models \(.*make it with `dealspan train`"):
        read_models(path)
    with pytest.raises(ValueError, match=r"none.npz: holds no models"):
        read_models(tmp_path / "none.npz")


# Examples


def test_tags_cover_whole_tokens() -> None:
    text = "Kettl Labs Inc. and Bo back quillo-led rounds"
    tokens = tokens_of(spacy.blank("en")(text))
    spans = (("COMPANY", 0, 15), ("INVESTOR", 20, 22), ("HEDGE", 23, 27), ("COMPANY", 28, 31), ("INVESTOR", 6, 10))
    tags = [TAGS[tag] for tag in names.tags_of(tokens, spans)]
    assert tags[:6] == ["B-COMPANY", "I-COMPANY", "L-COMPANY", "O", "U-INVESTOR", "O"]
    assert tags[6] == "U-COMPANY"  # cut in the middle of "quillo"
    assert set(tags[7:]) == {"O"}


def test_the_target_is_mixed_where_both_speak() -> None:
    table = np.zeros((2, 12), dtype=np.uint64)
    tags, taught = np.array([0, 4]), np.array([[0] * 8, [0, 0, 0, 204, 51, 0, 0, 0]], dtype=np.uint8)
    mixed = names.target(names.Example(table, tags, taught), 0.5)
    assert mixed[0].tolist() == [1] + [0] * 8
    assert mixed[1, [4, 5]].tolist() == pytest.approx([0.9, 0.1])
    assert names.target(names.Example(table, tags, None), 0.5)[1, 4] == 1
    assert names.target(names.Example(table, None, taught), 0.5)[1, 4] == pytest.approx(0.8)


def test_labels_come_back(tmp_path: Path) -> None:
    said = np.array([[0.2, 0.5, 0.3, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0]], dtype=np.float32)
    labels = ("a", quantized(said)), ("b", quantized(said[:0])), ("c", quantized(said[1:]))
    write_labels(labels, tmp_path / "l.npz", annotated=["c", "a"])
    back, annotated = read_labels(tmp_path / "l.npz")
    assert annotated == ["c", "a"]
    assert {name: len(label) for name, label in back.items()} == {"a": 2, "b": 0, "c": 1}
    assert np.allclose(probabilities_of(back["a"]), said, atol=0.003)
    assert np.allclose(probabilities_of(back["a"]).sum(axis=1), 1)


def test_a_file_without_labels(tmp_path: Path) -> None:
    (tmp_path / "l.npz").write_bytes(b"no labels")
    with pytest.raises(ValueError, match=r"l.npz: holds no labels of a teacher \(.*make them with `dealspan teach`"):
        read_labels(tmp_path / "l.npz")


def test_only_texts_with_labels_join() -> None:
    text = Marked("Kettl raised money.", (("COMPANY", 0, 5),))
    label = np.zeros((4, 8), dtype=np.uint8)
    labels = {text_digest(text.text): label, text_digest("Other text"): label[:2]}
    one, other = names.examples([text], ["Other text", "Unlabelled text"], labels)
    assert one.tags is not None
    assert one.taught is label
    assert other.tags is None
    assert other.taught is not None
    # A label of another tokenization is none.
    (alone,) = names.examples([text], (), {text_digest(text.text): label[:3]})
    assert alone.taught is None


def test_every_article_has_variants(articles: list[GoldArticle]) -> None:
    texts = list(names.with_variants(articles[:3], 0))
    assert len(texts) == 12
    assert texts[::4] == [names.marked(article) for article in articles[:3]]
    assert texts == list(names.with_variants(articles[:3], 0))


def test_the_variants_that_the_teacher_labelled_stay_when_the_corpus_grows(articles: list[GoldArticle]) -> None:
    before = list(names.with_variants(articles[1:4:2], 7))
    taught = [text_digest(article.text) for article in articles[1:4:2]]
    after = list(names.taught_first(articles[:5], taught, 7))
    assert after[: len(before)] == before
    assert after[len(before) :: 4] == [names.marked(articles[i]) for i in (0, 2, 4)]
    assert list(names.taught_first(articles[:3], [], 7)) == list(names.with_variants(articles[:3], 7))


def test_variants_are_the_same_in_every_process() -> None:
    code = """
from random import Random
from dealspan.training.variants import Marked, variants
text = "Kettl and Ormo raised $5m from Bruno Capital, Aster Ventures and Delphi."
names = ("Kettl", "COMPANY"), ("Ormo", "COMPANY"), ("Bruno Capital", "INVESTOR"), ("Delphi", "INVESTOR")
spans = tuple((label, text.index(name), text.index(name) + len(name)) for name, label in names)
for seed in range(100):
    print(list(variants(Marked(text, spans), Random(seed), [])))
"""
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in "12"
    }
    assert len(runs) == 1


def test_a_table_of_numbers_is_judged_like_rows() -> None:
    random = np.random.default_rng(0)
    model = LogLinear(("a", "b"), random.normal(size=(BUCKETS, 2)).astype(np.float32), np.zeros(2, np.float32))
    of = templates(("word", "next", "shape"), (("word",), ("word", "next"), ("next", "word"), ("shape",)))
    columns = np.array(
        [[number(w), number(n), s] for w, n, s in (("raises", "cash", 1), ("cash", "raises", 1))], np.uint32
    )
    table = rows_of(columns, of)
    assert table.shape == (2, 4)
    assert ((table >= 0) & (table < BUCKETS)).all()
    # The same pair the other way round is another feature, and equal columns are equal features.
    assert table[0, 1] != table[1, 1]
    assert table[0, 3] == table[1, 3]
    assert len({*table[0], *table[1]}) == 7
    whole = model.judge(joined(table.tolist()))
    assert np.allclose(model.judge_table(table), whole)
    assert np.allclose(np.exp(whole).sum(axis=1), 1)


# Fitting


def test_the_same_examples_give_the_same_tagger(found: list[names.Example], small: Tagger) -> None:
    again = names.train(found, short(12))
    assert again.network.to_bytes() == small.network.to_bytes()
    assert (again.norms == small.norms).all()


def test_the_loss_falls(found: list[names.Example]) -> None:
    losses: list[float] = []
    names.train(found, short(4), lambda epoch, loss: losses.append(loss))
    assert len(losses) == 4
    assert losses == sorted(losses, reverse=True)


def test_forty_articles_find_names(small: Tagger) -> None:
    others = list(gold_articles(read_corpus(CORPUS), None, "dev"))[:30]
    model = NameModel(small, read_model("names").candidates)
    assert scores(others, model)["COMPANY"][2] > 0.3


def test_a_configuration_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "my.cfg"
    path.write_text("[training]\nseed = 4\n")
    assert names.settings(path) == {"training": {"seed": 4}}
    assert names.settings()["training"]["seed"] == 2


# The shipped models


def test_the_shipped_models_are_small() -> None:
    default = [model_file("names", ".tagger")]
    accurate = [model_file("accurate", ".onnx"), model_file("wordpieces", ".json")]
    assert sum(path.stat().st_size for path in default) < 12e6
    assert sum(path.stat().st_size for path in [*default, *accurate]) < 50e6


@pytest.mark.parametrize("model", ["trained", "accurate"])
def test_what_rules_miss(model: str) -> None:
    if model == "accurate":
        pytest.importorskip("onnxruntime", reason="the extra `accurate` is not installed")
    text = (
        "Yesterday Wexholm banked a $5 million seed round, with cheques from Quorline Capital and Obermay.\n"
        "Quorline Capital sits on the board."
    )
    rules, trained = (dealspan.load(name)(text) for name in ("rules", model))
    assert "Obermay" not in {text[f.start : f.end] for f in read(rules, "names")}
    (obermay,) = [f for f in read(trained, "names") if text[f.start : f.end] == "Obermay"]
    assert (obermay.label, obermay.rule) == ("INVESTOR", "learned")
    assert obermay.value.sure > 0.5
    assert "Obermay" in [investor.value for investor in trained._.deals[0].investors]


# The card and the command


def test_the_card_says_what_it_was_trained_on(articles: list[GoldArticle], found: list[names.Example]) -> None:
    figures = {"written": (scores(articles[:5], None),) * 2}
    page = names_section(articles[:5], [], found[:5], figures, names.settings(), size=1_234_567)
    assert digest(articles[:5]) in page
    assert digest(articles[:5]) != digest(articles[:4])
    assert f"{sum(len(one.table) for one in found[:5]):,} tokens" in page
    assert "| written | INVESTOR |" in page
    assert "1.2 MB" in page
    hedging = factuality_section(Trained({}, hedges=1_234, deals=77, hedged=8, drafts=99, bearings=1_001))
    assert "the 1,234 hedges" in hedging
    assert "on 77 deals,\n  8 of them" in hedging
    assert "on 1,001 pairs" in hedging
    assert card([page, hedging]).index("names.tagger") < card([page, hedging]).index("factuality.npz")


def run_train(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "short.cfg"
    text = (Path(names.__file__).parent / "names.cfg").read_text(encoding="utf-8")
    path.write_text(text.replace("epochs = 8", "epochs = 1").replace("width = 64", "width = 16"))
    return path


def test_train(folder: Path, config: Path) -> None:  # noqa: F811
    out = folder.parent / "models"
    result = run_train(folder, "--press", folder.parent / "pr.jsonl", "--config", config, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "names.tagger trained on 8 texts, the others on 2" in result.stderr
    assert set(read_models(out / "roles.npz")) == set(MODELS)
    assert read_tagger(out / "names.tagger").settings["width"] == 16
    assert "2 articles of the training" in (out / "README.md").read_text(encoding="utf-8").replace("\n", " ")


EXTRA = {
    "id": "mine", "text": "Wexholm has raised \u20ac3 million from Alder Ventures. Obermay is said to plan a Series B.",
    "mentions": [
        {"label": "COMPANY", "start": 0, "end": 7}, {"label": "MONEY", "start": 19, "end": 29},
        {"label": "INVESTOR", "start": 35, "end": 49}, {"label": "HEDGE", "start": 59, "end": 69},
        {"label": "ROUND", "start": 77, "end": 85},
    ],
    "deals": [
        {"id": "d1", "kind": "round", "company": "Wexholm", "stage": "completed", "certainty": "asserted",
         "amount": {"min": 3e6, "max": 3e6, "currency": "EUR", "text": "\u20ac3 million"}},
        {"id": "d2", "kind": "round", "company": " ", "round_type": "series_b", "stage": "planned",
         "certainty": "rumored", "hedges": ["is said to"]},
    ],
}  # fmt: skip


def extra_file(path: Path, *articles: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(EXTRA | article) + "\n" for article in articles), encoding="utf-8")
    return path


def test_train_on_what_was_reviewed(folder: Path, config: Path) -> None:  # noqa: F811
    out = folder.parent / "models"
    one = extra_file(folder.parent / "one.jsonl", {})
    two = extra_file(folder.parent / "two.jsonl", {"id": "other", "text": f"{EXTRA['text']} Really."})
    result = run_train(folder, "--config", config, "--out", out, "--extra", one, "--extra", two)
    assert result.exit_code == 0, result.stderr
    # The one written article with its three variants, and two that have none.
    assert "names.tagger trained on 6 texts, the others on 3" in result.stderr
    page = (out / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    assert "1 articles of the training" in page
    assert "3 variants of them" in page
    assert "2 articles beside the corpus (`--extra`), without variants" in page
    assert dealspan.load(out)(EXTRA["text"]).text == EXTRA["text"]


def test_what_was_reviewed_is_not_taught_as_well(folder: Path, config: Path) -> None:  # noqa: F811
    out, text = folder.parent / "models", str(EXTRA["text"])
    press = folder.parent / "press.jsonl"
    lines = [*(folder.parent / "pr.jsonl").read_text().splitlines(), json.dumps({"id": "pr/9", "text": text})]
    press.write_text("\n".join(lines), encoding="utf-8")
    tokens = len(tokens_of(names.layers()(text)).starts)
    write_labels([(text_digest(text), np.zeros((tokens, 8), dtype=np.uint8))], folder.parent / "labels.npz")
    options = ["--press", press, "--labels", folder.parent / "labels.npz", "--config", config, "--out", out]
    assert "trained on 9 texts, the others on 2" in run_train(folder, *options).stderr
    result = run_train(folder, *options, "--extra", extra_file(folder.parent / "extra.jsonl", {}))
    assert "trained on 9 texts, the others on 3" in result.stderr


def test_what_must_not_be_trained_on(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    held_out, trained = (read_article(folder / "articles" / f"wire-z0{n}.md").gold.text for n in (2, 1))
    nothing: dict[str, object] = {"mentions": [], "deals": []}
    real = (folder.parent / "pr.jsonl").read_text().splitlines()[0]
    path = extra_file(
        tmp_path / "extra.jsonl",
        {"text": held_out, **nothing},
        {"id": "b", "text": trained, **nothing},
        {"id": "c", "text": json.loads(real)["text"], **nothing},
        {"id": "d"},
        {"id": "e"},
        {"id": "f", "text": "Kettl waits.", "split": "dev", **nothing},
        {"id": "g", "mentions": [{"label": "ORG", "start": 0, "end": 7}]},
    )
    result = run_train(folder, "--out", tmp_path / "models", "--extra", path, "--extra", tmp_path / "none.jsonl")
    assert result.exit_code == 1
    for message in (
        f"{path}:1: 'mine': its text is in the test part of the corpus, on which figures are measured; leave it out",
        f"{path}:2: 'b': its text is in the training part of the corpus already",
        f"{path}:3: 'c': its text is in the training part of the corpus already",
        f"{path}:5: 'e': its text is that of {path}:4; keep one of the two",
        f"{path}:6: 'f': is of a dev part, kept for measuring",
        f"{path}:7: 'ORG' is no label",
        "none.jsonl: cannot be read",
        "7 of the extra articles cannot be trained on; nothing is trained",
    ):
        assert message in result.stderr
    assert not (tmp_path / "models").exists()


def test_train_without_articles(tmp_path: Path, folder: Path) -> None:  # noqa: F811
    (folder / "articles" / "wire-z01.md").unlink()
    result = run_train(folder, "--out", tmp_path / "models")
    assert result.exit_code == 1
    assert "has no article of the training part; nothing to train on" in result.stderr
    assert not (tmp_path / "models").exists()
