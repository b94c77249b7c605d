"""The public surface: exported names, factories, options of the command, fields of the record.

What others build on is written down in `surface.json`, so that no change of it goes unnoticed; an addition fails too,
until `pytest --record-surface` has recorded it and the change stands in the diff.
"""

import inspect
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import spacy
import typer

import dealspan
from dealspan.cli import app

FILE = Path(__file__).parent / "surface.json"


def exported() -> list[str]:
    assert all(hasattr(dealspan, name) for name in dealspan.__all__)
    return sorted(dealspan.__all__)


def factories() -> dict[str, Any]:
    """What a user of a factory sees: what it needs, what it writes and its settings."""
    found = {}
    for name in sorted(e.name for e in entry_points(group="spacy_factories") if e.name.startswith("dealspan_")):
        nlp = spacy.blank("en")
        nlp.add_pipe(name)
        meta = nlp.get_pipe_meta(name)
        found[name] = {
            "requires": sorted(meta.requires),
            "assigns": sorted(meta.assigns),
            "settings": sorted(meta.default_config or ()),
        }
    return found


def commands() -> dict[str, Any]:
    """The arguments and options of each command, with their types: the choices of an option are part of its type."""
    group: Any = typer.main.get_command(app)
    found = {}
    below = {
        f"{name} {inner}": command
        for name in [name for name, one in group.commands.items() if hasattr(one, "commands")]
        for inner, command in group.commands.pop(name).commands.items()
    }
    for name, command in {"dealspan": group, **group.commands, **below}.items():
        types = get_type_hints(inspect.unwrap(command.callback))
        found[name] = {
            " ".join([*parameter.opts, *parameter.secondary_opts]): str(types[parameter.name]).replace(
                "pathlib._local.", "pathlib."
            )  # as Python 3.13 calls it
            for parameter in command.params
            if parameter.name in types
        }
    return found


def schema() -> Any:
    return without_prose(dealspan.schema())


def without_prose(node: Any) -> Any:
    """Return a schema without its descriptions."""
    if isinstance(node, dict):
        return {k: without_prose(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}
    return [without_prose(item) for item in node] if isinstance(node, list) else node


SURFACE = {"exported": exported, "factories": factories, "commands": commands, "schema": schema}


@pytest.mark.parametrize("part", SURFACE)
def test_surface(part: str, request: pytest.FixtureRequest) -> None:
    now = SURFACE[part]()
    recorded = json.loads(FILE.read_text(encoding="utf-8"))
    if request.config.getoption("--record-surface"):
        recorded[part] = now
        FILE.write_text(json.dumps(recorded, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert recorded[part] == now, "the public surface has changed; record it with: pytest --record-surface"
