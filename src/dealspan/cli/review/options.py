"""Options that several review commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dealspan.review.store import Store

StoreFile = Annotated[Path, typer.Option("--store", help="The file that holds the documents and every event.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port of the page; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="The address to listen on; another than this machine's own needs a password.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="A file that holds the password. Default: the variable DEALSPAN_REVIEW_PASSWORD, if it is set."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
DEFAULT_STORE = Path("review.db")
DEFAULT_PORT = 8765


def open_store(path: Path, *, create: bool = False) -> "Store":
    """Open a store; one that is not there is an error unless it shall be made."""
    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.review.database import StoreError
    from dealspan.review.store import Store

    if not create and not path.exists():
        raise CommandError(f"{path}: does not exist; name a store with --store, or documents to make one of", USAGE)
    try:
        return Store(path)
    except StoreError as error:
        raise CommandError(str(error)) from None
