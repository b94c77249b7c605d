"""What speaks for and against each candidate: its shape, the lists of facts, and the words around it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dealspan import annotations
from dealspan.components.names.candidates import Candidate
from dealspan.components.names.lexicon import SHAPES, Kind, Lexicon, key, pattern

# Between a cue and the name: description in lower case, nationalities, quotation marks ("led by the French bank …").
_DESCRIPTION = pattern("description")
_LIST_GLUE = pattern("list_glue")
_DOMAIN_SHAPE = re.compile(r"\w\.(?:com|io|ai|co|org|net|app|in|id|de|fr|ly|me|tech|xyz|so|eu|health|bio|dev)$")
_CAMEL = re.compile(r"[a-z][A-Z][a-z]|[a-z]\d+$|^[a-z]{1,2}[A-Z]")
_TITLED = pattern("titled")
_ITEM = re.compile(r"(?:^|\n)(?:[-*•–] ?|\d+[.)] )?$")
_ITEM_ROUND = pattern("item_round")
# What a list says is worth: a place stays a place however often companies are named beside it.
_LIST_WEIGHTS = {"ambiguous_company": 2, "place": 9, "institution": 6}
# What every pattern after a name begins with; a full stop or a quotation mark ends the matter.
_GOES_ON = frozenset(" ,(’'-—–")
_ACRONYM = re.compile(r"[A-Z]{2,5}s")
_PARENTHESIS = re.compile(r" \((?:formerly |formerly known as |previously |previously known as |now |the )?[“\"']?$")
_PERSON_RIGHT = pattern("person_right")


_AFTER_PLURAL = frozenset(("like", "such"))
_OWN_RIGHT = frozenset(("known_investor", "user_investor", "investor_shape"))
_SPREADING = frozenset(
    (
        "led_by",
        "participation_from",
        "backed_by",
        "investors_include",
        "raised_from",
        "investor_noun",
        "like_others",
        "company_noun",
        "investment_into",
    )
)


class Evidence(NamedTuple):
    """One observation: the rule that made it, what it says, and how much it counts."""

    rule: str
    kind: Kind
    weight: int


def evidence_of(
    text: str, candidates: Sequence[Candidate], lexicon: Lexicon, openings: Sequence[int] = ()
) -> list[list[Evidence]]:
    """The observations about each candidate, in the order of `candidates`."""
    found: list[list[Evidence]] = [[] for _ in candidates]
    starts = [c.start for c in candidates]
    for i, candidate in enumerate(candidates):
        found[i].extend(_about_itself(candidate, lexicon))
        if not any(e.weight == _LIST_WEIGHTS["place"] for e in found[i]):
            found[i].extend(_after(text, candidate, lexicon))
    for cue in _cues_before(text, candidates, found, openings, lexicon):
        i = bisect_left(starts, cue.end())
        if i == len(starts) or starts[i] - cue.end() > 90:
            continue
        between = text[cue.end() : starts[i]]
        if "\n" in between:
            continue
        if not between.strip() or _DESCRIPTION.match(between):
            rule = str(cue.lastgroup)
            found[i].append(Evidence(rule, *lexicon.before_rules[rule]))
    _spread_over_lists(text, candidates, found)
    return found


def _cues_before(
    text: str,
    candidates: Sequence[Candidate],
    found: Sequence[Sequence[Evidence]],
    openings: Sequence[int],
    lexicon: Lexicon,
) -> Iterator[re.Match[str]]:
    """The cues that stand before a name: of each sentence only the stretch up to its last name that is no place."""
    last: dict[int, int] = {}
    for candidate, evidence in zip(candidates, found, strict=True):
        if not any(e.weight == _LIST_WEIGHTS["place"] for e in evidence):
            sentence = bisect_right(openings, candidate.start) - 1
            last[openings[sentence] if sentence >= 0 else 0] = candidate.start
    places = _cue_places(text, lexicon.before_opening)
    for start, end in last.items():
        yield from annotations.matches_at(lexicon.before, text, places, start, end)


def _cue_places(text: str, opening: frozenset[str]) -> list[int]:
    """Where a cue may begin: at a word of the lexicon, or at a plural before "like" or "such as"."""
    lower = annotations.lower_case(text)
    starts, words = annotations.words_of(lower)
    places = set(annotations.openings(lower, opening))
    for place in annotations.openings(lower, _AFTER_PLURAL):
        i = bisect_left(starts, place)
        if i > 0 and words[i - 1][-1] == "s":
            places.add(starts[i - 1])
    return sorted(places)


@lru_cache(maxsize=20_000)
def _shape(name: str) -> tuple[Evidence, ...]:
    """What the form of a name says: legal forms, trades, "… Ventures", "… University"."""
    out: list[Evidence] = []
    bare = name.rstrip(".")
    if " " in name:
        if SHAPES["legal"].search(bare):
            out.append(Evidence("legal_form", "company", 3))
        if SHAPES["investor"].search(bare):
            out.append(Evidence("investor_shape", "investor", 3))
        elif SHAPES["trade"].search(bare) or " & " in name:
            out.append(Evidence("trade_shape", "company", 2))
        elif SHAPES["company"].search(bare):
            out.append(Evidence("company_shape", "company", 1))
    elif _DOMAIN_SHAPE.search(name):
        out.append(Evidence("domain_shape", "company", 2))
    elif _CAMEL.search(name):
        out.append(Evidence("camel_case", "company", 1))
    if SHAPES["other"].search(bare):
        out.append(Evidence("other_shape", "other", 4))
    return tuple(out)


def _about_itself(candidate: Candidate, lexicon: Lexicon) -> list[Evidence]:
    name = candidate.text
    out: list[Evidence] = []
    known = lexicon.known.get(key(name))
    if known:
        kind, rule = known
        weight = _LIST_WEIGHTS.get(rule, 3)
        out.append(Evidence(rule, kind, weight - 1 if rule == "ambiguous_company" and candidate.opening else weight))
    elif _ACRONYM.fullmatch(name):
        out.append(Evidence("plural_acronym", "other", 2))
    for evidence in _shape(name):
        if evidence.kind != "other" or not known or known[0] == "other":
            out.append(evidence)
    words = name.split()
    if candidate.person or (
        2 <= len(words) <= 4
        and words[0].casefold().replace(".", "") in lexicon.given_names
        and len(out) == 0
        and "&" not in name
    ):
        out.append(Evidence("person", "other", 3))
    elif candidate.titled:
        out.append(Evidence("officer", "company", 2))
    if len(words) == 1 and not known and candidate.opening and name.casefold() in lexicon.words:
        out.append(Evidence("ordinary_word", "other", 2))
    return out


def _after(text: str, candidate: Candidate, lexicon: Lexicon) -> list[Evidence]:
    out: list[Evidence] = []
    end = candidate.end
    if text[end : end + 1] in _GOES_ON:
        found = lexicon.after.match(text, end)
        if found and found.lastindex:
            rules = zip(lexicon.after_rules, found.groups(), strict=True)
            out += [Evidence(*rule) for rule, group in rules if group is not None]
    words = candidate.text.split()
    of_firm = (
        len(words) == 2
        and text[candidate.start - 3 : candidate.start] in ("’s ", "'s ")
        and words[0].casefold() in lexicon.given_names
    )
    # A title in lower case right before the name; the letter is looked at first, a search costs more.
    described = text[candidate.start - 2 : candidate.start - 1].islower()
    if of_firm or (described and _TITLED.search(text, max(0, candidate.start - 40), candidate.start)):
        out.append(Evidence("person_titled", "other", 6))
    opens_line = candidate.start < 4 or "\n" in text[candidate.start - 4 : candidate.start]
    if opens_line and _ITEM.search(text, max(0, candidate.start - 4), candidate.start) and _ITEM_ROUND.match(text, end):
        out.append(Evidence("digest_item", "company", 3))
    if _PERSON_RIGHT.match(text, end) and len(candidate.text.split()) in (2, 3) and not out:
        out.append(Evidence("person_after", "other", 2))
    return out


def _spread_over_lists(text: str, candidates: Sequence[Candidate], found: list[list[Evidence]]) -> None:
    """Members of one list are of one kind: hand what a cue says of the first on to the others.

    A name that nothing is known of between two names that are investors by their own right is an investor too.
    """
    linked: dict[int, int] = {}
    for i, current in enumerate(candidates):
        for j in range(i - 1, max(i - 4, -1), -1):
            previous = candidates[j]
            gap = current.start - previous.end
            if gap > 110:
                break
            between = text[previous.end : current.start]
            if "\n" in between:
                break
            if gap <= 0 or not (_LIST_GLUE.match(between) or _PARENTHESIS.match(between)):
                continue
            linked[i] = j
            for evidence in found[j]:
                if evidence.rule in _SPREADING and not any(e.rule == evidence.rule for e in found[i]):
                    found[i].append(
                        evidence._replace(weight=min(evidence.weight, 2 if evidence.kind == "company" else 3))
                    )
            break
    for following, i in linked.items():
        neighbours = (linked.get(i), following)
        if not found[i] and all(n is not None and any(e.rule in _OWN_RIGHT for e in found[n]) for n in neighbours):
            found[i].append(Evidence("among_investors", "investor", 3))
