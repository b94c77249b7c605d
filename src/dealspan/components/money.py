"""Amounts of money: layer `money`, one Found per amount, labelled MONEY.

One regular expression over the raw text finds every number with the currency before or behind it; neighbours joined by
"to" or a dash become ranges; the words before and behind an amount bound it ("at least", "or more"). All repeats are
bounded, so that the time is linear in the text.

price-parser reads one price out of a short string: it knows neither magnitudes nor ranges nor where in the text the
price stands, and its table of signs gives no ISO codes; so it is not used here.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from dealspan.annotations import Found, Money, lower_case, matches_at, openings, text_of, words_of, write
from dealspan.records import Amount


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


_LEXICON: dict[str, Any] = tomllib.loads(
    files("dealspan.components.lexicons").joinpath("money.toml").read_text(encoding="utf-8")
)
_SYMBOLS: dict[str, str] = _LEXICON["symbols"]
_DOLLARS: dict[str, str] = _LEXICON["dollars"]
_LETTERS: dict[str, str] = _LEXICON["letters"]
_FACTORS: dict[str, float] = _LEXICON["magnitudes"] | _LEXICON["short_magnitudes"]
_NUMERALS: dict[str, int] = _LEXICON["numerals"]
_STRONG_CODES: list[str] = _LEXICON["codes"]["strong"].split()
_WEAK_CODES: list[str] = _LEXICON["codes"]["weak"].split()
_UNITS = {
    form: Unit(name, unit["code"], unit.get("weak", False), unit.get("by_text", False), unit["nations"])
    for name, unit in _LEXICON["units"].items()
    for form in unit["forms"]
}
_JOINED: dict[str, tuple[str, float]] = {
    letters + sign: (_SYMBOLS.get(sign, sign), factor)
    for letters, factor in _LEXICON["joined_magnitudes"].items()
    for sign in _LEXICON["codes"]["joined"].split()
}
_WEAK_SIGNS = {*_LEXICON["weak_abbreviations"], *_WEAK_CODES, *_LETTERS}
_CODES: dict[str, str] = (
    _SYMBOLS
    | _LEXICON["abbreviations"]
    | _LEXICON["weak_abbreviations"]
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


_BLANK = r"[^\S\n]"
_GAP = rf"(?:{_BLANK}{{1,2}}\n?|\n)"
_SIGNS = f"[$¥￥{''.join(_SYMBOLS)}]"
_WRITTEN = _any_of(
    [*_STRONG_CODES, *_WEAK_CODES, *_JOINED, *_LEXICON["abbreviations"], *_LEXICON["weak_abbreviations"], "kr"]
)
_PREFIX = (
    rf"\$(?:{_any_of(_DOLLARS)})(?={_BLANK}?\d)|{_SIGNS}|(?<![A-Za-z0-9])"
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
_SHORT = rf"(?i:{_any_of(_LEXICON['short_magnitudes'])})(?![A-Za-z0-9])"
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
    rf"|(?P<code>(?:{_WRITTEN}|[MmKk]?{_SIGNS}|(?:{_any_of(_DOLLARS)})\$))(?![A-Za-z]|\.?{_BLANK}?\d)"
)
_NUMBER = re.compile(
    rf"(?:(?<!\w)|(?=[$€£₹]))(?:(?P<prefix>{_PREFIX}){_BLANK}{{0,2}}(?=[\d.A-Za-z])|(?<![\w.,]))(?:(?P<digits>{_DIGITS})|(?P<words>{_WORDS}))"
    rf"(?:(?:{_GAP}|-)?(?P<large>{_LARGE}(?:[ -]{_LARGE}){{0,2}})|{_BLANK}?(?P<short>{_SHORT}))?"
    rf"(?P<suffix>(?(vague)(?: of| in)?)(?:{_BLANK}|-)?(?:{_SUFFIX}))?"
)
# Where a number may begin: at a sign, at a point before a digit, at a word that is not all letters, or at one of these.
_SIGN = re.compile(rf"{_SIGNS}|\.(?=\d)")
_OPENING = frozenset(
    re.findall(r"\w+", form)[0].lower()
    for form in (
        *_STRONG_CODES, *_WEAK_CODES, *_JOINED, *_LEXICON["abbreviations"], *_LEXICON["weak_abbreviations"], "kr",
        *_DOLLARS, *_LETTERS, *_NUMERALS, *_PLURALS, "several", "many", "a", "quarter", "half",
    )
)  # fmt: skip
# "$5 million Canadian", "$5 million (CAD)": an adjective with no noun behind it.
_DOLLARS_OF = {
    name: code for nation, code in _UNITS["$"].nations.items() for name in (nation.title(), nation.upper())
} | {code: code for code in _DOLLAR_CODES}
_OF = re.compile(
    rf"{_BLANK}(?:\((?P<noted>{_any_of(_DOLLARS_OF)})\)|(?P<nation>{_any_of(_DOLLARS_OF)})"
    rf"(?=$|[.,;:)\n]|{_BLANK}(?:in|for|from|to|at|and|by|of|over|on|or|into|with|worth)\b))"
)
# "(all figures in Canadian dollars unless otherwise stated)".
_ALL = frozenset(("all", "dollar", "unless", "expressed", "stated", "reported", "presented", "denominated"))
_ALL_DOLLARS = re.compile(
    rf"(?i)(?:{'|'.join(sorted(_ALL))})\b[^.\n]{{0,60}}?\bin "
    rf"(?:(?P<nation>{_any_of(_UNITS['$'].nations)}) (?:dollars|funds|currency)|(?P<code>{_any_of(_DOLLAR_CODES)}))\b"
)
_JOINT = re.compile(rf"{_BLANK}?[-–‑]{_BLANK}?|—|\sto\s|(?P<between>\sand\s)")
_GROWTH = re.compile(rf"(?i)\b(?:{'|'.join(_LEXICON['change'])})\b")
_MODIFIERS = {phrase: kind for kind, phrases in _LEXICON["modifiers"].items() for phrase in phrases}
_LONGEST = max(len(phrase.split()) for phrase in _MODIFIERS)
_WINDOW = 44  # characters; longer than any modifier with the blanks around it
_WORD = re.compile(r"[^\W\d_]+\.?|[~≈±<>≥≤]=?|\d\S*|\S")
# "bringing the total up to $5 million" says where it arrived, not a bound.
_BROUGHT = re.compile(r"(?i)\b(?:bring|brought|tak|took|push|lift)\w*\b[^.;\n]*$")
_BEHIND = re.compile("|".join(f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in _LEXICON["modifiers_behind"].items()))


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
    starts, words = words_of(lower_case(text))
    at_words = [s for s, w in zip(starts, words, strict=True) if w in _OPENING or not w.isalpha()]
    return sorted([*at_words, *(match.start() for match in _SIGN.finditer(text))])


def _numbers(text: str) -> Iterator[Number]:
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
        if code[0] in "MmKk" and code[1:] in _SYMBOLS:
            return _SYMBOLS[code[1:]], _LEXICON["joined_magnitudes"][code[0]]
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


def _joined(text: str, first: Number, second: Number) -> tuple[Number, float] | None:
    """The range two neighbouring numbers make: the first one widened, and the upper bound; or None."""
    if second.start - first.end > 7 or not (joint := _JOINT.fullmatch(text, first.end, second.start)):
        return None
    if "vague" in (first.kind, second.kind) or not (first.currency or second.currency):
        return None
    dash = joint[0].strip() not in ("to", "and")
    before = text[max(0, first.start - 60) : first.start]
    if joint["between"] and not re.search(r"(?i)\bbetween\s(?:[a-z]+\s){0,2}$", before):
        return None
    low, high = first, second
    if low.factor == 1 and low.value <= high.value:
        low = low._replace(factor=high.factor)
    if low.currency is None:  # "5 to 6 million euros", but not "in 2019 $5 million"
        if high.sign or (low.factor != high.factor and first.factor == 1):
            return None
    elif high.currency is None:  # "$5-6 million", but not "$5 million to 10 startups"
        if low.sign is None or text[high.end : high.end + 1] in ("%", "-"):
            return None
        if dash and high.factor == 1 and high.currency is None and text[high.end - 1].isdigit():
            high = high._replace(factor=low.factor)
        elif second.factor == 1 and not joint["between"]:
            return None
    elif low.currency != high.currency and "$" not in (low.sign, high.sign):
        return None
    if not dash and not joint["between"] and re.search(r"(?i)\bfrom\s$", before) and _GROWTH.search(before):
        return None
    if low.total >= high.total:
        return None
    currency = high.currency if low.sign == "$" and high.currency else low.currency or high.currency
    return low._replace(end=high.end, currency=currency, kind="range"), high.total


def _bounded(text: str, number: Number, high: float) -> Found[Money]:
    """An amount with the words around it that bound it."""
    assert number.currency is not None
    start, end, kinds = number.start, number.end, []
    if behind := _BEHIND.match(text, end):
        end = behind.end()
        kinds.append(behind.lastgroup)
    words = list(_WORD.finditer(text, max(0, start - _WINDOW), start))
    while words and words[-1][0] in "()":
        words.pop()
    for _ in range(2):  # "up to about"
        for size in range(min(_LONGEST, len(words)), 0, -1):
            phrase = " ".join(word[0].lower() for word in words[-size:])
            if kind := _MODIFIERS.get(phrase):
                break
        else:
            break
        if phrase != "up to" or not _BROUGHT.search(text, max(0, start - 80), start):
            kinds.append(kind)
            start = words[-size].start()
        del words[-size:]
    bound = next((kind for kind in kinds if kind != "approx"), None)
    vague = number.kind == "vague"
    amount = Amount(
        min=None if vague or bound == "max" else number.total,
        max=None if vague or bound == "min" else high,
        currency=number.currency,
        approx="approx" in kinds,
    )
    return Found(number.start, number.end, "MONEY", number.kind, Money(amount, start, end))


def find_money(text: str) -> Iterator[Found[Money]]:
    """Every amount of money of a text, in text order, without overlaps."""
    numbers = list(_numbers(text))
    i = 0
    while i < len(numbers):
        number = numbers[i]
        if i + 1 < len(numbers) and (pair := _joined(text, number, numbers[i + 1])):
            yield _bounded(text, *pair)
            i += 2
            continue
        if number.currency is None and i + 2 < len(numbers):
            number = _with_converted(text, number, numbers[i + 1], numbers[i + 2])
        if number.currency:
            yield _bounded(text, number, number.total)
        i += 1


def _with_converted(text: str, number: Number, conversion: Number, partner: Number) -> Number:
    """The currency of the partner for a number that leaves it out: "50 billion ($7 billion) to 55 billion yuan"."""
    opened, closed = text[number.end : conversion.start], text[conversion.end : partner.start]
    if (
        number.factor > 1
        and opened == " ("
        and closed in (") to ", ") and ")
        and conversion.currency
        and not partner.sign
    ):
        return number._replace(currency=partner.currency, kind="range")
    return number


def parse_amount(text: str) -> Amount | None:
    """The reading of the first amount of a text: `parse_amount("at least $5 million")`."""
    return next((found.value.amount for found in find_money(text)), None)


class MoneyFinder:
    """Writes the layer `money`."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the amounts of a Doc."""
        write(doc, "money", find_money(text_of(doc)))
        return doc


@Language.factory("dealspan_money", assigns=["doc._.dealspan_money"])
def make_money(nlp: Language, name: str) -> MoneyFinder:
    """The component that finds amounts of money."""
    return MoneyFinder()
