"""spaCy without the commands that it brings along."""

import importlib
import sys
from types import ModuleType

_COMMANDS = ("spacy.cli", "spacy.cli.info")


def import_spacy() -> None:
    """Import spaCy in a quarter less time, where it has not been imported yet.

    `spacy/__init__.py` imports all of spaCy's commands for the sake of `spacy.info`, and with them requests, httpx,
    jinja2 and weasel: 0.15 of 0.55 seconds. Stand-ins take their place meanwhile. They are gone when this returns, so
    that whoever asks for `spacy.cli`, or calls `spacy.info`, gets the real one. This changes what a process imports,
    so it is for processes of our own: a library leaves the imports of its callers alone.
    """
    if "spacy" in sys.modules:
        return
    stand_ins = {name: ModuleType(name) for name in _COMMANDS}
    stand_ins["spacy.cli.info"].__dict__["info"] = _info
    sys.modules.update(stand_ins)
    try:
        importlib.import_module("spacy")
    except (ImportError, AttributeError):
        # A spaCy that wants more of its commands than these stand in for.
        _remove(stand_ins)
        importlib.import_module("spacy")
    finally:
        _remove(stand_ins)


def _remove(modules: dict[str, ModuleType]) -> None:
    for name, module in modules.items():
        if sys.modules.get(name) is module:
            del sys.modules[name]


def _info(*args: object, **options: object) -> object:
    return importlib.import_module("spacy.cli.info").info(*args, **options)
