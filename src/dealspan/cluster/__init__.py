"""The pipeline on a cluster, with Ray Data: for inputs that several machines share.

`reading` turns files into a dataset of documents, `extraction` documents into records, `writing` records into a folder
of Parquet files. Who has a program for Ray already takes `extracted` alone, between the readers and writers of Ray.
Needs the extra `ray`.
"""

try:
    import pyarrow  # noqa: F401
    import ray.data  # noqa: F401
except ImportError as error:
    raise ImportError(f"a cluster needs {error.name}; install the extra: pip install 'dealspan[ray]'") from None

from dealspan.cluster.extraction import extracted
from dealspan.jobs.analysis import Settings

__all__ = ["Settings", "extracted"]
