"""A text as the models of roles see it: its sentences, their words, who is named where, what the rules make of it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Name
from dealspan.deals.drafts import Draft, Investor, Sentence
from dealspan.deals.merging import merge
from dealspan.deals.statements import stated

_TOKEN = re.compile(r"\w+|[^\w\s]")
_DIGIT = re.compile("[1-9]")
INVESTING_ACTS = frozenset((
    "invest", "invested", "investing", "invests", "investment", "investments", "investor", "investors",
    "backed", "backer", "backers", "backing", "backs", "bankrolled", "bet", "bets", "bought", "funded",
    "holding", "portfolio", "stake", "stakes",
))  # fmt: skip
"""What a sentence says that may state an investment without its sum."""
LEADING = 1
"""So many companies that a text names most often, and that it names first, may be that of any sum in it; with 2 no slot
of the development part is another."""
# In a sentence with one of these a name may be an investor though it looks like a company.
_INVESTING = frozenset((
    "led", "lead", "leads", "leading", "investor", "investors", "invest", "invested", "invests", "investing",
    "backer", "backers", "backed", "backing", "join", "joined", "joins", "participated", "participation",
    "participating", "cheque", "cheques", "check", "checks", "stake", "put", "round", "money", "capital",
    "anchored", "lender", "lenders", "loan", "lent", "funded", "financed", "part", "shareholders", "shares",
    "syndicate",
))  # fmt: skip


class Named(NamedTuple):
    """An occurrence of an organisation and the number of its sentence."""

    found: Found[Name]
    sentence: int


class Tokens(NamedTuple):
    """The words and marks of a sentence in lower case, with their offsets; digits are all 0."""

    starts: list[int]
    words: list[str]


class Outline:
    """The sentences of a text with what lies in them, the drafts of the rules, and the organisations by name."""

    def __init__(self, doc: Doc) -> None:
        self.text = annotations.text_of(doc)
        self.lower = annotations.lower_case(self.text)
        self.sentences: list[Sentence] = []
        self.drafts: dict[int, list[Draft]] = {}
        self.entities: dict[str, list[Named]] = {}
        self.named: dict[int, Named] = {}
        self.invests: dict[int, list[tuple[Draft, Investor]]] = {}
        self._tokens: dict[int, Tokens] = {}
        for sentence, drafts in stated(doc):
            self.sentences.append(sentence)
            if drafts:
                self.drafts[sentence.number] = drafts
            for draft in drafts:
                for investor in draft.investors:
                    self.invests.setdefault(investor.mention.start, []).append((draft, investor))
            for name in sentence.organisations:
                named = self.named[name.start] = Named(name, sentence.number)
                self.entities.setdefault(name.value.entity, []).append(named)
        copies = [draft.copy() for drafts in self.drafts.values() for draft in drafts]
        self.by_rules = [deal for deal in merge(copies) if deal.says_something()]
        self.parts: dict[str, dict[int, list[Investor]]] = {}
        for deal in self.by_rules:
            for investor in deal.investors:
                held = self.parts.setdefault(investor.mention.value.entity, {})
                held.setdefault(id(deal), []).append(investor)
        self.home = {id(part): i for i, deal in enumerate(self.by_rules) for part in deal.parts}
        self._words = _DIGIT.sub("0", self.lower)
        starts = [sentence.start for sentence in self.sentences]
        self.investing = {bisect_right(starts, place) - 1 for place in annotations.openings(self.lower, INVESTING_ACTS)}
        self.telling = {bisect_right(starts, place) - 1 for place in annotations.openings(self.lower, _INVESTING)}
        companies = {
            entity: sum(one.found.label == "COMPANY" for one in named) for entity, named in self.entities.items()
        }
        ranked = sorted((e for e in companies if companies[e]), key=lambda e: -companies[e])
        self.rank = {entity: rank for rank, entity in enumerate(ranked)}
        self.first = {entity: rank for rank, entity in enumerate(e for e in companies if companies[e])}
        self.leading = [e for e in self.entities if self.rank.get(e, 9) < LEADING or self.first.get(e, 9) < LEADING]
        firms = (n for named in self.entities.values() for n in named if n.found.label == "INVESTOR")
        self.firm = next(firms, None)

    def deals_of(self, drafts: Iterable[Draft | None]) -> list[Draft]:
        """The deals that the rules make of some drafts, each once."""
        found = {self.home[id(draft)] for draft in drafts if id(draft) in self.home}
        return [self.by_rules[i] for i in sorted(found)]

    def deal_of(self, draft: Draft | None) -> Draft | None:
        """The deal that the rules make of a draft, if any."""
        place = self.home.get(id(draft), -1)
        return self.by_rules[place] if place >= 0 else None

    def tokens(self, number: int) -> Tokens:
        """The tokens of a sentence."""
        found = self._tokens.get(number)
        if found is None:
            sentence = self.sentences[number]
            matches = list(_TOKEN.finditer(self._words, sentence.start, sentence.end))
            found = Tokens([m.start() for m in matches], [m.group() for m in matches])
            self._tokens[number] = found
        return found

    def before(self, number: int, position: int, most: int) -> list[str]:
        """The tokens before a place in a sentence, the nearest first."""
        starts, words = self.tokens(number)
        i = bisect_left(starts, position)
        return words[max(0, i - most) : i][::-1]

    def after(self, number: int, position: int, most: int) -> list[str]:
        """The tokens from a place in a sentence on."""
        starts, words = self.tokens(number)
        i = bisect_left(starts, position)
        return words[i : i + most]

    def between(self, number: int, start: int, end: int) -> list[str]:
        """The tokens between two places of a sentence."""
        starts, words = self.tokens(number)
        return words[bisect_left(starts, start) : bisect_left(starts, end)]
