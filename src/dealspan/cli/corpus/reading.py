"""What the corpus commands share: the folder they work on, and how a corpus that cannot be read is told."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dealspan.cli.failures import CommandError
    from dealspan.corpus.collection import Corpus

Folder = Annotated[Path, typer.Argument(help="The folder of the corpus.")]
Archive = Annotated[
    Path | None,
    typer.Option("--press", help="The archive of press releases that the real part was annotated on (JSONL, or .xz)."),
]


def read_folder(folder: Path) -> "Corpus":
    """Read a corpus that must be whole."""
    from dealspan.cli.failures import CommandError
    from dealspan.corpus.collection import read_corpus
    from dealspan.corpus.standoff import StandOffError

    try:
        corpus = read_corpus(folder)
    except StandOffError as error:
        raise CommandError(str(error)) from None
    if corpus.errors:
        raise CommandError(f"{corpus.errors[0]} (see `dealspan corpus check {folder}`)")
    if not corpus.written and not corpus.real:
        raise CommandError(f"{folder}: holds neither articles/*.md nor press.jsonl; name the folder of the corpus")
    return corpus


def missing_extra(package: str, extra: str = "corpus") -> "CommandError":
    """Return the error for a package of an extra that is not installed."""
    from dealspan.cli.failures import CommandError

    return CommandError(f"{package} is not installed; install the extra: pip install 'dealspan[{extra}]'")
