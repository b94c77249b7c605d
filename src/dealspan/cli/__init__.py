"""The command `dealspan`: each command in a file of its own, heavy imports inside the function.

`dealspan --help` and shell completion must not wait for spaCy, so this module and the commands import at the top only
what the options need.
"""

import sys
from collections import UserDict
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dealspan.cli.failures import guarded

EXIT_STATUS = (
    "Exit status: 0 all went well; 1 an input failed (named on standard error; the others were processed) or the "
    "output could not be written; 2 wrong usage; 130 interrupted; 141 the reader of the output stopped early; 143 "
    "terminated."
)
# Each is a function in a module of the same name.
_NAMES = (
    "extract", "ray", "merge", "text", "explain", "schema", "evaluate", "reliability", "calibrate", "train", "teach",
    "benchmark",
)  # fmt: skip


class _Commands(UserDict[str, Any]):
    """The commands by name; each is imported when it is asked for, so that one need not wait for the others."""

    def __getitem__(self, name: str) -> Any:
        return self.data[name]()


class _Dealspan(TyperGroup):
    """The command itself."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        makers: dict[str, Callable[[], Any]] = {name: cache(partial(_command, name)) for name in _NAMES}
        self.commands = _Commands(makers, corpus=cache(_corpus), review=cache(_review))


def _command(name: str) -> Any:
    one = typer.Typer(add_completion=False, rich_markup_mode="rich")
    one.command(epilog=EXIT_STATUS)(guarded(getattr(import_module(f"dealspan.cli.{name}"), name)))
    return typer.main.get_command(one)


def _group(
    name: str, help: str, commands: Mapping[str, Callable[..., None]], cls: type[TyperGroup] | None = None
) -> Any:
    """Commands under a name of their own."""
    group = typer.Typer(
        name=name,
        cls=cls,
        no_args_is_help=cls is None,
        help=help,
        epilog=EXIT_STATUS,
        add_completion=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command_name, command in commands.items():
        group.command(command_name, epilog=EXIT_STATUS)(guarded(command))
    return typer.main.get_command(group)


def _corpus() -> Any:
    from dealspan.cli.corpus import COMMANDS

    help = "Check, count, convert and compare the annotated corpus."
    return _group("corpus", help, {command.__name__: command for command in COMMANDS})


def _review() -> Any:
    from dealspan.cli.review import COMMANDS
    from dealspan.cli.review.group import ServeByDefault

    help = (
        "Look at what was extracted and correct it in the browser. PATHS instead of a command are served: "
        "`review news/` is `review serve news/`; write `./export` for a file that is called like a command."
    )
    return _group("review", help, COMMANDS, ServeByDefault)


app = typer.Typer(
    name="dealspan",
    cls=_Dealspan,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EXIT_STATUS,
    context_settings={"help_option_names": ["-h", "--help"]},
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
