"""The corpus: its format, what the check finds, what the shipped articles keep to, conversions, counts, agreement."""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from dealspan.corpus.articles import ArticleError, Written, read_article
from dealspan.corpus.check import problems
from dealspan.corpus.collection import Corpus, frozen_digest, gold_articles, held_out_digest, read_corpus
from dealspan.corpus.convert import WRITERS
from dealspan.corpus.gold import GENRES, LABELS, GoldArticle
from dealspan.corpus.markup import MarkupError, parse
from dealspan.corpus.standoff import StandOff, StandOffError, digest, join, read_standoff
from dealspan.evaluation import load
from dealspan.evaluation.reading import ScoredDeal, ScoredDocument, Slot, Sum

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "corpus"
ARCHIVE = ROOT.parent / "shared" / "press" / "press.jsonl.xz"
MARKS = (*LABELS, "NONE")
LONGEST_PHRASE = 9
"""Words of a name, an amount or a hedge that may stand in the project."""

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
        (
            "published = 2026-03-02",
            "published = 2026-13-02",
            "wire-z01.md: .* .at line 5",
        ),
        ("value = 12e6", "value = 12e6, min = 1e6", "has `value`, or else `min` and `max`"),
        ("value = 12e6", "value = inf", "a finite number"),
        ('company = "Novena Inc."', 'company = "Novena Inc."\ncompanies = ["A", "B"]', "or else `companies`"),
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
        ("about [MONEY €12 million]", "[MONEY about euros]", "doubt", "holds no amount that a rule can read"),
        ('certainty = "asserted"', 'certainty = "asserted"\ndate = "2026-02-31"', "error", "the date '2026-02-31' is"),
        (
            'certainty = "asserted"',
            'certainty = "asserted"\nattribution = ["ove"]',
            "error",
            "'ove' is not in the text",
        ),
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


def test_marks_of_the_real_part_are_checked_too(tmp_path: Path) -> None:
    article = read_article(write(tmp_path))
    gold = article.gold

    def found(*spans: tuple[str, int, int]) -> list[str]:
        return [p.message for p in problems(gold, spans) if "overlap" in p.message or "space" in p.message]

    assert found(("COMPANY", 20, 31), ("COMPANY", 0, 6)) == []
    assert found(("COMPANY", 20, 31), ("INVESTOR", 0, 6), ("MONEY", 4, 9)) == ["two mentions overlap at 'na ra'"]
    assert found(("HEDGE", 0, 12), ("COMPANY", 0, 6)) == []
    assert found(("HEDGE", 0, 12), ("HEDGE", 7, 18)) == ["two mentions overlap at 'raises €12m'"]
    assert found(("COMPANY", 0, 7)) == ["COMPANY 'Novena ' has space at an end: leave it outside"]


def test_forgotten_names_are_looked_for_the_longest_first(tmp_path: Path) -> None:
    body = (
        BODY + "[COMPANY GVX] and [COMPANY Novena Inc.] met. Then Novena Inc. left GVX. [INVESTOR GV] stays; GV too.\n"
    )
    article = read_article(write(tmp_path, body=body))
    missing = [
        p.message.partition(" is marked")[0] for p in problems(article.gold, article.spans) if "marked" in p.message
    ]
    assert missing == ["'Novena Inc.'", "'GVX'"]


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


def test_real_names_are_shared_in_their_short_form_too() -> None:
    real = [
        standoff("x", id="pr/1", names=["Novena Capital China"]),
        standoff("x", id="pr/2", names=["Novena Capital"]),
    ]
    assert not list(shortened_between_splits(real))
    real[1] = standoff("x", id="pr/2", names=["Novena Capital"], split="test", held_out=True)
    assert list(shortened_between_splits(real)) == [
        "'novena capital' and 'novena capital china' are shared between splits (train: pr/1; test: pr/2)"
    ]


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
    assert {genre for genre in GENRES if not genre.startswith("press") or genre == "press_release"} == set(genres)
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
    with pytest.raises(StandOffError, match="pr/1: a mark is empty or lies beyond the text"):
        list(join([standoff("Novena shrinks.", marks=[("COMPANY", 9, 99)])], path))
    path.write_text('\n{"id": "pr/1"}\n')
    with pytest.raises(StandOffError, match=r"pr.jsonl:2: is not what it should be"):
        list(join([standoff("x")], path))
    path.write_bytes(b'{"id": "pr/1", "text": "\xff"}\n')
    with pytest.raises(StandOffError, match=r"pr.jsonl:1: is not what it should be"):
        list(join([standoff("x")], path))
    path = path.with_suffix(".xz")
    path.write_bytes(b"no archive")
    with pytest.raises(StandOffError, match="cannot be unpacked"):
        list(join([standoff("x")], path))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{}", "press.jsonl:3: is not what it should be"),
        (msgspec.json.encode(standoff("x")).decode(), "press.jsonl:3: the id 'pr/1' stands twice"),
        (msgspec.json.encode(standoff("x", id="pr/2", held_out=True)).decode(), "and no other, is `held_out`"),
        (msgspec.json.encode(standoff("x", id="pr/2", marks=[("FIRM", 0, 1)])).decode(), "Invalid enum value 'FIRM'"),
    ],
)
def test_bad_annotations(tmp_path: Path, second: str, message: str) -> None:
    bad = tmp_path / "press.jsonl"
    bad.write_text(f"{msgspec.json.encode(standoff('x')).decode()}\n\n{second}\n", encoding="utf-8")
    with pytest.raises(StandOffError, match=message):
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
    assert losses[-1] == f"CoNLL holds neither deals ({deals} left out) nor title, date and source of an article"
    assert losses[:-1] == WRITERS["docbin"](articles, tmp_path / "gold.spacy")
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
    losses = WRITERS["brat"](articles, tmp_path / "brat")
    assert losses == ["brat holds neither title, date nor source of an article; its deals are notes"]
    with pytest.raises(FileExistsError, match="holds brat annotations already"):
        WRITERS["brat"](articles, tmp_path / "brat")
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
    WRITERS["brat"]([msgspec.structs.replace(articles[0], id="a/b")], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a__b.txt", "a__b.ann"}


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


def test_agreement_of_deals_that_do_not_say_their_stage() -> None:
    said = load_deals("completed")
    assert agreement(said, said).kappas["stage"] is None
    assert agreement(load_deals("completed", None), load_deals("completed", "planned")).same["stage"] == 0.5


def load_deals(*stages: str | None) -> dict[str, ScoredDocument]:
    slots = [[Slot("company", f"Novena {n}", None), Slot("amount", Sum("USD", n, n), None)] for n in range(len(stages))]
    deals = [ScoredDeal("round", stage, "asserted", held) for stage, held in zip(stages, slots, strict=True)]
    return {"a": ScoredDocument([], deals)}
