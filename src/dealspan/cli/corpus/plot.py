"""`dealspan corpus plot`."""

from pathlib import Path
from typing import Annotated

import typer

from dealspan.cli.corpus.reading import Folder, missing_extra, read_folder


def plot(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the pictures, made where it is missing.")],
    folder: Folder = Path("corpus"),
) -> None:
    """Draw the distributions of the corpus as SVG files. Needs the extra `corpus`."""
    from dealspan.cli.failures import complain

    corpus = read_folder(folder)
    try:
        from dealspan.corpus.plots import draw

        pictures = draw(corpus, out)
    except ImportError:
        raise missing_extra("matplotlib") from None
    for picture in pictures:
        complain(f"drawn: {picture}")
