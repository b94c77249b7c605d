"""What the models see of a place that may state a financing, and of the places that are one deal."""

import math
from collections.abc import Iterator, Sequence

from dealspan.annotations import Found, Money, Name
from dealspan.deals.merging import same_sum
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.outline import INVESTING_ACTS, Outline
from dealspan.deals.roles.words import bag, list_around, step


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
        f"sentence {step(sentence.number)}",
        f"amounts {min(len(amounts), 4)} before {min(3, sum(a.start < anchor.start for a in amounts))}",
        f"names {min(len(companies), 2)} {min(len(investors), 2)}",
        f"company {_sides(anchor, companies)}",
        f"investor {_sides(anchor, investors)}",
        *bag("b", before, 4),
        *bag("a", after, 4),
        f"bb {' '.join(before[:2])}",
        f"aa {' '.join(after[:2])}",
        f"aaa {' '.join(after[:3])}",
        f"ba {' '.join(before[:1])} {' '.join(after[:1])}",
        f"dates {bool(sentence.dates)}",
        f"length {step(len(outline.tokens(sentence.number).words) / 3)}",
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
        out += [f"round {best.rule}", f"round {best.start > anchor.start} {step(len(gap))}"]
    if amounts:
        best = min(amounts, key=lambda a: abs(a.start - anchor.start))
        gap = outline.between(sentence.number, min(anchor.end, best.end), max(anchor.start, best.start))
        out += [
            f"amount {best.rule_role} {best.start > anchor.start}",
            f"amount {best.start > anchor.start} {step(len(gap))}",
        ]
    return out


def _sides(anchor: Anchor, names: Sequence[Found[Name]]) -> str:
    """Whether some names stand before an anchor, and behind it."""
    return f"{any(n.end <= anchor.start for n in names)} {any(n.start >= anchor.end for n in names)}"


def _money(anchor: Anchor, place: int, anchors: Sequence[Anchor]) -> list[str]:
    money: Money = anchor.mention.value
    low, high = money.amount.min, money.amount.max
    size = low if low is not None else high
    same = [
        other
        for other in anchors[:40]
        if other.sort == "money"
        and other is not anchor
        and other.mention.value.amount.currency == money.amount.currency
        and same_sum(other.mention, anchor.mention)
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
        yield f"verb {step(place)}"
    peers = sentence.organisations
    i = next((i for i, n in enumerate(peers) if n.start == anchor.start), 0)
    yield from list_around(outline, sentence.number, peers, i)


def deal_features(
    outline: Outline, anchors: Sequence[Anchor], kind: str, company: str | None, sure: float, others: Sequence[str]
) -> list[str]:
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
        *bag("b", outline.before(number, best.start, 4), 2),
        *bag("a", outline.after(number, best.end, 4), 2),
    ]
    if best.claim:
        out.append(f"claim {best.claim.value.stage} {best.claim.value.certainty} {best.claim.value.stage_rule}")
    return out
