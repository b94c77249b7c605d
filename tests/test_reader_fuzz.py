"""Whatever bytes are read: articles that can be written, or errors of our own, and an end."""

import bz2
import gzip
import io
import json
import lzma
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealspan.articles import NAMES, Fields, ReadError, read
from dealspan.articles.readers import SUFFIXES
from tests.inputs import ATOM, RSS, record, zstd
from tests.test_articles import page

pa = pytest.importorskip("pyarrow", reason="needs the extra archive")
pq = pytest.importorskip("pyarrow.parquet")

OBJECTS = [
    {"id": "a", "text": 'Novena 🚀 \r\n"', "published": "2018-05-31", "source": {"url": "u"}},
    {"text": "\\{[\\u00e9"},
]
PAGE = page(
    '<div class="story-body"><p hidden>x<p>Novena <a href=x>raises</a> 🚀 &#xd800;<table><td>a<td>b</table></div>',
    '<title>T</title><script type="application/ld+json">{"headline": "\\ud800", "datePublished": "2018"}</script>',
)


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2, None], "text": ["one", None, "three 🚀"]}), out, row_group_size=2)
    return out.getvalue()


SAMPLES: dict[str, bytes] = {
    ".txt": "Novena 🚀".encode(),
    ".md": b"# Novena",
    ".html": PAGE.encode(),
    ".htm": b'<meta charset="punycode"><p>caf\xe9',
    ".jsonl": "\n".join(map(json.dumps, OBJECTS)).encode(),
    ".ndjson": json.dumps(OBJECTS[0], ensure_ascii=False).encode(),
    ".json": json.dumps(OBJECTS).encode(),
    ".csv": 'id,text,published\r\n1,"Novena, 🚀 ""x""\r\n",2018-05-31\r\n2,y,\r\n'.encode(),
    ".tsv": b"id\ttext\n1\tx\n2\ty\n",
    ".parquet": _parquet(),
    ".rss": RSS.encode(),
    ".atom": ATOM.encode(),
    ".xml": b'<?xml version="1.0" encoding="utf-16"?><rss><channel><item><title>x</title></item></channel></rss>',
    ".warc": record("http://l/1", PAGE.encode())
    + record("http://l/2", gzip.compress(b"<p>x"), headers="Content-Type: text/html\r\nContent-Encoding: gzip")
    + record(
        "http://l/3",
        b"3\r\n<p>\r\n1\r\nx\r\n0\r\n\r\n",
        headers="Content-Type: text/html\r\nTransfer-Encoding: chunked",
    ),
}
PACKERS = (gzip.compress, bz2.compress, lzma.compress, zstd.compress)

EDITS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.integers(0, 40),
        st.binary(max_size=12) | st.sampled_from([b'"', b"\0", b"{", b"]", b"<", b"\r\n", b"\xff", b"\\u", b"9"]),
    ),
    max_size=6,
)


def spoiled(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Some bytes replaced by others, at some places."""
    for at, length, new in edits:
        at %= len(content) + 1
        content = content[:at] + new + content[at + length :]
    return content


def check(path: str, content: bytes, fields: Fields = NAMES) -> None:
    for item in read([path], io.BytesIO(content), fields):
        if isinstance(item, ReadError):
            assert item.message
        else:
            assert item.text.strip()
            # Half a character cannot be written.
            assert msgspec.json.decode(msgspec.json.encode(item), type=type(item)) == item


def test_every_ending_has_a_sample() -> None:
    assert set(SAMPLES) == set(SUFFIXES)
    for suffix, content in SAMPLES.items():
        if suffix not in (".htm", ".xml"):
            assert [
                item for item in read(["-"], io.BytesIO(content)) if not isinstance(item, ReadError)
            ] or suffix == ".parquet"


quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("suffix", SAMPLES)
@quick
@given(edits=EDITS, pack=st.none() | st.sampled_from(PACKERS), outer=EDITS)
def test_spoiled_input(tmp_path: Path, suffix: str, edits: Any, pack: Any, outer: Any) -> None:
    content = spoiled(SAMPLES[suffix], edits)
    if pack is not None:
        content = spoiled(pack(content), outer)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    check(str(path), b"")
    check("-", content)


@pytest.mark.parametrize("suffix", SAMPLES)
@quick
@given(content=st.binary(max_size=300) | st.text(alphabet='{}[]"\\,:<>/=ab \n\r\t;0', max_size=80).map(str.encode))
def test_arbitrary_input(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    check(str(path), b"", Fields(text="ab", id="text"))
    check("-", content)


# Memory


class Endless(io.RawIOBase):
    """So many bytes, made as they are read."""

    def __init__(self, head: bytes, piece: bytes, size: int) -> None:
        self._pieces = self._made(head, piece, size)
        self._rest = b""

    @staticmethod
    def _made(head: bytes, piece: bytes, size: int) -> Iterator[bytes]:
        yield head
        block = piece * (2**16 // len(piece))
        for _ in range(size // len(block)):
            yield block

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


TEXT = "Novena raises $5m. " * 150


@pytest.mark.parametrize(
    ("name", "head", "piece"),
    [
        ("lines", b"", json.dumps({"text": TEXT}).encode() + b"\n"),
        ("array", b"[", json.dumps({"text": TEXT}).encode() + b","),
        ("warc", b"", record("http://l/1", page(f"<p>Novena raises $5m.<script>{TEXT * 15}</script>").encode())),
        ("rows", b"id,text\n", f'1,"{TEXT}"\n'.encode()),
    ],
)
def test_memory_does_not_grow_with_the_input(
    name: str, head: bytes, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dealspan.articles import readers

    if name == "rows":  # a table on standard input is a text
        monkeypatch.setattr(readers, "read_stream", readers.READERS[".csv"])
        monkeypatch.setattr("dealspan.articles.inputs.read_stream", readers.READERS[".csv"])
    stream = io.BufferedReader(Endless(head, piece, 50_000_000))
    tracemalloc.start()
    count = sum(1 for item in read(["-"], stream) if not isinstance(item, ReadError))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 1_000
    assert peak < 8_000_000
