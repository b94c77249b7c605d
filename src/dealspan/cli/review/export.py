"""`dealspan review export`."""

from pathlib import Path
from typing import Annotated

import typer

from dealspan.cli.options import ToolFormat
from dealspan.cli.review.options import DEFAULT_STORE, StoreFile, open_store


def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write; for brat a folder.")],
    store: StoreFile = DEFAULT_STORE,
    format: Annotated[ToolFormat, typer.Option(help="The format; jsonl is the gold form.")] = "jsonl",
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="The readings of this reviewer, whatever the others say.")
    ] = None,
) -> None:
    """Write the documents that are done: as gold, for `evaluate` and `train --extra`, or in a format of other tools.

    Of each document one reading is written: the adjudicated one, or else the only one, or what all reviewers say alike.
    Documents on which reviewers disagree are left out and named, and so is what a format cannot hold.
    """
    from dealspan.cli.failures import USAGE, CommandError, complain
    from dealspan.corpus.formats import FORMATS
    from dealspan.corpus.gold import GoldArticle
    from dealspan.output.wording import count
    from dealspan.review.export import chosen

    if out.resolve() == store.resolve():
        raise CommandError(f"{out}: is the store; name another file with --out", USAGE)
    held = open_store(store)
    articles: list[GoldArticle] = []
    for found in chosen(held, reviewer):
        if isinstance(found, GoldArticle):
            articles.append(found)
        else:
            complain(
                f"{found.document}: {' and '.join(found.reviewers)} read it differently, it is left out; "
                "settle it with `dealspan review adjudicate`, or name one with --reviewer"
            )
    if not articles:
        who = f"{reviewer} has" if reviewer else "nobody has"
        raise CommandError(f"{store}: {who} finished a document that could be written; nothing is written")
    try:
        losses = FORMATS[format].write(articles, out)
    except FileExistsError as error:
        raise CommandError(str(error)) from None
    held.note_export()
    for loss in losses:
        complain(loss)
    left = f"confidences, evidence, and who made which value stay in {store}"
    complain(f"{count(len(articles), 'document')} written to {out}; {left}")
