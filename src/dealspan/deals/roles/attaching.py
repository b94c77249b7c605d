"""Which investors and dates may belong to which deal."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from dealspan.annotations import Found, ResolvedDate
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.attachment_features import date_features, investor_features, occurrence_features
from dealspan.deals.roles.grouping import Group
from dealspan.deals.roles.outline import Named, Outline

MANY = 3
"""What stands between a deal and a date is counted so far."""
MOST = 100
"""Investors that the rules give to a deal and that are looked at; no article names more."""
OCCURRENCES = 2
"""Of an organisation so many occurrences near a deal are looked at; with 3 no figure of the development part is
another."""
BEFORE, BEHIND, COMPANIES_BEHIND = 1, 8, 1
"""Sentences before and behind an anchor whose firms are looked at, and behind it whose companies are, where they tell
of investing; with companies of 4 no slot of the development part is another."""


class Places(NamedTuple):
    """Where the anchors of a text start, and the number of the group of each."""

    starts: list[int]
    groups: list[int]

    def between(self, group: int, low: int, high: int) -> int:
        """How many anchors of other groups stand between two places, counted up to `MANY`."""
        between = range(bisect_left(self.starts, low), bisect_left(self.starts, high))
        return sum(1 for _ in islice((i for i in between if self.groups[i] != group), MANY))

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
    company = group.company
    for number in dict.fromkeys(a.sentence.number for a in group.anchors):
        for n in range(max(0, number - BEFORE), min(len(outline.sentences), number + BEHIND + 1)):
            told = n == number or (n - number <= COMPANIES_BEHIND and n in outline.telling)
            for name in outline.sentences[n].names:
                if name.label == "INVESTOR" or (name.label == "COMPANY" and told):
                    found.setdefault(name.value.entity, {})[name.start] = Named(name, n)
    if all(a.sort == "act" for a in group.anchors):
        _add_firms(outline, group.anchors[0].sentence.number, found)
    out = {
        entity: sorted(named.values(), key=lambda m: min(abs(a.start - m.found.start) for a in group.anchors))
        for entity, named in found.items()
        if entity != company
    }
    # "The round was led by …" may stand far from the sum: what the rules give to the deal is looked at wherever it is.
    for deal in outline.deals_of(a.by_rules for a in group.anchors):
        for investor in deal.investors[:MOST]:
            entity, start = investor.mention.value.entity, investor.mention.start
            if entity != company:
                here = outline.named.get(start)
                said = [here] if here and here.found.value.entity == entity else []
                out[entity] = [*said, *(named for named in out.get(entity, ()) if named.found.start != start)]
    return out


def _add_firms(outline: Outline, number: int, found: dict[str, dict[int, Named]]) -> None:
    """Add the firms that "its investments include" may mean: those named shortly before, and the first of the text."""
    if outline.firm:
        found.setdefault(outline.firm.found.value.entity, {})[outline.firm.found.start] = outline.firm
    for n in range(max(0, number - 4), number):
        for name in outline.sentences[n].names:
            if name.label == "INVESTOR":
                found.setdefault(name.value.entity, {})[name.start] = Named(name, n)


def investor_rows(outline: Outline, groups: Sequence[Group], at: Places) -> list[tuple[int, Named, list[str]]]:
    """The pairs of deals and occurrences of organisations that may have a part in them, with their features."""
    rows = []
    seen: dict[int, list[str]] = {}
    for i, one in enumerate(groups):
        company = one.company
        for near in investor_candidates(outline, one).values():
            for named in near[:OCCURRENCES]:
                start = named.found.start
                if start not in seen:
                    seen[start] = occurrence_features(outline, named)
                anchor = nearest(one, named.sentence, start)
                low, high = sorted((anchor.start, start))
                crowd = f"{min(len(groups), 3)} {at.between(i, low + 1, high) and 'over'}"
                beside = investor_features(outline, one.anchors, company, named, crowd, at.owner(i, start))
                rows.append((i, named, seen[start] + beside))
    return rows


def date_rows(
    outline: Outline, groups: Sequence[Group], at: Places
) -> list[tuple[int, Found[ResolvedDate], list[str]]]:
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
