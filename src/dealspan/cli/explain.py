"""`dealspan explain`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from dealspan.annotations import Explanation

from dealspan.cli.options import FieldNames, Model, Rules


def explain(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES|-", help="The inputs, as for extract.", show_default=False),
    ] = None,
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", "-f", help="Text to read, or one array of JSON objects.")
    ] = "text",
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Publication date of the inputs that do not give one."),
    ] = None,
    fields: FieldNames = None,
    model: Model = "trained",
    rules: Rules = None,
) -> None:
    """Show for each deal and slot the rule that fired, the words it fired on, their offsets and the confidence."""
    import msgspec

    from dealspan.cli.runs import Run, language
    from dealspan.cli.streams import fields_of, given, standard_output

    inputs, names = given(files), fields_of(fields)
    from dealspan import pipeline

    run = Run(language(rules, model), inputs, published=published.date() if published else None, fields=names)
    stream = standard_output()
    before = "[\n"
    for article, doc in run.documents():
        try:
            found = pipeline.explain(doc)
        except Exception as error:
            run.failed(article, error)
            continue
        if format == "text":
            stream.write(_readable(article.id, found))
            continue
        for explanation in found:
            line = {"document": article.id, **explanation._asdict()}
            stream.write(before + msgspec.json.encode(line).decode())
            before = ",\n"
    if format == "json":
        stream.write("[]\n" if before == "[\n" else "\n]\n")
    run.finish()


def _readable(document: str, found: "list[Explanation]") -> str:
    """Return the explanations of a document as lines, two for each slot."""
    from dealspan.output.wording import plain

    lines = [plain(document)]
    for one in found:
        lines.append(f"  {one.deal}  {one.slot}: {plain(one.value)}  ({one.confidence:.0%})")
        lines.append(f"      {one.rule} at {one.start}-{one.end}: “{plain(one.text)}”")
    if not found:
        lines.append("  no deals")
    return "\n".join(lines) + "\n"
