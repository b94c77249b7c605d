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
    from dealspan.corpus.convert import write_jsonl
    from dealspan.corpus.standoff import StandOffError, join

    corpus = read_folder(folder)
    try:
        write_jsonl(join(corpus.real, press), out)
    except StandOffError as error:
        raise CommandError(str(error)) from None
    complain(f"{len(corpus.real)} real articles written to {out}")
