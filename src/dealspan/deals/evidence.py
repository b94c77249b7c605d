"""What the models of roles see, as strings: the words around, the distances, and what the rules say."""

import math
import re
from collections.abc import Iterator, Sequence

from dealspan.annotations import Found, Money, ResolvedDate
from dealspan.deals.anchors import Anchor
from dealspan.deals.merging import same_sum
from dealspan.deals.outline import INVESTING_ACTS, Named, Outline

_PRONOUN = frozenset(("it", "its", "they", "their", "we", "our", "us", "he", "she", "company", "startup", "firm", "start"))
_TELLING = frozenset(
    "led lead leads participation participated joined join round backed existing investors invest invested".split()
)
_DISTANCES = (0, 1, 2, 3, 5, 8, 13, 21)


def _step(number: float) -> int:
    """A distance in growing steps, so that few features hold many distances."""
    return next((i for i, limit in enumerate(_DISTANCES) if number <= limit), len(_DISTANCES))


def _words(prefix: str, words: Sequence[str], placed: int) -> Iterator[str]:
    """Some words as a bag, the first of them by their place too."""
    for i, word in enumerate(words):
        yield f"{prefix} {word}"
        if i < placed:
            yield f"{prefix}{i} {word}"


def anchor_features(outline: Outline, anchor: Anchor, place: int, anchors: Sequence[Anchor]) -> list[str]:
    """What is seen of an anchor, the `place`-th of a text."""
    sentence = anchor.sentence
    before = outline.before(sentence.number, anchor.start, 9)
    after = outline.after(sentence.number, anchor.end, 9)
    draft = anchor.by_rules
    companies = [n for n in sentence.names if n.label == "COMPANY" and n is not anchor.mention]
    investors = [n for n in sentence.names if n.label == "INVESTOR"]
    beside = [a for a in anchors[max(0, place - 8) : place + 9] if a.sentence is sentence and a is not anchor]
    amounts = [a for a in beside if a.sort == "money"]
    out = [
        f"rule {anchor.rule}",
        f"role {anchor.rule_role}",
        f"draft {draft is not None and (draft.kind, draft.weak, draft.refers)}",
        f"draft company {draft.company.rule if draft and draft.company else None}",
        f"section {sentence.section}",
        f"sentence {_step(sentence.number)}",
        f"amounts {min(len(amounts), 4)} before {min(3, sum(a.start < anchor.start for a in amounts))}",
        f"names {min(len(companies), 2)} {min(len(investors), 2)}",
        f"company before {any(n.end <= anchor.start for n in companies)} after {any(n.start >= anchor.end for n in companies)}",
        f"investor before {any(n.end <= anchor.start for n in investors)} after {any(n.start >= anchor.end for n in investors)}",
        *_words("b", before, 4),
        *_words("a", after, 4),
        f"bb {' '.join(before[:2])}",
        f"aa {' '.join(after[:2])}",
        f"aaa {' '.join(after[:3])}",
        f"ba {' '.join(before[:1])} {' '.join(after[:1])}",
        f"dates {bool(sentence.dates)}",
        f"length {_step(len(outline.tokens(sentence.number).words) / 3)}",
    ]
    deal = outline.deal_of(draft)
    out.append(f"deal {deal is not None and deal.kind} {draft is not None}")
    if anchor.claim:
        out.append(f"claim {anchor.claim.value.stage} {anchor.claim.value.certainty} {anchor.claim.value.stage_rule}")
    if anchor.sort == "money":
        out += _money(anchor, place, anchors)
    else:
        out += _beside_money(anchor, place, anchors)
    if anchor.sort == "act":
        entity = anchor.mention.value.entity
        out.append(f"rank {min(outline.rank.get(entity, 9), 3)} first {min(outline.first.get(entity, 9), 2)}")
        out += _act(outline, anchor)
    near = [a for a in beside if a.sort == "round"]
    if near:
        best = min(near, key=lambda a: abs(a.start - anchor.start))
        gap = outline.between(sentence.number, min(anchor.end, best.end), max(anchor.start, best.start))
        out += [f"round {best.rule}", f"round {best.start > anchor.start} {_step(len(gap))}"]
    if amounts:
        best = min(amounts, key=lambda a: abs(a.start - anchor.start))
        gap = outline.between(sentence.number, min(anchor.end, best.end), max(anchor.start, best.start))
        out += [f"amount {best.rule_role} {best.start > anchor.start}", f"amount {best.start > anchor.start} {_step(len(gap))}"]
    return out


def _money(anchor: Anchor, place: int, anchors: Sequence[Anchor]) -> list[str]:
    money: Money = anchor.mention.value
    low, high = money.amount.min, money.amount.max
    size = low if low is not None else high
    same = [
        other
        for other in anchors[:40]
        if other is not anchor and other.sort == "money" and same_sum(other.mention, anchor.mention)
    ]
    return [
        f"size {int(2 * math.log10(size)) if size and size > 0 else None}",
        f"bounds {low is None} {high is None} {money.amount.approx}",
        f"first amount {not any(a.sort == 'money' for a in anchors[: min(place, 20)])}",
        f"again {min(len(same), 2)} headline {any(a.sentence.section == 'HEADLINE' for a in same)}",
        f"again role {same[0].rule_role if same else None}",
    ]


def _beside_money(anchor: Anchor, place: int, anchors: Sequence[Anchor]) -> list[str]:
    """What the amounts of a text, judged before, say of a round type or a company."""
    sums = [a for a in anchors[max(0, place - 40) : place + 41] if a.sort == "money"]
    here = max((a.sure for a in sums if a.sentence is anchor.sentence), default=-1.0)
    near = max((a.sure for a in sums if abs(a.sentence.number - anchor.sentence.number) < 4), default=-1.0)
    anywhere = max((a.sure for a in sums), default=-1.0)
    return [
        f"sum here {math.ceil(4 * here)}",
        f"sum near {math.ceil(4 * near)}",
        f"sum anywhere {math.ceil(4 * anywhere)}",
        f"sum anywhere {math.ceil(4 * anywhere)} {anchor.sentence.section} {anchor.rule}",
    ]


def _act(outline: Outline, anchor: Anchor) -> Iterator[str]:
    """The words of investing before a company that somebody may back, and the list that it stands in."""
    sentence = anchor.sentence
    words = outline.before(sentence.number, anchor.start, 60)
    place = next((i for i, word in enumerate(words) if word in INVESTING_ACTS), None)
    if place is not None:
        yield f"verb {words[place]}"
        yield f"verb {words[place]} {' '.join(words[max(0, place - 2) : place][::-1])}"
        yield f"verb before {' '.join(words[place : place + 2][::-1])}"
        yield f"verb {_step(place)}"
    peers = [n for n in sentence.names if n.label in ("COMPANY", "INVESTOR")]
    i = next((i for i, n in enumerate(peers) if n.start == anchor.start), 0)
    yield from _list_around(outline, sentence.number, peers, i)


def company_features(outline: Outline, anchor: Anchor, entity: str, near: Sequence[Named]) -> list[str]:
    """What is seen of an organisation as the company of an anchor; `near` are its occurrences close by."""
    sentence = anchor.sentence
    draft = anchor.by_rules
    by_rules = draft.company if draft else None
    mentions = outline.entities[entity]
    role = anchor.role
    out = [
        f"rules {by_rules.rule if by_rules and by_rules.mention.value.entity == entity else (by_rules is not None)}",
        f"rank {min(outline.rank.get(entity, 9), 4)}",
        f"first {min(outline.first.get(entity, 9), 3)}",
        f"rank {min(outline.rank.get(entity, 9), 4)} of {min(len(outline.rank), 5)} {role == 'fund'}",
        f"headline {outline.sentences[mentions[0].sentence].section == 'HEADLINE'}",
        f"count {min(len(mentions), 4)}",
        f"labels {mentions[0].found.label} {mentions[-1].found.label} {role}",
    ]
    deal = outline.deal_of(draft)
    if deal is not None:
        out.append(f"deal {deal.company is not None} {deal.entity() == entity}")
    pronoun = any(w in _PRONOUN for w in outline.before(sentence.number, anchor.start, 12))
    here = [n for n in near if n.sentence == sentence.number]
    others = [n for n in sentence.names if n.label in ("COMPANY", "INVESTOR") and n.value.entity != entity]
    out.append(f"here {bool(here)} others {any(n.label == 'COMPANY' for n in others)} pronoun {pronoun} {anchor.sort}")
    for named in here[:3]:
        out += _company_here(outline, anchor, named, others)
    if not here:
        last = max((n for n in near if n.sentence < sentence.number), key=lambda n: n.found.start, default=None)
        if last is not None:
            gap = sentence.number - last.sentence
            between = sum(
                len({n.value.entity for n in s.names if n.label == "COMPANY" and n.value.entity != entity})
                for s in outline.sentences[last.sentence + 1 : sentence.number]
            )
            opens = last.found.start - outline.sentences[last.sentence].start < 5
            out += [
                f"back {_step(gap)} pronoun {pronoun}",
                f"back {_step(gap)} opens {opens} label {last.found.label}",
                f"back between {min(between, 3)} {_step(gap)}",
                f"back rank {min(outline.rank.get(entity, 9), 3)} {_step(gap)}",
            ]
        else:
            out.append(f"far pronoun {pronoun}")
    return out


def _company_here(outline: Outline, anchor: Anchor, named: Named, others: Sequence[Found[object]]) -> Iterator[str]:
    found, number = named.found, named.sentence
    left = found.end <= anchor.start
    low, high = (found.end, anchor.start) if left else (anchor.end, found.start)
    gap = outline.between(number, low, high)
    between = sum(low <= n.start < high for n in others)
    side = "L" if left else "R"
    first = not any(n.start < found.start for n in others if n.label == "COMPANY")
    yield f"{side} {_step(len(gap))} {anchor.role}"
    yield f"{side} between {min(between, 3)} {found.label}"
    yield f"{side} between {min(between, 3)} first {first} {anchor.role}"
    yield f"{side} label {found.label} {anchor.role}"
    yield f"{side} rule {found.rule}"
    yield f"{side} opens {found.start - outline.sentences[number].start < 4}"
    words = gap[:14] if left else gap[-14:]
    yield from (f"{side} {word}" for word in dict.fromkeys(words))
    yield f"{side} near {' '.join(gap[:2] if left else gap[-2:])}"
    yield f"{side} anchor {' '.join(gap[-2:] if left else gap[:2])}"
    if len(gap) < 6:
        yield f"{side} all {' '.join(gap)}"
    outside = outline.before(number, found.start, 2)
    yield from (f"{side} before{i} {w}" for i, w in enumerate(outside))
    outside = outline.after(number, found.end, 2)
    yield from (f"{side} after{i} {w}" for i, w in enumerate(outside))


def pair_features(
    outline: Outline, one: Anchor, other: Anchor, between: int, beside: Sequence[int]
) -> list[str]:
    """What is seen of two anchors, `one` before `other`, as statements of one financing."""
    sorts = f"{one.sort}-{other.sort}"
    gap = other.sentence.number - one.sentence.number
    overlap = sum(p * other.companies.get(e, 0.0) for e, p in one.companies.items())
    same_company = "?" if not (one.company and other.company) else one.company == other.company
    roles = f"{one.role}-{other.role}"
    out = [
        sorts,
        f"{sorts} {roles}",
        f"{sorts} gap {_step(gap)}",
        f"{sorts} between {min(between, 4)} {_step(gap)}",
        f"overlap {int(5 * overlap)} {sorts}",
        f"company {same_company} {sorts}",
        f"company {same_company} {roles}",
        f"headline {one.sentence.section == 'HEADLINE'} {sorts} {min(between, 2)}",
        f"section {one.sentence.section} {other.sentence.section}",
    ]
    if one.claim and other.claim:
        out.append(f"stages {one.claim.value.stage} {other.claim.value.stage} {sorts}")
    out.append(f"earlier {bool(one.by_rules and one.by_rules.earlier)} {bool(other.by_rules and other.by_rules.earlier)}")
    deals = [outline.deal_of(a.by_rules) for a in (one, other)]
    same_deal = "none" if deals[0] is None or deals[1] is None else str(deals[0] is deals[1])
    out += [f"deal {same_deal} {sorts}", f"deal {same_deal} {roles}"]
    types = _types(one, other)
    out += [f"types {types} {sorts}", f"types {types} company {same_company}"]
    crowd = " ".join(str(min(n, 2)) for n in beside)
    out += [f"beside {crowd} {sorts} {gap == 0}", f"beside {crowd} {sorts} {gap == 0} {min(between, 2)}"]
    if one.by_rules is not None and one.by_rules is other.by_rules:
        out.append(f"one draft {sorts} {roles}")
    if one.sort == other.sort == "money":
        out.append(f"sum {_sums(one, other)} types {types} {same_company}")
        out.append(f"sum {_sums(one, other)} {roles}")
        out.append(f"sum {_sums(one, other)} {same_company} {roles}")
        out.append(f"sum {_sums(one, other)} {min(between, 3)}")
    if one.sort == other.sort == "round":
        same = one.mention.value.value == other.mention.value.value
        out += [f"type {same} {same_company}", f"type {same} {_step(gap)}", f"type {one.rule} {other.rule}"]
    elif "round" in (one.sort, other.sort):
        money, found = (one, other) if other.sort == "round" else (other, one)
        rules = money.by_rules.round if money.by_rules else None
        own = rules is not None and rules.mention.value.value == found.mention.value.value
        out += [f"own type {own} {rules is None}", f"own type {own} {_step(gap)} {sorts}", f"type {found.rule} {money.role}"]
    if gap == 0:
        words = outline.between(one.sentence.number, one.end, other.start)
        out.append(f"{sorts} words {_step(len(words))}")
        out += (f"{sorts} {word}" for word in dict.fromkeys(words[:14]))
        if len(words) < 5:
            out.append(f"{sorts} all {' '.join(words)}")
    else:
        out += (f"{sorts} b{i} {w}" for i, w in enumerate(outline.before(other.sentence.number, other.start, 3)))
        out += (f"{sorts} a{i} {w}" for i, w in enumerate(outline.after(other.sentence.number, other.end, 2)))
        out += (f"{sorts} s{i} {w}" for i, w in enumerate(outline.after(other.sentence.number, other.sentence.start, 3)))
    return out


def _types(one: Anchor, other: Anchor) -> str:
    """Whether the round types that two anchors are, or stand with, agree."""
    types = []
    for anchor in (one, other):
        if anchor.sort == "round":
            types.append(anchor.mention.value.value)
        elif anchor.by_rules and anchor.by_rules.round:
            types.append(anchor.by_rules.round.mention.value.value)
    return str(types[0] == types[1]) if len(types) == 2 else str(len(types))


def _sums(one: Anchor, other: Anchor) -> str:
    a, b = one.mention.value.amount, other.mention.value.amount
    if same_sum(one.mention, other.mention):
        return "same"
    if a.currency != b.currency:
        return "currency"
    x, y = (v.min if v.min is not None else v.max for v in (a, b))
    return "more" if x and y and y > x else "less"


def investor_features(
    outline: Outline, anchors: Sequence[Anchor], company: str | None, named: Named, deals: str, owner: str
) -> list[str]:
    """What is seen of an occurrence of an organisation as an investor of the deal of some anchors.

    `deals` says how many deals there are and whether another stands between, `owner` whose anchors stand on both sides.
    """
    found, number = named.found, named.sentence
    sentence = outline.sentences[number]
    entity = found.value.entity
    mentions = outline.entities[entity]
    nearest = min(anchors, key=lambda a: (abs(a.sentence.number - number), abs(a.start - found.start)))
    gap = number - nearest.sentence.number
    here = gap == 0
    place = "here" if here else "next" if 0 < gap <= 3 else "ahead" if gap < 0 else "far"
    before = outline.before(number, found.start, 8)
    after = outline.after(number, found.end, 8)
    peers = [n for n in sentence.names if n.label in ("COMPANY", "INVESTOR")]
    own = {id(a.by_rules) for a in anchors if a.by_rules}
    by_rules = outline.invests.get(found.start, ())
    out = [
        f"label {found.label} {mentions[0].found.label}",
        f"count {min(len(mentions), 3)}",
        f"company {entity == company}",
        f"kind {nearest.role} {nearest.sort}",
        f"rank {min(outline.rank.get(entity, 9), 2)}",
        f"{place} {deals} {found.label}",
        f"owner {owner} {place}",
        f"owner {owner} {place} {found.label} {deals}",
        f"gap {max(-3, min(gap, 8))}",
        f"name {found.rule}",
        f"section {sentence.section}",
        f"peers {min(len(peers), 5)}",
        *_words("b", before, 2),
        *_words("a", after, 3),
        f"b2 {' '.join(before[:2])}",
        f"a2 {' '.join(after[:2])}",
        f"opens {place} {' '.join(outline.after(number, sentence.start, 2))}",
        *([] if by_rules else [f"rules none {place}"]),
    ]
    deals = {id(deal): deal for a in anchors if (deal := outline.deal_of(a.by_rules)) is not None}
    parts = [i for deal in deals.values() for i in deal.investors if i.mention.value.entity == entity]
    out += [f"deal {i.role}" for i in parts] + [f"deal {i.role} {i.rule}" for i in parts]
    elsewhere = any(
        i.mention.value.entity == entity for deal in outline.by_rules if id(deal) not in deals for i in deal.investors
    )
    out.append(f"deal {bool(parts)} elsewhere {elsewhere} {bool(deals)}")
    here_too = any(i.mention.start == found.start for i in parts)
    out.append(f"deal {here_too} elsewhere {elsewhere} {place}")
    for draft, investor in by_rules:
        whose = "own" if id(draft) in own else "reference" if draft.refers else "other"
        out.append(f"rules {whose} {owner} {investor.role}")
        out.append(f"rules {whose} {investor.role} {investor.rule}")
    if nearest.claim:
        out.append(f"stage {nearest.claim.value.stage} {place}")
    i = next((i for i, n in enumerate(peers) if n.start == found.start), 0)
    out += _list_around(outline, number, peers, i)
    words = set(outline.tokens(number).words)
    out += (f"{place} has {word}" for word in sorted(_TELLING & words))
    if here:
        left = found.end <= nearest.start
        low, high = (found.end, nearest.start) if left else (nearest.end, found.start)
        gap_words = outline.between(number, low, high)
        side = "L" if left else "R"
        out.append(f"{side} {_step(len(gap_words))} {nearest.sort}")
        out += (f"{side} {w}" for w in dict.fromkeys(gap_words[:12] if left else gap_words[-12:]))
        out.append(f"{side} names {min(3, sum(low <= n.start < high for n in peers))}")
    return out


def _list_around(outline: Outline, number: int, peers: Sequence[Found[object]], i: int) -> Iterator[str]:
    """What opens and what closes the list that a name stands in."""
    first = last = i
    while first > 0 and _listed(outline, number, peers[first - 1], peers[first]):
        first -= 1
    while last + 1 < len(peers) and _listed(outline, number, peers[last], peers[last + 1]):
        last += 1
    yield f"list {min(i - first, 2)} {min(last - i, 2)}"
    if first != last:
        head = outline.before(number, peers[first].start, 6)
        tail = outline.after(number, peers[last].end, 5)
        yield from (f"list b {w}" for w in dict.fromkeys(head))
        yield from (f"list a {w}" for w in dict.fromkeys(tail))
        yield f"list b2 {' '.join(head[:2])}"
        yield f"list a2 {' '.join(tail[:2])}"
        yield f"list labels {sum(n.label == 'INVESTOR' for n in peers[first : last + 1]) * 2 > last - first}"


def date_features(
    outline: Outline, anchors: Sequence[Anchor], found: Found[ResolvedDate], number: int, others: int
) -> list[str]:
    """What is seen of a date as the date of the deal of some anchors; `others` stand between it and the nearest."""
    nearest = min(anchors, key=lambda a: (abs(a.sentence.number - number), abs(a.start - found.start)))
    gap = number - nearest.sentence.number
    sentence = outline.sentences[number]
    by_rules = any(a.by_rules and a.by_rules.date and a.by_rules.date.mention is found for a in anchors)
    deals = [deal for a in anchors if (deal := outline.deal_of(a.by_rules)) is not None]
    dates = {deal.date.mention.value.value for deal in deals if deal.date}
    out = [
        f"rules {by_rules}",
        f"deal {bool(deals)} {bool(dates)} {found.value.value in dates}",
        f"gap {max(-3, min(gap, 4))}",
        f"rule {found.rule} {gap == 0}",
        f"length {len(found.value.value)} future {found.value.future}",
        f"section {sentence.section} {gap == 0}",
        f"dates {min(len(sentence.dates), 3)} amounts {min(len(sentence.amounts), 3)} {gap == 0}",
        f"others {min(others, 3)} {gap == 0}",
        f"kind {nearest.role} {nearest.sort} {gap == 0}",
        *_words(f"b{gap == 0}", outline.before(number, found.start, 6), 3),
        *_words(f"a{gap == 0}", outline.after(number, found.end, 4), 2),
    ]
    if nearest.claim:
        out.append(f"stage {nearest.claim.value.stage} {len(found.value.value)} {gap == 0}")
    if gap == 0:
        left = found.end <= nearest.start
        low, high = (found.end, nearest.start) if left else (nearest.end, found.start)
        words = outline.between(number, low, high)
        out.append(f"{left} {_step(len(words))}")
        out += (f"{left} {w}" for w in dict.fromkeys(words[:10]))
    return out


def _listed(outline: Outline, number: int, one: Found[object], other: Found[object]) -> bool:
    """Whether two names are parts of one list: a comma or an "and" and at most some small words stand between."""
    gap = outline.between(number, one.end, other.start)
    return 0 < len(gap) <= 7 and any(w in (",", "and", "&", ";") for w in gap[:2] + gap[-2:])


def deal_features(outline: Outline, anchors: Sequence[Anchor], kind: str, company: str | None, sure: float, others: Sequence[str]) -> list[str]:
    """What is seen of a group of anchors as a deal of its own; `others` say what the other groups have in common."""
    best = max(anchors, key=lambda a: (a.sort == "money", a.sure))
    sorts = "+".join(sorted({a.sort for a in anchors}))
    drafts = [a.by_rules for a in anchors if a.by_rules]
    sections = {a.sentence.section for a in anchors}
    number = best.sentence.number
    rounds = sorted({a.rule for a in anchors if a.sort == "round"})
    out = [
        f"{sorts} {kind}",
        f"{sorts} sure {int(8 * best.sure)}",
        f"sure {int(8 * best.sure)}",
        f"company {int(5 * sure)} {company is not None}",
        f"{sorts} company {int(5 * sure)}",
        f"{sorts} anchors {min(len(anchors), 4)}",
        f"sentences {min(len({a.sentence.number for a in anchors}), 4)} {sorts}",
        f"sections {'+'.join(sorted(sections))} {sorts}",
        f"draft {sorts} {any(not d.weak and not d.refers for d in drafts)} {bool(drafts)}",
        f"refers {any(d.refers for d in drafts)}",
        f"deal {any(outline.deal_of(d) for d in drafts)} {sorts}",
        f"rule {best.sort} {best.rule} {best.rule_role}",
        f"rank {min(outline.rank.get(company or '', 9), 3)} {sorts}",
        f"investors {min(sum(n.label == 'INVESTOR' for n in best.sentence.names), 3)} {sorts}",
        *(f"type {r} {sorts}" for r in rounds),
        *(f"other {o}" for o in others),
        *(f"other {o} {sorts}" for o in others),
        *_words("b", outline.before(number, best.start, 4), 2),
        *_words("a", outline.after(number, best.end, 4), 2),
    ]
    if best.claim:
        out.append(f"claim {best.claim.value.stage} {best.claim.value.certainty} {best.claim.value.stage_rule}")
    return out
