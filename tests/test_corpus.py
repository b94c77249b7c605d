"""The corpus: its format, what the check finds, what the shipped articles keep to, conversions, counts, agreement."""

import json
import lzma
from pathlib import Path
from typing import Any

import msgspec
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin

from dealspan.corpus.across import repeated_sentences, shared_between_splits, used_in, worn_names
from dealspan.corpus.agreement import agreement
from dealspan.corpus.articles import ArticleError, Written, read_article
from dealspan.corpus.check import problems
from dealspan.corpus.collection import Corpus, frozen_digest, gold_articles, held_out_digest, read_corpus
from dealspan.corpus.convert import WRITERS
from dealspan.corpus.gold import GENRES, LABELS, GoldArticle
from dealspan.corpus.markup import MarkupError, parse, render
from dealspan.corpus.standoff import StandOff, StandOffError, digest, join, read_standoff
from dealspan.evaluation import load

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "corpus"
ARCHIVE = ROOT.parent / "shared" / "press" / "press.jsonl.xz"
MARKS = (*LABELS, "NONE")

FRONT = """+++
id = "wire-z01"
genre = "wire"
author = "z"
split = "train"
published = 2026-03-02
outlet = "Tarn Street Wire"
brief = "a closed round"

[[deals]]
kind = "round"
company = "Novena Inc."
amount = { text = "about €12 million", value = 12e6, currency = "EUR", approx = true }
round_type = "series_a"
lead = ["Alder Ventures"]
stage = "completed"
certainty = "asserted"
+++
"""
BODY = (
    "# [COMPANY Novena] raises [MONEY €12m]\n\n[COMPANY Novena Inc.] has raised about [MONEY €12 million] in a "
    "[ROUND Series A] round led by [INVESTOR Alder Ventures], for its [NONE Novena Pro].\n"
)


def write(folder: Path, front: str = FRONT, body: str = BODY, name: str = "wire-z01") -> Path:
    path = folder / f"{name}.md"
    path.write_text(front + body, encoding="utf-8")
    return path


# Markup


def test_markup() -> None:
    text, spans = parse(r"[HEDGE according to [COMPANY Novena]], \[sic\]", MARKS)
    assert text == "according to Novena, [sic]"
    assert spans == [("HEDGE", 0, 19), ("COMPANY", 13, 19)]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("[FIRM Novena]", "'FIRM' is no label"),
        ("[COMPANY Novena", "COMPANY is not closed"),
        ("Novena]", "closes no bracket"),
        ("[COMPANY [MONEY $5m]]", "a bracket in a bracket"),
        ("[HEDGE a [HEDGE b [MONEY $5m]]]", "a bracket in a bracket"),
        ("[COMPANY ]", "mark words without space"),
        ("[COMPANY Novena ]", "mark words without space"),
        ("[COMPANY Novena\nInc.]", "mark words without space"),
    ],
)
def test_bad_markup(marked: str, message: str) -> None:
    with pytest.raises(MarkupError, match=message.replace("[", r"\[")):
        parse(marked, MARKS)


@given(st.text(alphabet="ab[]\\ é😀\n", max_size=40), st.data())
def test_markup_comes_back(text: str, data: st.DataObject) -> None:
    text = text.replace("\\", "")
    words = [(i, j) for i in range(len(text)) for j in range(i + 1, len(text) + 1) if text[i:j].strip() == text[i:j]]
    words = [(i, j) for i, j in words if "\n" not in text[i:j]]
    chosen = data.draw(st.lists(st.sampled_from(words), max_size=3)) if words else []
    spans: list[tuple[str, int, int]] = []
    for start, end in sorted(chosen):
        if not spans or start >= spans[-1][2]:
            spans.append(("COMPANY", start, end))
    assert parse(render(text, spans), MARKS) == (text, spans)


# Files


def test_an_article(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    gold = json.loads(msgspec.json.encode(article.gold))
    assert gold["title"] == "Novena raises €12m"
    assert gold["text"].startswith("Novena raises €12m\n\nNovena Inc. has raised")
    assert [m["label"] for m in gold["mentions"]] == ["COMPANY", "MONEY", "COMPANY", "MONEY", "ROUND", "INVESTOR"]
    assert all(gold["text"][m["start"] : m["end"]] == m["text"] for m in gold["mentions"])
    (deal,) = gold["deals"]
    assert deal["amount"] == {
        "min": 12e6, "max": 12e6, "currency": "EUR", "text": "about €12 million", "approx": True,
    }  # fmt: skip
    assert deal["investors"] == [{"name": "Alder Ventures", "role": "lead"}]
    assert not list(problems(article.gold, article.spans))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("+++\nid", "id", "stands between two lines"),
        ('genre = "wire"', 'genre = "wires"', "Invalid enum value 'wires'"),
        ("value = 12e6", "sum = 12e6", "unknown field `sum`"),
        ('id = "wire-z01"', 'id = "wire-z02"', "is not the name of the file"),
        ('split = "train"', 'split = "test"', "says `held_out = true`"),
        ("published = 2026-03-02", "published = 2026-13-02", "wire-z01.md: "),
        ("[MONEY €12m]", "[MONEY €12m", "a bracket in a bracket|is not closed|mark words"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, FRONT.replace(old, new), BODY.replace(old, new))
    with pytest.raises(ArticleError, match=message):
        read_article(path)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "wire-z01.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArticleError, match="cannot be read"):
        read_article(path)


@pytest.mark.parametrize(
    ("old", "new", "severity", "message"),
    [
        ('company = "Novena Inc."', 'company = "Novena Corp."', "error", "'Novena Corp.' has no mention"),
        ('company = "Novena Inc."', 'company = "Alder Ventures"', "error", "a name fills two slots"),
        ("[NONE Novena Pro]", "Novena Pro", "error", "'Novena' is marked elsewhere but not in"),
        ("for its", "for $3m of its", "doubt", "no MONEY in"),
        ("for its", "after a bridge loan, for its", "doubt", "no ROUND in"),
        ("value = 12e6", "value = 11e6", "doubt", "reads as 12000000.0"),
        ('text = "about €12 million"', 'text = "€13 million"', "error", "are not in the text"),
        ('text = "about €12 million"', 'text = "round led"', "error", "hold no MONEY"),
        ("value = 12e6", "min = 2e6, max = 1e6", "error", "the wrong way round"),
        ("value = 12e6, ", "", "error", "has no number"),
        ('"EUR"', '"EURO"', "error", "ISO 4217"),
        ('certainty = "asserted"', 'certainty = "rumored"', "error", "rumored without a hedge"),
        ('certainty = "asserted"', 'certainty = "asserted"\nhedges = ["may"]', "error", "'may' is not marked"),
        ('certainty = "asserted"', 'certainty = "asserted"\nattribution = ["Novena"]', "error", "but is asserted"),
        ('certainty = "asserted"', 'certainty = "asserted"\nattribution = ["Tribune"]', "error", "'Tribune' is not in"),
        ('certainty = "asserted"', 'certainty = "asserted"\ndate = "March"', "error", "the date 'March' is none of"),
        ('kind = "round"\ncompany = "Novena Inc."', 'kind = "total"', "error", "a total needs its company"),
        ('genre = "wire"', 'genre = "none"', "error", "has no deals"),
        ("[COMPANY Novena Inc.]", "[COMPANY the Novena Inc.]", "error", "begins with an article"),
        ("[COMPANY Novena Inc.] has", "[COMPANY Novena's] sums have", "doubt", "ends with the possessive"),
        ("about [MONEY €12 million]", "[MONEY about euros]", "error", "holds no amount"),
    ],
)
def test_what_the_check_finds(tmp_path: Path, old: str, new: str, severity: str, message: str) -> None:
    assert (old in FRONT) != (old in BODY), "the case changes one thing"
    article = read_article(write(tmp_path, FRONT.replace(old, new), BODY.replace(old, new)))
    found = [p for p in problems(article.gold, article.spans) if p.severity == severity]
    assert any(message in p.message for p in found), [*problems(article.gold, article.spans)]


def test_a_deal_that_says_nothing_or_the_same(tmp_path: Path) -> None:
    deal = FRONT.partition("[[deals]]")[2].partition("+++")[0]
    bare = '[[deals]]\nkind = "round"\ncompany = "Novena"\nstage = "planned"\ncertainty = "asserted"\n'
    article = read_article(write(tmp_path, FRONT.replace("[[deals]]", f"{bare}\n[[deals]]{deal}\n[[deals]]")))
    messages = [p.message for p in problems(article.gold, article.spans)]
    assert "d1: says nothing: it has no amount, round type, investor or valuation" in messages
    assert "d3 says the same as another deal" in messages


# Across articles


def other(article: Written, **changes: Any) -> Written:
    return msgspec.structs.replace(article, gold=msgspec.structs.replace(article.gold, **changes))


def test_names_shared_between_splits(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    tested = other(article, id="wire-z02", split="test")
    assert not list(shared_between_splits(used_in([article, other(article, id="wire-z02")], [])))
    shared = list(shared_between_splits(used_in([article, tested], [])))
    assert [message.split("'")[1] for message in shared] == ["alder ventures", "novena"]
    assert "(train: wire-z01; test: wire-z02)" in shared[0]


def test_worn_names(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    four = [other(article, id=f"wire-z0{n}") for n in range(4)]
    assert not list(worn_names(four))
    assert len(list(worn_names([*four, other(article, id="wire-z09")]))) == 2


def test_repeated_sentences() -> None:
    long = "The harbour was closed for the whole of that winter."
    assert list(repeated_sentences({"a": f"Yes. {long}", "b": f"No!\n{long.upper()} Never."}))
    assert not list(repeated_sentences({"a": f"{long} {long}", "b": "The harbour was closed for the whole winter."}))


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
    assert not list(worn_names(corpus.written))


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
    assert {genre for genre in GENRES if not genre.startswith("press") or genre == "press_release"} == set(genres)
    assert all(genres.count(genre) >= (90 if genre == "none" else 25) for genre in set(genres))
    assert sum(deal.hedged for article in corpus.written for deal in article.gold.deals) >= 250
    real = [one.genre for one in corpus.real]
    assert real.count("press") >= 300
    assert real.count("press_none") >= 50


def test_the_project_holds_no_sentence_of_the_real_part(corpus: Corpus) -> None:
    held = [mention for one in corpus.real for mention in (*one.names, *(h for d in one.deals for h in d.hedges))]
    held += [deal.amount.text for one in corpus.real for deal in one.deals if deal.amount]
    assert held
    assert max(len(words.split()) for words in held) <= 16


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


# Stand-off


def standoff(text: str, **changes: Any) -> StandOff:
    fields: dict[str, Any] = {
        "id": "pr/1", "sha256": digest(text), "published": None, "genre": "press_none", "split": "train",
        "held_out": False, "author": "p", "marks": [("COMPANY", 0, 6)], "names": ["Novena"], "deals": [],
    }  # fmt: skip
    return StandOff(**(fields | changes))


def archive(folder: Path, *texts: str, packed: bool = False) -> Path:
    lines = "".join(json.dumps({"id": f"pr/{n}", "text": text}) + "\n" for n, text in enumerate(texts, 1)).encode()
    path = folder / ("pr.jsonl.xz" if packed else "pr.jsonl")
    path.write_bytes(lzma.compress(lines) if packed else lines)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_annotations_join_their_texts(tmp_path: Path, packed: bool) -> None:
    text = "Novena grows.\nAnd how."
    (article,) = join([standoff(text)], archive(tmp_path, text, "another", packed=packed))
    assert (article.title, article.source) == ("Novena grows.", "pr")
    assert [(m.label, m.text) for m in article.mentions] == [("COMPANY", "Novena")]


def test_annotations_that_do_not_join(tmp_path: Path) -> None:
    path = archive(tmp_path, "Novena shrinks.")
    with pytest.raises(StandOffError, match="is not the one that was annotated"):
        list(join([standoff("Novena grows.")], path))
    with pytest.raises(StandOffError, match="lacks 1 annotated documents, such as pr/2"):
        list(join([standoff("x", id="pr/2")], path))
    with pytest.raises(StandOffError, match="cannot be read"):
        list(join([standoff("x")], tmp_path / "none.jsonl"))
    path.write_text('{"id": "pr/1"}\n')
    with pytest.raises(StandOffError, match=r"pr.jsonl:1: is no JSON"):
        list(join([standoff("x")], path))
    bad = tmp_path / "press.jsonl"
    bad.write_bytes(msgspec.json.encode(standoff("x")) + b"\n{}\n")
    with pytest.raises(StandOffError, match=r"press.jsonl:2"):
        read_standoff(bad)


# Conversions


@pytest.fixture
def articles(corpus: Corpus) -> list[GoldArticle]:
    return list(gold_articles(corpus, None, "dev"))[:40]


def test_the_gold_form_is_read_by_the_evaluation(articles: list[GoldArticle], tmp_path: Path) -> None:
    assert WRITERS["jsonl"](articles, tmp_path / "gold.jsonl") == []
    documents = load(tmp_path / "gold.jsonl")
    assert list(documents) == [article.id for article in articles]
    assert sum(len(d.deals) for d in documents.values()) == sum(len(a.deals) for a in articles) > 0


def test_a_docbin_holds_everything(articles: list[GoldArticle], tmp_path: Path) -> None:
    losses = WRITERS["docbin"](articles, tmp_path / "gold.spacy")
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
    losses = WRITERS["conll"](articles, tmp_path / "gold.conll")
    deals = sum(len(article.deals) for article in articles)
    assert losses == [f"CoNLL holds no deals: {deals} left out"]
    lines = (tmp_path / "gold.conll").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("# id = ") for line in lines) == len(articles)
    rows = [line.split("\t") for line in lines if "\t" in line]
    assert {len(row) for row in rows} == {5}
    begun = sum(row[3].startswith("B-") for row in rows)
    assert begun == sum(mention.label != "HEDGE" for article in articles for mention in article.mentions)


def test_brat_holds_the_offsets(articles: list[GoldArticle], tmp_path: Path) -> None:
    assert WRITERS["brat"](articles, tmp_path / "brat") == []
    for article in articles:
        text = (tmp_path / "brat" / f"{article.id}.txt").read_bytes().decode()
        assert text == article.text
        rows = (tmp_path / "brat" / f"{article.id}.ann").read_text(encoding="utf-8").splitlines()
        spans = [row.split("\t") for row in rows if row.startswith("T")]
        assert len(spans) == len(article.mentions)
        for _, place, words in spans:
            _, start, end = place.split()
            assert text[int(start) : int(end)] == words
        assert sum(row.startswith("#") for row in rows) == len(article.deals)


# Agreement


def test_agreement(tmp_path: Path, articles: list[GoldArticle]) -> None:
    paths = []
    for name in ("first", "second"):
        WRITERS["jsonl"](articles, tmp_path / f"{name}.jsonl")
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
