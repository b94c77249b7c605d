"""`dealspan corpus agreement`."""

from pathlib import Path
from typing import Annotated

import typer


def agreement(
    first: Annotated[Path, typer.Argument(help="Gold of one reader, JSONL.", show_default=False)],
    second: Annotated[
        Path, typer.Argument(help="Gold of the other reader, of the same documents.", show_default=False)
    ],
) -> None:
    """Say how far two readers of the same articles agree: span and slot F1, kappa of stage and certainty.

    Needs the extra `corpus`.
    """
    from dealspan.cli.corpus.reading import missing_extra
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.agreement import agreement as compare
    from dealspan.corpus.agreement import report
    from dealspan.evaluation import EvaluationError, load

    try:
        one, other = load(first), load(second)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    if one.keys() != other.keys():
        odd = sorted(one.keys() ^ other.keys())
        raise CommandError(f"{odd[0]}: read by one of the two only; give two readings of the same documents")
    try:
        found = compare(one, other)
    except ImportError:
        raise missing_extra("scikit-learn") from None
    standard_output().write(report(found))
