"""The patterns of `frames.toml`, compiled."""

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _frames() -> dict[str, str]:
    frames: dict[str, str] = tomllib.loads((files("dealspan.deals") / "frames.toml").read_text(encoding="utf-8"))
    return frames


def frame(name: str) -> re.Pattern[str]:
    """The pattern of a frame."""
    return re.compile(_frames()[name])
