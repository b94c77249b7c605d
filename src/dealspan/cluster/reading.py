"""Files become a dataset of documents: read by tasks, each of one file, or of several that are small."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path

import msgspec
import pyarrow as pa
import ray.data

from dealspan.articles import Fields, read
from dealspan.jobs.documents import Document, Failure, documents
from dealspan.records import Article

TOGETHER = 2**22
"""Bytes of small files that one task reads: with a task for each, Ray would be busy with tasks."""
ROWS = 128
"""Documents that are handed on at once."""

_ROWS = pa.schema({"article": pa.binary(), "failure": pa.binary()})


def dataset(files: Iterable[Path], fields: Fields, published: date | None, readers: int) -> ray.data.Dataset:
    """Return the documents of files, as rows for `unpacked`; so many tasks read at a time.

    They take no CPU of Ray's, which the workers have: they wait for them most of the time.
    """
    units = [{"files": [os.fsencode(file) for file in unit]} for unit in _units(files)]
    return ray.data.from_items(units, override_num_blocks=len(units)).map_batches(
        partial(_read, fields=fields, published=published),
        batch_size=1,
        batch_format="pyarrow",
        compute=ray.data.TaskPoolStrategy(size=min(readers, len(units))),
        num_cpus=0,
    )


def unpacked(batch: pa.Table) -> Iterator[Document]:
    """Yield documents as they were read."""
    article, failure = msgspec.msgpack.Decoder(Article), msgspec.msgpack.Decoder(Failure)
    for row in batch.to_pylist():
        if row["failure"] is not None:
            yield Document(b"", result=failure.decode(row["failure"]))
        else:
            yield Document(row["article"], article.decode(row["article"]))


def _units(files: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files in lists for one task each."""
    unit: list[Path] = []
    size = 0
    for file in files:
        unit.append(file)
        with contextlib.suppress(OSError):  # which the task says that cannot read it
            size += file.stat().st_size
        if size >= TOGETHER:
            yield unit
            unit, size = [], 0
    if unit:
        yield unit


def _read(batch: pa.Table, fields: Fields, published: date | None) -> Iterator[pa.Table]:
    names = [os.fsdecode(file) for unit in batch["files"].to_pylist() for file in unit]
    found = documents(read(names, BytesIO(), fields), published)
    while rows := [_packed(document) for document in islice(found, ROWS)]:
        yield pa.Table.from_pylist(rows, _ROWS)


def _packed(document: Document) -> dict[str, bytes]:
    if isinstance(document.result, Failure):
        return {"failure": msgspec.msgpack.encode(document.result)}
    return {"article": document.data}
