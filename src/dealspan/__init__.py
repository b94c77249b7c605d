"""Reads funding news: who raised what from whom, how sure the text is of it, and where it says so."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dealspan.pipeline import explain, extract, load, process, record_of
    from dealspan.records import Article, Record, encode, schema

    __version__: str

__all__ = ["Article", "Record", "encode", "explain", "extract", "load", "process", "record_of", "schema"]

_HOMES = {
    "explain": "dealspan.pipeline",
    "extract": "dealspan.pipeline",
    "load": "dealspan.pipeline",
    "process": "dealspan.pipeline",
    "record_of": "dealspan.pipeline",
    "Article": "dealspan.records",
    "Record": "dealspan.records",
    "encode": "dealspan.records",
    "schema": "dealspan.records",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: spaCy takes a second, `dealspan --help` must not."""
    if name == "__version__":
        from importlib.metadata import version

        return version("dealspan")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
