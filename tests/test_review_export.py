"""`dealspan review export`, `import` and `agreement`: what comes out of a review and what goes into it."""

import builtins
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from msgspec.structs import replace
from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.corpus.formats import FORMATS
from dealspan.corpus.gold import GoldArticle
from dealspan.evaluation import load
from dealspan.pipeline import extract
from dealspan.records import Article, Record
from dealspan.review.conversion import from_record
from dealspan.review.state import Change, State
from dealspan.review.store import ADJUDICATOR, Store

TEXT = (
    "🌲 Novena has raised $5 million in a seed round led by Alder Ventures.\r\n"
    "Kettl is said to plan an IPO at $1 billion."
)
OTHER = "Kettl Inc. raised €12 million in a Series A round led by Bluefen Ventures."


def run(command: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["review", command, *map(str, arguments)])


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {"a": extract(TEXT, published="2026-03-02", title="Novena", id="a"), "b/..": extract(OTHER, id="b/..")}


TEXTS = {"a": TEXT, "b/..": OTHER}


@pytest.fixture
def path(tmp_path: Path, records: dict[str, Record]) -> Path:
    """A store of two documents that nobody has looked at."""
    path = tmp_path / "review.db"
    store = Store(path)
    for name, record in records.items():
        document = Article(id=name, title=record.document.title, published=None, source=None, text=TEXTS[name])
        store.add(document, from_record(record, TEXTS[name]))
    store.close()
    return path


def review(path: Path, document: str, reviewer: str, **verdicts: str) -> None:
    """Give verdicts to deals and finish a document."""
    store = Store(path)
    state = store.state(document, reviewer)
    changes = [
        Change(f"deals/{name}", state.deals[name], replace(state.deals[name], verdict=verdict))  # type: ignore[arg-type]
        for name, verdict in verdicts.items()
    ]
    store.append(document, reviewer, state.version, "finish", [*changes, Change("status", state.status, "done")])
    store.close()


def gold(path: Path) -> list[GoldArticle]:
    return [msgspec.json.decode(line, type=GoldArticle) for line in path.read_bytes().splitlines()]


def state_of(path: Path, document: str) -> State:
    store = Store(path)
    state = store.machine(document)
    store.close()
    return state


# Export


def test_what_is_done_comes_out_as_gold(path: Path, tmp_path: Path) -> None:
    review(path, "a", "ana", d1="accepted")
    out = tmp_path / "review.jsonl"
    result = run("export", "--store", path, "-o", out)
    assert result.exit_code == 0, result.stderr
    assert "1 document written" in result.stderr
    assert "confidences, evidence, and who made which value stay in" in result.stderr
    (one,) = gold(out)
    assert (one.id, one.genre, one.split, one.author, one.text) == ("a", "reviewed", "train", "ana", TEXT)
    assert all(TEXT[m.start : m.end] == m.text for m in one.mentions)
    assert one.deals[-1].company == "Kettl"


def test_a_rejected_deal_stays_behind(path: Path, tmp_path: Path) -> None:
    before = len(state_of(path, "a").deals)
    review(path, "a", "ana", d1="rejected")
    run("export", "--store", path, "-o", tmp_path / "x.jsonl")
    (one,) = gold(tmp_path / "x.jsonl")
    assert len(one.deals) == before - 1


def test_what_reviewers_disagree_on_is_named(path: Path, tmp_path: Path) -> None:
    for reviewer, verdict in (("ana", "accepted"), ("ben", "rejected")):
        review(path, "a", reviewer, d1=verdict)
        review(path, "b/..", reviewer)
    out = tmp_path / "x.jsonl"
    result = run("export", "--store", path, "-o", out)
    assert result.exit_code == 0
    assert "a: ana and ben read it differently, it is left out; settle it with `dealspan review adjud" in result.stderr
    (alike,) = gold(out)
    assert (alike.id, alike.author) == ("b/..", "ana, ben")
    run("export", "--store", path, "-o", out, "--reviewer", "ben")
    assert [one.author for one in gold(out)] == ["ben", "ben"]
    review(path, "a", ADJUDICATOR, d1="accepted")
    run("export", "--store", path, "-o", out)
    assert [(one.id, one.author) for one in gold(out)] == [("a", ADJUDICATOR), ("b/..", "ana, ben")]


def test_nothing_to_export(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.jsonl"
    result = run("export", "--store", path, "-o", out)
    assert result.exit_code == 1
    assert "nobody has finished a document that could be written; nothing is written" in result.stderr
    review(path, "a", "ana")
    assert "ben has finished a document" in run("export", "--store", path, "-o", out, "--reviewer", "ben").stderr
    assert not out.exists()


def test_the_store_is_not_written_over(path: Path, tmp_path: Path) -> None:
    review(path, "a", "ana")
    before = path.read_bytes()
    result = run("export", "--store", path, "-o", tmp_path / "." / "review.db")
    assert result.exit_code == 2
    assert "is the store; name another file" in result.stderr
    assert path.read_bytes() == before
    result = run("export", "--store", tmp_path / "none.db", "-o", tmp_path / "x")
    assert result.exit_code == 2
    assert not (tmp_path / "none.db").exists()


def test_an_export_is_noted(path: Path, tmp_path: Path) -> None:
    review(path, "a", "ana")
    store = Store(path)
    assert store.done_since_export() == 1
    run("export", "--store", path, "-o", tmp_path / "x.jsonl")
    assert store.done_since_export() == 0
    store.close()


def test_the_exported_gold_is_scored(path: Path, tmp_path: Path, records: dict[str, Record]) -> None:
    review(path, "a", "ana")
    review(path, "b/..", "ana")
    run("export", "--store", path, "-o", tmp_path / "gold.jsonl")
    (tmp_path / "records.jsonl").write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in records.values()))
    result = CliRunner().invoke(
        app, ["evaluate", str(tmp_path / "gold.jsonl"), str(tmp_path / "records.jsonl"), "--json"]
    )
    assert result.exit_code == 0, result.stderr
    figures = json.loads(result.stdout)
    assert figures["documents"] == 2
    assert figures["slots_micro"]["f1"] == figures["deals"]["f1"] == figures["mentions_exact_micro"]["f1"] == 1.0


# Every format out and back


@pytest.mark.parametrize("name", [name for name, format in FORMATS.items() if format.read])
def test_a_review_goes_out_and_comes_back(path: Path, tmp_path: Path, name: str) -> None:
    review(path, "a", "ana", d1="accepted")
    review(path, "b/..", "ana")
    out = tmp_path / f"out.{name}"
    result = run("export", "--store", path, "--format", name, "-o", out)
    assert result.exit_code == 0, result.stderr
    again = tmp_path / "again.db"
    result = run("import", out, "--store", again, "--format", name)
    assert result.exit_code == 0, result.stderr
    assert "2 documents imported" in result.stderr
    for document in TEXTS:
        review(again, document, "ana")
    run("export", "--store", path, "-o", tmp_path / "first.jsonl")
    run("export", "--store", again, "-o", tmp_path / "second.jsonl")
    first, second = (sorted(gold(tmp_path / f"{which}.jsonl"), key=lambda one: one.id) for which in ("first", "second"))
    assert second == first
    assert load(tmp_path / "first.jsonl") == load(tmp_path / "second.jsonl")


# Import


def written(path: Path, *values: object) -> Path:
    path.write_bytes(b"".join(msgspec.json.encode(value) + b"\n" for value in values))
    return path


def test_records_need_their_texts(tmp_path: Path, records: dict[str, Record]) -> None:
    file = written(tmp_path / "records.jsonl", *records.values())
    store = tmp_path / "new.db"
    result = run("import", file, "--store", store)
    assert result.exit_code == 1
    assert (
        "records.jsonl:1: the text of 'a' is not at hand, and a record holds none; name with --texts" in result.stderr
    )
    texts = written(tmp_path / "texts.jsonl", Article(id="other name", text=TEXT))
    result = run("import", file, "--store", store, "--texts", texts, "--texts", tmp_path / "none.txt")
    assert result.exit_code == 1
    assert "none.txt: does not exist" in result.stderr
    assert "records.jsonl:2: the text of 'b/..' is not at hand" in result.stderr
    assert "1 document imported" in result.stderr
    held = Store(store)
    assert held.documents() == ["a"]
    assert held.document("a").text == TEXT
    assert held.machine("a") == from_record(records["a"], TEXT)
    assert {mention.origin for mention in held.machine("a").mentions.values()} == {"machine"}
    held.close()


def test_what_was_reviewed_is_not_imported_over(path: Path, tmp_path: Path) -> None:
    review(path, "a", "ana", d1="accepted")
    lines = [
        {"id": name, "text": text, "mentions": [{"label": "COMPANY", "start": 2, "end": 8}], "deals": []}
        for name, text in TEXTS.items()
    ]
    file = written(tmp_path / "gold.jsonl", *lines, {**lines[1], "text": "Another text"}, {**lines[1], "id": "c"})
    before = state_of(path, "a")
    result = run("import", file, "--store", path)
    assert result.exit_code == 1
    assert "a: has been reviewed; its reading stays" in result.stderr
    assert "b/..: stands twice in" in result.stderr
    assert "2 documents imported" in result.stderr
    assert state_of(path, "a") == before
    assert state_of(path, "b/..").deals == {}
    result = run("import", written(tmp_path / "other.jsonl", {**lines[1], "text": "Another text"}), "--store", path)
    assert result.exit_code == 1
    assert "b/..: " in result.stderr
    assert "another text" in result.stderr


def test_bad_entries_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = {"id": "a", "text": OTHER, "mentions": [], "deals": []}
    deal = {"id": "d", "kind": "round", "stage": "completed", "certainty": "asserted", "hedges": ["never said"]}
    file = written(tmp_path / "gold.jsonl", good, {"id": "b"}, {**good, "id": "c", "deals": [deal]}, {"document": {}})
    result = run("import", file, "--store", tmp_path / "new.db")
    assert result.exit_code == 1
    assert "gold.jsonl:2: is not what it should be" in result.stderr
    assert "c: the hedge 'never said' of a deal is not in the text" in result.stderr
    assert "gold.jsonl:4: is not what it should be" in result.stderr
    assert "1 document imported" in result.stderr
    result = run("import", tmp_path / "none", "--store", tmp_path / "new.db")
    assert result.exit_code == 1
    assert "none: does not exist; check the path" in result.stderr


def test_the_format_of_a_folder_and_of_a_docbin_is_guessed(path: Path, tmp_path: Path) -> None:
    review(path, "a", "ana")
    for format, name in (("brat", "folder"), ("docbin", "x.spacy")):
        run("export", "--store", path, "--format", format, "-o", tmp_path / name)
        result = run("import", tmp_path / name, "--store", tmp_path / f"{format}.db")
        assert result.exit_code == 0, result.stderr
        assert state_of(tmp_path / f"{format}.db", "a").mentions


def test_what_another_tool_says_besides_is_named(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text('{"text": "Novena", "answer": "reject"}\n{"text": "Novena"}\n')
    result = run("import", file, "--store", tmp_path / "new.db", "--format", "prodigy")
    assert result.exit_code == 0
    assert "p.jsonl:1: was not accepted in Prodigy (reject); it is left out" in result.stderr
    assert "1 document imported" in result.stderr


# Agreement


def test_agreement_of_two_and_two(path: Path) -> None:
    for reviewer, verdict in (("ana", "accepted"), ("ben", "rejected"), ("cem", "accepted")):
        review(path, "a", reviewer, d1=verdict)
    review(path, "b/..", "ana")
    review(path, "b/..", "cem")
    review(path, "b/..", ADJUDICATOR)
    result = run("agreement", "--store", path)
    assert result.exit_code == 0, result.stderr
    heads = [line for line in result.stdout.splitlines() if "documents" in line]
    assert heads == ["ana and ben: 1 documents", "ana and cem: 2 documents", "ben and cem: 1 documents"]
    same = result.stdout.split("ana and cem: ")[1].split("ben and cem")[0]
    assert "| all slots | 1.000 |" in same
    assert "| stage, share of equal values | 1.000 |" in same
    assert "| all slots | 1.000 |" not in result.stdout.split("ana and cem")[0]


def test_agreement_needs_two(path: Path) -> None:
    review(path, "a", "ana")
    review(path, "b/..", "ben")
    result = run("agreement", "--store", path)
    assert result.exit_code == 1
    assert "no document was finished by two reviewers" in result.stderr


def test_agreement_without_the_extra(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review(path, "a", "ana")
    review(path, "a", "ben")
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "sklearn":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    result = run("agreement", "--store", path)
    assert result.exit_code == 1
    assert "scikit-learn is not installed; install the extra: pip install 'dealspan[corpus]'" in result.stderr
