"""The learned roles: which amounts, round types and companies make a deal, and who and what belongs to it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from dealspan.annotations import AmountRole, Found, Name, ResolvedDate
from dealspan.deals.anchors import Anchor, find_anchors
from dealspan.deals.drafts import Draft, Filled, Investor, Valued
from dealspan.deals.evidence import (
    anchor_features,
    company_features,
    date_features,
    deal_features,
    investor_features,
    pair_features,
)
from dealspan.deals.merging import same_sum
from dealspan.deals.outline import Named, Outline
from dealspan.loglinear import LogLinear, read_models
from dealspan.records import Kind, Role, ValuationKind

NO = "no"
LEARNED = "learned"
KINDS: dict[AmountRole, Kind] = {"raised": "round", "total": "total", "fund": "fund"}
VALUATIONS: dict[AmountRole, ValuationKind] = {
    "valuation": "unspecified",
    "valuation_pre": "pre",
    "valuation_post": "post",
}
OCCURRENCES = 3
SORTS = (("money",), ("round", "act"))
"""Amounts are judged first: what they are is evidence for the round types beside them."""
MODELS = ("money", "round", "act", "company", "same", "investor", "date", "deal")

T_ANCHOR = 0.4
T_COMPANY = 0.3
T_DEAL = 0.4
T_INVESTOR = 0.35
T_SECOND = 0.8
T_DATE = 0.45
T_SAME = 0.0


@dataclass(slots=True)
class Group:
    """The anchors of one financing."""

    anchors: list[Anchor]
    companies: dict[str, float] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """What the surest of its sums says."""
        sums = [a for a in self.anchors if a.role in KINDS and a.sort == "money"]
        return KINDS[max(sums, key=lambda a: a.sure).role] if sums else "round"

    @property
    def company(self) -> str | None:
        """The likeliest company."""
        return max(self.companies, key=lambda e: self.companies[e], default=None)


def judge_anchors(outline: Outline, anchors: Sequence[Anchor], models: dict[str, LogLinear]) -> list[Anchor]:
    """Say of each anchor what it is; return those that may state a financing."""
    for sorts in SORTS:
        judge(outline, anchors, sorts, models)
    return [a for a in anchors if a.role != "other"]


def judge(outline: Outline, anchors: Sequence[Anchor], sorts: Sequence[str], models: dict[str, LogLinear]) -> None:
    """Judge the anchors of some sorts."""
    for sort in sorts:
        mine = [i for i, a in enumerate(anchors) if a.sort == sort]
        if not mine:
            continue
        model = models[sort]
        table = np.exp(model.log_probabilities([anchor_features(outline, anchors[i], i, anchors) for i in mine]))
        other = model.classes.index("other")
        for i, row in zip(mine, table, strict=True):
            anchor = anchors[i]
            anchor.sure, anchor.role = float(1 - row[other]), "other"
            if anchor.sort == "act" and anchor.by_rules:
                anchor.sure = max(anchor.sure, T_ANCHOR)
            if anchor.sure >= T_ANCHOR:
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
    for entity in outline.entities:
        if outline.rank.get(entity, 9) < 2 or outline.first.get(entity, 9) < 2:
            found.setdefault(entity, [])
    rules = anchor.by_rules.company if anchor.by_rules else None
    if rules and rules.mention.value.entity in outline.entities:
        found.setdefault(rules.mention.value.entity, [])
    return found


def name_companies(outline: Outline, anchors: Sequence[Anchor], models: dict[str, LogLinear]) -> None:
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
        yes = np.exp(model.log_probabilities(rows)[:, model.classes.index("yes")])
        for (anchor, entity), p in zip(owners, yes, strict=True):
            anchor.companies[entity] = float(p)


def compatible(one: Anchor, other: Anchor) -> bool:
    """Whether two anchors can be of one financing by their kinds."""
    sums = [a.role for a in (one, other) if a.sort == "money" and a.role in KINDS]
    return len(set(sums)) < 2


def partners(anchors: Sequence[Anchor], place: int) -> list[int]:
    """The earlier anchors that one is compared with: the last ones and the first ones."""
    return [i for i in range(place) if (place - i <= 14 or i < 4) and compatible(anchors[i], anchors[place])]


def group(outline: Outline, anchors: Sequence[Anchor], models: dict[str, LogLinear]) -> list[Group]:
    """Bring the anchors of one financing together."""
    model = models["same"]
    column = model.classes.index("yes")
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
    for loss, i, j in sorted(ranked):
        one, other = home[i], home[j]
        if loss >= 0 or one == other:
            continue
        if len(members[one]) < len(members[other]):
            one, other = other, one
        scores = [links[a][b] for a in members[other] for b in members[one] if b in links[a]]
        if sum(scores) <= 0 or not all(compatible(anchors[a], anchors[b]) for a in members[other] for b in members[one]):
            continue
        for a in members[other]:
            home[a] = one
        members[one] += members.pop(other)
    return [_group([anchors[i] for i in sorted(one)]) for _, one in sorted(members.items(), key=lambda m: min(m[1]))]


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


class Places(NamedTuple):
    """Where the anchors of a text start, and the number of the group of each."""

    starts: list[int]
    groups: list[int]

    def between(self, group: int, low: int, high: int) -> int:
        """How many anchors of other groups stand between two places."""
        return sum(g != group for g in self.groups[bisect_left(self.starts, low) : bisect_left(self.starts, high)])

    def owner(self, group: int, place: int) -> str:
        """Whether the last anchor before a place and the next one behind are of a group."""
        i = bisect_left(self.starts, place)
        before = "-" if i == 0 else str(self.groups[i - 1] == group)
        behind = "-" if i == len(self.groups) else str(self.groups[i] == group)
        return f"{before} {behind}"


def places(groups: Sequence[Group]) -> Places:
    """The places of all anchors."""
    found = sorted((a.start, i) for i, g in enumerate(groups) for a in g.anchors)
    return Places([s for s, _ in found], [i for _, i in found])


def nearest(group: Group, number: int, start: int) -> Anchor:
    """The anchor of a group that is nearest to a place."""
    return min(group.anchors, key=lambda a: (abs(a.sentence.number - number), abs(a.start - start)))


def investor_candidates(outline: Outline, group: Group) -> dict[str, list[Named]]:
    """The organisations that may have a part in a deal, with their occurrences near its anchors."""
    found: dict[str, dict[int, Named]] = {}
    for number in dict.fromkeys(a.sentence.number for a in group.anchors):
        for n in range(max(0, number - 1), min(len(outline.sentences), number + 9)):
            told = n == number or (n - number < 5 and outline.tells_of_investing(n))
            for name in outline.sentences[n].names:
                if name.label == "INVESTOR" or (name.label == "COMPANY" and told):
                    found.setdefault(name.value.entity, {})[name.start] = Named(name, n)
    if all(a.sort == "act" for a in group.anchors):
        _add_firms(outline, group.anchors[0].sentence.number, found)
    company = group.company
    out = {}
    for entity, named in found.items():
        if entity != company:
            ranked = sorted(
                named.values(), key=lambda m: min(abs(a.start - m.found.start) for a in group.anchors)
            )
            out[entity] = ranked
    return out


def _add_firms(outline: Outline, number: int, found: dict[str, dict[int, Named]]) -> None:
    """Add the firms that "its investments include" may mean: those named shortly before, and the first of the text."""
    firms = [n for named in outline.entities.values() for n in named if n.found.label == "INVESTOR"]
    for named in firms[:1]:
        found.setdefault(named.found.value.entity, {})[named.found.start] = named
    for n in range(max(0, number - 4), number):
        for name in outline.sentences[n].names:
            if name.label == "INVESTOR":
                found.setdefault(name.value.entity, {})[name.start] = Named(name, n)


def investor_rows(outline: Outline, groups: Sequence[Group], at: Places) -> list[tuple[int, Named, list[str]]]:
    """The pairs of deals and occurrences of organisations that may have a part in them, with their features."""
    rows = []
    for i, one in enumerate(groups):
        for near in investor_candidates(outline, one).values():
            for named in near[:OCCURRENCES]:
                anchor = nearest(one, named.sentence, named.found.start)
                low, high = sorted((anchor.start, named.found.start))
                deals = f"{min(len(groups), 3)} {at.between(i, low + 1, high) and 'over'}"
                owner = at.owner(i, named.found.start)
                rows.append(
                    (i, named, investor_features(outline, one.anchors, one.company, named, deals, owner))
                )
    return rows


def date_rows(outline: Outline, groups: Sequence[Group], at: Places) -> list[tuple[int, Found[ResolvedDate], list[str]]]:
    """The pairs of deals and dates near their anchors, with their features."""
    rows = []
    for i, one in enumerate(groups):
        seen = set()
        for number in dict.fromkeys(a.sentence.number for a in one.anchors):
            for n in range(max(0, number - 1), min(len(outline.sentences), number + 2)):
                for found in outline.sentences[n].dates:
                    if found.start in seen:
                        continue
                    seen.add(found.start)
                    anchor = nearest(one, n, found.start)
                    low, high = sorted((anchor.start, found.start))
                    others = at.between(i, low + 1, high)
                    rows.append((i, found, date_features(outline, one.anchors, found, n, others)))
    return rows


def deal_rows(outline: Outline, groups: Sequence[Group]) -> list[list[str]]:
    """The features of each group as a deal of its own."""
    return [
        deal_features(
            outline, one.anchors, one.kind, one.company, one.companies.get(one.company or "", 0.0), _common(groups, i)
        )
        for i, one in enumerate(groups)
    ]


def _common(groups: Sequence[Group], place: int) -> list[str]:
    """What other groups have in common with one."""
    one, found = groups[place], {f"groups {min(len(groups), 4)}"}
    types = {a.mention.value.value for a in one.anchors if a.sort == "round"}
    sums = [a for a in one.anchors if a.sort == "money"]
    for i, other in enumerate(groups):
        if i == place:
            continue
        same = one.company == other.company
        money = any(a.sort == "money" for a in other.anchors)
        if types & {a.mention.value.value for a in other.anchors if a.sort == "round"}:
            found.add(f"type {same} {money} {i < place}")
        if any(same_sum(a.mention, b.mention) for a in sums for b in other.anchors if b.sort == "money"):
            found.add(f"sum {same} {one.kind} {other.kind}")
        if same:
            found.add(f"company {money} {one.kind} {other.kind}")
    return sorted(found)


class Roles:
    """The models of roles, applied to a text."""

    def __init__(self, models: dict[str, LogLinear]) -> None:
        self.models = models

    def groups(self, outline: Outline) -> list[Group]:
        """The financings of a text as groups of anchors."""
        anchors = judge_anchors(outline, list(find_anchors(outline)), self.models)
        name_companies(outline, anchors, self.models)
        return group(outline, anchors, self.models)

    def drafts(self, doc: Doc) -> list[Draft]:
        """The deals of a Doc."""
        outline = Outline(doc)
        groups = self.groups(outline)
        if not groups:
            return []
        model = self.models["deal"]
        sure = np.exp(model.log_probabilities(deal_rows(outline, groups))[:, model.classes.index("yes")])
        groups = [g for g, p in zip(groups, sure, strict=True) if p >= T_DEAL]
        at = places(groups)
        drafts = [_draft(outline, one) for one in groups]
        self._investors(outline, groups, drafts, at)
        self._dates(outline, groups, drafts, at)
        return [d for d in drafts if d.says_something()]

    def _investors(self, outline: Outline, groups: Sequence[Group], drafts: Sequence[Draft], at: Places) -> None:
        rows = investor_rows(outline, groups, at)
        if not rows:
            return
        model = self.models["investor"]
        table = np.exp(model.log_probabilities([f for *_, f in rows]))
        no, lead = model.classes.index(NO), model.classes.index("lead")
        best: dict[tuple[int, str], tuple[float, Investor]] = {}
        most: dict[int, float] = {}
        for (_, named, _), row in zip(rows, table, strict=True):
            most[named.found.start] = max(most.get(named.found.start, 0.0), float(1 - row[no]))
        for (i, named, _), row in zip(rows, table, strict=True):
            sure = float(1 - row[no])
            if sure < most[named.found.start] and sure < T_SECOND:
                continue
            key = i, named.found.value.entity
            if sure >= max(T_INVESTOR, best[key][0] if key in best else 0.0):
                role: Role = "lead" if row[lead] >= 0.5 * sure else "participant"
                best[key] = sure, Investor(named.found, role, LEARNED)
        for (i, _), (_, investor) in best.items():
            drafts[i].investors.append(investor)

    def _dates(self, outline: Outline, groups: Sequence[Group], drafts: Sequence[Draft], at: Places) -> None:
        rows = [row for row in date_rows(outline, groups, at) if groups[row[0]].kind != "total"]
        if not rows:
            return
        model = self.models["date"]
        yes = np.exp(model.log_probabilities([f for *_, f in rows])[:, model.classes.index("yes")])
        best: dict[int, float] = {}
        for (i, found, _), p in zip(rows, yes, strict=True):
            if p >= T_DATE and p > best.get(i, 0.0):
                best[i] = float(p)
                drafts[i].date = Filled(found, found.rule)


def _draft(outline: Outline, group: Group) -> Draft:
    """A group as a draft, without what the models of attachment add."""
    first = group.anchors[0]
    kind = group.kind
    draft = Draft(kind, first.sentence.number, first.start, first.end)
    draft.headline = all(a.sentence.section == "HEADLINE" for a in group.anchors)
    body = sorted(group.anchors, key=lambda a: (a.sentence.section != "BODY", a.start))
    for anchor in body:
        if anchor.sort == "money" and anchor.role in KINDS and draft.amount is None:
            numbers = anchor.mention.value.amount
            if numbers.min is not None or numbers.max is not None:
                draft.amount = Filled(anchor.mention, anchor.rule)
        elif anchor.sort == "money" and anchor.role in VALUATIONS and draft.valuation is None:
            draft.valuation = Valued(anchor.mention, VALUATIONS[anchor.role], anchor.rule)
    rounds = [a for a in group.anchors if a.sort == "round"]
    if rounds and kind == "round":
        draft.round = Filled(max(rounds, key=lambda a: a.sure).mention, "round_beside_amount")
    company = group.company
    if company is not None and group.companies[company] >= T_COMPANY:
        anchor = max(group.anchors, key=lambda a: a.companies.get(company, 0.0))
        draft.company = Filled(_mention(outline, company, anchor), LEARNED)
    if kind == "total":
        draft.companies = next((a.by_rules.companies for a in group.anchors if a.by_rules and a.by_rules.companies), [])
    for anchor in group.anchors:
        stretch = (anchor.sentence.start, anchor.sentence.end)
        if stretch not in draft.stretches:
            draft.stretches.append(stretch)
        if anchor.claim:
            claims = draft.headline_claims if anchor.sentence.section == "HEADLINE" else draft.claims
            if anchor.claim not in claims:
                claims.append(anchor.claim)
    return draft


def _mention(outline: Outline, entity: str, anchor: Anchor) -> Found[Name]:
    """The occurrence of a company nearest to an anchor."""
    named = min(
        outline.entities[entity],
        key=lambda n: (abs(n.sentence - anchor.sentence.number), abs(n.found.start - anchor.start)),
    )
    return named.found


def read_roles(path: Path) -> Roles:
    """Read the models of roles; raises `ValueError` where the file does not hold them."""
    models = read_models(path)
    if not set(MODELS) <= set(models):
        raise ValueError(f"{path}: holds no models of roles; make them with `dealspan train`")
    return Roles(models)
