"""Offsets in UTF-16 code units, as the strings of a browser count them: two for an emoji, where Python counts one."""

from itertools import accumulate


def units(text: str) -> list[int]:
    """The code unit at which each character of a text begins, and at the end their number."""
    return list(accumulate((1 + (character > "\uffff") for character in text), initial=0))


def characters(text: str) -> dict[int, int]:
    """The character that begins at a code unit; a unit in the middle of a character is missing."""
    return {unit: character for character, unit in enumerate(units(text))}
