"""Which stretches of the raw text could be a name: capitalised words, cut where one name ends and another begins."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dealspan import annotations
from dealspan.components.names.lexicon import Lexicon, key, pattern

# A capital: any letter that is not lower case in ASCII or Latin-1 (Python's re has no \p{Lu}).
_SMALL = "a-zß-öø-ÿ"
_CAPITAL = rf"[^\W\d_{_SMALL}]"
# "-backed" and its kind are no part of the name before them.
_TAIL = (
    r"(?!s\b|(?:based|backed|owned|led|funded|supported|focused|headquartered|listed|style|born|founded|founder|built|run|like|era|wide|"
    r"old|only|first|native|powered|driven|related|enabled|sponsored|controlled|area|educated)\b)"
)
_WORD = (
    rf"(?:{_CAPITAL}\.(?: ?{_CAPITAL}\.){{0,2}}(?= {_CAPITAL}\w)"  # initials: "T. Rowe Price"
    rf"|(?:\d{{1,4}}|[a-z]{{1,2}}|[a-z]+\+)?{_CAPITAL}\w*"  # "Novena", "3Lakes", "iGrove"
    rf"(?:(?:[&+’'\-]|\.(?=[a-z\d])|(?<=\b[A-Z])\.){_TAIL}\w+){{0,5}}[+!]{{0,2}}"  # "Saint-Clair", "Face++"
    rf"|\d{{1,4}}(?:(?= {_CAPITAL}[a-z]+ (?:{_CAPITAL}[a-z]+ )?(?:Ventures|Capital|Partners|Fund)\b)"  # "44 North …"
    rf"|[a-z]{{2,12}}\d?(?= {_CAPITAL})))"  # "3one4 Capital"
)
_JOIN = (
    r"(?: & |\)?[ \u00a0](?:(?:de|du|des|da|do|dos|di|van|von|der|et|bin|al|of|for|and|of the)[ \u00a0])?"
    r"(?:\((?=[A-Z]\) ))?)"  # "QSR Brands (M) Holdings"
)
_CHAIN = re.compile(rf"(?<![\w@./’'])(?:{_WORD})(?:{_JOIN}(?:{_WORD})){{0,8}}")
_SMALL_LETTERS = frozenset(re.findall(f"[{_SMALL}]", "".join(map(chr, range(256)))))
_PART = re.compile(rf"(?:{_WORD})\)?")
# Names without a capital, found from what follows them (a search for a rare literal costs next to nothing).
_DOMAIN_END = re.compile(
    r"\.(?:com|io|ai|co|org|net|app|in|id|de|fr|ly|me|tech|xyz|so|eu|health|bio|dev)(?:\.\w\w)?\b(?![/@])"
)
_DOMAIN_START = re.compile(r"(?<![\w@./-])[a-z][\w-]{1,20}$")
# A name in lower case is only taken where the text says that it raises money; then everywhere it occurs.
_RAISES = re.compile(
    r" (?:rais(?:es|ed|ing)|nabs|lands|secures|secured|bags|snags|closes|closed|grabs|nets|scores|announces)\b"
)
_LOWER_START = pattern("lower_start")
_GOVERNMENT_START = re.compile(r"(?:[A-Z][\w.]+ ){1,2}$")
_LEGAL = pattern("legal")
_ABBREVIATED = re.compile(r"[ .](?:Inc|Ltd|Corp|Co|Cos|Bhd|S\.A|N\.V|L\.P|K\.K|Pte|LLC)$")
_QUOTES = ("“", '"', "‘", "(", "\n", "")
_APOSTROPHE = re.compile("[’']")
_INITIALS = re.compile(r"(?:[A-Z]\.)+")
_TITLE = pattern("title")
_UNIT = re.compile(r"\d+[A-Z]{1,2}")  # 5G, 3D, 4K
# "Bank of …", "Ministry for …": the heads after which "of" and "for" hold one name together.
_HEADS = frozenset(
    (
        "Bank", "Fund", "University", "Ministry", "Department", "Institute", "Government", "Board", "House",
        "College", "School", "Office", "State", "Republic", "Kingdom", "City", "Museum", "Chamber",
        "Bureau", "Secretary", "Royal", "Funds", "Gulf", "Bay", "Centre", "Center", "Council", "Sons",
    )
)  # fmt: skip
_CONDITIONAL = {"of", "for", "and", "of the"}


class Candidate(NamedTuple):
    """A stretch that could be a name; `opening` where a sentence starts with it, `title` a job title after it."""

    start: int
    end: int
    text: str
    opening: bool
    titled: bool
    person: bool


@annotations.kept
def title_case_lines(text: str) -> Sequence[tuple[int, int]]:
    """Lines (headlines mostly) that capitalise every longer word, so that capitals say little there."""
    lines = []
    for line in re.finditer(r"[^\n]+", text):
        if line.end() - line.start() > 250 or line.group().rstrip()[-1:] in ".!?":
            continue
        words = re.findall(r"[^\W\d_]{4,}", line.group())
        if len(words) >= 3 and sum(word[0].isupper() for word in words) >= 0.8 * len(words):
            lines.append((line.start(), line.end()))
    return lines


def find_candidates(
    text: str, lexicon: Lexicon, openings: frozenset[int], blocked: Iterable[tuple[int, int]]
) -> Iterator[Candidate]:
    """Yield what could be a name, in text order.

    `openings` are the offsets at which sentences start; `blocked` are stretches that are something else already (money,
    round types).
    """
    occupied = bytearray(len(text))
    for start, end in blocked:
        occupied[start:end] = b"\x01" * (end - start)
    titled_lines = title_case_lines(text)
    line = 0
    for chain in annotations.matches_at(_CHAIN, text, _places(text), 0, len(text)):
        single = " " not in chain.group()
        if single and chain.group().casefold() in lexicon.openers:
            continue
        while line < len(titled_lines) and titled_lines[line][1] <= chain.start():
            line += 1
        in_title = line < len(titled_lines) and titled_lines[line][0] <= chain.start()
        if not single:
            yield from _cut(text, chain.start(), chain.end(), lexicon, openings, occupied, in_title)
        elif _stands_alone(text, chain, lexicon, occupied, in_title):
            yield from _emit(text, [chain], lexicon, openings, False, False, in_title)
    for start, end in _uncapitalised(text, lexicon):
        yield Candidate(start, end, text[start:end], False, False, False)


def _places(text: str) -> list[int]:
    """Where a chain may begin: at a word that is not written in small letters alone, or has a "+" behind it."""
    starts, words = annotations.words_of(annotations.lower_case(text))
    return [
        at
        for at, word in zip(starts, words, strict=True)
        if text[at] not in _SMALL_LETTERS
        or not word.isascii()
        or text[at : at + len(word)] != word
        or text[at + len(word) : at + len(word) + 1] == "+"
    ]


def _stands_alone(text: str, chain: re.Match[str], lexicon: Lexicon, occupied: bytearray, in_title: bool) -> bool:
    """Whether one capitalised word could be a name: the short way of `_cut`, which most chains take."""
    word = chain.group()
    if occupied.find(1, chain.start(), chain.end()) >= 0 or word in lexicon.months or _TITLE.match(text, chain.start()):
        return False
    return not in_title or word.casefold() not in lexicon.words or key(word) in lexicon.known


def _uncapitalised(text: str, lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    """Names that no capital gives away: domains, lower-case brands, and governments ("the Kenyan government")."""
    for end in _DOMAIN_END.finditer(text):
        if start := _DOMAIN_START.search(text, max(0, end.start() - 24), end.start()):
            yield start.start(), end.end()
    lower = set()
    for verb in _RAISES.finditer(text):
        name = _LOWER_START.search(text, max(0, verb.start() - 60), verb.start())
        if name and name.group(1) not in lexicon.words:
            lower.add(name.group(1))
    for word in sorted(lower):
        for match in re.finditer(rf"(?<![\w.’'@/-]){re.escape(word)}(?![\w@/-])", text):
            yield match.span()
    at = text.find(" government")
    while at >= 0:
        if start := _GOVERNMENT_START.search(text, max(0, at - 40), at + 1):
            yield start.start(), at + len(" government")
        at = text.find(" government", at + 1)


def _cut(
    text: str, start: int, end: int, lexicon: Lexicon, openings: frozenset[int], occupied: bytearray, in_title: bool
) -> Iterator[Candidate]:
    """Cut a chain of capitalised words into candidates."""
    parts = list(_PART.finditer(text, start, end))
    group: list[re.Match[str]] = []
    person = False
    last = start
    for part in parts:
        word = part.group()
        glue = text[last : part.start()].strip(" \u00a0(")
        last = part.end()
        if glue in _CONDITIONAL and not group:
            person = False
        closed = occupied.find(1, part.start(), part.end()) >= 0
        title = _TITLE.match(text, part.start()) is not None
        known = not closed and group and _known(text, group[0].start(), part.end(), lexicon)
        breaks = closed or (title and not known) or (word in lexicon.months and (not group or part is parts[-1]))
        if group and _INITIALS.fullmatch(group[-1].group()) and word.casefold() in lexicon.openers:
            yield from _emit(text, group, lexicon, openings, False, person, in_title)
            group, person = [], False
        if in_title and not known and word.casefold() in lexicon.words and not _known(text, part.start(), end, lexicon):
            breaks = True
        if (
            group
            and glue in _CONDITIONAL
            and not known
            and not any(_known(text, g.start(), end, lexicon) for g in group)
            and (glue == "and" or group[-1].group() not in _HEADS)
        ):
            yield from _emit(text, group, lexicon, openings, False, person, in_title)
            group, person = [], False
        if breaks:
            if group:
                yield from _emit(text, group, lexicon, openings, title, person, in_title)
            group, person = [], title
            continue
        group.append(part)
    if group:
        yield from _emit(text, group, lexicon, openings, False, person, in_title)


def _known(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    return key(text[start:end]) in lexicon.known


def _emit(
    text: str,
    group: list[re.Match[str]],
    lexicon: Lexicon,
    openings: frozenset[int],
    titled: bool,
    person: bool,
    in_title: bool,
) -> Iterator[Candidate]:
    """Trim what stands in front of a name ("Existing investors", "Chinese"), take its legal form in, and yield it."""
    while group and not _known(text, group[0].start(), group[-1].end(), lexicon):
        first = group[0].group()
        known = lexicon.known.get(first.casefold())
        # "Norwegian Fjordkraft" is Fjordkraft where the text says so elsewhere; "Italian Founders Fund" stays whole.
        nationality = (
            len(group) > 1
            and known is not None
            and known[0] == "other"
            and first[-1] in "nehi"
            and text.count(text[group[1].start() : group[-1].end()])
            > text.count(text[group[0].start() : group[-1].end()])
        )
        # In the middle of a sentence a capitalised opener is part of the name: "Third Mainland Ventures".
        opens = in_title or group[0].start() in openings or text[group[0].start() - 1 : group[0].start()] in _QUOTES
        function_word = _APOSTROPHE.split(first, maxsplit=1)[0].casefold() in lexicon.openers
        opener = function_word and (opens or len(group) == 1 or first in ("A", "An", "The"))
        if not (opener or (nationality and group[0].start() in openings)):
            break
        group = group[1:]
    if not group:
        return
    start, end = group[0].start(), group[-1].end()
    if text[end - 1] == ")" and "(" not in text[start:end]:
        end -= 1
    legal = _LEGAL.match(text, end)
    if legal:
        end = legal.end()
    elif text[end : end + 2] in ("'s", "’s") and key(text[start : end + 2]) in lexicon.known:
        end += 2
    elif text[end : end + 1] == "." and _ABBREVIATED.search(text, start, end):
        end += 1
    name = text[start:end]
    if len(name) < 2 or not any(c.isalpha() for c in name) or _UNIT.fullmatch(name):
        return
    yield Candidate(start, end, name, group[0].start() in openings, titled, person)
