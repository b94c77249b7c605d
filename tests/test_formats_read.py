"""Files that other tools made: what is read of them; what is broken is named and costs no other."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from dealspan.corpus.formats import FORMATS, FormatError, Ignored
from dealspan.corpus.gold import GoldMention
from tests.formats import READ, found, gold

# What others made


def test_gold_of_other_hands(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '\ufeff{"id": "x", "text": "Novena 🌲 raises", "mentions": [{"label": "COMPANY", "start": 0, "end": 6}],'
        ' "deals": [], "source": {"repo": "a"}, "published": "2026-03-02"}\r\n\n',
        encoding="utf-8",
    )
    (one,) = found("jsonl", path)
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena", start=0, end=6)]
    assert (one.genre, one.split, one.source, one.published) == ("reviewed", "train", '{"repo":"a"}', date(2026, 3, 2))


def test_a_docbin_of_spacy(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    docs = DocBin()
    for key in ("sc", None):
        doc = nlp.make_doc("Novena raises €12m")
        span = doc.char_span(0, 6, label="COMPANY")
        if key:
            doc.spans[key] = [span]
        else:
            doc.ents = [span]
        docs.add(doc)
    docs.to_disk(tmp_path / "x.spacy")
    one, other = found("docbin", tmp_path / "x.spacy")
    assert one.mentions == other.mentions == [GoldMention(label="COMPANY", text="Novena", start=0, end=6)]
    assert one.id != other.id


def studio(value: dict[str, Any], text: str = "🌲 Novena\nLabs raises", **task: Any) -> dict[str, Any]:
    region = {"type": "labels", "value": value}
    return {"data": {"text": text, "id": 7}, "annotations": [{"result": [region]}]} | task


def written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_what_label_studio_counted_in_code_units(tmp_path: Path) -> None:
    old = studio({"start": 3, "end": 14, "text": "Novena\\nLabs", "labels": ["COMPANY"]})
    new = studio({"start": 2, "end": 13, "text": "Novena\\nLabs", "labels": ["COMPANY"]})
    path = written(tmp_path / "x.json", [old, new])
    for one in found("labelstudio", path):
        assert one.id == "7"
        assert one.mentions == [GoldMention(label="COMPANY", text="Novena\nLabs", start=2, end=13)]


def test_what_label_studio_has_besides(tmp_path: Path) -> None:
    good = {"start": 2, "end": 8, "labels": ["COMPANY"]}
    region = {"type": "labels", "value": good}
    path = written(
        tmp_path / "x.json",
        [
            studio(good, annotations=[{"result": [region, {"type": "choices", "value": {"choices": ["x"]}}]}]),
            studio(good, annotations=[{"result": [], "was_cancelled": True}]),
            studio(good, annotations=[], predictions=[{"result": [region], "score": 0.5}]),
            studio(good, annotations=[{"result": [region]}, {"result": []}]),
            studio(good, annotations=[], predictions=[4]),
        ],
    )
    ignored, first, skipped, predicted, twice, bare = found("labelstudio", path)
    assert ignored == Ignored(f"{path}:1: 1 results that are no labels are left out (choices)")
    assert skipped == Ignored(f"{path}:2: was skipped in Label Studio; it is left out")
    assert first.mentions == predicted.mentions != bare.mentions == []
    assert "5: has 2 annotations; keep the one that counts".replace("5", "4") in str(twice)


def test_what_prodigy_and_doccano_have_besides(tmp_path: Path) -> None:
    tasks = [{"text": "Novena", "answer": "ignore"}, {"text": "Novena", "relations": [{}], "_input_hash": 5}]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks))
    ignored, relations, one = found("prodigy", tmp_path / "p.jsonl")
    assert "p.jsonl:1: was not accepted in Prodigy (ignore)" in ignored.message
    assert "p.jsonl:2: 1 relations are left out" in relations.message
    assert one.text == "Novena"
    entry = {"id": 4, "text": "🌲 Novena", "Comments": ["hm"], "relations": [],
             "entities": [{"id": 9, "label": "COMPANY", "start_offset": 3, "end_offset": 9}]}  # fmt: skip
    (tmp_path / "d.jsonl").write_text(json.dumps(entry))
    comments, one = found("doccano", tmp_path / "d.jsonl")
    assert "1 comments are left out" in comments.message
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena", start=2, end=8)]
    assert one.id == "4"


def test_what_brat_has_besides(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.txt").write_text("Novena of Riga raises")
    (tmp_path / "sub" / "x.ann").write_text(
        "T1\tCOMPANY 0 6;15 21\tNovena raises\nR1\tOf Arg1:T1 Arg2:T1\n#1\tAnnotatorNotes T1\thm\n"
    )
    gaps, relation, note, one = found("brat", tmp_path)
    assert "x.ann:1: T1 has gaps; the whole stretch is taken" in gaps.message
    assert "x.ann:2: R1 is left out" in relation.message
    assert "x.ann:3: a note is left out: 'hm'" in note.message
    assert one.mentions == [GoldMention(label="COMPANY", text="Novena of Riga raises", start=0, end=21)]
    assert one.id == "sub/x"


# What is broken

GOOD = '{"text": "Novena raises", "mentions": [], "deals": [], "spans": [], "label": []}'


def at(of: str, label: str, start: int, end: int, **more: str) -> str:
    mention = {"label": label, "start": start, "end": end, **more}
    return json.dumps({"text": of, "mentions": [mention], "deals": []})


BAD = {
    "jsonl": [
        ("{", "is no whole JSON"),
        ("[]", "is not what it should be"),
        ('{"text": "x", "mentions": []}', "missing required field `deals`"),
        ('{"text": " ", "mentions": [], "deals": []}', "has an empty text"),
        (at("x", "ORG", 0, 1), "'ORG' is no label; rename"),
        (at("x", "ROUND", 0, 2), "lies beyond the text of 1"),
        (at("x", "ROUND", -1, 1), "lies beyond the text"),
        (at(" x", "ROUND", 0, 1), "white space alone"),
        (at("xy", "ROUND", 0, 1, text="y"), "count code points"),
        ('{"text": "x", "mentions": [], "deals": [{"id": "d"}]}', "missing required field `kind`"),
        ('{"text": "x", "mentions": [], "deals": [], "published": "soon"}', "write a date such as 2018-05-31"),
        ('{"text": "\\ud800", "mentions": [], "deals": []}', "is no whole JSON"),
    ],
    "prodigy": [
        ('{"text": "x", "spans": [{"start": 0, "label": "ROUND"}]}', "missing required field `end`"),
        ('{"text": "x", "dealspan": {"id": 5}}', "'dealspan' is not what was exported"),
        ("[" * 100_000, "mend or drop the entry"),
    ],
    "doccano": [
        ('{"text": "🌲x", "label": [[1, 3, "ROUND"]]}', "export from a project that does not count grapheme clusters"),
        ('{"text": "x", "label": [[0, 9, "ROUND"]]}', "beyond the text of 1 UTF-16 code units"),
        ('{"text": "x", "label": [[0, "ROUND"]]}', "is not what it should be"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "line", "message"), [(n, *one) for n, many in BAD.items() for one in many])
def test_a_bad_line_is_named_and_costs_no_other(name: str, line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"{GOOD}\n{line}\n{GOOD}\n", encoding="utf-8")
    one, error, other = found(name, path)
    assert isinstance(error, FormatError)
    assert str(error).startswith(f"{path}:2: ")
    assert message in str(error)
    assert one.text == other.text == "Novena raises"


@pytest.mark.parametrize("name", READ)
def test_a_file_that_is_none(name: str, tmp_path: Path) -> None:
    (error,) = found(name, tmp_path / "none")
    assert "cannot be read" in str(error) or "holds no brat annotations" in str(error)
    (tmp_path / "empty").write_bytes(b"")
    (error,) = found(name, tmp_path / "empty")
    assert isinstance(error, FormatError)
    (tmp_path / "binary").write_bytes(b"\xff\x00\x01")
    (error,) = found(name, tmp_path / "binary")
    assert isinstance(error, FormatError)


def test_a_bad_task_of_label_studio(tmp_path: Path) -> None:
    good = studio({"start": 2, "end": 8, "labels": ["COMPANY"]})
    path = written(
        tmp_path / "x.json",
        [good, {"text": "x"}, studio({"start": 2, "end": 8, "text": "other", "labels": ["COMPANY"]}),
         studio({"start": 2, "labels": []}), good],
    )  # fmt: skip
    one, least, other, lacking, last = found("labelstudio", path)
    assert str(least).startswith(f"{path}:2: has no `data`; export the project as JSON, not as JSON-MIN")
    assert "'other' stands not at 2..8, where the text has 'Novena'" in str(other)
    assert "missing required field `end`" in str(lacking)
    assert one == last
    (error,) = found("labelstudio", written(path, {"tasks": []}))
    assert "is not what it should be" in str(error)


def test_a_bad_folder_of_brat(tmp_path: Path) -> None:
    for name, row in {"a": "T1\tCOMPANY 0\tN", "b": "T1\tCOMPANY 0 6\tOther", "c": "T1\tCOMPANY 0 6\tNovena",
                      "d": "T1\tCOMPANY 0 60", "e": '#1\tAnnotatorNotes T1\t{"id": 4}'}.items():  # fmt: skip
        (tmp_path / f"{name}.txt").write_text("Novena raises")
        (tmp_path / f"{name}.ann").write_text(f"{row}\n")
    (tmp_path / "f.ann").write_text("")
    where, words, one, beyond, note, alone = found("brat", tmp_path)
    assert "a.ann:1: 'COMPANY 0' is no label with offsets" in str(where)
    assert "b.ann:1: 'Other' stands not at 0 6, where the text has 'Novena'" in str(words)
    assert "lies beyond the text" in str(beyond)
    assert "e.ann:1: is not what it should be" in str(note)
    assert "f.txt: cannot be read" in str(alone)
    assert one.id == "c"


def test_a_docbin_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "x.spacy"
    FORMATS["docbin"].write([gold("Novena")], path)
    path.write_bytes(path.read_bytes()[:-20])
    (error,) = found("docbin", path)
    assert "is no DocBin" in str(error)
    doc = Doc(spacy.blank("en").vocab, words=["Novena"])
    doc.user_data["gold"] = "{"
    DocBin(store_user_data=True, docs=[doc, Doc(doc.vocab, words=["Kettl"])]).to_disk(path)
    error, one = found("docbin", path)
    assert f"{path}:1: is no whole JSON" in str(error)
    assert one.text == "Kettl "
