"""Files become a folder of Parquet files, on the cluster that Ray is connected to."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import ray

from dealspan.articles import Fields, ReadError, expand
from dealspan.cluster.extraction import mapped
from dealspan.cluster.reading import dataset, unpacked
from dealspan.cluster.writing import Folder
from dealspan.jobs.analysis import Settings

BLOCK = 2**18
"""Bytes of rows that go from one task to another: some 60 articles. With the 128 MB of Ray, one worker would have all
of a file of 20,000, while the others wait."""


def write(
    inputs: Sequence[str],
    folder: Path,
    settings: Settings,
    *,
    fields: Fields,
    published: date | None,
    timeout: float | None,
    workers: int | None,
) -> int:
    """Write the records of inputs to a folder that is there and empty, and return how many documents failed.

    By default there is a worker for each CPU of the cluster.
    """
    context = ray.data.DataContext.get_current()
    context.target_max_block_size = context.target_min_block_size = BLOCK
    context.enable_progress_bars = sys.stderr is not None and sys.stderr.isatty()
    workers = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    # Other machines do not work in this folder.
    found = [
        item if isinstance(item, ReadError) else item.absolute() for item in chain.from_iterable(map(expand, inputs))
    ]
    sink = Folder(folder)
    sink.note(item for item in found if isinstance(item, ReadError))
    if files := [item for item in found if isinstance(item, Path)]:
        records = mapped(dataset(files, fields, published, workers), unpacked, settings, timeout, workers)
        # Like those that read, the tasks that write take none of the CPUs, which the workers have to the end.
        records.write_datasink(sink, ray_remote_args={"num_cpus": 0}, concurrency=workers)
    return sink.failures


@contextmanager
def connected(address: str | None, cpus: int | None) -> Iterator[None]:
    """Connect to a cluster; without an address, start one of this machine where RAY_ADDRESS names none.

    Raises
    ------
    ConnectionError
        Where there is no cluster at the address.

    """
    alone = address is None and not os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"num_cpus": cpus, "include_dashboard": False} if alone else {}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except (RuntimeError, ValueError) as error:
        raise ConnectionError(str(error)) from error
    # What Ray Data says is in its log; what ends the run is raised as well.
    for handler in logging.getLogger("ray.data").handlers:
        if type(handler).__name__ == "PlainRayHandler":
            handler.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # That there are fewer files than workers.
            warnings.filterwarnings("ignore", category=UserWarning, module=r"ray\.")
            yield
    finally:
        ray.shutdown()
