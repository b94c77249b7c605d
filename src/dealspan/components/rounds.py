"""Round types: "Series B", "seed", "bridge", "venture debt", "IPO", and their normal values.

One regular expression of plain words finds where a form of `lexicons/rounds.toml` may begin (on text in lower case,
which is ten times as fast as ignoring case); the forms are tried only there. Most words among them also mean other
things ("seed", "bridge", "grant", "loan"), so each form names the contexts it must stand in.

Readings that the annotation guidelines leave open: "Series AA" and "Series A-1" are `series_a`, "Series A+" and
"seed+" are extensions; a SAFE is `convertible`; a letter past J, a round before a series ("pre-Series A"), a private
placement, a rights issue and a pre-IPO round are said but not on the list: `unknown`.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple, cast, get_args

from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Round
from dealspan.records import RoundType

CONTEXT = 90
"""Characters before a form that its context may take up: an amount, a verb and three describing words."""


# Most texts name few forms, and to compile the contexts of all takes half as long as to compile all other patterns.
_compiled = cache(re.compile)


class _Form(NamedTuple):
    """One kind of financing: its value, and the patterns of the contexts in which it counts or does not."""

    name: str
    value: str
    before: str | None
    after: str | None
    not_before: str | None
    not_after: str | None

    def fits(self, text: str, start: int, end: int) -> bool:
        """Whether the form counts where it stands."""
        window = max(0, start - CONTEXT)
        if self.not_after and _compiled(self.not_after).match(text, end):
            return False
        if self.not_before and _compiled(self.not_before).search(text, window, start):
            return False
        if not self.before and not self.after:
            return True
        return bool(
            (self.after and _compiled(self.after).match(text, end))
            or (self.before and _compiled(self.before).search(text, window, start))
        )


def _load() -> tuple[tuple[str, ...], re.Pattern[str], dict[str, _Form], re.Pattern[str]]:
    lexicon = tomllib.loads(files("dealspan.components.lexicons").joinpath("rounds.toml").read_text(encoding="utf-8"))

    pieces: dict[str, str] = {}

    def expand(pattern: str) -> str:
        for name, piece in pieces.items():
            pattern = pattern.replace("{" + name + "}", piece)
        return pattern

    for name, piece in lexicon["pieces"].items():
        pieces[name] = expand(piece)  # a piece may use those above it

    def context(entry: dict[str, list[str]], key: str) -> str | None:
        side = "before" if key.endswith("before") else "after"
        patterns = [expand(lexicon[side][name]) for name in entry.get(key, ())]
        return f"(?:{'|'.join(patterns)})" + (r"\Z" if side == "before" else "") if patterns else None

    forms = {
        f"form_{i}": _Form(
            f"{entry['value']}_{i}",
            entry["value"],
            context(entry, "before"),
            context(entry, "after"),
            context(entry, "not_before"),
            context(entry, "not_after"),
        )
        for i, entry in enumerate(lexicon["forms"])
    }
    # group names first, so that `lastgroup` is the form even where a letter is captured inside it
    branches = "|".join(f"(?P<form_{i}>{entry['form']})" for i, entry in enumerate(lexicon["forms"]))
    return (
        tuple(re.findall(r"\w+", opening)[0] for opening in lexicon["opening"]),
        re.compile(rf"(?<![\w-])(?:{branches})"),
        forms,
        re.compile(expand(lexicon["before"]["extension_of"]) + r"\Z"),
    )


OPENING, FORMS, CONTEXTS, EXTENSION_OF = _load()
_OF_SERIES = frozenset(letter + number for letter in "abcdefghj" for number in ("", *"123456789"))
LETTERS = ("pre", "free", "strict", "also", "bare")
ROUND_TYPES = frozenset(get_args(RoundType))


def _value(form: _Form, match: re.Match[str]) -> Round:
    """Read the normal value of a form that counts."""
    extension = "+" in match[0] or "xtension" in match[0].lower()
    if form.value != "letter":
        return Round(cast(RoundType, form.value), extension)
    group = next(name for name in LETTERS if match[name])
    letter = match[group].lower()
    if group == "pre":
        return Round("unknown", False)
    return Round(_series(letter), extension)


def _series(letter: str) -> RoundType:
    value = f"series_{letter}"
    return cast(RoundType, value) if value in ROUND_TYPES else "unknown"


@lru_cache(maxsize=20_000)
def _opens(word: str) -> bool:
    return word.startswith(OPENING)


def _places(text: str) -> list[int]:
    """Where a form may begin: at a word that begins as one does, or at the capital letter of a series."""
    words = annotations.places_of(annotations.lower_case(text))
    at_words = [at for word, starts in words.items() if _opens(word) for at in starts]
    return sorted([*at_words, *(at for word in words.keys() & _OF_SERIES for at in words[word] if text[at].isupper())])


def find_rounds(text: str) -> Iterator[Found[Round]]:
    """Find the round types a text names, in order."""
    for match in annotations.matches_at(FORMS, text, _places(text), 0, len(text)):
        form = CONTEXTS[cast(str, match.lastgroup)]
        start, end = match.span()
        if not form.fits(text, start, end):
            continue
        value = _value(form, match)
        if EXTENSION_OF.search(text, max(0, start - CONTEXT), start):
            value = value._replace(extension=True)
        yield Found(start, end, "ROUND", form.name, value)


def find_own(text: str, patterns: Sequence[tuple[re.Pattern[str], RoundType]]) -> Iterator[Found[Round]]:
    """Find the round types of the user's own patterns."""
    for pattern, value in patterns:
        for match in pattern.finditer(text):
            if match.end() > match.start():
                yield Found(match.start(), match.end(), "ROUND", "user_round", Round(value, False))


class Rounds:
    """Write the layer `rounds`; the user's own patterns come before those of the lexicon."""

    def __init__(self, patterns: Sequence[tuple[re.Pattern[str], RoundType]] = ()) -> None:
        self.patterns = patterns

    def __call__(self, doc: Doc) -> Doc:
        """Find the round types of a Doc."""
        text = annotations.text_of(doc)
        own = list(find_own(text, self.patterns))
        found = [f for f in find_rounds(text) if not any(o.start < f.end and f.start < o.end for o in own)]
        annotations.write(doc, "rounds", own + found)
        return doc


@Language.factory("dealspan_rounds", assigns=["doc._.dealspan_rounds"], default_config={"patterns": []})
def make_rounds(nlp: Language, name: str, patterns: list[dict[str, str]]) -> Rounds:
    """Make the component; `patterns` are regular expressions of your own, each with `pattern` and `value`."""
    return Rounds([(re.compile(p["pattern"]), cast(RoundType, p["value"])) for p in patterns])
