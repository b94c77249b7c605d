"""The command `dealspan`: each command in a file of its own, heavy imports inside the function.

`dealspan --help` and shell completion must not wait for spaCy, so this module and the commands import at the top only
what the options need.
"""

from typing import Annotated

import typer

from dealspan.cli.benchmark import benchmark
from dealspan.cli.calibrate import calibrate
from dealspan.cli.corpus import COMMANDS as CORPUS_COMMANDS
from dealspan.cli.evaluate import evaluate
from dealspan.cli.explain import explain
from dealspan.cli.extract import extract
from dealspan.cli.failures import guarded
from dealspan.cli.reliability import reliability
from dealspan.cli.schema import schema
from dealspan.cli.teach import teach
from dealspan.cli.text import text
from dealspan.cli.train import train

EXIT_STATUS = (
    "Exit status: 0 all went well; 1 an input failed (named on standard error; the others were processed) or the "
    "output could not be written; 2 wrong usage; 130 interrupted; 141 the reader of the output stopped early."
)

app = typer.Typer(
    name="dealspan",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EXIT_STATUS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (extract, text, explain, schema, evaluate, reliability, calibrate, train, teach, benchmark):
    app.command(epilog=EXIT_STATUS)(guarded(_command))


corpus = typer.Typer(
    name="corpus",
    no_args_is_help=True,
    help="Check, count, convert and compare the annotated corpus.",
    epilog=EXIT_STATUS,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _corpus_command in CORPUS_COMMANDS:
    corpus.command(epilog=EXIT_STATUS)(guarded(_corpus_command))
app.add_typer(corpus)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"dealspan {version('dealspan')}")
        raise typer.Exit


@app.callback()
def _dealspan(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read funding news: who raised what from whom, how sure the text is of it, and where it says so."""


def main() -> None:
    """Run the command."""
    app()
