"""Documents of a Ray dataset become records, in actors: each holds a process that has the pipeline loaded."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pyarrow as pa
import ray.data

from dealspan.articles import NAMES, Fields, ReadError
from dealspan.articles.columns import read_row
from dealspan.jobs.analysis import Settings
from dealspan.jobs.documents import Document, Failure, documents
from dealspan.jobs.pool import Pool
from dealspan.output import columns

BATCH = 128
"""Documents that an actor is given at once; its process takes 32 at a time."""

Decoder = Callable[[pa.Table], Iterable[Document]]
"""Makes documents of rows."""


def extracted(
    dataset: ray.data.Dataset,
    settings: Settings | None = None,
    *,
    fields: Fields = NAMES,
    timeout: float | None = None,
    workers: int | tuple[int, int] | None = None,
    num_cpus: float = 1,
) -> ray.data.Dataset:
    """Extract the deals of the documents of a dataset.

    Parameters
    ----------
    dataset
        A row for each document, with columns for its text and its id and, where known, for the title, the date of
        publication and the source.
    settings
        The model, and what to keep of a record. Files that it names must be there on every machine of the cluster.
    fields
        What the columns are called.
    timeout
        The seconds that one document may take, or None.
    workers
        How many actors, or the least and the most. Default: one, and more where Ray finds them of use.
    num_cpus
        What each is said to take. Leave something for the tasks that read the dataset: where actors hold all CPUs of
        the cluster and a task wants one, each waits for the other.

    Returns
    -------
    dataset
        A row for each document, in no order. Its columns are those of `dealspan extract --format parquet`, and
        `failure`. That is null where there is a record; else it says why there is none, and all others are null.

    """
    return mapped(dataset, _Rows(fields), settings or Settings(), timeout, workers, num_cpus)


def mapped(
    dataset: ray.data.Dataset,
    decoder: Decoder,
    settings: Settings,
    timeout: float | None,
    workers: int | tuple[int, int] | None,
    num_cpus: float = 1,
) -> ray.data.Dataset:
    """Do the same with rows of any kind."""
    least, most = workers if isinstance(workers, tuple) else (workers or 1, workers)
    return dataset.map_batches(
        _Worker,
        fn_constructor_args=(decoder, msgspec.to_builtins(settings), timeout),
        batch_size=BATCH,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=num_cpus,
    )


def schema() -> pa.Schema:
    """Return the columns of what is extracted."""
    fields = [field.with_nullable(True) for field in columns.schema()]
    return pa.schema([*fields, pa.field("failure", columns.struct(Failure))])


class _Worker:
    """Analyses in a process beside its own, so that a document which ends that, or takes too long, costs no other."""

    def __init__(self, decoder: Decoder, settings: dict[str, Any], timeout: float | None) -> None:
        self._decoder = decoder
        self._pool = Pool(1, msgspec.convert(settings, Settings), timeout)
        self._pool.__enter__()

    def __call__(self, batch: pa.Table) -> pa.Table:
        lines: list[bytes] = []
        failures: list[dict[str, Any]] = []
        for document in self._pool.analysed(self._decoder(batch)):
            if isinstance(document.result, bytes):
                lines.append(document.result)
            else:
                failures.append({"failure": msgspec.to_builtins(document.result)})
        all_columns = schema()
        # Nothing is cast: Arrow refuses where a column that may be null holds one that may not.
        records = [*columns.batch(lines).columns, pa.nulls(len(lines), all_columns.field("failure").type)]
        return pa.concat_tables(
            [pa.Table.from_arrays(records, schema=all_columns), pa.Table.from_pylist(failures, all_columns)]
        )


class _Rows:
    """Makes documents of rows with a column for each part."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __call__(self, batch: pa.Table) -> Iterator[Document]:
        names = {part: batch.column_names[at] for part, at in self._fields.among("dataset", batch.column_names).items()}
        if "id" not in names:
            raise ReadError("dataset", "has no column for the id, by which a record is found again; see fields")
        for at in range(batch.num_rows):
            item = read_row("dataset", at, batch, at, names)
            id = batch.column(names["id"])[at].as_py()
            if id is None:
                item = ReadError("dataset", "has no id, by which its record is found again; give it one")
            (document,) = documents([item])
            if isinstance(item, ReadError):
                # A row has an id, and no place.
                known = None if id is None else str(id)
                document.result = Failure(document=known, source=None, error="unreadable", message=item.message)
            yield document
