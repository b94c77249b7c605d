"""`dealspan ray`, on a real cluster of this machine with two workers."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dealspan.cli.options import SHIPPED
from tests.extraction import Extraction, environment, mixed
from tests.inputs import pages

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None or sys.platform != "linux", reason="needs the extra ray, and /proc"
)


@pytest.fixture
def extract(tmp_path: Path) -> Extraction:
    (tmp_path / "site").mkdir()
    return Extraction(tmp_path, environment(tmp_path / "site"))


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

    # As long as articles, so that there is something for each worker; in all they take 12 s, without the CPU.
    texts = [f"{text} {'.' * 1500}" for text in mixed(1600, slow=True)]
    texts[7] = "!unreadable"
    texts[40] = "!crash"
    texts[300] = "!kill"
    names = [extract.articles(texts), extract.articles(mixed(50), "b.jsonl")]
    rows = [{"id": f"p{number}", "text": text} for number, text in enumerate(mixed(30))]
    pq.write_table(pa.Table.from_pylist(rows), extract.folder / "c.parquet")
    (extract.folder / "d.warc").write_bytes(b"".join(pages(20)))
    return [extract.folder / name for name in (*names, "c.parquet", "d.warc", "nowhere.txt")]


def awaited(condition: Callable[[], Any]) -> None:
    """Wait for processes, which take seconds to start."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: json.dumps(row, default=str))


@needs_ray
def test_processes_that_are_killed_cost_nothing(extract: Extraction) -> None:
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    files = inputs(extract)
    one = extract(*files, "-o", "one.parquet", "--errors", "errors.jsonl", "-j", 4)
    with extract.started(*files, "-o", "deals", "-w", 2, command="ray") as process:
        for name in ("dealspan.jobs.worker", "ray::MapWorker"):
            awaited(lambda: len(below(process.pid, "dealspan.jobs.worker")) == 2)
            time.sleep(0.5)
            before = below(process.pid, name)
            os.kill(min(before), signal.SIGKILL)
            # It was in the middle: nothing was written, and another takes its place.
            assert not list((extract.folder / "deals.part").glob("*.parquet"))
            awaited(lambda name=name, before=before: below(process.pid, name) - before)
        _, said = process.communicate(timeout=120)
    assert said.splitlines()[-1] == "dealspan: 4 documents failed; deals/_failures says which and why"
    assert (one.returncode, process.returncode) == (1, 1)
    found, expected = ds.dataset(extract.folder / "deals").to_table(), pq.read_table(extract.folder / "one.parquet")
    assert found.schema.equals(expected.schema)
    assert in_order(found.to_pylist()) == in_order(expected.to_pylist())
    failures = (extract.folder / "deals" / "_failures").iterdir()
    lines = [json.loads(line) for file in failures for line in file.read_text().splitlines()]
    assert in_order(lines) == in_order(extract.errors())
    assert not (extract.folder / "deals.part").exists()


PROGRAM = """
import json
import warnings
warnings.simplefilter("ignore")
import ray
from ray.data.expressions import col
from dealspan.articles import Fields
from dealspan.cluster import Settings, extracted

if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    articles = ray.data.from_items([
        {"url": "a", "body": "Kettl raised money.", "published": "2026-03-02", "other": 1},
        {"url": "b", "body": "Novena raised money.", "published": "March"},
        {"url": None, "body": "Novena raised money."},
        {"url": "d", "body": "!crash"},
    ])
    found = extracted(articles, Settings(), fields=Fields.parse("text=body,id=url"), workers=1, num_cpus=0.5)
    found = found.materialize()
    found.filter(expr=col("failure").is_null()).drop_columns(["failure"]).write_parquet("written")
    for row in found.take_all():
        print("ROW", json.dumps(row, default=str))
"""


@needs_ray
def test_a_dataset_of_ray(extract: Extraction) -> None:
    import pyarrow.dataset as ds

    from dealspan.output import columns

    (extract.folder / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=extract.folder,
        env=extract.environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line.removeprefix("ROW ")) for line in done.stdout.splitlines() if line.startswith("ROW ")]
    written = ds.dataset(extract.folder / "written").to_table().schema
    assert [field.type for field in written] == [field.type for field in columns.schema()]
    failed = {row["failure"]["document"]: row["failure"]["message"] for row in rows if row["failure"]}
    (record,) = (row for row in rows if not row["failure"])
    assert record["document"]["id"] == "a"
    assert record["document"]["published"] == "2026-03-02"
    assert [deal["company"]["value"] for deal in record["deals"]] == ["Kettl"]
    assert failed.keys() == {"b", None, "d"}
    assert failed["b"] == "published is 'March'; write a date such as 2018-05-31"
    assert failed[None].startswith("has no id")


# Before anything is started


@pytest.mark.parametrize("name", ["deals", "deals.part"])
def test_what_is_there_already_is_not_written_to(extract: Extraction, name: str) -> None:
    (extract.folder / name).mkdir()
    with extract.started(extract.articles(["x"]), "-o", "deals", command="ray") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    what = {"deals": "is there already", "deals.part": "holds what was done before a run broke off"}[name]
    assert said == f"dealspan: {name}: {what}; remove it, or name another folder with --out\n"


def test_without_ray_the_extra_is_named(extract: Extraction) -> None:
    (extract.folder / "site" / "ray.py").write_text("raise ImportError('no', name='ray')")
    with extract.started(extract.articles(["x"]), "-o", "deals", command="ray") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == "dealspan: a cluster needs ray; install the extra: pip install 'dealspan[ray]'\n"
    assert not list(extract.folder.glob("deals*"))


@needs_ray
def test_options_that_no_pipeline_loads_with_are_said_at_once(extract: Extraction) -> None:
    with extract.started(extract.articles(["x"]), "-o", "deals", "--rules", "my.toml", command="ray") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.endswith("my.toml: is not a TOML file; see the manual\n")
    assert not list(extract.folder.glob("deals*"))


def test_the_shipped_models_are_known_without_the_pipeline() -> None:
    from dealspan.pipeline import MODELS

    assert SHIPPED == MODELS
