"""Input: files, streams and pages become `Article` values.

`read` takes the inputs of a run in order and yields, for each document, an `Article` or a `ReadError`: one bad input
never stops the others. `read_raw` leaves a page as a `RawPage`, which becomes an article where it is analysed. Text is
kept as it stands in the file, line ends included, because the spans of a record count its code points; of a page, the
text is what `body.py` takes out of it.
"""

from dealspan.articles.compression import opened
from dealspan.articles.fields import NAMES, Fields
from dealspan.articles.inputs import Position, expand, read, read_raw, shown
from dealspan.articles.raw import RawPage, ReadError
from dealspan.articles.readers import SINGLE, SUFFIXES, suffix_of

__all__ = [
    "NAMES",
    "SINGLE",
    "SUFFIXES",
    "Fields",
    "Position",
    "RawPage",
    "ReadError",
    "expand",
    "opened",
    "read",
    "read_raw",
    "shown",
    "suffix_of",
]
