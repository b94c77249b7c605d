"""What each amount of money is for: layer `amount_roles`, one Found per amount of the layer `money`, same offsets.

The rules stand in `lexicons/amount_roles.toml`. Of the sentence only a window is read: the noun behind the amount says
what it is, otherwise the nearest cue in front of it. An amount that nothing explains is "other".
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from dealspan.annotations import AmountRole, Found, Money, read, text_of, write


class Rule(NamedTuple):
    """What makes another role of the role `of`: a pattern before the amount, or one right behind it."""

    of: AmountRole
    name: str
    role: AmountRole
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None


_LEXICON: dict[str, Any] = tomllib.loads(
    files("dealspan.components.lexicons").joinpath("amount_roles.toml").read_text(encoding="utf-8")
)
_BEFORE_WINDOW, _BEHIND_WINDOW = 120, 90  # characters
_AMOUNTS_BEFORE = 4  # no cue is looked for beyond so many amounts: keeps lists of amounts cheap


def _pattern(entry: dict[str, str], key: str) -> re.Pattern[str] | None:
    return re.compile(entry[key]) if key in entry else None


_BEHIND: list[tuple[str, AmountRole, re.Pattern[str]]] = [
    (rule["name"], rule["role"], re.compile(rule["pattern"].replace("{gap}", _LEXICON["gap"])))
    for rule in _LEXICON["behind"]
]
# Each opens with a word, which is looked for once and not by every pattern: that halves the search.
_BEFORE = re.compile(
    r"\b(?=\w)(?:" + "|".join(f"(?P<{entry['name']}>{entry['pattern']})" for entry in _LEXICON["before"]) + ")"
)
_REACH: dict[str, int] = {rule["name"]: rule.get("reach", _BEFORE_WINDOW) for rule in _LEXICON["before"]}
_ROLE_BEFORE: dict[str, AmountRole] = {entry["name"]: entry["role"] for entry in _LEXICON["before"]}
_REFINE = [
    Rule(rule["of"], rule["name"], rule["role"], _pattern(rule, "before"), _pattern(rule, "behind"))
    for rule in _LEXICON["refine"]
]
# Without the layer `sentences` a line is cut where a sentence seems to end.
_STOP = re.compile(r"[.!?][\"”’)]*\s+(?=[\"“(]?[A-Z])")
_BRACKET = re.compile(r"\s?\([^()\n]{0,40}\)")


def _bounds(text: str, found: Found[Money], sentences: Sequence[Found[Any]], starts: Sequence[int]) -> tuple[int, int]:
    """Where the context of an amount begins and ends."""
    low, high = max(0, found.value.start - _BEFORE_WINDOW), min(len(text), found.value.end + _BEHIND_WINDOW)
    i = bisect_right(starts, found.start) - 1
    if i >= 0 and sentences[i].end >= found.end:
        return max(low, sentences[i].start), min(high, sentences[i].end)
    low = max(low, text.rfind("\n", low, found.start) + 1)
    for stop in _STOP.finditer(text, low, found.value.start):
        low = stop.end()
    line_end = text.find("\n", found.end, high)
    high = high if line_end < 0 else line_end
    ended = _STOP.search(text, found.value.end, high)
    return low, ended.start() if ended else high


def _role(before: str, behind: str) -> tuple[AmountRole, str]:
    """The role of an amount between two stretches of lower-cased text, and the rule that says so."""
    found: tuple[str, AmountRole] = next(
        ((name, role) for name, role, pattern in _BEHIND if pattern.match(behind)), ("default", "other")
    )
    name, role = found
    if name == "default":
        for cue in _BEFORE.finditer(before):
            if len(before) - cue.end() <= _REACH[cue.lastgroup or ""]:
                name = cue.lastgroup or ""
                role = _ROLE_BEFORE[name]
    for rule in _REFINE:
        if rule.of == role and (
            (rule.before and rule.before.search(before)) or (rule.behind and rule.behind.match(behind))
        ):
            return rule.role, rule.name
    return role, name


def find_amount_roles(
    text: str, money: Sequence[Found[Money]], sentences: Sequence[Found[Any]] = ()
) -> Iterator[Found[AmountRole]]:
    """Say of every amount what it is for; a conversion in brackets is for what the amount before it is for."""
    starts = [sentence.start for sentence in sentences]
    role: AmountRole = "other"
    for i, found in enumerate(money):
        start, end = found.value.start, found.value.end
        if i and text[money[i - 1].value.end : start].strip() in ("(", "/", "(~"):
            yield Found(found.start, found.end, "AMOUNT_ROLE", "conversion", role)
            continue
        low, high = _bounds(text, found, sentences, starts)
        if i >= _AMOUNTS_BEFORE:
            low = max(low, money[i - _AMOUNTS_BEFORE].value.end)
        if bracket := _BRACKET.match(text, end, high):
            end = bracket.end()
        following = next((other.start for other in money[i + 1 : i + 3] if other.start >= end), high)
        role, name = _role(text[low:start].lower(), text[end : min(high, following)].lower())
        yield Found(found.start, found.end, "AMOUNT_ROLE", name, role)


class AmountRoleFinder:
    """Writes the layer `amount_roles`."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the roles of the amounts of a Doc."""
        write(doc, "amount_roles", find_amount_roles(text_of(doc), read(doc, "money"), read(doc, "sentences")))
        return doc


@Language.factory("dealspan_amount_roles", requires=["doc._.dealspan_money"], assigns=["doc._.dealspan_amount_roles"])
def make_amount_roles(nlp: Language, name: str) -> AmountRoleFinder:
    """The component that says what each amount is for."""
    return AmountRoleFinder()
