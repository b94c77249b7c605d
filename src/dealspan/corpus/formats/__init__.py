"""Annotated articles in the formats of other tools, out and back.

A writer says what its format cannot hold, a reader what the gold form cannot; and of what cannot be read the rest of a
file does not suffer.
"""

from typing import NamedTuple

from dealspan.corpus.formats import brat, conll, docbin, doccano, jsonl, label_studio, prodigy
from dealspan.corpus.formats.entries import FormatError, Found, Ignored, Losses, Reader, Writer

__all__ = ["FORMATS", "Format", "FormatError", "Found", "Ignored", "Losses"]


class Format(NamedTuple):
    """How a format is written, and read where it can be."""

    write: Writer
    read: Reader | None


FORMATS = {
    "jsonl": Format(jsonl.write, jsonl.read),
    "docbin": Format(docbin.write, docbin.read),
    "prodigy": Format(prodigy.write, prodigy.read),
    "labelstudio": Format(label_studio.write, label_studio.read),
    "doccano": Format(doccano.write, doccano.read),
    "brat": Format(brat.write, brat.read),
    "conll": Format(conll.write, None),
}
