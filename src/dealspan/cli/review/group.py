"""The group `dealspan review`, whose first argument may be a path."""

from typing import Any

from typer.core import TyperGroup

SERVE = "serve"


class ServeByDefault(TyperGroup):
    """Takes `review PATHS…` as `review serve PATHS…`: a first word that is no command of the group is served."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `serve` before arguments that name no command."""
        first = args[0] if args else None
        if first not in self.commands and first not in ctx.help_option_names:
            args = [SERVE, *args]
        return super().parse_args(ctx, args)
