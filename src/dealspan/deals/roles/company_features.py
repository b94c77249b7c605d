"""What the model of companies sees of an organisation and an anchor."""

from collections.abc import Iterator, Sequence
from typing import Any

from dealspan.annotations import Found
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.outline import Named, Outline
from dealspan.deals.roles.words import step

_PRONOUN = frozenset(
    ["it", "its", "they", "their", "we", "our", "us", "he", "she", "company", "startup", "firm", "start"]
)


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
    others = [n for n in sentence.organisations if n.value.entity != entity]
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
                f"back {step(gap)} pronoun {pronoun}",
                f"back {step(gap)} opens {opens} label {last.found.label}",
                f"back between {min(between, 3)} {step(gap)}",
                f"back rank {min(outline.rank.get(entity, 9), 3)} {step(gap)}",
            ]
        else:
            out.append(f"far pronoun {pronoun}")
    return out


def _company_here(outline: Outline, anchor: Anchor, named: Named, others: Sequence[Found[Any]]) -> Iterator[str]:
    found, number = named.found, named.sentence
    left = found.end <= anchor.start
    low, high = (found.end, anchor.start) if left else (anchor.end, found.start)
    gap = outline.between(number, low, high)
    between = sum(low <= n.start < high for n in others)
    side = "L" if left else "R"
    first = not any(n.start < found.start for n in others if n.label == "COMPANY")
    yield f"{side} {step(len(gap))} {anchor.role}"
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
