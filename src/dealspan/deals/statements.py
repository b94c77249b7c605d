"""From a sentence to the financings it states: which company, which investors, which date belong to which amount."""

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found, Name
from dealspan.deals.companies import fill_company
from dealspan.deals.drafts import Amount, Draft, Filled, Focus, Investor, Sentence, Valued, sentences
from dealspan.deals.frames import frame
from dealspan.deals.investors import attach_investors
from dealspan.records import Kind, ValuationKind

# Ways to find a company that hold for a round named with its sum, and are too weak for a type of round alone.
LAST_RESORTS = frozenset(("in_focus", "nearest_before", "nearest_after", "pronoun"))
_FIRM_RULES = frozenset(("known_investor", "user_investor", "investor_shape", "investor_apposition"))
# In any currency; the smallest amounts that articles call a financing are grants of some ten thousand.
_SMALLEST = 5_000
_FUNDRAISES = frame("fundraises")
_MARKET_TALK = frame("market_talk")
_UNNAMED = re.compile(r"\b(?:start-?ups?|company|firm|fintech|biotech|spin-?out|maker|unicorn|platform)\b")
_PLANNED = re.compile(r"\b(?:planned|upcoming|proposed|forthcoming|potential|future|pending)\b[^.;]*$")
_KINDS: dict[str, Kind] = {"raised": "round", "total": "total", "fund": "fund"}
_VALUATIONS: dict[str, ValuationKind] = {
    "valuation": "unspecified",
    "valuation_pre": "pre",
    "valuation_post": "post",
}
_EARLIER = frame("earlier")
_THE_ROUND = frame("the_round")
_ROUND_TALK = frame("round_talk")
_PART_OF_ROUND = frame("part_of_round")
_FIRM = frame("firm")
_MADE_BY = re.compile(r"\b(?:an? |the )?investments? (?:made )?by\b")
_BACKING_FROM = frame("backing_from")
_INVESTED_IN = frame("invested_in")


def stated(doc: Doc) -> Iterator[tuple[Sentence, list[Draft]]]:
    """Yield each sentence of a Doc with the drafts that it states."""
    text, focus = annotations.text_of(doc), Focus()
    for sentence in sentences(doc):
        speaks = sentence.names or sentence.amounts or sentence.rounds or sentence.claims
        told = speaks and sentence.section in ("HEADLINE", "BODY")
        yield sentence, list(statements(text, sentence, focus)) if told else []


def statements(text: str, sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """Yield the drafts of one sentence and move the focus on."""
    drafts = list(_anchored(text, sentence))
    companies = [n for n in sentence.names if n.label == "COMPANY"]
    for draft in drafts:
        fill_company(text, sentence, draft, companies, focus)
        if (
            draft.kind == "round"
            and draft.round is None
            and draft.company
            and draft.company.mention.rule in _FIRM_RULES
        ):
            draft.kind = "fund"
    taken = {d.entity() for d in drafts}
    drafts.extend(d for d in _investments(text, sentence, focus) if d.entity() not in taken)
    if not drafts:
        drafts = list(_reference(sentence, focus))
    _attach_valuations(text, sentence, drafts, focus)
    attach_investors(text, sentence, drafts)
    _attach_dates(text, sentence, drafts)
    for draft in drafts:
        draft.earlier = not (draft.headline or draft.refers) and bool(
            _EARLIER.search(sentence.lower, sentence.start, draft.end)
        )
        _attach_claims(sentence, draft)
        draft.weak = _is_weak(text, sentence, draft)
    _move(text, sentence, drafts, companies, focus)
    yield from (d for d in drafts if d.says_something() or d.refers)


def _is_weak(text: str, sentence: Sentence, draft: Draft) -> bool:
    """Whether a draft is too vague to stand alone: it joins a deal that the text states elsewhere, or is dropped."""
    if draft.company is None and not draft.companies:
        return not (draft.headline or _UNNAMED.search(sentence.lower, sentence.start, sentence.end))
    if draft.kind != "round" or draft.investors or draft.company is None:
        return False
    guessed = draft.company.rule in LAST_RESORTS
    hedged = any(c.value.cues for c in (*draft.claims, *draft.headline_claims))
    if draft.amount is None and draft.valuation is not None:
        return guessed and not hedged
    if draft.amount is None:
        typed = draft.round is not None and draft.round.mention.value.value != "debt"
        planned = _PLANNED.search(text, max(sentence.start, draft.start - 24), draft.start)
        return not planned and (guessed or not typed)
    if draft.round is not None or hedged:
        return False
    given = draft.amount.rule == "gives" and draft.company.rule == "sentence_subject"
    return given or (guessed and (draft.company.rule != "pronoun" or draft.amount.rule == "gives"))


def _draft(sentence: Sentence, kind: Kind, start: int, end: int) -> Draft:
    draft = Draft(kind, sentence.number, start, end, headline=sentence.section == "HEADLINE")
    draft.stretches.append((sentence.start, sentence.end))
    return draft


def _anchored(text: str, sentence: Sentence) -> Iterator[Draft]:
    """A draft for each amount that is raised, and for each round type that no amount takes."""
    free = list(sentence.rounds)
    amounts = [a for a in sentence.amounts if a.role in _KINDS and not _too_small(a)]
    drafts = []
    previous: Amount | None = None
    for amount in amounts:
        if previous and _converts(text, previous, amount):
            continue
        previous = amount
        if amount.role == "fund" and not _FUNDRAISES.search(sentence.lower, sentence.start, sentence.end):
            continue  # a fund's size mentioned in passing
        draft = _draft(sentence, _KINDS[amount.role], amount.mention.value.start, amount.mention.value.end)
        numbers = amount.mention.value.amount
        part = _PART_OF_ROUND.search(sentence.lower, sentence.start, draft.start)
        if numbers.min is not None or numbers.max is not None:
            draft.amount = Filled(amount.mention, amount.rule)
        draft.refers = bool(part) and amount.role == "raised"
        drafts.append(draft)
    rounds = [d for d in drafts if d.kind == "round"]
    for draft in rounds:
        near = [r for r in free if _belongs(text, draft, r, rounds)]
        if near:
            best = min(near, key=lambda r: _distance(draft, r.start, r.end))
            draft.round = Filled(best, "round_beside_amount")
            free.remove(best)
        elif draft.refers:
            draft.amount = None
    for draft in rounds:
        draft.refers = draft.refers and draft.round is None
    taken = {d.round.mention.value.value for d in rounds if d.round}
    for found in free:
        if found.value.value in taken or found.value.value == "unknown" or _MARKET_TALK.match(text, found.end):
            continue
        taken.add(found.value.value)
        draft = _draft(sentence, "round", found.start, found.end)
        draft.round = Filled(found, "round_alone")
        drafts.append(draft)
    yield from sorted(drafts, key=lambda d: d.start)


def _too_small(amount: Amount) -> bool:
    """Whether an amount is below any financing: a price target, a share price, a typing error."""
    numbers = amount.mention.value.amount
    largest = max(numbers.min or 0, numbers.max or 0)
    return 0 < largest < _SMALLEST


def _converts(text: str, first: Amount, second: Amount) -> bool:
    """Whether the second amount is the first in another currency: "Rs 90 crore (about $10 million)"."""
    between = text[first.mention.end : second.mention.start]
    return len(between) < 30 and bool(re.fullmatch(r"\+?,? ?(?:\(|or |\[)[^)]{0,25}", between))


def _distance(draft: Draft, start: int, end: int) -> int:
    return start - draft.end if start >= draft.end else draft.start - end


def _belongs(text: str, draft: Draft, found: Found[object], rounds: Sequence[Draft]) -> bool:
    """Whether a round type speaks of the amount of a draft: near, and no other amount nearer or between."""
    gap = _distance(draft, found.start, found.end)
    if gap > 90:
        return False
    between = text[min(draft.end, found.end) : max(draft.start, found.start)]
    if any(o is not draft and _distance(o, found.start, found.end) < gap for o in rounds):
        return False
    return not re.search(
        r"[;\n]|\b(?:total|after|following|previous|prior|earlier|ahead of|before|follows|to date)\b", between
    )


def _investments(text: str, sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """Acts of investing that name no sum: "invested in X", "bets include X and Y", "X received backing from Y"."""
    investors = [n for n in sentence.names if n.label == "INVESTOR"]
    companies = [n for n in sentence.names if n.label == "COMPANY"]
    if not companies or not (investors or focus.investor):
        return
    for match in _INVESTED_IN.finditer(text, sentence.start, sentence.end):
        targets = [n for n in companies if n.start >= match.end()]
        if not targets or not re.match(
            r"^\s(?:[^.;,\n]{0,80}\s|[^.;\n]{0,60}, including (?:[a-z][^.;,]{0,40} )?)?$",
            text[match.end() : targets[0].start],
        ):
            continue
        by = [n for n in investors if n.end <= match.start()]
        if by and len(text[by[-1].end : match.start()]) <= 60:
            agent = [by[-1]]
        elif not by and focus.investor and _FIRM.search(sentence.lower, sentence.start, match.end()):
            agent = [focus.investor]
        else:
            continue
        yield from _one_each(text, sentence, targets, agent, match.start(), "invested_in")
        return
    if made := _MADE_BY.search(text, sentence.start, sentence.end):
        agents = [n for n in investors if n.start >= made.end()]
        last = agents[-1].end if agents else made.end()
        targets = [n for n in companies if n.start >= last]
        if agents and targets and re.match(r",? (?:in|into) (?:[a-z][^.;]{0,60} )?$", text[last : targets[0].start]):
            yield from _one_each(text, sentence, targets[:1], agents, made.start(), "investment_by")
        return
    if backed := _BACKING_FROM.search(text, sentence.start, sentence.end):
        agents = [n for n in investors if n.start >= backed.end() and n.start - backed.end() < 120]
        before = [n for n in companies if n.end <= backed.start()]
        if agents and before and re.match(r"^\s(?:[^.;\n]{0,60}\s)?$", text[backed.end() : agents[0].start]):
            yield from _one_each(text, sentence, before[-1:], agents, backed.start(), "backing_from")


def _one_each(
    text: str,
    sentence: Sentence,
    targets: Sequence[Found[Name]],
    investors: Sequence[Found[Name]],
    start: int,
    rule: str,
) -> Iterator[Draft]:
    """A draft for each company of a list that starts with the first of `targets`."""
    last: Found[Name] | None = None
    for target in targets:
        if last is not None and not re.match(r"^(?:,|,? and|;)\s(?:[^.;]{0,60})$", text[last.end : target.start]):
            return
        draft = _draft(sentence, "round", start, target.end)
        draft.company = Filled(target, rule)
        draft.investors.extend(Investor(i, "participant", rule) for i in investors)
        yield draft
        last = target


def _reference(sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """A statement about the round the text is speaking of."""
    if sentence.section != "BODY" or focus.draft is None:
        return
    # Without a name, a sum, a date or a hedge a reference adds nothing.
    if not (sentence.names or sentence.amounts or sentence.dates or any(c.value.cues for c in sentence.claims)):
        return
    match = _THE_ROUND.search(sentence.lower, sentence.start, sentence.end)
    if match is None and sentence.number - focus.sentence <= 2:
        match = _ROUND_TALK.search(sentence.lower, sentence.start, sentence.end)
    if match:
        focus.sentence = sentence.number
        draft = _draft(sentence, "round", match.start(), match.end())
        draft.refers = True
        yield draft


def _attach_valuations(text: str, sentence: Sentence, drafts: list[Draft], focus: Focus) -> None:
    for amount in sentence.amounts:
        if amount.role not in _VALUATIONS:
            continue
        numbers = amount.mention.value.amount
        if numbers.min is None and numbers.max is None:
            continue
        valued = Valued(amount.mention, _VALUATIONS[amount.role], amount.rule)
        rounds = [d for d in drafts if d.kind != "fund" and d.valuation is None]
        if rounds:
            best = min(
                rounds, key=lambda d: (d.kind != "round", _distance(d, amount.mention.start, amount.mention.end))
            )
            best.valuation = valued
        elif not drafts and focus.draft is not None and focus.draft.kind == "round":
            draft = _draft(sentence, "round", amount.mention.start, amount.mention.end)
            draft.refers = True
            draft.valuation = valued
            drafts.append(draft)
        elif not drafts:
            draft = _draft(sentence, "round", amount.mention.start, amount.mention.end)
            draft.valuation = valued
            fill_company(text, sentence, draft, [n for n in sentence.names if n.label == "COMPANY"], focus)
            drafts.append(draft)


def _attach_dates(text: str, sentence: Sentence, drafts: Sequence[Draft]) -> None:
    for found in sentence.dates:
        candidates = [d for d in drafts if d.date is None and d.kind != "total"]
        if not candidates:
            return
        best = min(candidates, key=lambda d: abs(_distance(d, found.start, found.end)))
        best.date = Filled(found, found.rule)


def _attach_claims(sentence: Sentence, draft: Draft) -> None:
    """The claim at the anchor of a draft, else the nearest of the sentence."""
    if not sentence.claims:
        return
    anchors = [f.mention for f in (draft.amount, draft.round) if f]
    exact = [c for a in anchors for c in sentence.claims if (c.start, c.end) == (a.start, a.end)]
    claims = exact[:1] or [min(sentence.claims, key=lambda c: abs(c.start - draft.start))]
    if draft.refers:
        # Said of a deal made known before: it hedges, but only a denial or a failure changes what the deal is.
        decisive = [c for c in claims if c.value.stage == "cancelled" or c.value.certainty == "denied"]
        draft.claims.extend(decisive)
        draft.asides.extend(claims)
    else:
        (draft.headline_claims if draft.headline else draft.claims).extend(claims)


def _move(
    text: str, sentence: Sentence, drafts: Sequence[Draft], companies: Sequence[Found[Name]], focus: Focus
) -> None:
    """What the next sentence means by "the company" and "the round"."""
    rounds = [d for d in drafts if d.kind != "total" and not d.refers]
    if rounds:
        current = next((d for d in rounds if not d.earlier), rounds[0])
        focus.draft = current
        focus.sentence = sentence.number
        if current.company:
            focus.company = current.company.mention
            focus.main = focus.main or current.company.mention
    elif companies:
        opening = companies[0]
        if opening.start - sentence.start < 4:
            focus.company = opening
        focus.main = focus.main or opening
    firms = [n for n in sentence.names if n.rule in _FIRM_RULES]
    if firms and firms[0].start - sentence.start < 4:
        focus.investor = firms[0]
