"""The readers of files and streams of documents: JSON, tables, Parquet; how each says what is wrong."""

import gzip
import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealspan.articles import Fields, read
from dealspan.cli import app
from dealspan.records import Article
from tests.inputs import RSS, TEXT, found, record, write, zstd

pa = pytest.importorskip("pyarrow", reason="needs the extra archive")
pq = pytest.importorskip("pyarrow.parquet")

# Names of fields


def test_fields_are_parsed() -> None:
    assert Fields.parse("text=body,id=url") == Fields(text="body", id="url")
    # What is the text is not the title too.
    assert Fields.parse("text=title") == Fields(text="title", title="")


@pytest.mark.parametrize("names", ["", "body", "text=", "=body", "body=text", "text=a,text=b", "text=a,title=a"])
def test_wrong_fields(names: str) -> None:
    with pytest.raises(ValueError, match=r"is not PART=NAME|twice"):
        Fields.parse(names)


def test_fields_of_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", '{"body": "x", "headline": "T", "date": "2018-05-31", "url": 7}\n{"body": "y"}\n'
    )
    articles, errors = found(path, fields="text=body,title=headline,published=date,id=url")
    assert errors == []
    assert articles[0] == Article(id="7", text="x", title="T", published=date(2018, 5, 31))
    assert articles[1] == Article(id=f"{path}:2", text="y")


def test_field_that_no_object_has_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": "x"}\n{"text": "y"}\n')
    articles, errors = found(path, fields="title=headlin")
    assert len(articles) == 2
    assert errors == [f"{path}: no object has a field 'headlin' (--fields title=headlin); check the name"]


def test_text_under_another_name_says_how_to_name_it(tmp_path: Path) -> None:
    _, errors = found(write(tmp_path / "a.json", '[{"body": "x"}]'))
    assert "missing required field `text`" in errors[0]
    assert "--fields" in errors[0]


# JSON


@pytest.mark.parametrize(
    "form",
    [
        json.dumps,
        lambda o: json.dumps(o, indent=2),
        lambda o: "\n".join(map(json.dumps, o)),
        lambda o: "\ufeff" + json.dumps(o, ensure_ascii=False),
    ],
)
def test_json(tmp_path: Path, form: Callable[[object], str]) -> None:
    objects = [
        {"id": 1, "text": TEXT, "more": {"a": [{}, "}]"]}},
        {"id": "b", "text": '\\"{', "published": "2018-05-31"},
    ]
    articles, errors = found(write(tmp_path / "a.json", form(objects)))
    assert errors == []
    assert articles == [Article(id="1", text=TEXT), Article(id="b", text='\\"{', published=date(2018, 5, 31))]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ('{"text": 5}', "(object 2): Expected `str`"),
        ('{"text": "\\ud800"}', "(object 2): is not one whole JSON object"),
        ('{"text": "\udc80"}', "(object 2): is not UTF-8"),
        ('{"id": 1}', "(object 2): Object missing required field"),
        ('{"text" "x"}', "(object 2): is not one whole JSON object"),
        ('{"text": ' + "[" * 5000 + "]" * 5000 + "}", "(object 2): "),
        ("7", "(before object 2): something else than an object"),
        ('"text"', "(before object 2): something else than an object"),
    ],
)
def test_broken_object_is_named_and_the_others_are_read(tmp_path: Path, broken: str, message: str) -> None:
    content = f'[{{"text": "one"}}, {broken}, {{"text": "three"}}]'.encode("utf-8", "surrogateescape")
    articles, errors = found(write(tmp_path / "a.json", content))
    assert [article.text for article in articles] == ["one", "three"]
    assert len(errors) == 1
    assert message in errors[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "one"}, {"text": "tw', "(from object 2 on): is no JSON: cut off"),
        ('[{"text": "one"}', "(from object 1 on): is no JSON: cut off"),
        ('[{"text": "one"}]]', "(from object 1 on): is no JSON"),
        ('[{"text": "one"}] and so on', "(from object 1 on): is no JSON"),
        ('[{"text": "one"}]\0', "is binary (a NUL byte)"),
    ],
)
def test_json_is_read_as_far_as_it_is_whole(tmp_path: Path, content: str, message: str) -> None:
    articles, errors = found(write(tmp_path / "a.json", content))
    assert [article.text for article in articles] == ["one"]
    assert len(errors) == 1
    assert message in errors[0]


@pytest.mark.parametrize("content", ["", "[]", " \n"])
def test_json_without_objects(tmp_path: Path, content: str) -> None:
    assert "holds no object" in found(write(tmp_path / "a.json", content))[1][0]


def test_objects_that_lie_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.json", json.dumps([{"text": f'\\"{{{i}}}\\\\'} for i in range(20)]))
    for size in (1, 2, 7, 64):
        monkeypatch.setattr("dealspan.articles.arrays.CHUNK", size)
        articles, errors = found(path)
        assert errors == []
        assert [article.text for article in articles] == [f'\\"{{{i}}}\\\\' for i in range(20)]


def test_object_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.arrays.MAX_BYTES", 1000)
    monkeypatch.setattr("dealspan.articles.arrays.CHUNK", 100)
    articles, errors = found(write(tmp_path / "a.json", '[{"text": "a"}, {"text": "' + "x" * 5000))
    assert len(articles) == 1
    assert "(object 2): is longer than" in errors[0]


# Tables


def test_csv(tmp_path: Path) -> None:
    cell = '"' + TEXT.replace('"', '""') + '"'
    path = write(tmp_path / "a.csv", f"\ufeffurl,body,day,extra\r\nu1,{cell},2018-05-31,\r\n\r\n,plain,,\r\n")
    articles, errors = found(path, fields="text=body,id=url,published=day")
    assert errors == []
    assert articles == [Article(id="u1", text=TEXT, published=date(2018, 5, 31)), Article(id=f"{path}:6", text="plain")]


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t")])
def test_delimiters(tmp_path: Path, name: str, sign: str) -> None:
    articles, errors = found(write(tmp_path / name, f'id{sign}text{sign}title\n1{sign}"a, b; c"{sign}T\n'))
    assert errors == []
    assert articles == [Article(id="1", text="a, b; c", title="T")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"2,x", "a.csv:3: has 2 cells under 3 columns"),
        (b"2,x,y,z", "a.csv:3: has 4 cells under 3 columns"),
        (b"2,caf\xe9,", "a.csv:3: is not UTF-8 (byte 0xe9)"),
        (b"2,,", "a.csv:3: has an empty text"),
        (b"2,x,May", "a.csv:3: published is 'May'; write a date"),
        (b'2,"' + b"x" * 2000 + b'",', "a.csv:3: is no row (longer than"),
    ],
)
def test_broken_row_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: bytes, message: str
) -> None:
    monkeypatch.setattr("dealspan.articles.rows.MAX_BYTES", 1000)
    path = write(tmp_path / "a.csv", b"id,text,published\n1,one,\n" + row + b"\n3,three,2018-05-31\n")
    articles, errors = found(path)
    assert [article.text for article in articles] == ["one", "three"]
    assert len(errors) == 1
    assert message in errors[0]


def test_quote_that_is_never_closed_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.rows.MAX_BYTES", 1000)
    content = 'id,text\n1,"open\n' + "2,x\n" * 1000 + "3,last\n"
    articles, errors = found(write(tmp_path / "a.csv", content))
    assert "a.csv:2: is no row (longer than" in errors[0]
    assert articles[-1].text == "last"
    assert len(articles) > 700


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; give a table with a header"),
        (b"id,body\n1,x\n", "has no column text; its columns are id, body; see --fields"),
        ("id,text\n1,x\n".encode("utf-16"), "is UTF-16, not UTF-8"),
        (b"id,text\n1,\0\n", "a.csv:2: is binary (a NUL byte)"),
    ],
)
def test_file_that_is_no_table(tmp_path: Path, content: bytes, message: str) -> None:
    articles, errors = found(write(tmp_path / "a.csv", content))
    assert articles == []
    assert len(errors) == 1
    assert message in errors[0]


def test_named_column_that_is_missing(tmp_path: Path) -> None:
    articles, errors = found(write(tmp_path / "a.csv", "id,text\n1,x\n"), fields="published=date")
    assert articles == []
    assert "has no column date" in errors[0]


# Parquet


def parquet(path: Path, columns: dict[str, object], **options: object) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_parquet(tmp_path: Path) -> None:
    columns = {
        "url": ["u1", None],
        "body": pa.array([TEXT, "plain"]).dictionary_encode(),
        "day": [datetime(2018, 5, 31, 23), None],
        "n": [1, 2],
    }
    path = parquet(tmp_path / "a.parquet", columns)
    articles, errors = found(path, fields="text=body,id=url,published=day")
    assert errors == []
    assert articles == [Article(id="u1", text=TEXT, published=date(2018, 5, 31)), Article(id=f"{path}:2", text="plain")]


def test_parquet_rows_are_named(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", {"id": [1, 2, 3], "text": pa.array([b"one", b"caf\xe9", None])})
    articles, errors = found(path)
    assert articles == [Article(id="1", text="one")]
    assert [error.split("parquet ")[1][:22] for error in errors] == ["(row 2): text is not U", "(row 3): has an empty "]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("id=id", "has no column text; its columns are body, n"),
        ("text=n", "column n holds int64, not text"),
        ("text=body,title=n", "(row 1): title is int, not text"),
    ],
)
def test_parquet_columns(tmp_path: Path, fields: str, message: str) -> None:
    articles, errors = found(parquet(tmp_path / "a.parquet", {"body": ["x"], "n": [1]}), fields=fields)
    assert articles == []
    assert message in errors[0]


def test_damaged_row_group_does_not_stop_the_others(tmp_path: Path) -> None:
    texts = [f"{i} " + os.urandom(200).hex() for i in range(300)]
    path = parquet(tmp_path / "a.parquet", {"text": texts}, row_group_size=100, use_dictionary=False)
    chunk = pq.ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    at = chunk.data_page_offset
    content[at : at + 40] = b"\xff" * 40
    articles, errors = found(write(path, bytes(content)))
    assert [article.text for article in articles] == texts[:100] + texts[200:]
    assert len(errors) == 1
    assert "(from row 101 on): is damaged" in errors[0]
    assert "the rows up to 200 are left out" in errors[0]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"id,text\n1,x\n"])
def test_file_that_is_no_parquet(tmp_path: Path, content: bytes) -> None:
    assert "is no Parquet, or damaged" in found(write(tmp_path / "a.parquet", content))[1][0]


# Streams


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b'\n[\n\n{"text": "x"},\n{"text": "y"}]', ["x", "y"]),
        (b"\xef\xbb\xbf\n<!-- saved -->\n<!DOCTYPE html>\n<title>T</title><p>x", ["T\nx"]),
        (RSS.encode(), ["Novena & Co 🚀\nNovena raised $5m.\nAlder led.", "a < b"]),
        (record("http://l/1", b"<p>x"), ["x"]),
        (b"[1] Novena raises", ["[1] Novena raises"]),
        (b"<b> is bold", ["<b> is bold"]),
        (b"WARC is a format", ["WARC is a format"]),
    ],
)
def test_stream_is_read_as_what_it_begins_like(tmp_path: Path, content: bytes, texts: list[str]) -> None:
    for sent in (content, gzip.compress(content)):
        articles, errors = found("-", stdin=sent)
        assert errors == []
        assert [article.text for article in articles] == texts
        assert [a.text for a in found(write(tmp_path / "stream", sent))[0]] == texts


def test_slow_stream_is_read_as_it_comes() -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as stream:
        os.write(theirs, b'{"text": "x"}\n')
        documents = read(["-"], stream)
        first = next(documents)
        os.close(theirs)
        assert isinstance(first, Article)
        assert first.text == "x"
        assert list(documents) == []


# Folders


def test_folder_with_links_in_a_circle(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "x.txt", name)
        for other in ("a", "b"):
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    assert [a.text for a in found(tmp_path)[0]] == ["a", "b"]
    for pattern in ("**/*.txt", "**/**/x.txt", "*/**/x.txt"):
        assert [a.text for a in found(tmp_path / pattern)[0]] == ["a", "b"]


def test_pattern_below_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b/[c]/d.txt", ".git/e.txt", "b/.f.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, "x")
    monkeypatch.chdir(tmp_path)
    assert [a.id for a in found("**/*.txt")[0]] == ["a.txt", "b/[c]/d.txt"]
    assert [a.id for a in found("./**/d.txt")[0]] == ["b/[c]/d.txt"]
    assert [a.id for a in found("**")[0]] == ["a.txt", "b/[c]/d.txt"]


# The command


@pytest.mark.parametrize(
    ("package", "name", "message"),
    [
        ("pyarrow", "a.parquet", "is Parquet, which needs pyarrow; install the extra: pip install 'dealspan[parquet]'"),
        ("feedparser", "a.rss", "is a feed, which needs feedparser; install the extra: pip install 'dealspan[feeds]'"),
        (
            "backports.zstd",
            "a.txt.zst",
            "is compressed with zstd, which needs backports.zstd; install the extra: pip install 'dealspan[zstd]'",
        ),
    ],
)
def test_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, name: str, message: str
) -> None:
    path = write(tmp_path / name, zstd.compress(b"x"))
    monkeypatch.setitem(sys.modules, package, None)
    assert found(path) == ([], [f"{path}: {message}"])


def test_fields_of_the_command(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv.gz", gzip.compress(b"url,body\nu1,Novena\n"))
    run = CliRunner().invoke
    assert run(app, ["text", str(path), "--id", "u1", "--fields", "id=url,text=body"]).stdout == "Novena"
    for command in (["text"], ["extract"], ["explain"], ["benchmark"]):
        result = run(app, [*command, str(path), "--fields", "url"])
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "dealspan: --fields 'url' is not PART=NAME" in result.stderr
    result = run(app, ["text", str(path)])
    assert result.exit_code == 1
    assert "has no column text; its columns are url, body; see --fields" in result.stderr
