"""The commands `dealspan corpus …`: what they print and write, and what they say when something is wrong."""

import builtins
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from dealspan.cli import app
from dealspan.corpus.articles import read_article
from dealspan.corpus.collection import held_out_digest, read_corpus
from dealspan.corpus.formats import FORMATS
from dealspan.corpus.gold import GoldArticle
from dealspan.corpus.variety import MEASURES, SAMPLE_WORDS, measure, report, sample
from dealspan.evaluation import load
from tests.test_corpus import BODY, FRONT, archive, standoff, write

TEXT = "Novena grows by the sea, and Alder Ventures watches.\nIt has raised $5 million from Alder Ventures."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["corpus", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus of two written articles and a real one, and the archive of the latter."""
    folder = tmp_path / "corpus"
    (folder / "articles").mkdir(parents=True)
    write(folder / "articles")
    held_out = FRONT.replace('"wire-z01"', '"wire-z02"').replace('split = "train"', 'split = "test"\nheld_out = true')
    renamed = (held_out + BODY).replace("Novena", "Kettl").replace("Alder", "Bluefen").replace("Series A", "Series B")
    write(
        folder / "articles",
        renamed.replace("has raised about", "took in about").replace("series_a", "series_b"),
        "",
        "wire-z02",
    )
    (folder / "press.jsonl").write_bytes(msgspec.json.encode(standoff(TEXT)) + b"\n")
    archive(tmp_path, TEXT)
    return folder


def gold(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_corpus_without_errors(folder: Path) -> None:
    result = run("check", folder)
    assert result.exit_code == 0
    assert result.stdout == "0 errors, 0 doubts\n"


def test_what_is_wrong_is_listed(folder: Path) -> None:
    path = folder / "articles" / "wire-z01.md"
    path.write_text(path.read_text().replace("[NONE Novena Pro]", "Novena Pro").replace("for its", "for $3m of its"))
    result = run("check", folder)
    assert result.exit_code == 1
    assert "error: wire-z01: 'Novena' is marked elsewhere" in result.stdout
    assert "doubt" not in result.stdout.splitlines()[0]
    assert result.stdout.endswith("1 errors, 1 doubts\n")
    assert "doubt: wire-z01: no MONEY in" in run("check", path, "--doubts").stdout


def test_a_bad_file_does_not_hide_the_others(folder: Path) -> None:
    write(folder / "articles", "no front matter", "", "wire-z03")
    path = folder / "articles" / "wire-z01.md"
    path.write_text(path.read_text().replace('"EUR"', '"EURO"'))
    result = run("check", folder)
    assert "wire-z03.md: front matter stands between" in result.stdout
    assert "ISO 4217" in result.stdout
    assert "2 errors" in result.stdout


def test_splits_that_share_a_name(folder: Path) -> None:
    (folder / "press.jsonl").write_bytes(msgspec.json.encode(standoff(TEXT, split="test", held_out=True)) + b"\n")
    assert "the name 'novena' is shared between splits (train: wire-z01; test: pr/1)" in run("check", folder).stdout


def test_the_frozen_part(folder: Path) -> None:
    frozen = held_out_digest(read_corpus(folder))
    (folder / "held-out.sha256").write_text(f"{frozen}  the test part\n")
    assert run("check", folder).exit_code == 0
    path = folder / "articles" / "wire-z02.md"
    path.write_text(path.read_text().replace("took in about", "took in nearly"))
    assert "the held-out part is not the frozen one" in run("check", folder).stdout


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_broken_digest_is_an_error_of_the_corpus(folder: Path, content: bytes) -> None:
    (folder / "held-out.sha256").write_bytes(content)
    result = run("check", folder)
    assert result.exit_code == 1
    assert "the held-out part is not the frozen one" in result.stdout


def test_names_and_sentences_used_too_often_are_found(folder: Path) -> None:
    for n in range(3, 7):
        article = (FRONT + BODY).replace("wire-z01", f"wire-z0{n}").replace("for its", f"for {n} of its")
        write(folder / "articles", article, "", f"wire-z0{n}")
    out = run("check", folder).stdout
    assert "the name 'novena' occurs in 5 articles" in out
    write(folder / "articles", (FRONT + BODY).replace("wire-z01", "wire-z03"), "", "wire-z03")
    assert "stands in wire-z01 too" in run("check", folder).stdout


def test_the_real_part_is_checked_with_its_texts(folder: Path) -> None:
    result = run("check", folder, "--press", folder.parent / "pr.jsonl", "--doubts")
    assert "doubt: pr/1: no MONEY in" in result.stdout


def test_a_folder_that_is_no_corpus(tmp_path: Path) -> None:
    for command in (["check", tmp_path], ["stats", tmp_path], ["convert", tmp_path, "-o", tmp_path / "x"]):
        result = run(*command)
        assert result.exit_code == 1
        assert "name the folder of the corpus" in result.stderr


def test_stats(folder: Path) -> None:
    out = run("stats", folder).stdout
    assert "| `wire` | 2 | 2 | 0 | 4 | 2 | 4 | 2 | 0 |" in out
    assert "| all real | 1 | 0 | 0 | 1 | 0 | 0 | 0 | 0 |" in out
    assert "| written, test | 1 | 1 |" in out
    assert "| `completed` | 2 | 0 | 0 | 0 | 0 | 2 |" in out
    assert "Round types: series_a 1, series_b 1." in out


def test_convert(folder: Path) -> None:
    out = folder.parent / "gold.jsonl"
    assert run("convert", folder, "--out", out).exit_code == 0
    assert [one["id"] for one in gold(out)] == ["wire-z01", "wire-z02"]
    assert run("convert", folder, "-o", out, "--split", "test").exit_code == 0
    assert [one["id"] for one in gold(out)] == ["wire-z02"]
    assert run("convert", folder, "-o", out, "--press", folder.parent / "pr.jsonl").exit_code == 0
    assert [one["genre"] for one in gold(out)] == ["wire", "wire", "press_none"]
    result = run("convert", folder, "-o", folder.parent / "gold.conll", "--to", "conll")
    assert "CoNLL holds neither deals (2 left out) nor title, date and source of an article" in result.stderr
    assert run("convert", folder, "-o", out, "--press", folder.parent / "pr.jsonl", "--split", "test").exit_code == 0
    assert [one["id"] for one in gold(out)] == ["wire-z02"]
    result = run("convert", folder, "-o", out, "--split", "dev")
    assert (result.exit_code, "has no such articles (split dev); nothing is written" in result.stderr) == (1, True)
    assert [one["id"] for one in gold(out)] == ["wire-z02"]


@pytest.mark.parametrize("name", FORMATS)
def test_convert_to_other_tools(folder: Path, name: str) -> None:
    out = folder.parent / "out"
    result = run("convert", folder, "--format", name, "-o", out, "--press", folder.parent / "pr.jsonl")
    assert result.exit_code == 0, result.stderr
    assert out.exists()
    if read := FORMATS[name].read:
        assert sorted(one.id for one in read(out) if isinstance(one, GoldArticle)) == ["pr/1", "wire-z01", "wire-z02"]
        assert result.stderr == ""


def test_a_wrong_archive_leaves_the_output_as_it_was(folder: Path) -> None:
    out = folder.parent / "gold.jsonl"
    out.write_text("precious")
    wrong = folder.parent / "wrong.jsonl"
    wrong.write_text('{"id": "other", "text": "x"}\n')
    for command in (["build"], ["convert"]):
        result = run(*command, folder, "--press", wrong, "--out", out)
        assert result.exit_code == 1
        assert "lacks 1 annotated documents" in result.stderr
        assert out.read_text() == "precious"


def test_a_folder_of_brat_is_not_written_twice(folder: Path) -> None:
    assert run("convert", folder, "--to", "brat", "-o", folder.parent / "brat").exit_code == 0
    result = run("convert", folder, "--to", "brat", "-o", folder.parent / "brat", "--split", "test")
    assert result.exit_code == 1
    assert "holds brat annotations already; name another folder" in result.stderr


def test_build(folder: Path) -> None:
    out = folder.parent / "real.jsonl"
    result = run("build", folder, "--press", folder.parent / "pr.jsonl", "--out", out)
    assert result.exit_code == 0
    (one,) = gold(out)
    assert one["text"] == TEXT
    assert one["mentions"] == [{"label": "COMPANY", "text": "Novena", "start": 0, "end": 6}]
    assert "1 real articles written" in result.stderr
    result = run("build", folder, "--press", folder / "none.jsonl", "--out", out)
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


def test_agreement(folder: Path) -> None:
    first, second = folder.parent / "first.jsonl", folder.parent / "second.jsonl"
    run("convert", folder, "-o", first)
    run("convert", folder, "-o", second, "--split", "test")
    result = run("agreement", first, second)
    assert result.exit_code == 1
    assert "wire-z01: read by one of the two only" in result.stderr
    shutil.copy(first, second)
    out = run("agreement", first, second).stdout
    assert out.startswith("2 documents\n")
    assert "| COMPANY spans, exact | 1.000 | 4 | 4 |" in out
    assert "| stage, Cohen's kappa | none | 2 | 2 |" in out
    assert load(first).keys() == load(second).keys()


def test_pictures_are_the_same_bytes_again(folder: Path) -> None:
    for name in ("one", "two"):
        assert run("plot", folder, "--out", folder.parent / name).exit_code == 0
    pictures = sorted((folder.parent / "one").iterdir())
    assert len(pictures) == 6
    for picture in pictures:
        assert picture.read_bytes() == (folder.parent / "two" / picture.name).read_bytes()
        assert picture.read_text(encoding="utf-8").count("<svg") == 1


@pytest.mark.parametrize(("command", "package"), [("plot", "matplotlib"), ("agreement", "scikit-learn")])
def test_a_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, package: str) -> None:
    path = folder.parent / "gold.jsonl"
    run("convert", folder, "-o", path)
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] in ("matplotlib", "sklearn"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    result = run(*(["plot", folder, "-o", folder.parent / "out"] if command == "plot" else ["agreement", path, path]))
    assert result.exit_code == 1
    assert f"{package} is not installed; install the extra: pip install 'dealspan[corpus]'" in result.stderr


def test_variety(folder: Path) -> None:
    other = archive(folder.parent, "Kettl Inc. has raised $5 million in a Series A round led by Bluefen Ventures.")
    (folder / "press.jsonl").unlink()
    result = run("variety", folder, "--press", other)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("| | written | press |\n")
    assert all(f"| {what} |" in result.stdout for what in MEASURES.values())
    assert "Less varied than the real texts, by more than 5 %: " in result.stdout
    assert "Otherwise unlike them, by more than 15 %: " in result.stdout


def test_variety_needs_written_articles(folder: Path) -> None:
    for path in (folder / "articles").iterdir():
        path.unlink()
    result = run("variety", folder)
    assert result.exit_code == 1
    assert "has no written articles to measure" in result.stderr


def test_variety_counts_what_is_annotated_and_what_the_rules_tag(folder: Path) -> None:
    text = "Kettl Inc. has raised $5 million in a Series A round led by Bluefen Ventures."
    deal = {"id": "d1", "kind": "round", "company": "Kettl Inc.", "round_type": "series_a", "stage": "completed"}
    one = standoff(text, marks=[("COMPANY", 0, 10)], names=["Kettl Inc."])
    line = json.loads(msgspec.json.encode(one)) | {"genre": "press", "deals": [deal | {"certainty": "asserted"}]}
    (folder / "press.jsonl").write_text(json.dumps(line) + "\n")
    rows = dict(
        row.strip("| ").split(" | ", 1)
        for row in run("variety", folder, "--press", archive(folder.parent, text)).stdout.splitlines()[2:]
        if row.startswith("|")
    )
    assert rows["mentions in 100 words, annotated"].endswith("| 6.67")
    assert rows["mentions in 100 words, as the rules tag them"].endswith("| 26.67")


def test_an_archive_without_financings(folder: Path) -> None:
    result = run("variety", folder, "--raw", archive(folder.parent, "The sea is wide."))
    assert result.exit_code == 1
    assert "holds no text in which the rules find a financing" in result.stderr


def test_measures() -> None:
    texts = ["The bank lent Novena money. The bank lent Kettl money too."]
    found = measure(texts, annotated=8.0, tagged=3)
    assert found.words == 11
    assert found.type_token_ratio == 7 / 11
    assert found.hapax_share == 3 / 11
    assert found.openings == 0.5
    assert found.sentence_words == 5.5
    assert (found.mentions, found.tagged) == (8, 300 / 11)
    four = ["said Novena, and Kettl"] * 4
    assert measure([*four, "said Novena, and Bluefen"], annotated=None, tagged=0).unseen_names == 0.5
    assert measure([*four, "nobody said a word"], annotated=None, tagged=0).unseen_names is None


def test_where_the_written_part_is_unlike_the_others() -> None:
    written = measure(["Novena grew fast. " * 3], annotated=9.0, tagged=1)
    other = measure(["Kettl shrank, but Bluefen, of all, did by no means do so."], annotated=5.0, tagged=1)
    less, unlike = report({"written": written, "press": other}).splitlines()[-2:]
    assert "type/token ratio (0.33 against 1.00 in press)" in less
    assert "mentions in 100 words, annotated (9.00 against 5.00 in press)" in unlike
    less, unlike = report({"written": other, "press": written}).splitlines()[-2:]
    assert "type/token ratio" not in less
    assert "Less varied" not in report({"written": written})


def test_a_sample_is_drawn_by_chance_and_the_same_each_time() -> None:
    texts = {f"{n:03}": f"word {n}" for n in range(100)}
    assert sample(texts, 60) == sample(texts, 60)
    assert sample(texts, 60) != [texts[f"{n:03}"] for n in range(30)]


def test_a_sample_has_the_words_it_should() -> None:
    texts = {str(n): "word " * 700 for n in range(200)}
    assert sum(len(text.split()) for text in sample(texts)) == SAMPLE_WORDS


def test_the_example_of_the_format_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "corpus.md").read_text(encoding="utf-8")
    example = page.partition("```text\n")[2].partition("```")[0]
    path = tmp_path / "wire-z01.md"
    path.write_text(
        example.replace("; Bo Finch … and", ", [INVESTOR Bo Finch] and").replace(" …\n", ".\n"), encoding="utf-8"
    )
    assert read_article(path).gold.deals[0].investors[0].name == "Alder Ventures"
