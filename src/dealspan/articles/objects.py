"""Articles as JSON objects: the lines of JSONL, the elements of an array."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from dealspan.articles.fields import Fields, article
from dealspan.articles.raw import ReadError
from dealspan.records import Article


class Objects:
    """Reads the objects of one input."""

    def __init__(self, path: str, fields: Fields) -> None:
        self._path = path
        self._fields = fields
        self._decoder = _decoder(fields)
        # A name that stands in no object is a slip; one that only some objects have is common.
        self._missed = {part: name for part, name in fields.renamed().items() if part != "text"}
        self._read = False

    def article(self, data: bytes, number: int, *, line: int | None = None, place: str | None = None) -> Article:
        """Return the article of one object; raises `ReadError`."""
        try:
            found = self._decoder.decode(data)
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 ({error.reason}); convert the file to UTF-8"
        except msgspec.ValidationError as error:
            names = self._fields
            message = f'{error}; each document is an object like {{"{names.id}": "a1", "{names.text}": "..."}}'
            if "missing" in str(error):
                message += ", or see --fields"
        except msgspec.DecodeError as error:
            message = f"is not one whole JSON object ({error}); repair or drop it"
        except RecursionError:
            message = "is nested too deeply; repair or drop it"
        else:
            self._read = True
            if self._missed:
                self._missed = {p: name for p, name in self._missed.items() if getattr(found, p) is UNSET}
            return article(
                self._path,
                number,
                text=found.text,
                id=_known(found.id),
                title=_known(found.title),
                published=_known(found.published),
                source=_source(_known(found.source)),
                line=line,
                place=place,
            )
        raise ReadError(self._path, message, line=line, place=place) from None

    def unseen(self) -> Iterator[ReadError]:
        """Yield, at the end, the names that no object had."""
        if self._read:
            for part, name in self._missed.items():
                yield ReadError(self._path, f"no object has a field {name!r} (--fields {part}={name}); check the name")


@lru_cache(maxsize=8)
def _decoder(fields: Fields) -> msgspec.json.Decoder[Any]:
    optional = str | UnsetType | None
    shape = msgspec.defstruct(
        "Document",
        [
            ("text", str),
            ("id", str | int | UnsetType | None, UNSET),
            ("title", optional, UNSET),
            ("published", optional, UNSET),
            ("source", str | dict[str, Any] | UnsetType | None, UNSET),
        ],
        rename=fields._asdict(),
    )
    return msgspec.json.Decoder(shape)


def _known(value: Any) -> Any:
    return None if value is UNSET else value


def _source(source: str | dict[str, Any] | None) -> str | None:
    """Return a source as one string: of an object its `url`, else the object as JSON."""
    if not isinstance(source, dict):
        return source
    url = source.get("url")
    return url if isinstance(url, str) else msgspec.json.encode(source).decode()
