"""The readers of archives: JSON, tables, feeds, WARC, and what is compressed; how each says what is wrong."""

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealspan.articles import Fields, ReadError, read
from dealspan.cli import app
from dealspan.records import Article
from tests.test_articles import page

pa = pytest.importorskip("pyarrow", reason="needs the extra archive")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("feedparser")
zstd = pytest.importorskip("backports.zstd")

TEXT = 'Novena 🚀 raises\r\n"$5m", said\nAlder;\tVentures'
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstd.compress,
}


def found(*inputs: object, stdin: bytes = b"", fields: str = "id=id") -> tuple[list[Article], list[str]]:
    """The articles and the errors."""
    items = list(read(map(str, inputs), io.BytesIO(stdin), Fields.parse(fields)))
    return (
        [item for item in items if isinstance(item, Article)],
        [str(item) for item in items if isinstance(item, ReadError)],
    )


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


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


# Feeds

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Ledger</title>
<item><title>Novena &amp;amp; Co 🚀</title><link>http://l/1</link><guid isPermaLink="false">g1</guid>
<pubDate>Thu, 31 May 2018 23:10:00 -0500</pubDate><description>Novena raised money.</description>
<content:encoded><![CDATA[<p>Novena raised\r\n $5m.</p><script>x()</script><p>Alder led.</p>]]></content:encoded></item>
<item><link>http://l/2</link><description>a &amp;lt; b</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>The Ledger</title>
<entry><id>urn:1</id><title>Novena</title><link href="http://l/1"/><updated>2018-06-02T00:00:00Z</updated>
<published>2018-05-31T23:10:00-05:00</published><summary>short</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Novena raised <b>$5m</b>.</p></div></content></entry>
<entry><id>urn:2</id><title>Only a title</title><updated>2018-06-02T00:00:00Z</updated></entry>
<entry><id>urn:3</id><title>T</title><summary type="text">1 &lt; 2\n&amp; so on</summary></entry>
</feed>"""


def test_rss(tmp_path: Path) -> None:
    path = write(tmp_path / "a.rss", RSS)
    articles, errors = found(path)
    assert errors == []
    assert articles[0] == Article(
        id="g1",
        text="Novena & Co 🚀\nNovena raised $5m.\nAlder led.",
        title="Novena & Co 🚀",
        published=date(2018, 5, 31),
        source="http://l/1",
    )
    assert articles[1] == Article(id="http://l/2", text="a < b", source="http://l/2")


def test_atom(tmp_path: Path) -> None:
    articles, errors = found(write(tmp_path / "a.xml", ATOM))
    assert errors == []
    assert articles[0].published == date(2018, 5, 31)
    assert [(a.id, a.text) for a in articles] == [
        ("urn:1", "Novena raised $5m."),
        ("urn:2", "Only a title"),
        ("urn:3", "T\n1 < 2\n& so on"),
    ]
    assert articles[1].published == date(2018, 6, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("<urlset><url/></urlset>", "is no RSS or Atom feed"),
        (page("x"), "is no RSS or Atom feed"),
        ("http://localhost/feed", "is no RSS or Atom feed"),
        ('<?xml version="1.0" encoding="a\0b"?><rss/>', "is no RSS or Atom feed"),
        ('<rss version="2.0"><channel/></rss>', "is a feed without entries"),
        ('<rss version="2.0"><channel><item/></channel></rss>', "(entry 1): has neither title nor text"),
    ],
)
def test_feed_that_is_none(tmp_path: Path, content: str, message: str) -> None:
    articles, errors = found(write(tmp_path / "a.rss", content))
    assert articles == []
    assert len(errors) == 1
    assert message in errors[0]


def test_feed_that_is_cut_off(tmp_path: Path) -> None:
    articles, errors = found(write(tmp_path / "a.rss", RSS[:-60]))
    assert articles[0].id == "g1"
    assert "is no well-formed XML" in errors[-1]


# WARC


def record(
    address: str,
    body: bytes,
    headers: str = "Content-Type: text/html; charset=utf-8",
    status: str = "200 OK",
    kind: str = "response",
) -> bytes:
    block = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def pages(count: int) -> list[bytes]:
    return [
        record(f"http://l/{i}", f"<title>T{i}</title><p>Page {i} 🚀 ".encode() + os.urandom(500).hex().encode())
        for i in range(count)
    ]


def test_warc(tmp_path: Path) -> None:
    source = page(
        "<article><p>Novena 🚀 raised $5m.\r\n</p></article>", '<meta name="date" content="2018-05-31"><title>T</title>'
    )
    content = b"".join(
        [
            b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 3\r\n\r\nx\r\n\r\n\r\n",
            record("http://l/1", source.encode()),
            record("http://l/2", b"<p>no", status="404 Not Found"),
            record("http://l/3", b"%PDF", headers="Content-Type: application/pdf"),
            record("http://l/4", b"<p>no", kind="request"),
            record("http://l/5", "<p>café “x”".encode("cp1252"), headers="Content-Type: text/html; charset=ISO-8859-1"),
            record(
                "http://l/6", gzip.compress(b"<p>packed"), headers="Content-Type: text/html\r\nContent-Encoding: gzip"
            ),
            record(
                "http://l/7", zlib.compress(b"<p>flat"), headers="content-type: text/html\ncontent-encoding: deflate"
            ),
            record(
                "http://l/8",
                b"5\r\n<p>in\r\n3;x=y\r\n two\r\n0\r\n\r\n"[:-2],
                headers="Content-Type: text/html\r\nTransfer-Encoding: chunked",
            ),
            record(
                "http://l/9",
                b"<p>plain",
                headers="Content-Type: text/html\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip",
            ),
        ]
    )
    for name, data in (
        ("a.warc", content),
        ("a.warc.gz", gzip.compress(content)),
        ("a.warc.zst", zstd.compress(content)),
    ):
        articles, errors = found(write(tmp_path / name, data))
        assert errors == []
        assert articles[0] == Article(
            id="http://l/1",
            text="T\nNovena 🚀 raised $5m.",
            title="T",
            published=date(2018, 5, 31),
            source="http://l/1",
        )
        assert [(a.id[-1], a.text) for a in articles[1:]] == [
            ("5", "café “x”"), ("6", "packed"), ("7", "flat"), ("8", "in tw"), ("9", "plain"),
        ]  # fmt: skip
        assert articles[1].published is None


def damaged(where: str, records: list[bytes]) -> bytes:
    """Five records, the middle one damaged."""
    before, one, after = b"".join(records[:2]), records[2], b"".join(records[3:])
    length = one.index(b"Content-Length: ") + len(b"Content-Length: ")
    match where:
        case "garbage":
            one = os.urandom(200).replace(b"\n", b"x") + b"\r\n" + one[50:]
        case "too long":
            one = one[:length] + b"9" + one[length:]
        case "much too long":
            one = one[:length] + b"99999" + one[length:]
        case "too short":
            one = one[:length] + one[length + 1 :]
        case "no length":
            one = one.replace(b"Content-Length", b"Content-Width")
        case "negative":
            one = one[:length] + b"-" + one[length:]
        case "glued":
            one = os.urandom(200).replace(b"\n", b"x")
        case "half":
            one = one[: len(one) // 2]
        case "page":
            one = one.replace(b"Page", b"Pag\xff")
        case "no text":
            one = record("http://l/2", b"<script>x()</script>")
    return before + one + after


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("garbage", "(record at byte {at}): is no WARC record"),
        ("too long", "(record at byte {at}): has a wrong length"),
        ("much too long", "(record at byte {at}): has a wrong length"),
        ("too short", "(record at byte {at}): has a wrong length"),
        ("no length", "(record at byte {at}): has a broken header"),
        ("negative", "(record at byte {at}): has a broken header"),
        ("half", "(record at byte {at}): has a wrong length"),
        ("glued", "(record at byte {at}): is no WARC record"),
        ("page", "(record at byte {at}, http://l/2): is neither UTF-8 nor the utf-8 that it declares"),
        ("no text", "(record at byte {at}, http://l/2): holds no text outside scripts"),
    ],
)
def test_broken_record_is_named_and_the_others_are_read(tmp_path: Path, where: str, message: str) -> None:
    records = pages(5)
    at = len(records[0] + records[1])
    content = damaged(where, records)
    for name, data in (("a.warc", content), ("a.warc.gz", gzip.compress(content))):
        articles, errors = found(write(tmp_path / name, data))
        assert [article.id for article in articles] == ["http://l/0", "http://l/1", "http://l/3", "http://l/4"]
        assert len(errors) == 1
        assert message.format(at=at) in errors[0]


def test_damaged_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    members = [gzip.compress(one) for one in pages(5)]
    at = len(members[0] + members[1])
    for spoiled in (members[2][:300] + bytes(40) + members[2][340:], b"garbage" + members[2][8:]):
        articles, errors = found(write(tmp_path / "a.warc.gz", b"".join([*members[:2], spoiled, *members[3:]])))
        assert [article.id for article in articles] == ["http://l/0", "http://l/1", "http://l/3", "http://l/4"]
        assert len(errors) == 1
        assert f"byte {at}" in errors[0]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_warc_that_is_cut_off(tmp_path: Path, name: str) -> None:
    records = pages(3)
    content = b"".join(records)[:-300] if name == "a.warc" else b"".join(map(gzip.compress, records))[:-300]
    articles, errors = found(write(tmp_path / name, content))
    assert [article.id for article in articles] == ["http://l/0", "http://l/1"]
    assert len(errors) == 1
    assert f"(record at byte {len(records[0] + records[1])}): is cut off" in errors[0]


def test_page_that_unpacks_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.warc.MAX_BYTES", 10_000)
    monkeypatch.setattr("dealspan.articles.raw.MAX_BYTES", 10_000)
    bomb = record(
        "http://l/1", gzip.compress(b"a" * 1_000_000), headers="Content-Type: text/html\r\nContent-Encoding: gzip"
    )
    big = record("http://l/2", b"a" * 20_000)
    film = record("http://l/3", b"a" * 20_000, headers="Content-Type: video/mp4")
    articles, errors = found(write(tmp_path / "a.warc", bomb + big + film + pages(1)[0]))
    assert [article.id for article in articles] == ["http://l/0"]
    assert ["is larger than" in error for error in errors] == [True, True]


def test_warc_without_pages(tmp_path: Path) -> None:
    assert "holds no page" in found(write(tmp_path / "a.warc", record("http://l/1", b"", status="301 Moved")))[1][0]
    assert "holds no page" in found(write(tmp_path / "b.warc", ""))[1][0]


# Compressed inputs


@pytest.mark.parametrize("suffix", PACKERS)
def test_every_format_can_be_compressed(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix]
    plain = {
        "a.txt": "x",
        "a.html": "<p>x",
        "a.jsonl": '{"text": "x"}\n',
        "a.json": '[{"text": "x"}]',
        "a.csv": "text\nx\n",
        "a.rss": '<rss version="2.0"><channel><item><title>x</title></item></channel></rss>',
        "a.warc": record("x", b"<p>x"),
        "a": "x",
    }
    for name, content in plain.items():
        write(tmp_path / f"{name}{suffix}", packed(content if isinstance(content, bytes) else content.encode()))
        articles, errors = found(tmp_path / f"{name}{suffix}")
        assert (name, [a.text for a in articles], errors) == (name, ["x"], [])
    # What is in a folder is known by its ending.
    assert len(found(tmp_path)[0]) == len(plain) - 1


@pytest.mark.parametrize("suffix", PACKERS)
def test_compression_is_known_by_the_first_bytes(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix]
    lines = b'{"text": "x"}\n'
    assert [a.id for a in found("-", stdin=packed(lines) + packed(lines))[0]] == ["-:1", "-:2"]
    assert [a.text for a in found(write(tmp_path / "a.txt", packed(b"x")))[0]] == ["x"]
    assert [a.text for a in found(write(tmp_path / f"b.txt{suffix}", b"x"))[0]] == ["x"]


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("how", ["cut off", "damaged"])
def test_what_is_whole_before_the_damage_is_read(tmp_path: Path, suffix: str, how: str) -> None:
    lines = b"".join(json.dumps({"text": os.urandom(400).hex()}).encode() + b"\n" for _ in range(2000))
    blocks = [PACKERS[suffix](lines[at : at + 200_000]) for at in range(0, len(lines), 200_000)]
    if how == "cut off":
        content = b"".join(blocks)[: sum(map(len, blocks)) // 2]
    else:
        content = b"".join([*blocks[:4], b"garbage" + blocks[4][7:], *blocks[5:]])
    articles, errors = found(write(tmp_path / f"a.jsonl{suffix}", content))
    assert 500 < len(articles) < 1100
    assert all(article.text in lines.decode() for article in articles)
    assert how in errors[-1]
    assert "get the file anew" in errors[-1]


def test_padding_and_garbage_behind_gzip(tmp_path: Path) -> None:
    content = gzip.compress(b'{"text": "x"}\n')
    assert found(write(tmp_path / "a.jsonl.gz", content + bytes(100_000) + content))[1] == []
    articles, errors = found(write(tmp_path / "b.jsonl.gz", content + b"garbage"))
    assert len(articles) == 1
    assert f"no gzip member begins at byte {len(content)}" in errors[0]


def test_what_unpacks_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.raw.MAX_BYTES", 100_000)
    monkeypatch.setattr("dealspan.articles.readers.MAX_BYTES", 100_000)
    for suffix, packed in PACKERS.items():
        path = write(tmp_path / f"a.txt{suffix}", packed(b"a" * 50_000_000))
        tracemalloc.start()
        _, errors = found(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "is larger than" in errors[0]
        assert peak < 20_000_000


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
