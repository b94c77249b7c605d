"""`dealspan review`: what was extracted is looked at, corrected and handed on."""

from collections.abc import Callable

from dealspan.cli.review.adjudicate import adjudicate
from dealspan.cli.review.agreement import agreement
from dealspan.cli.review.export import export
from dealspan.cli.review.importing import import_file
from dealspan.cli.review.serve import serve

COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serve,
    "export": export,
    "import": import_file,
    "agreement": agreement,
    "adjudicate": adjudicate,
}
