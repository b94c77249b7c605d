"""The corpus that is shipped: what it keeps to, its conversions, and agreement between readers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import spacy
from spacy.tokens import DocBin

from dealspan.components.names import lexicon
from dealspan.corpus.across import (
    names_of,
    repeated_sentences,
    shared_between_splits,
    shortened_between_splits,
    used_in,
    worn_names,
)
from dealspan.corpus.agreement import agreement
from dealspan.corpus.check import problems
from dealspan.corpus.collection import Corpus, frozen_digest, gold_articles, held_out_digest, read_corpus
from dealspan.corpus.formats import FORMATS
from dealspan.corpus.gold import GoldArticle, WrittenGenre
from dealspan.corpus.standoff import join
from dealspan.evaluation import load
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument, Slot, Sum

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "corpus"
ARCHIVE = ROOT.parent / "shared" / "press" / "press.jsonl.xz"
LONGEST_PHRASE = 9
"""Words of a name, an amount or a hedge that may stand in the project."""

# The shipped corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(FOLDER)


def test_every_shipped_article_is_right(corpus: Corpus) -> None:
    assert not corpus.errors
    wrong = [
        f"{article.gold.id}: {problem.message}"
        for article in corpus.written
        for problem in problems(article.gold, article.spans)
        if problem.severity == "error"
    ]
    assert not wrong


def test_no_sentence_of_eight_words_stands_in_two_articles(corpus: Corpus) -> None:
    assert not list(repeated_sentences({article.gold.id: article.gold.text for article in corpus.written}))


def test_no_name_is_shared_between_the_splits_or_worn(corpus: Corpus) -> None:
    assert not list(shared_between_splits(used_in(corpus.written, corpus.real)))
    assert not list(shortened_between_splits(corpus.real))
    assert not list(worn_names(corpus.written))


PUBLIC_BODIES = {
    "Business Finland", "Enterprise Ireland", "European Innovation Council", "European Investment Bank",
    "European Investment Fund", "Innovate UK", "Innovation Norway",
}  # fmt: skip


def test_no_known_firm_takes_part_in_an_invented_fact(corpus: Corpus) -> None:
    known = {name: rule for name, (_, rule) in lexicon.load().known.items()}
    firms = {
        name
        for article in corpus.written
        for name in names_of(article)
        if known.get(lexicon.key(name)) in ("known_company", "known_investor")
    }
    assert firms <= PUBLIC_BODIES


def test_authors_keep_to_one_split(corpus: Corpus) -> None:
    splits: dict[str, set[str]] = {}
    for article in corpus.written:
        splits.setdefault(article.gold.author, set()).add(article.gold.split)
    assert all(len(held) == 1 for held in splits.values())


def test_the_held_out_part_is_the_frozen_one(corpus: Corpus) -> None:
    assert held_out_digest(corpus) == frozen_digest(FOLDER)
    assert all(one.held_out == (one.split == "test") for one in corpus.real)


def test_the_corpus_has_what_it_promises(corpus: Corpus) -> None:
    genres = [article.gold.genre for article in corpus.written]
    assert len(genres) >= 450
    assert set(get_args(WrittenGenre)) == set(genres)
    assert all(genres.count(genre) >= (90 if genre == "none" else 25) for genre in set(genres))
    assert sum(deal.hedged for article in corpus.written for deal in article.gold.deals) >= 250
    real = [one.genre for one in corpus.real]
    assert real.count("press") >= 300
    assert real.count("press_none") >= 50


def strings(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from strings(held)


def test_the_project_holds_no_sentence_of_the_real_part() -> None:
    files = [FOLDER / "press.jsonl", *(FOLDER / "agreement").glob("*.jsonl")]
    held = [
        text
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        for text in strings(json.loads(line))
    ]
    assert len(held) > 10_000
    assert max(len(text.split()) for text in held) <= LONGEST_PHRASE


@pytest.mark.skipif(not ARCHIVE.exists(), reason="the archive of press releases is not here")
def test_the_real_part_joins_its_texts_and_is_right(corpus: Corpus) -> None:
    marks = {one.id: one for one in corpus.real}
    wrong = []
    for article in join(corpus.real, ARCHIVE):
        wrong += [
            f"{article.id}: {problem.message}"
            for problem in problems(article, marks[article.id].marks)
            if problem.severity == "error"
        ]
        named = {
            article.text[start:end] for label, start, end in marks[article.id].marks if label in ("COMPANY", "INVESTOR")
        }
        assert named == set(marks[article.id].names)
    assert not wrong


# Conversions


@pytest.fixture
def articles(corpus: Corpus) -> list[GoldArticle]:
    return list(gold_articles(corpus, None, "dev"))[:40]


def test_the_gold_form_is_read_by_the_evaluation(articles: list[GoldArticle], tmp_path: Path) -> None:
    assert FORMATS["jsonl"].write(articles, tmp_path / "gold.jsonl") == []
    documents = load(tmp_path / "gold.jsonl")
    assert list(documents) == [article.id for article in articles]
    assert sum(len(d.deals) for d in documents.values()) == sum(len(a.deals) for a in articles) > 0


def test_a_docbin_holds_everything(articles: list[GoldArticle], tmp_path: Path) -> None:
    losses = FORMATS["docbin"].write(articles, tmp_path / "gold.spacy")
    docs = list(DocBin().from_disk(tmp_path / "gold.spacy").get_docs(spacy.blank("en").vocab))
    widened = 0
    for doc, article in zip(docs, articles, strict=True):
        assert doc.text == article.text
        assert msgspec.json.decode(doc.user_data["gold"], type=GoldArticle) == article
        for span, mention in zip(doc.spans["gold"], article.mentions, strict=True):
            assert span.label_ == mention.label
            assert mention.text in span.text
            widened += span.text != mention.text
    assert len(losses) == widened


def test_conll_holds_the_mentions(articles: list[GoldArticle], tmp_path: Path) -> None:
    losses = FORMATS["conll"].write(articles, tmp_path / "gold.conll")
    deals = sum(len(article.deals) for article in articles)
    assert losses[-1] == f"CoNLL holds neither deals ({deals} left out) nor title, date and source of an article"
    assert losses[:-1] == FORMATS["docbin"].write(articles, tmp_path / "gold.spacy")
    lines = (tmp_path / "gold.conll").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("# id = ") for line in lines) == len(articles)
    rows = [line.split("\t") for line in lines if "\t" in line]
    assert {len(row) for row in rows} == {5}
    begun = sum(row[3].startswith("B-") for row in rows)
    assert begun == sum(mention.label != "HEDGE" for article in articles for mention in article.mentions)
    assert sum(row[4] == "B-HEDGE" for row in rows) == sum(
        mention.label == "HEDGE" for article in articles for mention in article.mentions
    )
    texts = iter(articles)
    text = ""
    for line in lines:
        if line.startswith("# id = "):
            text = next(texts).text
        elif line:
            token, start, end, *_ = line.split("\t")
            assert text[int(start) : int(end)] == token


def test_brat_holds_the_offsets(articles: list[GoldArticle], tmp_path: Path) -> None:
    losses = FORMATS["brat"].write(articles, tmp_path / "brat")
    assert losses == []
    with pytest.raises(FileExistsError, match="holds brat annotations already"):
        FORMATS["brat"].write(articles, tmp_path / "brat")
    for article in articles:
        text = (tmp_path / "brat" / f"{article.id}.txt").read_bytes().decode()
        assert text == article.text
        rows = (tmp_path / "brat" / f"{article.id}.ann").read_text(encoding="utf-8").splitlines()
        spans = [row.split("\t") for row in rows if row.startswith("T")]
        assert len(spans) == len(article.mentions)
        for _, place, words in spans:
            _, start, end = place.split()
            assert text[int(start) : int(end)] == words
        notes = [row.split("\t") for row in rows if row.startswith("#")]
        assert [json.loads(note) for _, _, note in notes] == msgspec.to_builtins(article.deals)
        for deal, (_, place, _) in zip(article.deals, notes, strict=True):
            if deal.names:
                assert dict(row[::2] for row in spans)[place.split()[1]] in deal.names


def test_ids_with_a_slash_are_files_of_brat_too(articles: list[GoldArticle], tmp_path: Path) -> None:
    FORMATS["brat"].write([msgspec.structs.replace(articles[0], id="a/b")], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a__b.txt", "a__b.ann", "a__b.dealspan.json"}


# Agreement


def test_agreement(tmp_path: Path, articles: list[GoldArticle]) -> None:
    paths = []
    for name in ("first", "second"):
        FORMATS["jsonl"].write(articles, tmp_path / f"{name}.jsonl")
        paths.append(load(tmp_path / f"{name}.jsonl"))
    same = agreement(*paths)
    assert same.kappas == {"stage": 1.0, "certainty": 1.0}
    assert same.figures["slots_micro"]["f1"] == same.figures["mentions_exact_micro"]["f1"] == 1.0
    name, document = next((n, d) for n, d in paths[1].items() if d.deals)
    changed = document.deals[0]._replace(stage="planned" if document.deals[0].stage != "planned" else "completed")
    paths[1][name] = document._replace(deals=[changed, *document.deals[1:]])
    less = agreement(*paths)
    assert less.same["stage"] == (less.paired - 1) / less.paired
    assert less.kappas["stage"] is not None
    assert less.kappas["stage"] < 1.0


def test_agreement_of_deals_that_do_not_say_their_stage() -> None:
    said = load_deals("completed")
    assert agreement(said, said).kappas["stage"] is None
    assert agreement(load_deals("completed", None), load_deals("completed", "planned")).same["stage"] == 0.5


def load_deals(*stages: str | None) -> dict[str, ScoredDocument]:
    slots = [[Slot("company", f"Novena {n}", None), Slot("amount", Sum("USD", n, n), None)] for n in range(len(stages))]
    deals = [ScoredDeal("round", stage, "asserted", held) for stage, held in zip(stages, slots, strict=True)]
    return {"a": ScoredDocument([], deals)}
