"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Rules = Annotated[Path | None, typer.Option(help="A TOML or JSONL file with rules of your own.")]
ModelName = Literal["rules", "trained", "accurate"]
Model = Annotated[
    ModelName, typer.Option(help="Rules alone, a small trained model, or a large, slow one (extra accurate).")
]
