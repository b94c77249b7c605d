"""`dealspan corpus build`."""

from pathlib import Path
from typing import Annotated

import typer

from dealspan.cli.corpus.reading import Folder, read_folder


def build(
    press: Annotated[
        Path, typer.Option("--press", help="The archive that the real part was annotated on (JSONL, or .xz).")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write, JSONL.")],
    folder: Folder = Path("corpus"),
) -> None:
    """Join the annotations of the real part with its texts, for whoever has the archive: gold, a line an article."""
    from dealspan.cli.failures import CommandError, complain
    from dealspan.corpus.formats import FORMATS
    from dealspan.corpus.standoff import StandOffError, join

    corpus = read_folder(folder)
    try:
        articles = list(join(corpus.real, press))
    except StandOffError as error:
        raise CommandError(str(error)) from None
    if not articles:
        raise CommandError(f"{folder}: has no real part (press.jsonl); nothing is written")
    FORMATS["jsonl"].write(articles, out)
    complain(f"{len(articles)} real articles written to {out}")
