"""What the tests of readers share: inputs of each kind, and what is read of them."""

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dealspan.articles import Fields, ReadError, read
from dealspan.records import Article

pytest.importorskip("pyarrow", reason="needs the extra archive")
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
