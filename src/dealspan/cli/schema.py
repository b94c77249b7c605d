"""`dealspan schema`."""


def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of a record."""
    import json

    from dealspan import records
    from dealspan.cli.streams import standard_output

    standard_output().write(json.dumps(records.schema(), indent=2) + "\n")
