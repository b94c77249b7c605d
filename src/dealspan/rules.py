"""Your own rules: lexicon entries and patterns from a TOML or JSONL file, as settings of the components."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

from dealspan.records import HedgeKind, RoundType

_NAMES = {"company": "companies", "investor": "investors", "publication": "publications"}


def read_rules(path: str | Path) -> dict[str, dict[str, Any]]:
    """Read a file of rules into settings, by component.

    Raises
    ------
    ValueError
        Where the file cannot be read or an entry is not valid; the message names the file, the entry and the choices.

    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot read the rules: {error}") from error
    entries = _from_jsonl(path, text) if path.suffix in (".jsonl", ".ndjson") else _from_toml(path, text)
    names: dict[str, list[str]] = {plural: [] for plural in _NAMES.values()}
    phrases: list[dict[str, str]] = []
    patterns: list[dict[str, str]] = []
    for where, kind, entry in entries:
        if kind in _NAMES:
            names[_NAMES[kind]].append(_text(where, entry, "name"))
        elif kind == "cue":
            phrases.append({"phrase": _text(where, entry, "phrase"), "kind": _choice(where, entry, "kind", HedgeKind)})
        elif kind == "round":
            pattern = _text(where, entry, "pattern")
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{where}: pattern {pattern!r} is no regular expression: {error}") from error
            patterns.append({"pattern": pattern, "value": _choice(where, entry, "value", RoundType)})
        else:
            raise ValueError(f"{where}: unknown type {kind!r}; choose one of: {', '.join([*_NAMES, 'cue', 'round'])}")
    return {
        "dealspan_names": dict(names),
        "dealspan_cues": {"phrases": phrases, "publications": names["publications"]},
        "dealspan_rounds": {"patterns": patterns},
    }


def _from_toml(path: Path, text: str) -> list[tuple[str, str, dict[str, Any]]]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: not valid TOML: {error}") from error
    entries = []
    for heading, values in data.items():
        singular = {plural: kind for kind, plural in _NAMES.items()} | {"cues": "cue", "rounds": "round"}
        kind = singular.get(heading)
        if kind is None or not isinstance(values, list):
            raise ValueError(f"{path}: unknown heading {heading!r}; choose lists named: {', '.join(singular)}")
        for number, value in enumerate(values, 1):
            entry = {"name": value} if isinstance(value, str) else value
            entries.append((f"{path}: {heading} {number}", kind, entry))
    return entries


def _from_jsonl(path: Path, text: str) -> list[tuple[str, str, dict[str, Any]]]:
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}:{number}: not valid JSON: {error}") from error
        if not isinstance(entry, dict):
            raise ValueError(f"{path}:{number}: an entry is an object with a field type, not {type(entry).__name__}")
        entries.append((f"{path}:{number}", str(entry.get("type")), entry))
    return entries


def _text(where: str, entry: Any, field: str) -> str:
    value = entry.get(field) if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: needs a text in {field!r}")
    return value


def _choice(where: str, entry: Any, field: str, choices: Any) -> str:
    value = _text(where, entry, field)
    if value not in get_args(choices):
        raise ValueError(f"{where}: {field} {value!r} is not one of: {', '.join(get_args(choices))}")
    return value
