"""Faults of files, folders and encodings: what is said of each, and that the other documents of the run survive."""

import gzip
import json
import os
import random
import socket
import tracemalloc
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealspan.articles import ReadError, expand, read
from dealspan.cli import app
from tests.inputs import PACKERS, found, write

pa = pytest.importorskip("pyarrow", reason="needs the extra archive")
pq = pytest.importorskip("pyarrow.parquet")

ESCAPED = "\\ud800"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_command_says_what_is_wrong_and_does_the_rest() -> None:
    """One fault of each kind in one run: a line for each, a record for each document that is whole, and status 1."""
    folder = Path("news")
    folder.mkdir()
    good = "Novena raised $5m in a seed round led by Alder Ventures."
    (folder / "dangling.txt").symlink_to("nowhere.txt")
    (folder / "here").symlink_to(".")
    (folder / "loop.txt").symlink_to("pool.txt")
    (folder / "pool.txt").symlink_to("loop.txt")
    os.mkfifo(folder / "pipe.txt")
    write(folder / "mixed.txt", "“Novena” raised ".encode() + b"caf\xe9")
    write(folder / "nul.txt", good.replace(" ", "\0"))
    write(folder / "cut.txt.gz", gzip.compress(good.encode())[:40])
    lines = [json.dumps({"id": "first", "text": good}), f'{{"text": "{ESCAPED}"}}', "[" * 100_000]
    write(folder / "lines.jsonl", "\n".join([*lines, json.dumps({"id": "last", "text": good})]))
    odd = os.path.join(os.fsencode(folder), b"\xff line\nend.txt")  # noqa: PTH118
    Path(os.fsdecode(odd)).write_text(good)
    result = CliRunner().invoke(app, ["extract", "news", "--model", "rules"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    complaints = {line.removeprefix("dealspan: news/").split(": ")[0]: line for line in result.stderr.splitlines()}
    wrong = {
        "dangling.txt": "cannot be read (No such file or directory); check the path",
        "loop.txt": "cannot be read (Too many levels of symbolic links); check the path",
        "pool.txt": "cannot be read (Too many levels of symbolic links); check the path",
        "pipe.txt": "is no regular file but a pipe, a socket or a device; name it to read it",
        "mixed.txt": "is UTF-8 only up to offset 23 (byte 0xe9); repair it there",
        "nul.txt": "is binary (a NUL byte at 6); give text, HTML or JSON",
        "cut.txt.gz": "is cut off where it is compressed; what is whole before that was read, get the file anew",
        "lines.jsonl:2": "is not one whole JSON object",
        "lines.jsonl:3": "each document is an object like",
    }
    assert set(complaints) == set(wrong)
    assert {name: wrong[name] in line for name, line in complaints.items()} == dict.fromkeys(wrong, True)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["document"]["id"] for record in records] == ["first", "last", "news/\ufffd line\nend.txt"]
    assert all(len(record["deals"]) == 1 for record in records)


# Files and folders


def test_what_may_never_end_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    os.mkfifo("a.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("b.txt")
        Path("c.txt").symlink_to("/dev/zero")
        Path("d.txt").write_text("x")
        for name in (str(tmp_path), "*.txt", "**/*.txt"):
            paths = list(expand(name))
            assert [type(path) for path in paths[:3]] == [ReadError] * 3
            assert isinstance(paths[3], Path)
        assert list(expand("a.txt")) == [Path("a.txt")]
        assert "b.txt: cannot be read (" in found("b.txt")[1][0]


@pytest.mark.parametrize("how", ["vanishes", "becomes unreadable", "becomes a folder"])
def test_file_that_changes_between_listing_and_reading(tmp_path: Path, how: str) -> None:
    for name in "abc":
        write(tmp_path / f"{name}.txt", name)
    documents = read([str(tmp_path)], None)  # type: ignore[arg-type]
    seen = [next(documents)]
    changed = tmp_path / "b.txt"
    if how == "becomes unreadable":
        # A mode does not keep root out, so that a device stands for it.
        changed.unlink()
        changed.symlink_to("/proc/self/mem")
    else:
        changed.unlink()
        if how == "becomes a folder":
            changed.mkdir()
    seen += documents
    assert [type(one).__name__ for one in seen] == ["Article", "ReadError", "Article"]
    assert "b.txt: cannot be read (" in str(seen[1])


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    write(tmp_path / "shut" / "a.txt", "a")
    write(tmp_path / "b.txt", "b")
    scan = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    articles, errors = found(tmp_path)
    assert [article.text for article in articles] == ["b"]
    assert errors == [f"{tmp_path}/shut: cannot be read (Permission denied); check its permissions"]


# Encodings


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json", "a.jsonl", "a.csv", "a.tsv", "a"])
@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-32"])
def test_wide_encodings_are_named(tmp_path: Path, name: str, encoding: str) -> None:
    articles, errors = found(write(tmp_path / name, '[{"text": "Novena"}]\n'.encode(encoding)))
    assert articles == []
    assert errors == [f"{tmp_path / name}: is {encoding}, not UTF-8; convert it: iconv -f {encoding} -t UTF-8"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9", "is not UTF-8 (byte 0xe9 at offset 3); convert it"),
        (b"\xef\xbb\xbfcaf\xe9", "is not UTF-8 (byte 0xe9 at offset 6); convert it"),
        ("naïve café ".encode() + b"caf\xe9 \x93", "is UTF-8 only up to offset 16 (byte 0xe9); repair it there"),
        ("naïve ".encode() + "café".encode("utf-16-le"), "is binary (a NUL byte at 8)"),
        ("naïve ".encode() + "🚀".encode("utf-16", "surrogatepass"), "is UTF-8 only up to offset 7 (byte 0xff)"),
        # CESU-8 writes the two halves of a pair.
        ("naïve \ud83d\ude80".encode("utf-8", "surrogatepass"), "is UTF-8 only up to offset 7 (byte 0xed)"),
    ],
)
def test_mixed_encodings(tmp_path: Path, content: bytes, message: str) -> None:
    for name in ("a.txt", "a"):
        articles, errors = found(write(tmp_path / name, content), write(tmp_path / "good.txt", "good"))
        assert [article.text for article in articles] == ["good"]
        assert len(errors) == 1
        assert message in errors[0]


def test_marks_and_halves_in_lines(tmp_path: Path) -> None:
    lines = [
        b'\xef\xbb\xbf{"text": "one"}',
        b'\xef\xbb\xbf{"text": "a joined file"}',
        b'{"text": "caf\xe9"}',
        b'{"text": "\xed\xa0\xbd\xed\xba\x80"}',
        b'{"text": "\\ud83d\\ude80"}',
        b'{"text": "\\ude80\\ud83d"}',
        b'{"id": "\\ud800", "text": "x"}',
        b'{"text": "x", "source": {"url": "\\ud800"}}',
        b'{"text": "x", "\\ud800": 1}',
        b'{"text": "last"}',
    ]
    articles, errors = found(write(tmp_path / "a.jsonl", b"\n".join(lines)))
    assert [article.text for article in articles] == ["one", "a joined file", "🚀", "last"]
    assert [error.split(":")[1] for error in errors] == ["3", "4", "6", "7", "8", "9"]


# Sizes and depths


def test_lines_and_cells_of_fifty_megabytes(tmp_path: Path) -> None:
    long = "Novena raises $5m. " * (50_000_000 // len("Novena raises $5m. "))
    articles, errors = found(write(tmp_path / "a.jsonl", json.dumps({"text": long}) + '\n{"text": "x"}\n'))
    assert ([len(article.text) for article in articles], errors) == ([len(long), 1], [])
    articles, errors = found(write(tmp_path / "a.csv", f'id,text\n1,"{long}"\n2,x\n'))
    assert ([len(article.text) for article in articles], errors) == ([len(long), 1], [])


@pytest.mark.parametrize(
    ("opening", "closing", "message"),
    [("[", "]", "is nested too deeply"), ('{"a":', "}", "is nested too deeply"), ("[", "", "no JSON: cut off")],
)
def test_deeply_nested_json(tmp_path: Path, opening: str, closing: str, message: str) -> None:
    deep = f'{{"text": "b", "more": {opening * 100_000}1{closing * 100_000}}}'
    articles, errors = found(write(tmp_path / "a.json", f'[{{"text": "a"}},\n{deep},\n{{"text": "c"}}]'))
    assert [article.text for article in articles] == ["a", "c"] if closing else ["a"]
    assert len(errors) == 1
    assert message in errors[0]
    articles, errors = found(write(tmp_path / "a.jsonl", f'{{"text": "a"}}\n{deep}\n{{"text": "c"}}'))
    assert [article.text for article in articles] == ["a", "c"]
    assert "a.jsonl:2: is " in errors[0]


# Compression


@pytest.mark.parametrize("suffix", PACKERS)
def test_cut_off_anywhere(tmp_path: Path, suffix: str) -> None:
    """What is whole before the cut is read, that something is missing is always said, and the next file is read."""
    draw = random.Random(1)
    lines = [json.dumps({"text": draw.randbytes(40).hex()}) + "\n" for _ in range(300)]
    packed = b"".join(PACKERS[suffix]("".join(lines[at : at + 100]).encode()) for at in (0, 100, 200))
    whole = [json.loads(line)["text"] for line in lines]
    good = write(tmp_path / "good.txt", "good")
    ends = {len(PACKERS[suffix]("".join(lines[at : at + 100]).encode())) for at in (0, 100, 200)}
    for size in [
        *range(1, 40),
        *(draw.randrange(40, len(packed)) for _ in range(40)),
        *range(len(packed) - 12, len(packed)),
    ]:
        articles, errors = found(write(tmp_path / f"a.jsonl{suffix}", packed[:size]), good)
        texts = [article.text for article in articles]
        assert texts == [*whole[: len(texts) - 1], "good"]
        assert errors or size in ends
    assert "is cut off where it is compressed" in errors[-1]


@pytest.mark.parametrize("suffix", PACKERS)
def test_empty_streams_among_others(tmp_path: Path, suffix: str) -> None:
    empty, line = PACKERS[suffix](b""), PACKERS[suffix](b'{"text": "x"}\n')
    assert "is empty" in found(write(tmp_path / f"a.jsonl{suffix}", empty))[1][0]
    articles, errors = found(write(tmp_path / f"a.jsonl{suffix}", empty + line + empty + line + empty))
    assert ([article.text for article in articles], errors) == (["x", "x"], [])


# Feeds


def feed(entities: str, title: str) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss version="2.0"><channel>'
        f"<item><title>{title}</title></item><item><title>Novena raises</title></item></channel></rss>"
    )


def test_entities_are_not_expanded_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealspan.articles.feed.MAX_BYTES", 1_000_000)
    laughs = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in zip("abcdefghi", "bcdefghij", strict=True)
    )
    long = f'<!ENTITY j "{"ha" * 50_000}">'
    for entities, title in ((laughs, "&j;"), (long, "&j;" * 50_000)):
        tracemalloc.start()
        articles, errors = found(write(tmp_path / "a.rss", feed(entities, title)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20_000_000
        assert "is no well-formed XML (" in errors[-1]
        assert [article.text for article in articles] == [title, "Novena raises"]


def test_entities_of_other_files_and_hosts_are_not_fetched(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt", "SECRET")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        entities = (
            f'<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b SYSTEM "{address}"><!ENTITY % c SYSTEM "{address}"> %c;'
        )
        articles, _ = found(write(tmp_path / "a.rss", feed(entities, "x &a; &b; y")))
        with pytest.raises(TimeoutError):
            server.accept()
    assert "SECRET" not in "".join(article.text for article in articles)
    assert articles[-1].text == "Novena raises"


# Parquet


def test_parquet_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["Novena raises"] * 100}), path)
    content = path.read_bytes()
    for size in range(0, len(content), 37):
        articles, errors = found(write(path, content[:size]), write(tmp_path / "good.txt", "good"))
        assert [article.text for article in articles] == ["good"]
        assert len(errors) == 1
        assert "a.parquet: is no Parquet, or damaged (" in errors[0]


@pytest.mark.parametrize("column", [[1], [1.5], [None], [[1]], [{"a": 1}], [True]])
def test_parquet_without_text(tmp_path: Path, column: list[object]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": column}), path)
    articles, errors = found(path)
    assert articles == []
    assert len(errors) == 1
    assert "not text; see --fields" in errors[0] or "has an empty text" in errors[0]
