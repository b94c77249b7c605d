"""Where components meet: every Doc extension, span group and label of dealspan, declared once.

A component finds stretches of the raw text (`Found`, exact code-point offsets) and writes them with `write`. The values
live in `doc._.dealspan_<layer>`; a view of them as spaCy spans lives in `doc.spans["dealspan_<layer>"]`, widened to
whole tokens where the tokenizer cut elsewhere. Offsets, not tokens, are the truth: "Rs100crore" is one token for spaCy.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import date
from functools import lru_cache, wraps
from itertools import accumulate, chain
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from spacy.tokens import Doc, SpanGroup

from dealspan.records import Amount, Certainty, HedgeKind, RoundType, Stage

V = TypeVar("V", covariant=True)
T = TypeVar("T")


class Found(NamedTuple, Generic[V]):
    """A stretch of the raw text that a rule has labelled.

    `start` and `end` are code points, end exclusive; `rule` names what fired (for `explain` and confidence); `value`
    is the reading, of the layer's own type.
    """

    start: int
    end: int
    label: str
    rule: str
    value: V


class Money(NamedTuple):
    """Layer `money`, label MONEY: the reading of an amount, and the stretch of text with its modifier ("at least")."""

    amount: Amount
    start: int
    end: int


AmountRole = Literal["raised", "total", "fund", "valuation", "valuation_pre", "valuation_post", "other"]
"""Layer `amount_roles`: one Found for each MONEY, same offsets and order, labelled AMOUNT_ROLE, with this value."""


class Round(NamedTuple):
    """Layer `rounds`, label ROUND: the normal value of a round type."""

    value: RoundType
    extension: bool


class ResolvedDate(NamedTuple):
    """Layer `dates`, label DATE: an ISO date, month (`2018-05`) or year; `future` when after publication."""

    value: str
    future: bool


class Name(NamedTuple):
    """Layer `names`, label COMPANY, INVESTOR or PUBLICATION: `entity` is the fullest name the text gives it.

    `sure` is how probable a trained tagger finds it, None where rules decide.
    """

    entity: str
    sure: float | None = None


class Cue(NamedTuple):
    """Layer `cues`, label HEDGE or CANCEL (a financing called off): what a cue says, and the stretch it bears on.

    `kind` is None for CANCEL. `source_start` and `source_end` delimit a named source ("Bloomberg"), -1 where none is.
    `probability` is that a trained model gives the cue, None where a pattern alone found it.
    """

    kind: HedgeKind | None
    scope_start: int
    scope_end: int
    source_start: int = -1
    source_end: int = -1
    probability: float | None = None


class Claim(NamedTuple):
    """Layer `claims`, label CLAIM: words that state a financing, how far it has come and how sure the text is of it.

    There is one for each amount, round type and financing verb; `cues` are indices into the layer `cues`.
    """

    stage: Stage
    certainty: Certainty
    cues: tuple[int, ...]
    stage_rule: str
    certainty_rule: str


class Explanation(NamedTuple):
    """Why a slot of a deal has its value: the rule that fired and the words it fired on."""

    deal: str
    slot: str
    value: str
    rule: str
    text: str
    start: int
    end: int
    confidence: float


LAYERS = ("sections", "sentences", "money", "amount_roles", "rounds", "dates", "names", "cues", "claims")
# Layers that are shown as span groups too; the others would only repeat the sentences or the amounts.
VIEWS = frozenset(("sections", "money", "rounds", "dates", "names", "cues"))
for _name in (
    *(f"dealspan_{layer}" for layer in LAYERS),
    *(f"dealspan_{n}" for n in ("mentions", "entities", "explanations", "grounds")),
):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=())
for _name, _default in (("published", None), ("deals", ())):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)


def text_of(doc: Doc) -> str:
    """The raw text of a Doc, built once (`doc.text` joins the tokens anew at each call)."""
    text: str | None = doc.user_data.get("dealspan_text")
    if text is None:
        text = doc.user_data["dealspan_text"] = doc.text
    return text


BATCH = 8
"""Texts that go through the pipeline side by side, a component at a time: so its code and its tables stay in the caches
of the processor, which makes the pipeline faster by 8 %. With 16 or 45 it is not faster still."""
LONG, KEPT = 50_000, 1_000_000
"""Characters of a text behind which a batch ends, so that it holds one such text at most, and of a text whose words are
kept for the next component; of a longer one they would only take memory."""
_WORD = re.compile(r"(\w+)")
Words = tuple[list[int], list[str]]
Places = dict[str, list[int]]


def kept(function: Callable[[str], T]) -> Callable[[str], T]:
    """Keep what a function makes of the texts of a batch: one component after another asks for it."""
    of_some, of_long = lru_cache(maxsize=BATCH)(function), lru_cache(maxsize=1)(function)

    @wraps(function)
    def of(text: str) -> T:
        if len(text) <= LONG:
            return of_some(text)
        return of_long(text) if len(text) <= KEPT else function(text)

    return of


@kept
def lower_case(text: str) -> str:
    """A text in lower case with the same offsets: patterns run on it ten times as fast as with case ignored."""
    return text.replace("İ", "I").lower()  # the dotted capital I is the one letter that would grow


@kept
def words_of(lower: str) -> Words:
    """Where the words of a text in lower case begin, and the words."""
    parts = _WORD.split(lower)  # a word at every other place: faster than a match for each
    return list(accumulate(map(len, parts)))[:-1:2], parts[1::2]


@kept
def places_of(lower: str) -> Places:
    """The words of a text in lower case, each with the places where it begins."""
    places: Places = {}
    for start, word in zip(*words_of(lower), strict=True):
        places.setdefault(word, []).append(start)
    return places


def openings(lower: str, words: Set[str]) -> list[int]:
    """Where a word of a text in lower case begins that is one of `words`: the places at which to try a pattern.

    A pattern of many words costs a hundred times the look-up at every place where it does not match.
    """
    places = places_of(lower)
    return sorted(chain.from_iterable(places[word] for word in places.keys() & words))


def matches_at(
    pattern: re.Pattern[str], text: str, places: Sequence[int], start: int, end: int
) -> Iterator[re.Match[str]]:
    """The matches that `pattern.finditer(text, start, end)` yields, where each begins at one of `places`, in order."""
    for i in range(bisect_left(places, start), bisect_left(places, end)):
        if places[i] >= start and (match := pattern.match(text, places[i], end)):
            start = match.end()
            yield match


def published_of(doc: Doc) -> date | None:
    """The publication date of a Doc, set by the reader or by the user as `doc._.published`."""
    published: date | None = doc._.published
    return published


def sentences_of(doc: Doc) -> list[tuple[int, int]]:
    """The sentences as (start, end); lines where `dealspan_sections` has not run."""
    sentences = read(doc, "sentences")
    if sentences:
        return [(s.start, s.end) for s in sentences]
    return [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text_of(doc))]


def write(doc: Doc, layer: str, found: Iterable[Found[Any]]) -> None:
    """Store what a component found, in text order; most layers are shown as a span group too."""
    values = tuple(sorted(found, key=lambda f: (f.start, -f.end)))
    doc._.set(f"dealspan_{layer}", values)
    if layer not in VIEWS:
        return
    # The number of a label once: a span looks a string up each time, for a third of its cost.
    number = {label: doc.vocab.strings.add(label) for label in {f.label for f in values}}
    spans = (doc.char_span(f.start, f.end, label=number[f.label], alignment_mode="expand") for f in values)
    doc.spans[f"dealspan_{layer}"] = SpanGroup(doc, spans=[s for s in spans if s is not None])


def read(doc: Doc, layer: str) -> tuple[Found[Any], ...]:
    """What the component of a layer found, in text order; empty where it has not run."""
    # Where `doc._` keeps an extension; by way of it each of the forty readings of a text costs ten times as much.
    found: tuple[Found[Any], ...] = doc.user_data.get(("._.", f"dealspan_{layer}", None, None), ())  # type: ignore[call-overload]
    return found
