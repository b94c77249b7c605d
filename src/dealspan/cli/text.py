"""`dealspan text`."""

from typing import Annotated

import typer

from dealspan.cli.options import FieldNames


def text(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file, or - for standard input.", show_default=False)],
    id: Annotated[str | None, typer.Option("--id", help="Which document, where the file holds several.")] = None,
    fields: FieldNames = None,
) -> None:
    """Print the text of a document as it is read: what the offsets of its record refer to."""
    from dealspan.articles import ReadError, read
    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.cli.streams import fields_of, standard_input, standard_output

    found = None
    for item in read([file], standard_input(), fields_of(fields)):
        if isinstance(item, ReadError):
            raise CommandError(str(item))
        if id is None and found:
            raise CommandError(f"{file}: holds several documents; name one with --id, such as --id {found.id}", USAGE)
        if id is None or item.id == id:
            found = item
            if id is not None:
                break
    if found is None:
        raise CommandError(f"{file}: holds no document {id!r}; check the id")
    stream = standard_output()
    stream.write(found.text)
    if stream.isatty() and not found.text.endswith("\n"):
        stream.write("\n")
