"""Numbers with the currency before or behind them: one regular expression over the raw text."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any, NamedTuple

from dealspan.annotations import lower_case, matches_at, openings, places_of


class Unit(NamedTuple):
    """A currency by name; `nations` says which one an adjective makes of it."""

    name: str
    code: str
    weak: bool
    by_text: bool
    nations: dict[str, str]


class Number(NamedTuple):
    """A number in the text, with its currency where it has one: `value` counts units of `factor`."""

    start: int
    end: int
    value: float
    factor: float
    currency: str | None
    sign: str | None
    kind: str

    @property
    def total(self) -> float:
        """The number in units of the currency."""
        return exact(self.value, self.factor)


def exact(value: float, factor: float) -> float:
    """The product without binary noise: 1.1 million is 1100000.0."""
    return round(value * factor, 4)


LEXICON: dict[str, Any] = tomllib.loads(
    files("dealspan.components.lexicons").joinpath("money.toml").read_text(encoding="utf-8")
)
_SYMBOLS: dict[str, str] = LEXICON["symbols"]
_DOLLARS: dict[str, str] = LEXICON["dollars"]
_LETTERS: dict[str, str] = LEXICON["letters"]
_FACTORS: dict[str, float] = LEXICON["magnitudes"] | LEXICON["short_magnitudes"]
_NUMERALS: dict[str, int] = LEXICON["numerals"]
_STRONG_CODES: list[str] = LEXICON["codes"]["strong"].split()
_WEAK_CODES: list[str] = LEXICON["codes"]["weak"].split()
_UNITS = {
    form: Unit(name, unit["code"], unit.get("weak", False), unit.get("by_text", False), unit["nations"])
    for name, unit in LEXICON["units"].items()
    for form in unit["forms"]
}
_JOINED: dict[str, tuple[str, float]] = {
    letters + sign: (_SYMBOLS.get(sign, sign), factor)
    for letters, factor in LEXICON["joined_magnitudes"].items()
    for sign in LEXICON["codes"]["joined"].split()
}
_WEAK_SIGNS = {*LEXICON["weak_abbreviations"], *_WEAK_CODES, *_LETTERS}
_CODES: dict[str, str] = (
    _SYMBOLS
    | LEXICON["abbreviations"]
    | LEXICON["weak_abbreviations"]
    | _LETTERS
    | {code: code for code in _STRONG_CODES + _WEAK_CODES}
    | {joined: code for joined, (code, _) in _JOINED.items()}
)
_DOLLAR_CODES = set(_DOLLARS.values())


def _any_of(forms: Iterable[str]) -> str:
    """The forms as one alternation, longest first."""
    return "|".join(re.escape(form) for form in sorted(set(forms), key=lambda form: (-len(form), form)))


def _capitals_too(forms: Iterable[str]) -> str:
    """The same, also capitalised and in capitals: much faster to scan for than IGNORECASE."""
    return _any_of(variant for form in forms for variant in (form, form.capitalize(), form.upper()))


BLANK = r"[^\S\n]"
_GAP = rf"(?:{BLANK}{{1,2}}\n?|\n)"
_SIGNS = f"[$¥￥{''.join(_SYMBOLS)}]"
_WRITTEN = _any_of(
    [*_STRONG_CODES, *_WEAK_CODES, *_JOINED, *LEXICON["abbreviations"], *LEXICON["weak_abbreviations"], "kr"]
)
_PREFIX = (
    rf"\$(?:{_any_of(_DOLLARS)})(?={BLANK}?\d)|{_SIGNS}|(?<![A-Za-z0-9])"
    rf"(?:(?:{_any_of(_DOLLARS)})\$|(?:{_any_of(letters for letters in _DOLLARS if len(letters) > 2)}|US|HK) \$"
    rf"|(?:{_WRITTEN})(?![A-Za-z])|(?:{_any_of(_LETTERS)})(?=\d)|R(?= \d))"
)
# "1,200.50", "1.200,50", "1'200'000", "1 200 000", "1,25,000", "12.5", ".5". What runs on otherwise is no amount.
_DIGITS = (
    r"\d{1,3}"
    r"(?:(?P<group>[.,'’ \u00a0\u2009\u202f])\d{3}(?!\d)(?:(?P=group)\d{3}(?!\d)){0,5}|(?:,\d{2}){1,6},\d{3}(?!\d))"
    r"(?:[.,]\d{1,6})?(?![.,]?\d)"
    r"|\d{1,18}(?:[.,]\d{1,6})?(?![.,]?\d)|\.\d{1,4}(?!\d)"
)
_LARGE = r"(?i:hundred|thousand|(?:lakh|lac|crore|million|billion|trillion)s?)(?![A-Za-z])"
_SHORT = rf"(?i:{_any_of(LEXICON['short_magnitudes'])})(?![A-Za-z0-9])"
_SMALL = rf"(?:{_capitals_too(_NUMERALS)})(?![A-Za-z])"
_PLURALS = ("tens", "dozens", "scores", "hundreds", "thousands", "lakhs", "crores", "millions", "billions", "trillions")
_TENS = _capitals_too(_PLURALS)
# A number in words. What names none ("several", "tens of") is vague; "a" and "half" need a magnitude behind them.
_WORDS = (
    rf"(?P<vague>(?:[Aa] few|[Ss]everal|[Mm]any|[Aa] couple(?: of)?)(?=[ -]{_LARGE})"
    rf"|(?:{_TENS})(?: of (?:{_TENS})){{0,2}}(?= of | in ))"
    rf"|(?:(?:[Aa][ -])?[Qq]uarter|[Tt]hree[ -]quarters)(?: of)?[ -]an?(?=[ -]{_LARGE})"
    rf"|(?:{_SMALL}(?:[ -]{_SMALL})?|[Aa](?=[ -]{_LARGE}))"
    rf"(?:[ -](?i:hundred)(?:(?: and)?[ -]{_SMALL}(?:[ -]{_SMALL})?)?)?"
    rf"(?: and (?:a half|a quarter|three quarters))?"
    rf"|[Hh]alf(?: of)?(?:[ -]an?)?(?=[ -]{_LARGE})"
)
_NATIONS = [nation for unit in _UNITS.values() for nation in unit.nations]
_SUFFIX = (
    rf"(?i:(?:(?P<nation>{_any_of(_NATIONS)})[ -])?(?P<unit>{_any_of(form for form in _UNITS if form[0].isalpha())}))"
    rf"(?![A-Za-z])"
    rf"|(?P<code>(?:{_WRITTEN}|[MmKk]?{_SIGNS}|(?:{_any_of(_DOLLARS)})\$))(?![A-Za-z]|\.?{BLANK}?\d)"
)
_NUMBER = re.compile(
    rf"(?:(?<!\w)|(?=[$€£₹]))(?:(?P<prefix>{_PREFIX}){BLANK}{{0,2}}(?=[\d.A-Za-z])|(?<![\w.,]))(?:(?P<digits>{_DIGITS})|(?P<words>{_WORDS}))"
    rf"(?:(?:{_GAP}|-)?(?P<large>{_LARGE}(?:[ -]{_LARGE}){{0,2}})|{BLANK}?(?P<short>{_SHORT}))?"
    rf"(?P<suffix>(?(vague)(?: of| in)?)(?:{BLANK}|-)?(?:{_SUFFIX}))?"
)
# Where a number may begin: at a sign, at a point before a digit, at a word that is not all letters, or at one of these.
_SIGN = re.compile(rf"{_SIGNS}|\.(?=\d)")
_OPENING = frozenset(
    re.findall(r"\w+", form)[0].lower()
    for form in (
        *_STRONG_CODES, *_WEAK_CODES, *_JOINED, *LEXICON["abbreviations"], *LEXICON["weak_abbreviations"], "kr",
        *_DOLLARS, *_LETTERS, *_NUMERALS, *_PLURALS, "several", "many", "a", "quarter", "half",
    )
)  # fmt: skip
# "$5 million Canadian", "$5 million (CAD)": an adjective with no noun behind it.
_DOLLARS_OF = {
    name: code for nation, code in _UNITS["$"].nations.items() for name in (nation.title(), nation.upper())
} | {code: code for code in _DOLLAR_CODES}
_OF = re.compile(
    rf"{BLANK}(?:\((?P<noted>{_any_of(_DOLLARS_OF)})\)|(?P<nation>{_any_of(_DOLLARS_OF)})"
    rf"(?=$|[.,;:)\n]|{BLANK}(?:in|for|from|to|at|and|by|of|over|on|or|into|with|worth)\b))"
)
# "(all figures in Canadian dollars unless otherwise stated)".
_ALL = frozenset(("all", "dollar", "unless", "expressed", "stated", "reported", "presented", "denominated"))
_ALL_DOLLARS = re.compile(
    rf"(?i)(?:{'|'.join(sorted(_ALL))})\b[^.\n]{{0,60}}?\bin "
    rf"(?:(?P<nation>{_any_of(_UNITS['$'].nations)}) (?:dollars|funds|currency)|(?P<code>{_any_of(_DOLLAR_CODES)}))\b"
)


def read_digits(digits: str, *, magnitude: bool) -> float:
    """The value of a number in digits; of two kinds of separator the last is the decimal point.

    A lone separator before three digits groups thousands ("1.200"), except a point before a magnitude ("1.125 bn").
    """
    digits = re.sub(r"[\s'’]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(digits)
    mark, whole, fraction = digits[last], digits[:last], digits[last + 1 :]
    other = "," if mark == "." else "."
    groups = len(fraction) == 3 and whole not in ("", "0") and other not in whole
    if mark in whole or (groups and not (mark == "." and magnitude)):
        return float(digits.replace(other, "").replace(mark, ""))
    return float(f"{re.sub('[.,]', '', whole) or 0}.{fraction}")


def read_words(words: str) -> float:
    """The value of a numeral in words, without its magnitude: "two and a half" is 2.5."""
    value, last = 0.0, ""
    for token in re.split(r"[\s-]+", words.lower()):
        if token == "hundred":
            value = max(value, 1) * 100
        elif token == "half":
            value += 0.5
        elif token.startswith("quarter"):
            value += 0.75 - 3 if last == "three" else 0.25
        else:
            value += _NUMERALS.get(token, 0)
        last = token
    return value or 1.0


class _Currencies:
    """What the signs of one text stand for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[str, str] = {}

    def of(self, unit: Unit, nation: str | None) -> str:
        """The code of a currency name, by the adjective next to it or by the text."""
        if nation and (code := unit.nations.get(nation.lower())):
            return code
        if unit.name not in self.known:
            self.known[unit.name] = self._by_text(unit)
        return self.known[unit.name]

    def of_prefix(self, prefix: str) -> str:
        """The code of a sign in front of a number."""
        if prefix in _UNITS:
            return self.of(_UNITS[prefix], None)
        if "$" in prefix:
            return _DOLLARS[prefix.strip("$ ")]
        return _CODES[prefix]

    def _by_text(self, unit: Unit) -> str:
        if unit.name == "dollar":
            places = openings(lower_case(self.text), _ALL)
            if stated := next(matches_at(_ALL_DOLLARS, self.text, places, 0, len(self.text)), None):
                return stated["code"].upper() if stated["code"] else unit.nations[stated["nation"].lower()]
        if unit.by_text and (named := re.search(rf"(?i)\b(?:{_any_of(unit.nations)})\b", self.text)):
            return unit.nations[named[0].lower()]
        return unit.code


def _places(text: str) -> list[int]:
    words = places_of(lower_case(text))
    at_words = [at for word, starts in words.items() if word in _OPENING or not word.isalpha() for at in starts]
    return sorted([*at_words, *(match.start() for match in _SIGN.finditer(text))])


def find_numbers(text: str) -> Iterator[Number]:
    """Every number of the text, with its currency where it has one."""
    currencies = _Currencies(text)
    for match in matches_at(_NUMBER, text, _places(text), 0, len(text)):
        prefix, digits, words, short = match.group("prefix", "digits", "words", "short")
        large = re.split("[ -]", match["large"].lower()) if match["large"] else []
        vague = match["vague"] is not None
        magnitude = bool(large or short)
        start, end = match.start("digits" if digits else "words"), match.end()
        if match["suffix"]:
            end = match.start("suffix")
        value, factor = (read_digits(digits, magnitude=magnitude) if digits else read_words(words)), 1.0
        for name in [*large, *([short.lower()] if short else [])]:
            factor *= _FACTORS[name]
        grouped = bool(digits and re.search(r"[.,' \u00a0\u2009\u202f]\d{3}", digits))
        currency = None
        doubtful = prefix in _WEAK_SIGNS and not (magnitude or grouped)
        ticker = prefix in _LETTERS and short in ("B", "K", "T")
        if prefix and not doubtful and not ticker and (digits or prefix in _UNITS):
            currency, start = currencies.of_prefix(prefix), match.start()
            factor *= _JOINED.get(prefix, ("", 1.0))[1]
        if match["suffix"]:
            suffix, scale = _read_suffix(match, currencies, magnitude=magnitude or vague, grouped=grouped)
            agrees = currency is None or suffix == currency or (prefix == "$" and suffix in _DOLLAR_CODES)
            if suffix and agrees:
                currency, end = suffix, match.end()
                factor *= scale
        if prefix == "$" and currency and (said := _OF.match(text, end)):
            currency = _DOLLARS_OF[said["noted"] or said["nation"]]
            end = said.end("nation") if said["nation"] else end
        if currency or digits or not vague:
            kind = "vague" if vague else "words" if words else "prefixed" if prefix else "suffixed"
            yield Number(start, end, value, factor, currency, prefix if currency else None, kind)


def _read_suffix(
    match: re.Match[str], currencies: _Currencies, *, magnitude: bool, grouped: bool
) -> tuple[str | None, float]:
    """The currency behind a number, None where the word means something else; and its own magnitude ("5 M€")."""
    if code := match["code"]:
        if code in _WEAK_SIGNS and not (magnitude or grouped):
            return None, 1.0
        if code in _JOINED:
            return _JOINED[code]
        if code[0] in "MmKk" and code[1:] in (*_SYMBOLS, *_UNITS):
            return currencies.of_prefix(code[1:]), LEXICON["joined_magnitudes"][code[0]]
        return currencies.of_prefix(code), 1.0
    unit = _UNITS[match["unit"].lower()]
    nothing = (
        (unit.weak and not magnitude and not match["nation"])
        or (unit.name == "pound" and match.string.startswith(" of", match.end()))  # a weight
        or (
            unit.name == "dollar" and re.fullmatch(r"(?:19[5-9]|20[1-4])\d", match["digits"] or "")
        )  # "in 2017 dollars"
        or (match["words"] in ("a", "A") and match["suffix"].startswith("-"))  # "a million-dollar idea"
    )
    return (None if nothing else currencies.of(unit, match["nation"])), 1.0
