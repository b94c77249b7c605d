"""Dates of financings: "today", "last month", "in March 2019", resolved against the date of publication.

One regular expression finds expressions of time in the raw text; those in a sentence that speaks of a financing are
resolved, no finer than the words allow: a week is its month, "early last year" the year. Days in writing order and
"two years ago" are read by dateparser; it is imported when the first such expression turns up.

A weekday is the latest at or before publication, with one exception: on the day after publication it is that day, since
a publication date is often a day behind where the news happened, and nobody writes "on Friday" of six days ago.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, ResolvedDate

_LEXICON = tomllib.loads(files("dealspan.components.lexicons").joinpath("dates.toml").read_text(encoding="utf-8"))
MONTHS: dict[str, int] = _LEXICON["months"]
WEEKDAYS: list[str] = _LEXICON["weekdays"]
SEASONS: dict[str, int] = _LEXICON["seasons"]
FINANCING, COMING, FOUNDING = (re.compile(_LEXICON["patterns"][name]) for name in ("financing", "coming", "founding"))
ORDINALS = ("first", "second", "third", "fourth")
YEARS = range(1900, 2100)
"""The years that an expression can name; a publication date of another ("0001-01-01", "9999-12-31") is none."""
CONTEXT = 80
"""Characters before an expression in which its tense is looked for."""

_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?![a-z])(?:(?<!May)\.(?=\s[\da-z]))?"
# Digits of other scripts would make no ISO date.
_YEAR = r"(?:19|20)[0-9][0-9](?![\d-]|,\d|\.\d|%)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d%])"
_PART = r"(?:(?:[Ee]arlier|[Ll]ater|[Ee]arly|[Ll]ate|[Mm]id)[ -])"
_NUMBER = (
    r"(?:\d{1,3}|[Aa]n?|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Ee]leven"
    r"|[Tt]welve)"
)
EXPRESSION = re.compile(
    rf"""(?<![\w$€£₹.,-])(?:
    (?P<iso>(?:19|20)[0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?!\d))
    |(?P<day>(?P<day_month>{_MONTH})\s{_DAY}(?:,?\s(?P<year_after>{_YEAR}))?
        |{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s(?P<year_behind>{_YEAR}))?)
    |{_PART}?(?P<month>{_MONTH})(?:,?\s(?:of\s)?(?:(?P<month_year>{_YEAR})|(?P<month_rel>(?:last|this|next)\syear)))?
    |(?P<today>(?:[Ee]arlier\s)?[Tt]oday|[Tt]onight|[Tt]his\s(?:morning|afternoon|evening))
    |(?P<yesterday>[Yy]esterday)|(?P<tomorrow>[Tt]omorrow)
    |(?P<week_rel>(?:[Ll]ast|[Nn]ext|[Tt]his)\s)?(?P<weekday>{"|".join(WEEKDAYS)})(?!s)
    |(?P<quarter>(?:Q[1-4]|H[12]|[1-4]Q|[12]H)|(?:[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth)\s(?:quarter|half)
        |(?:[Ll]ast|[Ff]inal)\s(?:quarter|half)(?=\s(?:of\s)?(?:last|this|\d)))
        (?:\s?(?:of\s|in\s)?(?:(?P<quarter_year>{_YEAR})|(?P<quarter_rel>(?:last|this|next)\syear)))?
    |{_PART}?(?P<which>[Tt]his|[Ll]ast|[Nn]ext)\s(?P<unit>week|month|quarter|year|{"|".join(SEASONS)})(?!-)
    |(?P<about>(?:over|more\sthan|nearly|almost|(?:just\s)?(?:under|shy\sof))\s)?(?P<ago>{_NUMBER}\s(?:and\sa\shalf\s)?(?P<ago_unit>day|week|month|year)s?(?:\sand\sa\shalf)?\sago)
    |{_PART}?(?:{"|".join(SEASONS)}|winter|end|beginning|start|middle)\s(?:of\s)?(?P<season_year>{_YEAR})
    |{_PART}(?P<part_year>{_YEAR})
    |(?P<year>{_YEAR})
    )(?![\w-])""",
    re.VERBOSE,
)
"""Every expression of time that may date a financing; a word with a digit in it or one of `OPENING` opens it."""
OPENING = frozenset(
    [
        *(name.lower() for name in (*MONTHS, *WEEKDAYS)),
        *SEASONS, *ORDINALS, *_LEXICON["openings"],
    ]
)  # fmt: skip
LEAD = re.compile(
    r"(?i:\b(?:in|during|of|since|by|until|throughout|before|after|around|through|from|last|this|next|past|the|a)\s)\Z"
)
NEXT = re.compile(r"(?i:\bnext\s)\Z")
"""What makes four digits a year and "May" or "March" a month."""
YEAR_OF = re.compile(r"\s(?:[Ss]eries|seed|round|funding|fundrais|financing|raise|IPO|investment|angel|initial)")
SPAN = re.compile(r"(?i:\b(?:the|past|over|every|each)\s)\Z")
"""Before "last year": a stretch of time, not a date."""


NAME = re.compile(r"\s[A-Z]")
"""After a month or weekday: either may be part of a name."""
ON = re.compile(r"(?i:\b(?:on|late|early|as of)\s)\Z")
AHEAD = re.compile(r"(?i:later|next|tomorrow)\b")
REACH = 600
"""Characters on either side of a date that count as its sentence, whatever its length."""
AMBIGUOUS = frozenset(["May", "March"]) | {name for name in MONTHS if len(name) < 5 and name not in ("June", "July")}
"""Months that need a word before them to be one."""


@lru_cache(maxsize=4096)
def _parse(expression: str, base: date, prefer: str) -> date | None:
    """Read an expression with dateparser, relative to a day; it is costly to import, hence so late."""
    from dateparser.date import DateDataParser  # type: ignore[import-untyped]

    settings = {"RELATIVE_BASE": datetime(base.year, base.month, base.day), "PREFER_DATES_FROM": prefer}
    parsed: datetime | None = DateDataParser(languages=["en"], settings=settings).get_date_data(expression).date_obj
    return parsed.date() if parsed else None


def _month(day: date) -> str:
    return day.isoformat()[:7]


def _relative(which: str, unit: str, day: date) -> str | None:
    """`last month`, `this week`, `next summer`: the month of weeks and months, the year of all else."""
    step = {"last": -1, "this": 0, "next": 1}[which.lower()]
    if unit == "week":
        return _month(day + timedelta(weeks=step))
    if unit == "month":
        years, month = divmod(day.month - 1 + step, 12)
        return f"{day.year + years}-{month + 1:02}"
    if unit == "quarter":
        return str((day + timedelta(days=91 * step)).year)
    if unit in SEASONS:
        over = day.month >= SEASONS[unit] + 3
        begun = day.month >= SEASONS[unit]
        return str(day.year + {"last": 0 if over else -1, "this": 0, "next": 1 if begun else 0}[which.lower()])
    return str(day.year + step)


def _months_year(month: int, day: date, coming: bool) -> int:
    """Date a month named alone: the latest at or before a day, or, if still to come, the next."""
    if coming:
        return day.year + (month < day.month)
    return day.year - (month > day.month)


def _absolute(match: re.Match[str]) -> str | None:
    """Read an expression that names its year."""
    if match["iso"] or match["year_after"] or match["year_behind"]:
        day = _parse(match[0], date(2000, 1, 1), "past")  # any base: the expression is complete
        return day.isoformat() if day else None
    if match["month_year"]:
        return f"{match['month_year']}-{MONTHS[match['month'].rstrip('.')]:02}"
    return match["quarter_year"] or match["season_year"] or match["part_year"] or match["year"]


def _weekday(match: re.Match[str], published: date, coming: bool) -> str:
    back = (published.weekday() - WEEKDAYS.index(match["weekday"])) % 7
    which = (match["week_rel"] or "").strip().lower()
    if which == "next" or coming:
        return (published + timedelta(days=7 - back)).isoformat()
    if which == "last":
        return (published - timedelta(days=back or 7)).isoformat()
    return (published + timedelta(days=1) if back == 6 else published - timedelta(days=back)).isoformat()


def _resolve(match: re.Match[str], published: date, coming: bool) -> str | None:
    """Read an expression that needs the day of publication."""
    if match["today"]:
        return published.isoformat()
    if match["yesterday"] or match["tomorrow"]:
        return (published + timedelta(days=1 if match["tomorrow"] else -1)).isoformat()
    if match["weekday"]:
        return _weekday(match, published, coming)
    if match["day"]:
        day = _parse(match["day"], published, "future" if coming else "past")
        return day.isoformat() if day else None
    if match["month"]:
        month = MONTHS[match["month"].rstrip(".")]
        if match["month_rel"]:
            return f"{_relative(match['month_rel'].split()[0], 'year', published)}-{month:02}"
        return f"{_months_year(month, published, coming)}-{month:02}"
    if match["which"]:
        return _relative(match["which"], match["unit"], published)
    if match["ago"]:
        return _ago(match, published)
    return _quarter(match, published, coming) if match["quarter"] else None


def _ago(match: re.Match[str], published: date) -> str | None:
    """`three days ago` is a day, weeks and months are a month, a year or more is a year."""
    half = " and a half"
    day = _parse(match["ago"].replace(half, ""), published, "past")
    if not day:
        return None
    unit = match["ago_unit"]
    days = {"day": 0, "week": 2, "month": 10, "year": 60}[unit]
    if match["about"]:
        day += timedelta(days=-days if match["about"].startswith(("over", "more")) else days)
    if half in match["ago"]:
        day -= timedelta(days=183)
    if unit == "year" or (published - day).days >= 365:
        return f"{day.year:04}"
    return day.isoformat() if unit == "day" else _month(day)


def _quarter(match: re.Match[str], published: date, coming: bool) -> str | None:
    """Date a quarter or half by its year: the latest begun at or before publication, unless still to come."""
    if match["quarter_rel"]:
        return _relative(match["quarter_rel"].split()[0], "year", published)
    words = match["quarter"].lower()
    months = 6 if "half" in words or "h" in (words[0], words[-1]) else 3
    number = next((int(c) for c in words if c.isdigit()), None)
    if number is None:
        ordinal = words.split()[0]
        number = 1 + ORDINALS.index(ordinal) if ordinal in ORDINALS else 12 // months  # "the last", "the final"
    return str(_months_year(1 + (number - 1) * months, published, coming))


def _plausible(text: str, match: re.Match[str]) -> bool:
    """Whether a year or month is one where it stands, and "last year" no stretch of time."""
    if match["year"]:
        return bool(LEAD.search(text, max(0, match.start() - 12), match.start()) or YEAR_OF.match(text, match.end()))
    if (
        match["month"]
        and match["month"] == match[0]
        and (match["month"].rstrip(".") in AMBIGUOUS or NAME.match(text, match.end()))
    ):
        return bool(LEAD.search(text, max(0, match.start() - 12), match.start()))
    if match["weekday"] and not match["week_rel"] and NAME.match(text, match.end()):
        return bool(ON.search(text, max(0, match.start() - 12), match.start()))
    if match["which"] in ("last", "next"):
        return not SPAN.search(text, max(0, match.start() - 12), match.start())
    return True


def places(text: str) -> list[int]:
    """Where an expression of time may begin."""
    words = annotations.places_of(annotations.lower_case(text))
    return sorted(at for word, starts in words.items() if word in OPENING or not word.isalpha() for at in starts)


def find_dates(
    text: str, *, published: date | None, sentences: Sequence[Found[Any]] = (), anchors: Sequence[int] = ()
) -> Iterator[Found[ResolvedDate]]:
    """Find the dates of a text in sentences that speak of a financing, in order.

    Parameters
    ----------
    text
        The raw text.
    published
        The day of publication; without it, or where it lies outside `YEARS`, only expressions that name their year
        are resolved.
    sentences
        The sentences of the text, in order; where there are none, a line stands for one.
    anchors
        Where amounts and round types start, in order: a sentence that holds one speaks of a financing.

    """
    if published and published.year not in YEARS:
        published = None
    starts = [sentence.start for sentence in sentences]
    for match in annotations.matches_at(EXPRESSION, text, places(text), 0, len(text)):
        start, end = match.span()
        if not _plausible(text, match):
            continue
        if sentences:
            sentence = sentences[max(0, bisect_right(starts, start) - 1)]
            first, last = sentence.start, sentence.end
        else:
            first = text.rfind("\n", max(0, start - REACH), start) + 1
            last = text.find("\n", end, end + REACH)
            last = last if last >= 0 else len(text)
        first, last = max(first, start - REACH), min(last, end + REACH)
        near = bisect_left(anchors, first)
        if not (near < len(anchors) and anchors[near] < last) and not FINANCING.search(text, first, last):
            continue
        window = max(first, start - CONTEXT)
        if FOUNDING.search(text, window, start):
            continue
        coming = AHEAD.match(match[0]) is not None or COMING.search(text, window, start) is not None
        value = _absolute(match) or (_resolve(match, published, coming) if published else None)
        if value:
            yield Found(
                start, end, "DATE", match.lastgroup or "", ResolvedDate(value, _future(value, published, coming))
            )


def _future(value: str, published: date | None, coming: bool) -> bool:
    """Whether a date is still to come; one day of grace, for a publication date that is a day behind."""
    if published is None:
        return False
    if len(value) == 10:
        return value > (published + timedelta(days=0 if coming else 1)).isoformat()
    day = published.isoformat()[: len(value)]
    return value > day or (coming and value == day)


class Dates:
    """Write the layer `dates`."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the dates of the financings of a Doc."""
        anchors = sorted(found.start for layer in ("money", "rounds") for found in annotations.read(doc, layer))
        found = find_dates(
            annotations.text_of(doc),
            published=annotations.published_of(doc),
            sentences=annotations.read(doc, "sentences"),
            anchors=anchors,
        )
        annotations.write(doc, "dates", found)
        return doc


@Language.factory("dealspan_dates", assigns=["doc._.dealspan_dates"])
def make_dates(nlp: Language, name: str) -> Dates:
    """Make the component that finds the dates of financings."""
    return Dates()
