"""`dealspan corpus convert`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dealspan.cli.corpus.reading import Archive, Folder, read_folder


def convert(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write; for brat a folder.")],
    folder: Folder = Path("corpus"),
    to: Annotated[
        Literal["jsonl", "docbin", "prodigy", "labelstudio", "doccano", "brat", "conll"],
        typer.Option("--to", "--format", help="The format; jsonl is the gold form."),
    ] = "jsonl",
    split: Annotated[
        Literal["train", "dev", "test"] | None, typer.Option(help="Only the articles of one split.")
    ] = None,
    press: Archive = None,
) -> None:
    """Write the written articles, and with --press the real ones, in the gold form or a format of other tools.

    What a format cannot hold is said on standard error.
    """
    from dealspan.cli.failures import CommandError, complain
    from dealspan.corpus.collection import gold_articles
    from dealspan.corpus.formats import FORMATS
    from dealspan.corpus.standoff import StandOffError

    corpus = read_folder(folder)
    try:
        # All are read before the file is opened: a wrong archive must not leave half a corpus behind.
        articles = list(gold_articles(corpus, press, split))
        if not articles:
            raise CommandError(f"{folder}: has no such articles (split {split}); nothing is written")
        losses = FORMATS[to].write(articles, out)
    except (StandOffError, FileExistsError) as error:
        raise CommandError(str(error)) from None
    for loss in losses:
        complain(loss)
