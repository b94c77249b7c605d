"""`dealspan review`: what was extracted is looked at, corrected and handed on."""

from collections.abc import Callable

from dealspan.cli.review.adjudicate import adjudicate
from dealspan.cli.review.serve import serve

COMMANDS: dict[str, Callable[..., None]] = {"serve": serve, "adjudicate": adjudicate}
