"""From the anchors of a text to its financings: what each anchor is, whose, and which are of one financing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dealspan.annotations import AmountRole, Found, Money
from dealspan.deals.merging import same_sum
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.company_features import company_features
from dealspan.deals.roles.outline import Named, Outline
from dealspan.deals.roles.pair_features import pair_features
from dealspan.deals.roles.statement_features import anchor_features, deal_features
from dealspan.loglinear import LogLinear
from dealspan.records import Kind

YES, NO, OTHER = "yes", "no", "other"
KINDS: dict[AmountRole, Kind] = {"raised": "round", "total": "total", "fund": "fund"}
SORTS = (("money",), ("round", "act"))
"""Amounts are judged first: what they are is evidence for the round types beside them."""
LAST, FIRST = 3, 1
"""An anchor is compared with so many before it, and with so many at the start of the text; with 8 and 3 no deal of the
development part is another."""
MOST = 40
"""Anchors of a financing that are looked at: no article speaks of one more often, and a crafted text costs no more."""
BESIDE = 200
"""A financing is compared with so many on either side; no article tells of more, and the time stays linear."""
ANCHOR_FROM = 0.4
"""An anchor this likely to be of a deal is kept; with 0.3 no F1 of deals on the development part moved by 0.01."""


@dataclass(slots=True)
class Group:
    """The anchors of one financing, the likelihood of its companies, and how likely it is a deal of its own."""

    anchors: list[Anchor]
    companies: dict[str, float] = field(default_factory=dict)
    sure: float = 0.0

    @property
    def kind(self) -> Kind:
        """What the surest of its sums says."""
        sums = [a for a in self.anchors if a.role in KINDS and a.sort == "money"]
        return KINDS[max(sums, key=lambda a: a.sure).role] if sums else "round"

    @property
    def company(self) -> str | None:
        """The likeliest company."""
        return max(self.companies, key=self.companies.__getitem__, default=None)


def judge_anchors(outline: Outline, anchors: Sequence[Anchor], models: Mapping[str, LogLinear]) -> list[Anchor]:
    """Say of each anchor what it is; return those that may state a financing."""
    for sorts in SORTS:
        judge(outline, anchors, sorts, models)
    return [a for a in anchors if a.role != OTHER]


def judge(outline: Outline, anchors: Sequence[Anchor], sorts: Sequence[str], models: Mapping[str, LogLinear]) -> None:
    """Judge the anchors of some sorts."""
    for sort in sorts:
        mine = [i for i, a in enumerate(anchors) if a.sort == sort]
        if not mine:
            continue
        model = models[sort]
        table = np.exp(model.log_probabilities([anchor_features(outline, anchors[i], i, anchors) for i in mine]))
        other = model.classes.index(OTHER)
        for i, row in zip(mine, table, strict=True):
            anchor = anchors[i]
            anchor.sure, anchor.role = float(1 - row[other]), "other"
            if anchor.sort == "act" and anchor.by_rules:
                anchor.sure = max(anchor.sure, ANCHOR_FROM)
            if anchor.sure >= ANCHOR_FROM:
                row[other] = 0
                anchor.role = model.classes[int(row.argmax())]  # type: ignore[assignment]


def company_candidates(outline: Outline, anchor: Anchor) -> dict[str, list[Named]]:
    """The organisations that the financing of an anchor may be of, with their occurrences close by."""
    number = anchor.sentence.number
    found: dict[str, list[Named]] = {}
    for n in range(number, max(-1, number - 4), -1):
        for name in outline.sentences[n].names:
            if name.label == "COMPANY" or (name.label == "INVESTOR" and (n == number)):
                found.setdefault(name.value.entity, []).append(Named(name, n))
    for entity in outline.leading:
        found.setdefault(entity, [])
    rules = anchor.by_rules.company if anchor.by_rules else None
    if rules and rules.mention.value.entity in outline.entities:
        found.setdefault(rules.mention.value.entity, [])
    return found


def name_companies(outline: Outline, anchors: Sequence[Anchor], models: Mapping[str, LogLinear]) -> None:
    """Give each anchor the probabilities of its companies."""
    rows, owners = [], []
    for anchor in anchors:
        if anchor.sort == "act":
            anchor.companies = {anchor.mention.value.entity: 1.0}
            continue
        for entity, near in company_candidates(outline, anchor).items():
            rows.append(company_features(outline, anchor, entity, near))
            owners.append((anchor, entity))
    if rows:
        model = models["company"]
        yes = np.exp(model.log_probabilities(rows)[:, model.classes.index(YES)])
        for (anchor, entity), p in zip(owners, yes, strict=True):
            anchor.companies[entity] = float(p)


def compatible(one: Anchor, other: Anchor) -> bool:
    """Whether two anchors can be of one financing by their kinds."""
    sums = [a.role for a in (one, other) if a.sort == "money" and a.role in KINDS]
    return len(set(sums)) < 2


def partners(anchors: Sequence[Anchor], place: int) -> list[int]:
    """The earlier anchors that one is compared with: the last ones and the first ones."""
    last = max(0, place - LAST)
    near = (*range(min(FIRST, last)), *range(last, place))
    return [i for i in near if compatible(anchors[i], anchors[place])]


def group(outline: Outline, anchors: Sequence[Anchor], models: Mapping[str, LogLinear]) -> list[Group]:
    """Bring the anchors of one financing together."""
    model = models["same"]
    column = model.classes.index(YES)
    pairs = [(i, j) for j in range(len(anchors)) for i in partners(anchors, j)]
    if not pairs:
        return [_group([anchor]) for anchor in anchors]
    table = model.log_probabilities(pair_rows(outline, anchors, pairs))
    links: dict[int, dict[int, float]] = {i: {} for i in range(len(anchors))}
    ranked = []
    for (i, j), row in zip(pairs, table, strict=True):
        links[i][j] = links[j][i] = logit = float(row[column] - row[1 - column])
        ranked.append((-logit, i, j))
    members = {i: [i] for i in range(len(anchors))}
    home = list(range(len(anchors)))
    kinds = [{a.role} if a.sort == "money" and a.role in KINDS else set[AmountRole]() for a in anchors]
    for loss, i, j in sorted(ranked):
        one, other = home[i], home[j]
        if loss >= 0 or one == other:
            continue
        if len(members[one]) < len(members[other]):
            one, other = other, one
        score = sum(logit for a in members[other] for b, logit in links[a].items() if home[b] == one)
        if score <= 0 or len(kinds[one] | kinds[other]) > 1:
            continue
        for a in members[other]:
            home[a] = one
        members[one] += members.pop(other)
        kinds[one] |= kinds[other]
    return [
        _group([anchors[i] for i in sorted(one)[:MOST]]) for _, one in sorted(members.items(), key=lambda m: min(m[1]))
    ]


def pair_rows(outline: Outline, anchors: Sequence[Anchor], pairs: Sequence[tuple[int, int]]) -> list[list[str]]:
    """The features of pairs of anchors."""
    here: dict[int, dict[str, int]] = {}
    for anchor in anchors:
        counts = here.setdefault(anchor.sentence.number, {})
        counts[anchor.sort] = counts.get(anchor.sort, 0) + 1
    return [
        pair_features(
            outline,
            anchors[i],
            anchors[j],
            j - i - 1,
            [here[anchors[k].sentence.number].get(sort, 0) for k in (i, j) for sort in ("money", "round")],
        )
        for i, j in pairs
    ]


def _group(anchors: list[Anchor]) -> Group:
    companies: dict[str, float] = {}
    for anchor in anchors:
        for entity, p in anchor.companies.items():
            companies[entity] = companies.get(entity, 0.0) + p / len(anchors)
    return Group(anchors, companies)


def deal_rows(outline: Outline, groups: Sequence[Group]) -> list[list[str]]:
    """The features of each group as a deal of its own."""
    told = [_told(one) for one in groups]
    return [
        deal_features(
            outline, one.anchors, one.kind, one.company, one.companies.get(one.company or "", 0.0), _common(told, i)
        )
        for i, one in enumerate(groups)
    ]


class _Told(NamedTuple):
    """What of a group is compared with others."""

    company: str | None
    kind: Kind
    types: frozenset[str]
    sums: list[Found[Money]]


def _told(group: Group) -> _Told:
    types = frozenset(a.mention.value.value for a in group.anchors if a.sort == "round")
    sums = {a.mention.value.amount: a.mention for a in group.anchors if a.sort == "money"}
    return _Told(group.company, group.kind, types, list(sums.values()))


def _common(groups: Sequence[_Told], place: int) -> list[str]:
    """What other groups have in common with one."""
    one, found = groups[place], {f"groups {min(len(groups), 4)}"}
    for i in range(max(0, place - BESIDE), min(len(groups), place + BESIDE + 1)):
        if i == place:
            continue
        other = groups[i]
        same, money = one.company == other.company, bool(other.sums)
        if one.types & other.types:
            found.add(f"type {same} {money} {i < place}")
        sums = f"sum {same} {one.kind} {other.kind}"
        if sums not in found and any(same_sum(a, b) for a in one.sums for b in other.sums):
            found.add(sums)
        if same:
            found.add(f"company {money} {one.kind} {other.kind}")
    return sorted(found)
