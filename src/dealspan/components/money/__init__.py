"""Amounts of money: layer `money`, one Found per amount, labelled MONEY.

The numbers of a text with their currencies (`numbers`) become amounts: neighbours joined by "to" or a dash are ranges,
and the words before and behind an amount bound it ("at least", "or more"). All repeats are bounded, so that the time is
linear in the text.

price-parser reads one price out of a short string: it knows neither magnitudes nor ranges nor where in the text the
price stands, and its table of signs gives no ISO codes; so it is not used here.
"""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from dealspan.annotations import Found, Money, text_of, write
from dealspan.components.money.numbers import BLANK, LEXICON, Number, find_numbers
from dealspan.records import Amount

_JOINT = re.compile(rf"{BLANK}?[-–‑]{BLANK}?|—|\sto\s|(?P<between>\sand\s)")
_GROWTH = re.compile(rf"(?i)\b(?:{'|'.join(LEXICON['change'])})\b")
_MODIFIERS = {phrase: kind for kind, phrases in LEXICON["modifiers"].items() for phrase in phrases}
_LONGEST = max(len(phrase.split()) for phrase in _MODIFIERS)
_WINDOW = 44  # characters; longer than any modifier with the blanks around it
_WORD = re.compile(r"[^\W\d_]+\.?|[~≈±<>≥≤]=?|\d\S*|\S")
# "bringing the total up to $5 million" says where it arrived, not a bound.
_BROUGHT = re.compile(r"(?i)\b(?:bring|brought|tak|took|push|lift)\w*\b[^.;\n]*$")
_BEHIND = re.compile("|".join(f"(?P<{kind}>{'|'.join(forms)})" for kind, forms in LEXICON["modifiers_behind"].items()))


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
    numbers = list(find_numbers(text))
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
