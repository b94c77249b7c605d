"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Rules = Annotated[Path | None, typer.Option(help="A TOML or JSONL file with rules of your own.")]
ModelName = Literal["rules", "trained"]
Model = Annotated[ModelName, typer.Option(help="Rules alone, or names decided by a model trained on the corpus.")]
