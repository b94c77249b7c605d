"""The command `dealspan`: each command in a file of its own, heavy imports inside the function.

`dealspan --help` and shell completion must not wait for spaCy, so this module and the commands import at the top only
what the options need.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Annotated

import typer
from typer.core import TyperGroup

from dealspan.cli.benchmark import benchmark
from dealspan.cli.calibrate import calibrate
from dealspan.cli.corpus import COMMANDS as CORPUS_COMMANDS
from dealspan.cli.evaluate import evaluate
from dealspan.cli.explain import explain
from dealspan.cli.extract import extract
from dealspan.cli.failures import guarded
from dealspan.cli.merge import merge
from dealspan.cli.ray import ray
from dealspan.cli.reliability import reliability
from dealspan.cli.review import COMMANDS as REVIEW_COMMANDS
from dealspan.cli.review.group import ServeByDefault
from dealspan.cli.schema import schema
from dealspan.cli.teach import teach
from dealspan.cli.text import text
from dealspan.cli.train import train

EXIT_STATUS = (
    "Exit status: 0 all went well; 1 an input failed (named on standard error; the others were processed) or the "
    "output could not be written; 2 wrong usage; 130 interrupted; 141 the reader of the output stopped early; 143 "
    "terminated."
)

app = typer.Typer(
    name="dealspan",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EXIT_STATUS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (extract, ray, merge, text, explain, schema, evaluate, reliability, calibrate, train, teach, benchmark):
    app.command(epilog=EXIT_STATUS)(guarded(_command))


def _add_group(
    name: str, help: str, commands: Mapping[str, Callable[..., None]], cls: type[TyperGroup] | None = None
) -> None:
    """Add commands under a name of their own."""
    group = typer.Typer(
        name=name,
        cls=cls,
        no_args_is_help=cls is None,
        help=help,
        epilog=EXIT_STATUS,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command_name, command in commands.items():
        group.command(command_name, epilog=EXIT_STATUS)(guarded(command))
    app.add_typer(group)


_add_group(
    "corpus",
    "Check, count, convert and compare the annotated corpus.",
    {command.__name__: command for command in CORPUS_COMMANDS},
)
_add_group(
    "review",
    "Look at what was extracted and correct it in the browser. PATHS instead of a command are served: "
    "`review news/` is `review serve news/`; write `./export` for a file that is called like a command.",
    REVIEW_COMMANDS,
    ServeByDefault,
)


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
    if sys.argv[1:2] == ["extract"]:
        # Where torch is installed spaCy imports it, which takes two seconds for nothing. Other commands leave it, since
        # scikit-learn trips over a module that is None.
        sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    app()
