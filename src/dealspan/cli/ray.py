"""`dealspan ray`."""

import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer

from dealspan.cli.options import SHIPPED, FieldNames, Gated, MinConfidence, Model, Only, Published, Rules, Skim


def ray(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILES",
            help="Files, folders and quoted patterns, as for extract, which every machine of the cluster sees.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            help="The folder to write, which appears only when it is complete; every machine sees the one above it.",
            show_default=False,
        ),
    ],
    address: Annotated[
        str | None,
        typer.Option(
            help="The cluster: auto on a machine of it, or HOST:PORT. Default: what RAY_ADDRESS says, else one of this "
            "machine alone.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            "-w",
            min=1,
            metavar="N",
            help="How many workers. Default: one for each CPU.",
            show_default=False,
        ),
    ] = None,
    published: Published = None,
    min_confidence: MinConfidence = 0.0,
    only: Only = None,
    fields: FieldNames = None,
    model: Model = "trained",
    rules: Rules = None,
    gate: Gated = True,
    skim: Skim = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.001, metavar="SECONDS", help="Give up a document that takes longer, and go on.", show_default=False
        ),
    ] = None,
) -> None:
    """Extract the deals of many files on a Ray cluster, to a folder of Parquet files.

    The records are those of `dealspan extract --format parquet`, in no order; what failed is in the folder `_failures`
    within, as `extract --errors` writes it. Needs the extra `ray`.
    """
    from dealspan.cli.failures import FAILED, USAGE, CommandError, complain
    from dealspan.cli.signals import Signals
    from dealspan.cli.streams import fields_of, what_is_read
    from dealspan.jobs.analysis import Settings
    from dealspan.jobs.pool import Pool, PoolError
    from dealspan.output.wording import count

    names, part = fields_of(fields), out.with_name(f"{out.name}.part")
    for folder in (out, part):
        if folder.exists():
            what = "holds what was done before a run broke off" if folder == part else "is there already"
            raise CommandError(f"{folder}: {what}; remove it, or name another folder with --out", USAGE)
    settings = Settings(
        # Other machines do not work in the folder where this command does.
        model=model if model in SHIPPED else str(Path(model).absolute()),
        rules=str(rules.absolute()) if rules else None,
        gate=what_is_read(gate, skim),
        min_confidence=min_confidence,
        only=only,
    )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray tells its makers how it is used
    try:
        from ray.exceptions import RayError

        from dealspan.cluster.folders import connected, write
    except ImportError:
        raise CommandError("a cluster needs ray; install the extra: pip install 'dealspan[ray]'") from None
    try:
        # Here what is wrong with the options is said in one line and at once; Ray would take a minute and a page.
        with Pool(1, settings):
            pass
    except PoolError as error:
        raise CommandError(str(error), USAGE if error.usage else FAILED) from None
    try:
        part.mkdir()
        with connected(address, workers), Signals().answered():
            failed = write(
                files,
                part.absolute(),
                settings,
                fields=names,
                published=published.date() if published else None,
                timeout=timeout,
                workers=workers,
            )
        part.rename(out)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.rmdir()  # where nothing was done
        if part.exists():
            complain(f"{out}: not written; {part.name} beside it holds what was done before the run broke off")
        if isinstance(error, RayError | ConnectionError):
            raise CommandError(f"Ray: {_last_line(error)}") from None
        raise
    if failed:
        complain(f"{count(failed, 'document')} failed; {out}/_failures says which and why")
        raise typer.Exit(FAILED)


def _last_line(error: Exception) -> str:
    """Return what a traceback of another process ends in."""
    return next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
