"""Records become a folder of Parquet files."""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import write_table
from ray.data import Datasink
from ray.data.datasource import WriteResult

from dealspan.articles import ReadError
from dealspan.jobs.documents import documents
from dealspan.output import columns

ROWS = 4096
"""Documents in a file, but for the last, which has fewer: some 20 MB of columns where all are on financings."""

FAILURES = "_failures"
"""The folder of what failed: whatever reads a folder of Parquet files passes over names that begin so."""

_UNDER_WAY = ".part-"


class Folder(Datasink[int]):
    """Writes rows of `extracted`; a file gets its name when it is complete.

    A task that is tried again, since its process or its machine was lost, has the same number and rows as before, and
    writes the same file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.failures = 0

    def note(self, errors: Iterable[ReadError]) -> None:
        """Write which inputs could not be found."""
        failures = [document.result for document in documents(errors)]
        self._fail("inputs", failures)
        self.failures += len(failures)

    @property
    def min_rows_per_write(self) -> int:
        """Return how many rows a task gets."""
        return ROWS

    def write(self, blocks: Iterable[pa.Table], ctx: Any) -> int:
        """Write the rows of a task, and return how many failed."""
        table = pa.concat_tables(blocks)
        whole = pc.is_null(table["failure"])
        kept = table.filter(whole).drop_columns(["failure"])
        records = pa.Table.from_arrays(kept.columns, schema=columns.schema())
        failures = table.filter(pc.invert(whole))["failure"].to_pylist()
        name = f"part-{ctx.task_idx:06}"
        if records.num_rows:
            with _completed(self._folder / f"{name}.parquet") as file:
                write_table(records, file, compression="zstd")
        self._fail(name, failures)
        return len(failures)

    def on_write_complete(self, write_result: WriteResult[int]) -> None:
        """Count, and remove what tasks that were lost left behind."""
        for path in self._folder.rglob(f"{_UNDER_WAY}*"):
            path.unlink()
        self.failures += sum(write_result.write_returns)

    def _fail(self, name: str, failures: Sequence[Any]) -> None:
        if failures:
            with _completed(self._folder / FAILURES / f"{name}.jsonl") as file:
                file.writelines(msgspec.json.encode(failure) + b"\n" for failure in failures)


@contextlib.contextmanager
def _completed(path: Path) -> Iterator[BinaryIO]:
    """Open a file under another name until it is written; two tasks of one number are no harm to each other."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{_UNDER_WAY}{uuid.uuid4().hex}")
    with part.open("wb") as file:
        yield file
    part.replace(path)
