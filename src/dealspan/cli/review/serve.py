"""`dealspan review`: `dealspan review serve`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import FieldNames, Model, Rules
from dealspan.cli.review.options import (
    DEFAULT_PORT,
    DEFAULT_STORE,
    Host,
    Open,
    PasswordFile,
    Port,
    StoreFile,
    open_store,
)

if TYPE_CHECKING:
    from dealspan.articles import Fields, ReadError
    from dealspan.records import Article
    from dealspan.review.store import Store


def serve(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS",
            help="Files, folders, quoted patterns, as for extract. Default: what the store holds.",
            show_default=False,
        ),
    ] = None,
    store: StoreFile = DEFAULT_STORE,
    port: Port = DEFAULT_PORT,
    host: Host = "127.0.0.1",
    reviewer: Annotated[str, typer.Option(metavar="NAME", help="Who reviews: each name has a log of its own.")] = (
        "reviewer"
    ),
    fields: FieldNames = None,
    model: Model = "trained",
    rules: Rules = None,
    audit: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="The share of the documents drawn at random, to estimate how right the machine is. Default: that of "
            "the store, at first 0.1.",
            show_default=False,
        ),
    ] = None,
    suggest_after: Annotated[
        int, typer.Option(min=1, help="Suggest retraining after so many finished documents.")
    ] = 20,
    password_file: PasswordFile = None,
    open_page: Open = False,
) -> None:
    """Look at the deals of PATHS in the browser: accept, correct or reject them.

    What is read and every step of the review is kept in the store, so that the review goes on where it ended, whatever
    ended it. Needs the extra `review`.
    """
    import shlex
    from contextlib import closing

    from dealspan.cli.failures import FAILED, USAGE, CommandError
    from dealspan.cli.review.web import bound, need_extra, password_of, run
    from dealspan.cli.streams import fields_of

    need_extra()
    from dealspan.review import queue
    from dealspan.review.server import Settings
    from dealspan.review.store import ADJUDICATOR

    if not reviewer.isprintable() or not reviewer.strip() or len(reviewer) > 64 or reviewer == ADJUDICATOR:
        raise CommandError(f"--reviewer {reviewer!r}: give another name, of up to 64 printable characters", USAGE)
    password = password_of(password_file, host)
    # The port is taken before the documents are read, which may take long.
    with bound(host, port) as taken, closing(open_store(store, create=bool(paths))) as held:
        failed = _read_into(held, paths or [], fields_of(fields), model, rules)
        if not held.documents():
            raise CommandError(f"{store}: holds no document; name files with funding news", USAGE)
        if audit is not None:
            queue.set_share(held, audit)
        queue.arrange(held)
        export = f"dealspan review export --store {shlex.quote(str(store))} -o review.jsonl"
        # Into a folder of its own, so that the shipped models stay; without the teacher's labels names would be worse.
        train = "dealspan train --labels models/teacher-labels.npz --extra review.jsonl --out my-models"
        retrain = f"{export} && {train}"
        run(held, Settings("review", reviewer, suggest_after, retrain), taken, host, password, open_page=open_page)
    if failed:
        raise typer.Exit(FAILED)


def _read_into(store: "Store", paths: list[str], fields: "Fields", model: str, rules: Path | None) -> bool:
    """Read what the store does not hold yet, each document kept as soon as it is read; return whether any failed."""
    from itertools import chain

    from dealspan.articles import read
    from dealspan.cli.runs import Run, language
    from dealspan.cli.streams import standard_input
    from dealspan.review.conversion import from_record

    refused = _take_gold(store, paths)
    new = _new(store, read(paths, standard_input(), fields), refused)
    first = next(new, None)
    if first is None:
        return bool(refused)
    from dealspan.pipeline import record_of

    run = Run(language(rules, model), paths, source=chain([first], new))
    for article, doc in run.documents(progress=True):
        try:
            store.add(article, from_record(record_of(article, doc), article.text))
        except OSError:
            raise
        except Exception as error:
            run.failed(article, error)
    try:
        run.finish()
    except typer.Exit:
        return True
    return bool(refused)


def _take_gold(store: "Store", paths: list[str]) -> set[str]:
    """Keep the lines of JSONL that are gold; return the ids of those that cannot be kept, each named."""
    from contextlib import suppress

    from dealspan.articles import ReadError, expand, opened, shown, suffix_of
    from dealspan.cli.failures import complain
    from dealspan.corpus.formats.entries import FormatError
    from dealspan.review.database import StoreError
    from dealspan.review.gold_lines import gold_lines

    refused: set[str] = set()
    for path in (path for name in paths if name != "-" for path in expand(name)):
        if isinstance(path, ReadError) or suffix_of(path.name) != ".jsonl" or not path.is_file():
            continue
        # What cannot be read is for the pipeline to say, whose turn is next.
        try:
            file = path.open("rb")
        except OSError:
            continue
        with suppress(ReadError), file:
            for line in gold_lines(shown(path), opened(shown(path), file)):
                try:
                    if isinstance(line.content, FormatError):
                        raise line.content
                    store.add(*line.content)
                except (FormatError, StoreError) as error:
                    refused.add(line.id)
                    complain(error)
    return refused


def _new(store: "Store", source: "Iterator[Article | ReadError]", refused: set[str]) -> "Iterator[Article | ReadError]":
    """Leave out what the store holds and what was refused; another text of the same name is an error."""
    from dealspan.articles import ReadError
    from dealspan.review.database import StoreError

    for item in source:
        if isinstance(item, ReadError):
            yield item
        elif item.id not in refused:
            try:
                held = store.holds(item.id, item.text)
            except StoreError as error:
                yield ReadError(item.id, str(error).removeprefix(f"{item.id}: "))
            else:
                if not held:
                    yield item
