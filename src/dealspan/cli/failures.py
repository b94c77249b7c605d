"""What goes wrong is said in one line, and the exit status tells: nobody is shown a traceback."""

import contextlib
import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from dealspan.output.wording import plain

FAILED, USAGE, INTERRUPTED, PIPE, TERMINATED = 1, 2, 130, 141, 143

P = ParamSpec("P")


class CommandError(Exception):
    """Ends the command with a message, `what is wrong; what to do`, and an exit status."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class Terminated(BaseException):
    """SIGTERM has arrived; like KeyboardInterrupt it is no error that a single document could be blamed for."""


def complain(message: object) -> None:
    """Print one line on standard error."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # standard error is closed: nobody is listening
        print(f"dealspan: {plain(str(message))}", file=sys.stderr)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command so that every failure ends in a line on standard error and an exit status."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            if sys.stdout:
                sys.stdout.flush()
        except typer.Exit:
            raise
        except CommandError as failure:
            complain(failure)
            raise typer.Exit(failure.status) from None
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            complain("terminated")
            raise typer.Exit(TERMINATED) from None
        except BrokenPipeError:
            _drop_output()
            raise typer.Exit(PIPE) from None
        except OSError as error:
            _drop_output()
            complain(f"{error.filename or 'output'}: {error.strerror}; check the disk and the permissions")
            raise typer.Exit(FAILED) from None
        except Exception as error:
            if sys.flags.dev_mode:
                raise
            complain(
                f"unexpected {type(error).__name__}: {error}; this is a bug, please report it "
                "(PYTHONDEVMODE=1 shows where)"
            )
            raise typer.Exit(FAILED) from None

    return run


def _drop_output() -> None:
    """Send what is still buffered nowhere: Python would try to write it at exit, and complain."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
