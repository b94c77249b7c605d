"""The readers of feeds and WARC, and of whatever is compressed; how each says what is wrong."""

import gzip
import json
import os
import tracemalloc
import zlib
from datetime import date
from pathlib import Path

import pytest

from dealspan.records import Article
from tests.inputs import ATOM, PACKERS, RSS, found, pages, record, write, zstd
from tests.test_articles import page

# Feeds


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
