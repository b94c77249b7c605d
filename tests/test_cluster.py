"""`dealspan ray`, on a real cluster of this machine with two workers."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.extraction import COMMAND, Extraction, environment, mixed, until
from tests.inputs import pages

needs_ray = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs the extra ray"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


@pytest.fixture
def extract(tmp_path: Path) -> Extraction:
    (tmp_path / "site").mkdir()
    return Extraction(tmp_path, environment(tmp_path / "site"))


def started(extract: Extraction, *command: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        list(map(str, command)),
        cwd=extract.folder,
        env=extract.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def below(process: int, name: str) -> set[int]:
    """Return the processes of a name that a process and those below it have started."""
    parents, named = {}, set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
            if name in (status.parent / "cmdline").read_bytes().decode():
                named.add(int(status.parent.name))
        except OSError:
            continue

    def is_below(one: int) -> bool:
        return one == process or (one in parents and is_below(parents[one]))

    return {one for one in named if is_below(one)}


def inputs(extract: Extraction) -> list[Path]:
    """Write documents of several formats, some of which fail."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = mixed(700, slow=True)
    texts[7] = "!unreadable"
    texts[40] = "!crash"
    texts[300] = "!kill"
    names = [extract.articles(texts), extract.articles(mixed(50), "b.jsonl")]
    rows = [{"id": f"p{number}", "text": text} for number, text in enumerate(mixed(30))]
    pq.write_table(pa.Table.from_pylist(rows), extract.folder / "c.parquet")
    (extract.folder / "d.warc").write_bytes(b"".join(pages(20)))
    return [extract.folder / name for name in (*names, "c.parquet", "d.warc", "nowhere.txt")]


def by_document(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, default=str))


@pytest.mark.parametrize("killed", ["ray::MapWorker", "dealspan.jobs.worker"])
def test_a_process_that_is_killed_costs_nothing(extract: Extraction, killed: str) -> None:
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    files = inputs(extract)
    one = extract(*files, "-o", "one.parquet", "--errors", "errors.jsonl", "--timeout", 20)
    with started(extract, *COMMAND[:-1], "ray", *files, "-o", "deals", "-w", 2) as process:
        until(lambda: len(below(process.pid, "dealspan.jobs.worker")) == 2, 50)
        time.sleep(0.5)
        victim = min(below(process.pid, killed))
        os.kill(victim, signal.SIGKILL)
        # It was in the middle: nothing was written, and another takes its place.
        assert not list(extract.folder.glob("deals.part/*"))
        until(lambda: len(below(process.pid, killed) - {victim}) == 2, 20)
        _, said = process.communicate(timeout=60)
    assert (one.returncode, process.returncode) == (1, 1)
    assert said == "dealspan: 4 documents failed; deals/_failures says which and why\n"
    folder = ds.dataset(extract.folder / "deals").to_table()
    assert folder.schema.equals(pq.read_schema(extract.folder / "one.parquet"))
    assert by_document(folder.to_pylist()) == by_document(pq.read_table(extract.folder / "one.parquet").to_pylist())
    failed = [
        json.loads(line)
        for file in (extract.folder / "deals" / "_failures").iterdir()
        for line in file.read_text().splitlines()
    ]
    assert by_document(failed) == by_document(extract.errors())
    assert not list(extract.folder.glob("deals*/.part-*"))
