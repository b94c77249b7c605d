"""`dealspan review import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import FieldNames, ToolFormat
from dealspan.cli.review.options import DEFAULT_STORE, StoreFile, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealspan.articles import Fields


def import_file(
    file: Annotated[
        Path,
        typer.Argument(help="Gold, records of `dealspan extract`, or a file of another tool.", show_default=False),
    ],
    store: StoreFile = DEFAULT_STORE,
    format: Annotated[
        ToolFormat | None,
        typer.Option(
            help="The format. Default: docbin for .spacy, brat for a folder, else jsonl, which is gold or records.",
            show_default=False,
        ),
    ] = None,
    texts: Annotated[
        list[str] | None,
        typer.Option(metavar="PATHS", help="Where the texts of records are, as `extract` read them; may be repeated."),
    ] = None,
    fields: FieldNames = None,
) -> None:
    """Put documents with mentions and deals into a store, as what the machine read, to be reviewed.

    A document that is held already gets the new reading, unless somebody has reviewed it. What cannot be read is named,
    and the rest goes on.
    """
    from dealspan.cli.failures import FAILED, CommandError, complain
    from dealspan.cli.streams import fields_of
    from dealspan.corpus.formats import FormatError, Ignored
    from dealspan.output.wording import count
    from dealspan.review.database import StoreError
    from dealspan.review.reading import read
    from dealspan.review.state import InvalidError

    if not file.exists():
        raise CommandError(f"{file}: does not exist; check the path")
    chosen: ToolFormat = format or ("brat" if file.is_dir() else "docbin" if file.suffix == ".spacy" else "jsonl")
    problems: list[str] = []
    by_digest = dict(_texts(texts or [], fields_of(fields), problems))
    held = open_store(store, create=True)
    imported: set[str] = set()
    for found in read(chosen, file, by_digest):
        match found:
            case Ignored(message):
                complain(message)
            case FormatError():
                problems.append(str(found))
            case _ if found.document.id in imported:
                problems.append(f"{found.document.id}: stands twice in {file}; the first is taken")
            case document, state:
                try:
                    held.add(document, state, replace=True)
                except (StoreError, InvalidError) as error:
                    problems.append(str(error))
                else:
                    imported.add(document.id)
    for problem in problems:
        complain(problem)
    complain(f"{count(len(imported), 'document')} imported into {store}")
    if problems:
        raise typer.Exit(FAILED)


def _texts(paths: list[str], fields: "Fields", problems: list[str]) -> "Iterator[tuple[str, str]]":
    """Yield the digest and the text of each document."""
    from dealspan.articles import ReadError, read
    from dealspan.cli.streams import standard_input
    from dealspan.records import digest

    for item in read(paths, standard_input(), fields):
        if isinstance(item, ReadError):
            problems.append(str(item))
        else:
            yield digest(item.text), item.text
