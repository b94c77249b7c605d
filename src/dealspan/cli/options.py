"""Options that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

Rules = Annotated[Path | None, typer.Option(help="A TOML or JSONL file with rules of your own.")]
SHIPPED = ("trained", "rules", "accurate")
"""The models of `dealspan.pipeline`, which waits for spaCy; any other name is that of a folder."""
Model = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="trained, rules (no models), accurate (large and slow; extra accurate), or a folder of your own models.",
    ),
]
FieldNames = Annotated[
    str | None,
    typer.Option(
        "--fields",
        metavar="PART=NAME,...",
        help="Which fields or columns of JSON, CSV and Parquet hold what, such as text=body,title=headline; the parts "
        "are text, id, title, published and source.",
        show_default=False,
    ),
]
Published = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Publication date of the inputs that do not give one."),
]
MinConfidence = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="Leave out deals, slots and mentions with a lower confidence; stage, certainty and evidence stay.",
    ),
]
Only = Annotated[
    Literal["completed", "hedged"] | None,
    typer.Option(help="Only deals asserted as completed, or only the others (planned, rumored, denied ...)."),
]
Gated = Annotated[
    bool,
    typer.Option(
        "--gate/--no-gate", help="Answer documents that cannot hold a financing empty, without analysing them."
    ),
]
Skim = Annotated[
    bool,
    typer.Option(
        "--skim", help="Read only the paragraphs that can hold a financing, and what they lean on: for archives."
    ),
]
OUTPUT_FORMAT: Any = typer.Option(
    "--format", "-f", help="Default: by the ending of --out; else a table on a terminal, JSONL in a pipe."
)
"""The option of the output's format, whose names differ from command to command."""
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Write to this file, which appears only when it is complete.")
]
Gold = Annotated[Path, typer.Argument(help="Gold documents, JSONL.", show_default=False)]
Predicted = Annotated[
    Path | None,
    typer.Argument(help="Records of the same documents, JSONL. Default: those of the shipped pipeline."),
]
ToolFormat = Literal["jsonl", "docbin", "prodigy", "labelstudio", "doccano", "brat"]
"""The formats of annotated articles that can be written and read."""
