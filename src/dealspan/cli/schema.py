"""`dealspan schema`."""

from typing import Annotated

import typer


def schema(
    merged: Annotated[
        bool, typer.Option("--merged", help="The schema of a merged deal, which `dealspan merge` writes.")
    ] = False,
) -> None:
    """Print the JSON Schema (draft 2020-12) of a record."""
    import json

    from dealspan import merged as merged_deals
    from dealspan import records
    from dealspan.cli.streams import standard_output

    found = merged_deals.schema() if merged else records.schema()
    standard_output().write(json.dumps(found, indent=2) + "\n")
