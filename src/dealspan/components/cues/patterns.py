"""Cues by patterns: phrases with which a text does not vouch for a financing as a done fact, and what they bear on.

The vocabulary is cue, cancellation and pseudo-cue, as in the ConText and NegEx line of work: a pseudo-cue ("could be
used", "plans to use the funds") is read first and hides the cue inside it. A cue counts only where a financing
stands in its reach: a hedge on something else hedges no deal.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from typing import NamedTuple

from dealspan import annotations
from dealspan.annotations import Cue, Found
from dealspan.records import HedgeKind

_DATA = files("dealspan.components.lexicons")
_CLAUSE_END = re.compile(
    r"[;\n]|(?<=\w): (?=[A-Z“\"])|(?<![A-Z])\.\s|,? (?:but|while|whereas|although|though|because|after|before|when)\b|"
    r", (?:which|who|whose|and (?:has|is|was|had|will|it|the)|having|marking|bringing)\b| -- | — | – "
)
_RELATIVE = re.compile(r", (?:which|who|whose)\b")
_CLAUSE_OR_COMMA = re.compile(rf"{_CLAUSE_END.pattern}|,(?=\s)")  # a comma ends a clause that a comma began
_DONE = re.compile(r"\b(?:raised|closed|secured|announced|led|completed|received|landed|invested|bagged|nabbed|got)\b")
# "Sky News first reported the decision" speaks of the claim before it.
_SUM = re.compile(r"[$€£₹¥₩₦]\s?\d")
_WORDS = re.compile(r"[a-z]+")
_REPORTED = re.compile(r"\b(?:first|earlier|previously|had) reported\b")
# What a denial denies, where it denies a financing: talk of it, or the financing itself.
_DENIED = re.compile(
    r"[^.;]{0,60}?\b(?:it|reports?|rumou?rs?|speculation|stor(?:y|ies)|articles?|claims?|talks|raising|raised?|"
    r"seeking|round|funding|fundrais\w+|investment|deal|plans?|news|said|wrote|sale|ipo|listing|list|money|capital)\b"
    r"|(?=\W*$)"
)
_ADJECTIVE = re.compile(r"(?i)planned|proposed|potential|reported|possible|rumou?red")
# A named source: a chain of capitalised words, looked up among the publications afterwards.
_CAPITALISED = r"(?:[Tt]he )?[A-Z][\w&’']*(?:[ .&-](?:of |de )?[A-Z0-9][\w&]*){0,4}"
_SOURCE = re.compile(_CAPITALISED)
_NEWS_HEADS = (
    "Times|Post|Journal|News|Herald|Tribune|Daily|Magazine|Gazette|Observer|Insider|Standard|Chronicle|Ledger|Weekly|Review|"
    "Courier|Mail|Globe|Telegraph|Independent|Guardian|Mirror|Bulletin|Dispatch|Register|Monitor|Sentinel|Inquirer|Examiner|"
    "Zeitung|Tageblatt|Presse|Economist|Newspaper|Diario|Jornal|Correo"
)
_NEWS_WORDS = frozenset(_NEWS_HEADS.lower().split("|"))
_NEWS_NAME = re.compile(rf"\b(?:{_NEWS_HEADS})$")
# How far from a forward-looking cue the financing may stand, in characters: about twenty words.
_REACH = 120
# The longest clause that is read, in characters; a crafted line without an end is not read whole for every cue.
_CONTEXT = 400

Find = Callable[[int, int], re.Match[str] | None]


class CueSet(NamedTuple):
    """The compiled vocabulary; `rules` maps a group of `plain` or `sourced` to its kind and its reach.

    `plain` reads the text in lower case, `sourced` (cues that name a publication) the text as it is. `words` and
    `financing_words` are the gate: every cue holds one of the first, every financing one of the second or a sum, and a
    sentence without is not searched (the patterns cost thirty times the look-up). `opening` are the words that a match
    of `plain` opens with, None where a phrase of the user's opens with a mark and every place is tried.
    """

    plain: re.Pattern[str]
    sourced: re.Pattern[str]
    rules: dict[str, tuple[HedgeKind | None, str]]
    financing: re.Pattern[str]
    words: frozenset[str]
    opening: frozenset[str] | None
    financing_words: frozenset[str]
    publications: frozenset[str]
    publication_words: frozenset[str]


def load_cues(publications: Sequence[str], extra: Sequence[tuple[HedgeKind, str]] = ()) -> CueSet:
    """Compile the lexicon; `publications` are the named sources, `extra` phrases of the user's own with their kind."""
    data = tomllib.loads((_DATA / "cues.toml").read_text(encoding="utf-8"))
    parts = {**data["parts"], "source": f"(?-i:{_CAPITALISED})"}
    alternatives: dict[bool, list[str]] = {True: [], False: []}
    rules: dict[str, tuple[HedgeKind | None, str]] = {}

    def add(name: str, kind: HedgeKind | None, reach: str, patterns: Sequence[str]) -> None:
        filled = "|".join(_fill(p, parts) for p in patterns)
        alternatives[reach == "source"].append(f"(?P<{name}>{filled})")
        rules[name] = (kind, reach)

    add("pseudo", None, "pseudo", data["pseudo"]["patterns"])
    for i, (kind, phrase) in enumerate(extra):
        add(f"user_{i}", kind, "clause", [re.escape(phrase.lower())])
    for cue in data["cue"]:
        add(cue["rule"], cue["kind"], cue["reach"], cue["patterns"])
    add("cancel", None, "cancel", data["cancel"]["patterns"])
    plain, sourced = (rf"(?<![\w’'.$-])(?:{'|'.join(alternatives[named])})(?![\w-])" for named in (False, True))
    bare = frozenset(p.removeprefix("The ") for p in publications)
    phrases = [phrase.lower() for _, phrase in extra]
    own = frozenset(word for phrase in phrases for word in re.findall(r"\w+", phrase))
    opening = frozenset(data["opening"]) | own if all(re.match(r"\w", phrase) for phrase in phrases) else None
    return CueSet(
        re.compile(plain),
        re.compile(f"(?i){sourced}"),
        rules,
        re.compile(r"(?<![\w-])" + parts["financing"]),
        frozenset(data["words"]) | own,
        opening,
        frozenset(data["financing_words"]),
        bare,
        frozenset(word for name in bare for word in _WORDS.findall(name.lower())[:1]) | _NEWS_WORDS,
    )


def _fill(pattern: str, parts: dict[str, str]) -> str:
    for name in ("people", "familiar", "source", "outlet"):
        pattern = pattern.replace("{" + name + "}", "(?:" + parts[name] + ")")
    return pattern.replace("[ ]", r"[ \u00a0]")


def find_cues(text: str, sentences: Sequence[tuple[int, int]], cues: CueSet) -> Iterator[Found[Cue]]:
    """Yield the hedges and cancellations that bear on a financing, in text order."""
    lower = annotations.lower_case(text)
    gate = annotations.openings(lower, cues.words)
    plain, sourced = partial(_next, cues.plain, lower, _places(lower, cues.opening)), partial(cues.sourced.search, text)
    for start, end in sentences:
        if bisect_left(gate, start) == bisect_left(gate, end):
            continue
        words = _WORDS.findall(lower, start, end)
        if cues.financing_words.isdisjoint(words) and not _SUM.search(text, start, end):
            continue
        if not (cues.financing.search(lower, start, end) or _REPORTED.search(lower, start, end)):
            continue
        found = _search(plain, text, lower, start, end, cues)
        if not cues.publication_words.isdisjoint(words):
            found = sorted([*found, *_search(sourced, text, lower, start, end, cues)])
        reached = start
        for cue in found:
            if cue.start >= reached:
                reached = cue.end
                yield cue


def _places(lower: str, opening: frozenset[str] | None) -> Sequence[int]:
    """Where a cue may begin: at a word of the lexicon, or at the apostrophe of "’s said to"."""
    if opening is None:
        return range(len(lower))
    places = annotations.openings(lower, opening)
    return [place - 1 if lower.startswith(("’s ", "'s "), place - 1) else place for place in places]


def _next(pattern: re.Pattern[str], text: str, places: Sequence[int], position: int, end: int) -> re.Match[str] | None:
    """The first match from a position on that begins at one of some places."""
    return next(annotations.matches_at(pattern, text, places, position, end), None)


def _search(find: Find, text: str, lower: str, start: int, end: int, cues: CueSet) -> list[Found[Cue]]:
    """The cues of one pattern in a sentence; `find` gives its next match between two places."""
    out = []
    position = start
    while match := find(position, end):
        found = _read(text, lower, match, start, end, cues)
        position = match.end()
        if found:
            out.append(found)
        elif match.lastgroup != "pseudo":
            # Another cue may begin inside what turned out to be none.
            position = match.start() + 1
    return out


def _read(text: str, lower: str, match: re.Match[str], start: int, end: int, cues: CueSet) -> Found[Cue] | None:
    """The cue of a match with its scope, or None where no financing is in its reach."""
    rule = str(match.lastgroup)
    kind, reach = cues.rules[rule]
    if reach == "pseudo":
        return None
    source = (-1, -1)
    if reach == "source":
        source = _source(text, match, cues.publications)
        if source == (-1, -1):
            return None
    if reach == "object" and not _DENIED.match(lower, match.end()):
        return None
    if reach in ("source", "sentence", "object"):
        if not (cues.financing.search(lower, start, end) or (reach == "source" and _REPORTED.search(match.group()))):
            return None
        return Found(match.start(), match.end(), "HEDGE", rule, Cue(kind, start, end, *source))
    clause_start, clause_end = clause_of(text, start, end, match.start(), match.end())
    after = cues.financing.search(lower, match.end(), min(clause_end, match.end() + _REACH))
    before = cues.financing.search(lower, clause_start, match.start())
    if not after and not (before and reach in ("clause", "cancel")):
        return None
    if reach == "cancel":
        # "abandon its IPO and take a bailout": what is called off ends at the conjunction.
        both = text.find(" and ", match.end(), clause_end) if after else -1
        scope = (match.start(), both if both >= 0 else clause_end) if after else (clause_start, match.end())
        return Found(match.start(), match.end(), "CANCEL", rule, Cue(kind, *scope))
    # An adjective ("planned") bears on what follows; a verb also on its subject, unless that is done already.
    forward = _ADJECTIVE.fullmatch(match.group()) or _DONE.search(text, clause_start, match.start())
    scope_start = match.start() if forward else clause_start
    return Found(match.start(), match.end(), "HEDGE", rule, Cue(kind, scope_start, clause_end))


def clause_of(text: str, start: int, end: int, cue_start: int, cue_end: int) -> tuple[int, int]:
    """Where the clause of a cue begins and ends, in a sentence from `start` to `end`."""
    relatives = [m.end() for m in _RELATIVE.finditer(text, max(start, cue_start - _CONTEXT), cue_start)]
    inside = bool(relatives) and "," not in text[relatives[-1] : cue_start]
    stop = (_CLAUSE_OR_COMMA if inside else _CLAUSE_END).search(text, cue_end, min(end, cue_end + _CONTEXT))
    clause_end = stop.start() if stop else min(end, cue_end + _CONTEXT)
    clause_start = max(start, cue_start - _CONTEXT)
    for boundary in _CLAUSE_END.finditer(text, clause_start, cue_start):
        clause_start = boundary.end()
    return clause_start, clause_end


def _source(text: str, match: re.Match[str], publications: frozenset[str]) -> tuple[int, int]:
    """Where a cue names its source: the longest run of capitalised words that is a publication."""
    for chain in _SOURCE.finditer(text, match.start(), match.end()):
        words = list(re.finditer(r"[^\s]+", chain.group()))
        for i in range(len(words)):
            for j in range(len(words), i, -1):
                name = chain.group()[words[i].start() : words[j - 1].end()]
                name = re.sub(r"[’']s?$", "", name)
                bare = name.removeprefix("The ").removeprefix("the ")
                if bare in publications or (_NEWS_NAME.search(bare) and " " in bare):
                    begin = chain.start() + words[i].start()
                    end = begin + len(name)
                    return (begin + len("the ") if name.startswith("the ") else begin), end
    return -1, -1
