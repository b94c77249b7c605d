"""Documents as objects or rows: which field holds what, and the article that their values make."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Self

from dealspan.articles.raw import ReadError, iso_date
from dealspan.records import Article


class Fields(NamedTuple):
    """The names that the parts of an article have in an input."""

    text: str = "text"
    id: str = "id"
    title: str = "title"
    published: str = "published"
    source: str = "source"

    @classmethod
    def parse(cls, given: str) -> Self:
        """Return the names of `text=body,title=headline`; raises `ValueError`."""
        names: dict[str, str] = {}
        for pair in given.split(","):
            part, equals, name = pair.partition("=")
            if part not in cls._fields or not equals or not name:
                raise ValueError(f"{pair!r} is not PART=NAME, with a part of {', '.join(cls._fields)}")
            if part in names or name in names.values():
                raise ValueError(f"{pair!r} names a part or a field twice")
            names[part] = name
        # A field that is named for one part is not taken for another by its own name.
        return cls(**{part: "" for part in cls._fields if part in names.values()} | names)

    def renamed(self) -> dict[str, str]:
        """Return the parts that have another name than their own."""
        return {part: name for part, name in self._asdict().items() if name not in ("", part)}

    def among(self, path: str, columns: Sequence[str]) -> dict[str, int]:
        """Return where the parts stand among the columns of a table; raises `ReadError` where one is missed."""
        for name in (self.text, *self.renamed().values()):
            if name not in columns:
                known = ", ".join(columns)
                known = f"{known[:200]}…" if len(known) > 200 else known
                raise ReadError(path, f"has no column {name}; its columns are {known}; see --fields")
        return {part: columns.index(name) for part, name in self._asdict().items() if name and name in columns}


NAMES = Fields()
"""The names that need no option."""


def article(
    path: str,
    number: int,
    *,
    text: str | None,
    id: str | int | None = None,
    title: str | None = None,
    published: str | date | None = None,
    source: str | None = None,
    line: int | None = None,
    place: str | None = None,
) -> Article:
    """Return the article of an object or row, which `number` names if it has no id; raises `ReadError`."""
    if not text or not text.strip():
        raise ReadError(path, "has an empty text; repair or drop it", line=line, place=place)
    day = iso_date(published) if isinstance(published, str) else published
    if published and day is None:
        message = f"published is {published!r}; write a date such as 2018-05-31"
        raise ReadError(path, message, line=line, place=place)
    named = f"{path}:{number}" if id is None else str(id)
    return Article(id=named, text=text, title=title, published=day, source=source)
