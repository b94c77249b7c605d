"""Which names can be of one company, and which of many names are worth comparing.

The names of an archive are compared in blocks: those that share a word, and those beside each other in the sorted list
of names read forwards and backwards (sorted neighbourhood: Hernández and Stolfo, "The Merge/Purge Problem for Large
Databases", SIGMOD 1995). A word that many names share ("health") makes a block in which, too, only neighbours are
compared, so that the work grows with n log n.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, combinations
from typing import Literal

from rapidfuzz.distance import OSA

Likeness = Literal["same", "alias", "part", "end", "initials", "close", "slip"]
"""How two companies can be one, the surest first: one name; a name of one is an alias of the other; one is the first
words of the other, its last words, its initials; they differ by a letter, in a long name or in a short one."""

# What stands at the end of a name and says nothing about which organisation is meant.
_LEGAL = {
    "inc", "incorporated", "ltd", "limited", "llc", "llp", "lp", "plc", "corp", "corporation", "co", "company",
    "gmbh", "ag", "sa", "sas", "sarl", "bv", "nv", "pte", "pvt", "private", "oy", "oyj", "ab", "as", "asa", "aps",
    "spa", "srl", "sl", "kk", "kg", "se", "ug", "holding", "holdings", "group", "pty", "bhd", "sro", "doo"
}  # fmt: skip
_POSSESSIVE = re.compile(r"[’']s?\b")
_DIGIT = re.compile(r"\d")
_DOTTED = re.compile(r"\b((?:[^\W\d_]\.){2,})")
_PUNCTUATION = re.compile(r"[^\w+&]+")

# A block up to this size is compared in full; in a larger one, each name with this many neighbours in sorted order.
BLOCK, NEIGHBOURS = 40, 8
# Names of so many letters that differ by one are more likely one name misspelled than two; of shorter ones, as "Novena"
# and "Novera", more has to agree.
_SPELLED, _SHORTEST = 8, 5


@lru_cache(maxsize=200_000)
def clean(name: str) -> str:
    """Return a name without case, accents, punctuation, article and legal form, its words set apart by spaces."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    plain = _DOTTED.sub(lambda match: match[1].replace(".", "") + " ", plain)
    words = _PUNCTUATION.sub(" ", _POSSESSIVE.sub("", plain)).split()
    bare = words[1:] if len(words) > 1 and words[0] == "the" else words
    while len(bare) > 1 and bare[-1] in _LEGAL:
        bare = bare[:-1]
    return " ".join(bare)


def likeness(a: Sequence[str], b: Sequence[str]) -> Likeness | None:
    """Say how two companies can be one, given their clean names, the fullest first; None where they cannot."""
    if not a or not b:
        return None
    one, other = a[0], b[0]
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return "same"
    if one in b or other in a:
        return "alias"
    short, long = sorted((one, other), key=len)
    if len(short) > 2:
        if long.startswith(f"{short} "):
            return "part"
        if long.endswith(f" {short}"):
            return "end"
        if short == _initials(long):
            return "initials"
    return _misspelled(one, other)


def _initials(name: str) -> str | None:
    """The initials of a name of three words and more."""
    words = name.split()
    return "".join(word[0] for word in words) if len(words) > 2 else None


def _misspelled(a: str, b: str) -> Literal["close", "slip"] | None:
    """Say whether two names, or the first words of the longer, differ by a letter left out, added, changed or moved."""
    words = sorted((a.split(), b.split()), key=len)
    one, other = words[0], words[1][: len(words[0])]
    a, b = "".join(one), "".join(other)
    length = min(len(a), len(b))
    if length < _SHORTEST or OSA.distance(a, b, score_cutoff=1) > 1:
        return None
    if _DIGIT.search(a + b):  # "Fund 2" and "Fund 3" are no slip
        return None
    return "close" if length >= _SPELLED else "slip"


def alike(names: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], Likeness]:
    """Return the pairs of companies that can be one, the lesser name first, and how.

    `names` gives for each company, known by its fullest clean name, all its clean names, that one first.
    """
    blocks: dict[str, set[str]] = defaultdict(set)
    spelled: set[tuple[str, str]] = set()
    for company, aliases in names.items():
        for alias in aliases:
            joined = alias.replace(" ", "")
            for key in {joined, *alias.split(), _initials(alias) or joined}:
                blocks[key].add(company)
            spelled |= {(joined, company), (joined[::-1], company)}
    found: dict[tuple[str, str], Likeness] = {}
    for one, other in chain(_within(blocks.values()), _neighbours([company for _, company in sorted(spelled)])):
        pair = (one, other) if one < other else (other, one)
        if one != other and pair not in found and (how := likeness(names[one], names[other])):
            found[pair] = how
    return found


def _within(blocks: Iterable[set[str]]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        members = sorted(block)
        yield from combinations(members, 2) if len(members) <= BLOCK else _neighbours(members)


def _neighbours(members: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(members):
        for other in members[place + 1 : place + 1 + NEIGHBOURS]:
            yield one, other
