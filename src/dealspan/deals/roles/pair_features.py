"""What the model of sameness sees of two anchors."""

from collections.abc import Sequence

from dealspan.deals.merging import same_sum
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.outline import Outline
from dealspan.deals.roles.words import step


def pair_features(outline: Outline, one: Anchor, other: Anchor, between: int, beside: Sequence[int]) -> list[str]:
    """What is seen of two anchors, `one` before `other`, as statements of one financing."""
    sorts = f"{one.sort}-{other.sort}"
    gap = other.sentence.number - one.sentence.number
    overlap = sum(p * other.companies.get(e, 0.0) for e, p in one.companies.items())
    companies = one.company, other.company
    same_company = companies[0] == companies[1] if all(companies) else "?"
    roles = f"{one.role}-{other.role}"
    out = [
        sorts,
        f"{sorts} {roles}",
        f"{sorts} gap {step(gap)}",
        f"{sorts} between {min(between, 4)} {step(gap)}",
        f"overlap {int(5 * overlap)} {sorts}",
        f"company {same_company} {sorts}",
        f"company {same_company} {roles}",
        f"headline {one.sentence.section == 'HEADLINE'} {sorts} {min(between, 2)}",
        f"section {one.sentence.section} {other.sentence.section}",
    ]
    if one.claim and other.claim:
        out.append(f"stages {one.claim.value.stage} {other.claim.value.stage} {sorts}")
    out.append(
        f"earlier {bool(one.by_rules and one.by_rules.earlier)} {bool(other.by_rules and other.by_rules.earlier)}"
    )
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
        sums = _sums(one, other)
        out += [
            f"sum {sums} types {types} {same_company}",
            f"sum {sums} {roles}",
            f"sum {sums} {same_company} {roles}",
            f"sum {sums} {min(between, 3)}",
        ]
    if one.sort == other.sort == "round":
        same = one.mention.value.value == other.mention.value.value
        out += [f"type {same} {same_company}", f"type {same} {step(gap)}", f"type {one.rule} {other.rule}"]
    elif "round" in (one.sort, other.sort):
        money, found = (one, other) if other.sort == "round" else (other, one)
        rules = money.by_rules.round if money.by_rules else None
        own = rules is not None and rules.mention.value.value == found.mention.value.value
        out += [
            f"own type {own} {rules is None}",
            f"own type {own} {step(gap)} {sorts}",
            f"type {found.rule} {money.role}",
        ]
    if gap == 0:
        words = outline.between(one.sentence.number, one.end, other.start)
        out.append(f"{sorts} words {step(len(words))}")
        out += (f"{sorts} {word}" for word in dict.fromkeys(words[:14]))
        if len(words) < 5:
            out.append(f"{sorts} all {' '.join(words)}")
    else:
        out += (f"{sorts} b{i} {w}" for i, w in enumerate(outline.before(other.sentence.number, other.start, 3)))
        out += (f"{sorts} a{i} {w}" for i, w in enumerate(outline.after(other.sentence.number, other.end, 2)))
        out += (
            f"{sorts} s{i} {w}" for i, w in enumerate(outline.after(other.sentence.number, other.sentence.start, 3))
        )
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
