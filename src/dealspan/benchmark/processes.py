"""Measurements in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping


class MeasuringError(Exception):
    """A process that measures has failed; the message says which, and the last thing that it said."""


def answer(module: str, *arguments: str, to: bytes, environment: Mapping[str, str] | None = None) -> bytes:
    """Run a module with some input, and return its output.

    Raises
    ------
    MeasuringError
        Where it fails.

    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        input=to,
        env=os.environ | (environment or {}),
        capture_output=True,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise MeasuringError(f"{module} ended with status {done.returncode}: {said or 'it said nothing'}")
    return done.stdout
