"""What the models see of an investor or a date and the deal it may belong to."""

from collections.abc import Sequence

from dealspan.annotations import Found, ResolvedDate
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.outline import Named, Outline
from dealspan.deals.roles.words import bag, list_around, step

_TELLING = frozenset((
    "led", "lead", "leads", "participation", "participated", "joined", "join", "round", "backed", "existing",
    "investors", "invest", "invested",
))  # fmt: skip


def occurrence_features(outline: Outline, named: Named) -> list[str]:
    """What is seen of an occurrence of an organisation whatever the deal."""
    found, number = named.found, named.sentence
    sentence = outline.sentences[number]
    mentions = outline.entities[found.value.entity]
    before = outline.before(number, found.start, 8)
    after = outline.after(number, found.end, 8)
    peers = sentence.organisations
    i = next((i for i, n in enumerate(peers) if n.start == found.start), 0)
    return [
        f"label {found.label} {mentions[0].found.label}",
        f"count {min(len(mentions), 3)}",
        f"rank {min(outline.rank.get(found.value.entity, 9), 2)}",
        f"name {found.rule}",
        f"section {sentence.section}",
        f"peers {min(len(peers), 5)}",
        *bag("b", before, 2),
        *bag("a", after, 3),
        f"b2 {' '.join(before[:2])}",
        f"a2 {' '.join(after[:2])}",
        *list_around(outline, number, peers, i),
    ]


def investor_features(
    outline: Outline, anchors: Sequence[Anchor], company: str | None, named: Named, crowd: str, owner: str
) -> list[str]:
    """What is seen beside that of an occurrence as an investor of the deal of some anchors.

    `crowd` says how many deals there are and whether another stands between, `owner` whose anchors stand on both sides.
    """
    found, number = named.found, named.sentence
    sentence = outline.sentences[number]
    entity = found.value.entity
    nearest = min(anchors, key=lambda a: (abs(a.sentence.number - number), abs(a.start - found.start)))
    gap = number - nearest.sentence.number
    here = gap == 0
    place = "here" if here else "next" if 0 < gap <= 3 else "ahead" if gap < 0 else "far"
    own = {id(a.by_rules) for a in anchors if a.by_rules}
    by_rules = outline.invests.get(found.start, ())
    out = [
        f"company {entity == company}",
        f"kind {nearest.role} {nearest.sort}",
        f"{place} {crowd} {found.label}",
        f"owner {owner} {place}",
        f"owner {owner} {place} {found.label} {crowd}",
        f"gap {max(-3, min(gap, 8))}",
        f"opens {place} {' '.join(outline.after(number, sentence.start, 2))}",
        *([] if by_rules else [f"rules none {place}"]),
    ]
    deals = outline.deals_of(a.by_rules for a in anchors)
    held = outline.parts.get(entity, {})
    parts = [investor for deal in deals for investor in held.get(id(deal), ())]
    out += [f"deal {i.role}" for i in parts] + [f"deal {i.role} {i.rule}" for i in parts]
    elsewhere = len(held) > sum(id(deal) in held for deal in deals)
    out.append(f"deal {bool(parts)} elsewhere {elsewhere} {bool(deals)}")
    here_too = any(i.mention.start == found.start for i in parts)
    out.append(f"deal {here_too} elsewhere {elsewhere} {place}")
    for draft, investor in by_rules:
        whose = "own" if id(draft) in own else "reference" if draft.refers else "other"
        out.append(f"rules {whose} {owner} {investor.role}")
        out.append(f"rules {whose} {investor.role} {investor.rule}")
    if nearest.claim:
        out.append(f"stage {nearest.claim.value.stage} {place}")
    told = _TELLING.intersection(outline.tokens(number).words)
    out += (f"{place} has {word}" for word in sorted(told))
    if here:
        left = found.end <= nearest.start
        low, high = (found.end, nearest.start) if left else (nearest.end, found.start)
        gap_words = outline.between(number, low, high)
        side = "L" if left else "R"
        out.append(f"{side} {step(len(gap_words))} {nearest.sort}")
        out += (f"{side} {w}" for w in dict.fromkeys(gap_words[:12] if left else gap_words[-12:]))
        out.append(f"{side} names {min(3, sum(low <= n.start < high for n in sentence.organisations))}")
    return out


def date_features(
    outline: Outline, anchors: Sequence[Anchor], found: Found[ResolvedDate], number: int, others: int
) -> list[str]:
    """What is seen of a date as the date of the deal of some anchors; `others` stand between it and the nearest."""
    nearest = min(anchors, key=lambda a: (abs(a.sentence.number - number), abs(a.start - found.start)))
    gap = number - nearest.sentence.number
    sentence = outline.sentences[number]
    by_rules = any(a.by_rules and a.by_rules.date and a.by_rules.date.mention is found for a in anchors)
    deals = outline.deals_of(a.by_rules for a in anchors)
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
        *bag(f"b{gap == 0}", outline.before(number, found.start, 6), 3),
        *bag(f"a{gap == 0}", outline.after(number, found.end, 4), 2),
    ]
    if nearest.claim:
        out.append(f"stage {nearest.claim.value.stage} {len(found.value.value)} {gap == 0}")
    if gap == 0:
        left = found.end <= nearest.start
        low, high = (found.end, nearest.start) if left else (nearest.end, found.start)
        words = outline.between(number, low, high)
        out.append(f"{left} {step(len(words))}")
        out += (f"{left} {w}" for w in dict.fromkeys(words[:10]))
    return out
