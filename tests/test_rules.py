"""Rules of one's own: a file of them changes what is read, and a bad file says what is wrong with it."""

import json
from pathlib import Path

import pytest

from dealspan import load
from dealspan.annotations import read
from dealspan.rules import read_rules

TEXT = (
    "Mirelle raised $5m in a zeta round from Osk, according to Quay Street Brief.\n"
    "Mirelle, the grapevine has it, will raise $9m."
)
TOML = """
companies = ["Mirelle"]
investors = ["Osk"]
publications = ["Quay Street Brief"]
cues = [{phrase = "the grapevine has it", kind = "rumor"}]
rounds = [{pattern = "zeta(?= round)", value = "growth"}]
"""
JSONL = "\n".join(
    json.dumps(entry)
    for entry in (
        {"type": "company", "name": "Mirelle"},
        {"type": "investor", "name": "Osk"},
        {"type": "publication", "name": "Quay Street Brief"},
        {"type": "cue", "phrase": "the grapevine has it", "kind": "rumor"},
        {"type": "round", "pattern": "zeta(?= round)", "value": "growth"},
    )
)


@pytest.mark.parametrize(
    ("name", "content"),
    [("r.toml", TOML), ("r.jsonl", JSONL), ("r.ndjson", JSONL + "\n\n"), ("rules", TOML)],
    ids=["toml", "jsonl", "ndjson", "no suffix"],
)
def test_rules_change_what_is_read(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    doc = load(rules=file)(TEXT)
    names = {(f.label, TEXT[f.start : f.end], f.rule) for f in read(doc, "names")}
    assert ("COMPANY", "Mirelle", "user_company") in names
    assert ("INVESTOR", "Osk", "user_investor") in names
    assert [(TEXT[f.start : f.end], f.value.value) for f in read(doc, "rounds")] == [("zeta", "growth")]
    cues = {TEXT[f.start : f.end]: f.value.kind for f in read(doc, "cues")}
    assert cues == {"according to Quay Street Brief": "attribution", "the grapevine has it": "rumor"}
    first, second = doc._.deals
    assert (first.certainty.value, second.certainty.value) == ("attributed", "rumored")
    assert [source.value for source in first.attribution] == ["Quay Street Brief"]
    assert first.round_type and first.round_type.value == "growth"
    assert [investor.value for investor in first.investors] == ["Osk"]


def test_without_the_rules_the_same_text_reads_otherwise() -> None:
    doc = load()(TEXT)
    assert read(doc, "rounds") == ()
    assert "the grapevine has it" not in {TEXT[f.start : f.end] for f in read(doc, "cues")}
    assert not any(f.rule.startswith("user_") for layer in ("names", "cues") for f in read(doc, layer))


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "companies = []\n"])
def test_a_file_without_rules_changes_nothing(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(content)
    assert load(rules=file)(TEXT)._.deals == load()(TEXT)._.deals


BAD: dict[str, tuple[str, str | bytes, str]] = {
    "not toml": ("r.toml", "companies = [", r"not valid TOML"),
    "unknown heading": ("r.toml", "firms = ['A']", r"unknown heading 'firms'; choose lists named: companies"),
    "heading no list": ("r.toml", "companies = 'A'", r"unknown heading 'companies'; choose lists"),
    "name no text": ("r.toml", "companies = [1]", r"companies 1: needs a text in 'name'"),
    "empty name": ("r.toml", "companies = ['A', ' ']", r"companies 2: needs a text in 'name'"),
    "cue without phrase": ("r.toml", "cues = [{kind = 'rumor'}]", r"cues 1: needs a text in 'phrase'"),
    "cue without kind": ("r.toml", "cues = [{phrase = 'hm'}]", r"cues 1: needs a text in 'kind'"),
    "cue as text": ("r.toml", "cues = ['hm']", r"cues 1: needs a text in 'phrase'"),
    "unknown kind": (
        "r.toml", "cues = [{phrase = 'hm', kind = 'doubt'}]", r"kind 'doubt' is not one of: rumor, attribution",
    ),
    "bad pattern": (
        "r.toml", "rounds = [{pattern = '(', value = 'seed'}]", r"rounds 1: pattern '\(' is no regular expression",
    ),
    "unknown round": (
        "r.toml", "rounds = [{pattern = 'x', value = 'series_z'}]", r"value 'series_z' is not one of: pre_seed, seed",
    ),
    "not json": ("r.jsonl", "\n{", r"r.jsonl:2: not valid JSON"),
    "no object": ("r.jsonl", '["company"]', r"r.jsonl:1: an entry is an object with a field type, not list"),
    "unknown type": ("r.jsonl", '{"type": "firm"}', r"r.jsonl:1: unknown type 'firm'; choose one of: company"),
    "no type": ("r.jsonl", '{"name": "A"}', r"r.jsonl:1: unknown type 'None'; choose one of: company"),
    "no name": ("r.jsonl", '{"type": "company"}', r"r.jsonl:1: needs a text in 'name'"),
    "not utf-8": ("r.toml", b"companies = ['\xff']", r"cannot read the rules"),
    "pattern with a group": (
        "r.toml", "rounds = [{pattern = '(?P<user_0>x)(?P<user_0>y)', value = 'seed'}]", r"is no regular expression",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_file_says_what_is_wrong(tmp_path: Path, bad: str) -> None:
    name, content, message = BAD[bad]
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as error:
        load(rules=file)
    assert str(error.value).startswith(str(file))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read the rules"):
        read_rules(tmp_path / "none.toml")
    with pytest.raises(ValueError, match="cannot read the rules"):
        read_rules(tmp_path)


@pytest.mark.parametrize(
    "entry",
    [
        "rounds = [{pattern = '(x)(y) z', value = 'seed'}]",
        "rounds = [{pattern = '(?i)xyz', value = 'seed'}]",
        "rounds = [{pattern = '(?P<form>x) z', value = 'seed'}]",
        "rounds = [{pattern = 'x|y', value = 'seed'}, {pattern = 'z', value = 'ico'}]",
        "rounds = [{pattern = 'x*', value = 'seed'}]",
        "cues = [{phrase = 'a (b', kind = 'plan'}, {phrase = '*', kind = 'denial'}]",
        "companies = ['A+B (C)', 'Ünïcorn', '株式会社']",
        "publications = ['The X.Y']",
    ],
)
def test_a_file_that_is_accepted_loads_and_runs(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(entry, encoding="utf-8")
    assert load(rules=file)(TEXT).text == TEXT
