"""From a sentence to the financings it states: which company, which investors, which date belong to which amount."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dealspan.annotations import Found, Name
from dealspan.deals.drafts import Amount, Draft, Filled, Investor, Sentence, Valued
from dealspan.records import Kind, Role, ValuationKind

# Ways to find a company that hold for a round named with its sum, and are too weak for a type of round alone.
_LAST_RESORTS = frozenset(("in_focus", "nearest_before", "nearest_after", "pronoun"))
_FIRM_RULES = frozenset(("known_investor", "user_investor", "investor_shape", "investor_apposition"))
# In any currency; the smallest amounts that articles call a financing are grants of some ten thousand.
_SMALLEST = 5_000
_FUNDRAISES = re.compile(r"(?i)\b(?:rais\w+|clos(?:e|es|ed|ing)|launch\w*|announc\w+|target\w*|seek\w*|unveil\w*|gather\w*|collect\w*|set(?:ting)? up|secur\w+|fundrais\w+)\b")
# After "IPO": the market or its price is spoken of, not a company's offering.
_MARKET_TALK = re.compile(r"[ -](?:price|letter|market|process|day|window|candidates?|boom|class|pipeline|stocks?|lock|investors?|hopefuls?|veterans?)\b")
_UNNAMED = re.compile(r"(?i)\b(?:start-?ups?|company|firm|fintech|biotech|spin-?out|maker|unicorn|platform)\b")
_PLANNED = re.compile(r"\b(?:planned|upcoming|proposed|forthcoming|potential|future|pending)\b[^.;]*$")
_KINDS: dict[str, Kind] = {"raised": "round", "total": "total", "fund": "fund"}
_VALUATIONS: dict[str, ValuationKind] = {
    "valuation": "unspecified",
    "valuation_pre": "pre",
    "valuation_post": "post",
}
_EARLIER = re.compile(
    r"(?i)\b(?:previous(?:ly)?|earlier (?:raised|round|funding)|prior|last raised|last round|last year|years? ago|followed|follows|following|since (?:its|it|the)|"
    r"after (?:raising|a|its)|comes? (?:\w+ ){0,4}after|had (?:\w+ )?raised|back in|most recently|first round)\b"
)
_RAISES = re.compile(
    r"(?i)\b(?:rais(?:e[sd]?|ing)|nab(?:s|bed)|land(?:s|ed|ing)?|secur(?:e[sd]?|ing)|bag(?:s|ged)|snag(?:s|ged)|grab(?:s|bed)|clos(?:e[sd]?|ing)|scor(?:es|ed)|"
    r"net(?:s|ted)|pull(?:s|ed)|haul(?:s|ed)|rak(?:es|ed|ing)|pick(?:s|ed)|collect(?:s|ed|ing)?|g[eo]ts?|receiv(?:e[sd]?|ing)|seek(?:s|ing)?|borrow(?:s|ed|ing)?|announc(?:e[sd]?|ing)|"
    r"sought|complet(?:e[sd]?|ing)|hits|attract(?:s|ed|ing)?|gather|obtain(?:s|ed)|fil(?:es|ed)|won|wins|sell(?:s|ing)?|list(?:s|ed|ing)?|arranging|setting up|bring(?:s|ing)?|brought|valued)\b"
)
_SUBJECT = re.compile(
    r"(?:,[^.;\n]{3,220}?,|\s?\([^()\n]{1,90}\)| -- .{3,200}? --| [—–] .{3,200}? [—–])?,?(?: (?:has|have|had|is|was|just|also|today|recently|now|previously|already|quietly|said|says|it|it’s|it's|that|"
    r"announced|announces|announcing|told|successfully|reportedly|seeks|in|talks|to|looking|looks|aims|plans|planning|on|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|wants|hopes|set|about|close|near|"
    r"nears|finally|and|who|which|tells|TechCrunch|Friday|this|week|morning|expects|will|be|been|being|said|raise|could|may|might|the|company|startup|considering|weighing|preparing|seeking|filed|for|an?|its|completion|of|closing|\w+ly)){0,10}?,? "
    r"(?:rais(?:e[sd]?|ing)|nab(?:s|bed)|land(?:s|ed|ing)?|secur(?:e[sd]?|ing)|bag(?:s|ged)|snag(?:s|ged)|grab(?:s|bed)|clos(?:e[sd]?|ing)|scor(?:es|ed)|net(?:s|ted)|pull(?:s|ed)|haul(?:s|ed)|rak(?:es|ed|ing)|pick(?:s|ed)|"
    r"collect(?:s|ed)?|gets?|got|receiv(?:e[sd]?|ing)|seek(?:s|ing)?|borrow(?:s|ed|ing)?|announc(?:e[sd]?|ing)|sought|complet(?:e[sd]?|ing)|hits|attract(?:s|ed)|gather(?:s|ed)?|obtain(?:s|ed)|fil(?:es|ed)|w[oi]ns?|"
    r"launch(?:es|ed)|sell(?:s|ing)?|sold|list(?:s|ed)|scoop(?:s|ed)|add(?:s|ed)|extend(?:s|ed)|tak(?:es|en)|took|g[ia]ve[sn]? up|terminat(?:es|ed)|call(?:s|ed) off|issu(?:es|ed|ing)|arranging|setting up|abandon(?:s|ed)|shelv(?:es|ed)|scrap(?:s|ped)|emerge[sd]?)\b"
)
_INTO = re.compile(r"(?i)(?:^|\b)(?:in|into|for|behind|on|to|of|at)[\s“\"]+(?:(?:the|its|an?|[a-z’'-]+|[A-Z]\w+(?:n|se|sh|i|-based))[\s,]+){0,8}$")
_GIVES = re.compile(r"(?i)\b(?:led|leads?|leading|co-?led|invest(?:s|ed|ing|ment)?|put(?:s|ting)?|pump(?:s|ed|ing)?|pour(?:s|ed|ing)?|inject(?:s|ed|ing)?|commit(?:s|ted)?|lend|lent|participat\w+|join\w*|stake|bet|provid\w+)\b")
_POSSESSIVE = re.compile(r"^[’']s?\s[^,.;]{0,60}$")
_THE_ROUND = re.compile(
    r"(?i)\b(?:the|this|that|its|their|our|latest|new|current|fresh|recent|[’']s) (?:(?:new|latest|current|funding|financing|investment|fresh|oversubscribed|equity|all-equity|company’s|startup’s|company's|startup's|\$?[\d.]+[a-zA-Z]*|million|up|seed|debt|mega|internal|entire|whole) ){0,3}"
    r"(?:round|funding|financing|investment|raise|fundraise|fundraising|deal|transaction|syndicate|capital|infusion|injection|money|cash|loan|facility|tranche|talks|negotiations|move|news|plan|report)\b"
)
# Talk of investors that is only about the round just spoken of.
_ROUND_TALK = re.compile(
    r"(?i)\b(?:participat(?:ed|ing)|joined|invested|took part|other investors|they include|investors include|existing investors|returning investors|new investors|backers included?|angels?|financing came|funding came|money came|led by)\b"
)
_LEAD_BEFORE = re.compile(r"(?i)\b(?:co-?)?(?:led|headed|anchored|spearheaded)(?: \w+){0,2} by\b|\blead investors?\b|\bled jointly by\b|\bwith lead from\b|\blead(?:er|ing)? (?:is|was|were|came from)\b")
_PART_BEFORE = re.compile(
    r"(?i)\bparticipati(?:on|ng)\b(?: \w+){0,3}? (?:from|by|of)\b|\bjoin(?:ed|ing)? by\b|\balongside\b|\balong with\b|\bwith (?=(?:existing|new|other|fellow|returning|previous|additional|backing|support|contributions?|[A-Z]\w+[^.]{0,60}(?:also|participating|joining)))"
    r"|\bfollowed by\b|\b(?:contributions?|support|backing|commitments?|investments?|funding|capital|money|cheques?|checks?|financing|stake|loan|debt|equity|facility|grant) (?:also )?(?:came )?(?:from|by)\b|\b(?:provided|funded|financed|supported|underwritten|arranged|bought|joined|bankrolled) by\b|\bbacked by\b"
    r"|\b(?:investors?|backers|participants|syndicate|angels?|shareholders|lenders|partners|firms|funds|consortium|group|individuals?|executives|founders|operators|others|who|they)\b[^.;:]{0,50}?(?:\b(?:includ(?:e[sd]?|ing)|like|such as|are|were|comprising|namely)\b|:)|\bincluding\b|\bincludes backing\b|\bfrom\b|\btogether with\b|\bexisting (?:investors?|backers?)\b|\bother investors\b|\bas well as\b"
)
_BREAK = re.compile(
    r";|\b(?:said|says|told|according to|who (?:said|is|was)|which|whose|helped|because|where|will use|plans|aims|partner at|partner of|principal at|director at|formerly|competes?|competing|customers|clients|rivals|competitors|acquired|sold|founded by|companies (?:like|such as|including)|brands (?:like|such as|including)|startups (?:like|such as|including)|employees|alumni|previously worked|serves?|served|used by|works with|offices? in|based in|CEO|veterans?|to use|to expand|to grow|will join|joins the board|board)\b"
)
_LEAD_AFTER = re.compile(
    r"(?! to )(?:[’']s \w+)?(?:\s\([^()]{1,60}\))?,?(?: (?:also|has|have|had|is|are|was|were|jointly|both|which|reportedly|previously|to|who|will|would|may|might|could|said|tipped|set|expected|likely|agreed|in|talks|poised|acted as|serving as|as|the|came in as|again|round’s|round's)){0,4} (?:(?:co-?)?(?:lead|led|leads|leading)(?! (?:to|provider|the (?:company|market|team|firm)))\b)"
)
_PART_AFTER = re.compile(
    r"(?! to )(?:\s\([^()]{1,60}\))?(?:, (?:an?|the|its|which|whose|who|founder|co-founder|former)\b[^.;]{3,90}?,)?,?(?: (?:also|has|have|had|is|are|was|were|both|all|each|which|reportedly|recently|to|will|could|may|would|may|might|said|tipped|expected|likely|slated|in talks|among others|and others|too|as well|set|poised|considering|previously|separately|just|agreed)){0,5},? (?:participat\w+|join(?:ed|s|ing)?\b(?! the board)|invest(?:s|ed|ing)?\b|contribut\w+|took part|taking part|tak(?:e|es|ing) (?:an? |part)|back\b|return(?:ed|ing)|put(?:s|ting)? (?:in|up|\S*\d|money|cash|\$)|pump\w*|pour\w*|inject\w*|back(?:s|ed)\b|provid(?:ed|ing|es)\b|commit\w*|lent\b|re-?upped|doubled down|followed on|seeking to invest|is (?:in|weighing)|bought)"
)
_STANDING = re.compile(r"^-(?:backed|funded|supported|led|owned)\b")
_PARENTHESIS = re.compile(r"\((?:formerly|previously|also|now|known|a|an|the|part|via|through|which|\s)*[^()]{0,40}$")
_IN_BRACKETS = re.compile(r"\([^()]{0,60}$")
_ARM = re.compile(r"^[’']s?\s(?:[a-z-]+\s){0,4}$")
_TITLE_AFTER = re.compile(r"^(?:[’']s? [A-Z][\w.’'-]+ [A-Z]\w+|(?:[’']s?)?,? (?:managing |general |founding |senior |operating |venture |investment )?(?:partner|principal|director|CEO|president|co-founder|founder|chief)\b)")
_PART_OF_ROUND = re.compile(
    r"(?i)\b(?:round|funding|financing|raise|investment|package) (?:also )?(?:includes?|included|consist(?:s|ed) of|compris(?:es|ed)(?: of)?|is made up of)\b"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_LIST = re.compile(r"^(?:\s\([^()]{1,60}\))?(?:[’']s?)?(?:,| and| &|, and|,? as well as|,? along with| plus)\s(?:[a-z’'-]+\s){0,5}$")
_FIRM = re.compile(r"(?i)\b(?:it|the (?:\w+ )?(?:firm|fund|investor|company)|those deals|its (?:portfolio|investments?|other))\b|^its\b")
_MADE_BY = re.compile(r"\b(?:an? |the )?investments? (?:made )?by\b")
_BACKING_FROM = re.compile(
    r"\b(?:receiv(?:ed|es|ing)|got|gets|won|secured|attracted|took|take|obtained|picked up|landed) (?:an? |new |further |fresh |financial |undisclosed |strategic |\w+ ){0,3}(?:backing|investments?|funding|bailout|rescue|financing|stake|money|capital) from\b"
    r"|\bsold an? (?:\w+ ){0,2}stake to\b"
)
_INVESTED_IN = re.compile(
    r"\b(?:invested|investing|investments?(?: made)?|(?:took|takes|taking|bought|buys|acquired|acquires|picked up) an? (?!majority|controlling)(?:\w+ ){0,3}stake|bets?(?: made)?|backed|bankrolled|participated|co-led|led|wrote (?:a )?checks?|funded)\b(?: (?:[a-z-]+|\d+)){0,6}? ?(?:in|on|into|include|includes|including|of)\b"
)


@dataclass(slots=True)
class Focus:
    """What the text is speaking of when a sentence says "the company", "it" or "the round"."""

    main: Found[Name] | None = None
    company: Found[Name] | None = None
    draft: Draft | None = None
    investor: Found[Name] | None = None
    sentence: int = -9


def statements(text: str, sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """Yield the drafts of one sentence and move the focus on."""
    drafts = list(_anchored(text, sentence))
    companies = [n for n in sentence.names if n.label == "COMPANY"]
    for draft in drafts:
        _fill_company(text, sentence, draft, companies, focus)
        if draft.kind == "round" and draft.round is None and draft.company and draft.company.mention.rule in _FIRM_RULES:
            draft.kind = "fund"
    taken = {d.entity() for d in drafts}
    drafts.extend(d for d in _investments(text, sentence, focus) if d.entity() not in taken)
    if not drafts:
        drafts = list(_reference(text, sentence, focus))
    _attach_valuations(text, sentence, drafts, focus)
    _attach_investors(text, sentence, drafts, focus)
    _attach_dates(text, sentence, drafts)
    for draft in drafts:
        draft.weak = _is_weak(text, sentence, draft)
        draft.earlier = not (draft.headline or draft.refers) and bool(_EARLIER.search(text, sentence.start, draft.end))
        _attach_claims(sentence, draft)
    _move(text, sentence, drafts, companies, focus)
    yield from (d for d in drafts if d.says_something() or d.refers)


def _is_weak(text: str, sentence: Sentence, draft: Draft) -> bool:
    """Whether a draft is too vague to stand alone: it joins a deal that the text states elsewhere, or is dropped."""
    if draft.company is None and not draft.companies:
        return not (draft.headline or _UNNAMED.search(text, sentence.start, sentence.end))
    if draft.kind != "round" or draft.investors or draft.company is None:
        return False
    guessed = draft.company.rule in _LAST_RESORTS
    if draft.amount is None:
        typed = draft.round is not None and draft.round.mention.value.value != "debt"
        planned = _PLANNED.search(text, max(sentence.start, draft.start - 24), draft.start)
        return not planned and (guessed or not typed)
    if draft.round is not None:
        return False
    given = draft.amount.rule == "gives" and draft.company.rule == "sentence_subject"
    return given or (guessed and (draft.company.rule != "pronoun" or draft.amount.rule == "gives"))


def _draft(sentence: Sentence, kind: Kind, start: int, end: int) -> Draft:
    draft = Draft(kind, sentence.index, start, end, headline=sentence.section == "HEADLINE")
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
        if amount.role == "fund" and not _FUNDRAISES.search(text, sentence.start, sentence.end):
            continue  # a fund's size mentioned in passing
        draft = _draft(sentence, _KINDS[amount.role], amount.mention.value.start, amount.mention.value.end)
        numbers = amount.mention.value.amount
        part = _PART_OF_ROUND.search(text, sentence.start, draft.start)
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
    return not re.search(r"[;\n]|\b(?:total|after|following|previous|prior|earlier|ahead of|before|follows|to date)\b", between)


def _fill_company(
    text: str, sentence: Sentence, draft: Draft, companies: Sequence[Found[Name]], focus: Focus
) -> None:
    """The company of a draft, from the surest frame to the last resort."""
    names = list(companies)
    if draft.kind == "fund":
        names = [n for n in sentence.names if n.label in ("COMPANY", "INVESTOR")]
    before = [n for n in names if n.end <= draft.start]
    if len(before) > 1:  # "Sorbet (formerly Boule & Co) scooped up": what stands in brackets is no subject
        before = [n for n in before if not _IN_BRACKETS.search(text, sentence.start, n.start)] or before
    after = [n for n in names if n.start >= draft.end]
    if len(after) > 1 and re.match(r"[’']s?\s(?:[a-z-]+\s){1,4}$", text[after[0].end : after[1].start]):
        after = after[1:]  # "in Megvii's competitor Sensetime"
    if draft.kind == "total" and len(before) >= 2 and re.match(r" and $", text[before[-2].end : before[-1].start]) and re.match(
        r" (?:have|had)\b", text[before[-1].end :]
    ):
        draft.companies = [Filled(n, "counted_together") for n in before[-2:]]
        return
    if before and draft.amount is None and text[before[-1].end : draft.start] == " ":
        draft.company = Filled(before[-1], "adjacent")
        return
    for name in reversed(before):
        between = text[name.end : draft.start]
        if _POSSESSIVE.match(between) and not _RAISES.search(between):
            draft.company = Filled(name, "possessive")
            return
    if after:
        between = text[draft.end : after[0].start]
        lead_in = text[max(sentence.start, draft.start - 60) : after[0].start]
        if len(between) < 90 and _INTO.search(between) and not re.search(r"[;.]", between) and _GIVES.search(lead_in):
            draft.company = Filled(after[0], "invested_into")
            return
    subjects = [(match.end(), -name.start, name) for name in before if (match := _SUBJECT.match(text, name.end, draft.end))]
    if subjects:
        # The verb nearest to the amount; of a name and one inside its description, the one that comes first.
        draft.company = Filled(max(subjects)[2], "subject_of_raise")
        return
    for name in reversed(before):
        between = text[name.end : draft.start]
        if len(between) < 220 and _RAISES.search(between) and not _ARM.match(between[:1] + " "):
            subject = _subject(text, sentence, before, name)
            draft.company = Filled(subject, "verb_between")
            return
    if after and _INTO.search(text[draft.end : after[0].start]) and len(text[draft.end : after[0].start]) < 60:
        draft.company = Filled(after[0], "round_for")
        return
    pronoun = re.search(r"(?i)\b(?:it|the (?:[\w-]+ ){0,3}(?:company|startup|start-up|firm|business|venture|maker|provider|platform)|we|its|our)\b", text[sentence.start : draft.end])
    if before and before[0].start - sentence.start < 4:
        draft.company = Filled(before[0], "sentence_subject")
        return
    fallback = focus.company or focus.main
    if fallback and (pronoun or not before):
        draft.company = Filled(fallback, "pronoun" if pronoun else "in_focus")
    elif before:
        draft.company = Filled(before[-1], "nearest_before")
    elif after:
        draft.company = Filled(after[0], "nearest_after")


def _subject(text: str, sentence: Sentence, before: Sequence[Found[Name]], nearest: Found[Name]) -> Found[Name]:
    """Prefer the subject of the clause to a name inside its description: "X, a rival of Y, raised …"."""
    for name in before:
        if name is nearest:
            break
        between = text[name.end : nearest.start]
        after = text[nearest.end : nearest.end + 3]
        if re.match(r"\s?(?:,|\(|—|–|-- )\s?(?:an?|the|which|whose|formerly|founded|one)\b", between) and after[:1] in ",)—–" :
            return name
    return nearest


def _investments(text: str, sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """Acts of investing that name no sum: "invested in X", "bets include X and Y", "X received backing from Y"."""
    investors = [n for n in sentence.names if n.label == "INVESTOR"]
    companies = [n for n in sentence.names if n.label == "COMPANY"]
    if not companies or not (investors or focus.investor):
        return
    for match in _INVESTED_IN.finditer(text, sentence.start, sentence.end):
        targets = [n for n in companies if n.start >= match.end()]
        if not targets or not re.match(r"^\s(?:[^.;,\n]{0,80}\s|[^.;\n]{0,60}, including (?:[a-z][^.;,]{0,40} )?)?$", text[match.end() : targets[0].start]):
            continue
        by = [n for n in investors if n.end <= match.start()]
        if by and len(text[by[-1].end : match.start()]) <= 60:
            agent = [by[-1]]
        elif not by and focus.investor and _FIRM.search(text, sentence.start, match.end()):
            agent = [focus.investor]
        else:
            continue
        yield from _one_each(text, sentence, targets, agent, match.start(), "invested_in")
        return
    match = _MADE_BY.search(text, sentence.start, sentence.end)
    if match:
        agents = [n for n in investors if n.start >= match.end()]
        last = agents[-1].end if agents else match.end()
        targets = [n for n in companies if n.start >= last]
        if agents and targets and re.match(r",? (?:in|into) (?:[a-z][^.;]{0,60} )?$", text[last : targets[0].start]):
            yield from _one_each(text, sentence, targets[:1], agents, match.start(), "investment_by")
        return
    match = _BACKING_FROM.search(text, sentence.start, sentence.end)
    if match:
        agents = [n for n in investors if n.start >= match.end() and n.start - match.end() < 120]
        before = [n for n in companies if n.end <= match.start()]
        if agents and before and re.match(r"^\s(?:[^.;\n]{0,60}\s)?$", text[match.end() : agents[0].start]):
            yield from _one_each(text, sentence, before[-1:], agents, match.start(), "backing_from")


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


def _reference(text: str, sentence: Sentence, focus: Focus) -> Iterator[Draft]:
    """A statement about the round the text is speaking of."""
    if sentence.section != "BODY" or focus.draft is None:
        return
    # Without a name, a sum, a date or a hedge a reference adds nothing.
    if not (sentence.names or sentence.amounts or sentence.dates or any(c.value.cues for c in sentence.claims)):
        return
    match = _THE_ROUND.search(text, sentence.start, sentence.end)
    if match is None and sentence.index - focus.sentence <= 2:
        match = _ROUND_TALK.search(text, sentence.start, sentence.end)
    if match:
        focus.sentence = sentence.index
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
            best = min(rounds, key=lambda d: (d.kind != "round", _distance(d, amount.mention.start, amount.mention.end)))
            best.valuation = valued
        elif not drafts and focus.draft is not None and focus.draft.kind == "round":
            draft = _draft(sentence, "round", amount.mention.start, amount.mention.end)
            draft.refers = True
            draft.valuation = valued
            drafts.append(draft)
        elif not drafts:
            draft = _draft(sentence, "round", amount.mention.start, amount.mention.end)
            draft.valuation = valued
            _fill_company(text, sentence, draft, [n for n in sentence.names if n.label == "COMPANY"], focus)
            drafts.append(draft)


def _attach_investors(text: str, sentence: Sentence, drafts: list[Draft], focus: Focus) -> None:
    """Give each investor that acts in the sentence to the draft it acts in."""
    investors = [n for n in sentence.names if n.label == "INVESTOR"]
    roles: list[tuple[Role, str] | None] = []
    for i, name in enumerate(investors):
        roles.append(_role(text, sentence, name, investors[i + 1] if i + 1 < len(investors) else None))
    # "A, B and C led the round": the verb after the last holds for the list.
    for i in range(len(investors) - 2, -1, -1):
        follower = roles[i + 1]
        if follower and follower[1] in ("leads", "invests") and _LIST.match(text[investors[i].end : investors[i + 1].start]):
            roles[i] = follower
    for name, role in zip(investors, roles, strict=True):
        if role is None:
            continue
        draft = _home(drafts, name, role)
        if draft is None or any(i.mention.value.entity == name.value.entity for i in draft.investors):
            continue
        if draft.company and draft.company.mention.value.entity == name.value.entity:
            continue
        draft.investors.append(Investor(name, *role))


def _role(text: str, sentence: Sentence, name: Found[Name], following: Found[Name] | None) -> tuple[Role, str] | None:
    """What an investor does in a sentence, or None where it is only spoken of."""
    after = text[name.end : sentence.end]
    if _STANDING.match(after) or (following and _ARM.match(text[name.end : following.start])):
        return None
    if _LEAD_AFTER.match(after):
        return "lead", "leads"
    if _PART_AFTER.match(after):
        return "participant", "invests"
    before = text[sentence.start : name.start]
    if _PARENTHESIS.search(before) and not re.search(r"[,:][^()]*$", before[before.rfind("(") :]):
        return None
    cues = [(m.start(), m.end(), "lead") for m in _LEAD_BEFORE.finditer(before)]
    cues += [(m.start(), m.end(), "participant") for m in _PART_BEFORE.finditer(before)]
    if not cues:
        return None
    start, end, kind = max(cues)
    # "including" and "as well as" go on with what the cue before them began, "led by A, B and C" included.
    if kind == "participant" and before[start:end].lower() in ("including", "as well as", "from"):
        leads = [c for c in cues if c[2] == "lead" and c[0] < start]
        if leads and before[start:end].lower() != "from" and not re.search(r"(?i)particip|join|alongside|with", before[leads[-1][1] : start]):
            kind = "lead"
    if _BREAK.search(_BRACKETS.sub("", before[end:])) or (_TITLE_AFTER.match(after) and not kind == "lead"):
        return None
    return ("lead", "led_by") if kind == "lead" else ("participant", "with_" + _slug(before[start:end]))


def _slug(words: str) -> str:
    """A short name of a participation cue, for the table of rules."""
    for stem in ("particip", "join", "from", "by", "includ", "existing", "alongside"):
        if stem in words.lower():
            return stem
    return "others"


def _home(drafts: Sequence[Draft], name: Found[Name], role: tuple[Role, str]) -> Draft | None:
    """The draft an investor belongs to: the nearest before it in the sentence, else the nearest after."""
    candidates = [d for d in drafts if d.kind != "total"] or list(drafts)
    if role[1] in ("with_from", "with_includ", "with_others"):
        candidates = list(drafts)
    before = [d for d in candidates if d.start <= name.start]
    if before:
        return max(before, key=lambda d: d.start)
    return min(candidates, key=lambda d: d.start, default=None)


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
        focus.sentence = sentence.index
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
