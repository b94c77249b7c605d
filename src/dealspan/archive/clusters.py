"""Claims grouped into deals: likely pairs first, and no group that contradicts itself.

Only claims of companies that can be one are compared, and of a company with many claims only those near each other in
time or in size. Pairs are then taken by their points, the highest first; two groups become one where no document is in
both, no two of their claims are contrary, and the claims agree on the whole (average linkage). Both are asked of up to
`MEMBERS` claims of each group, so that a deal told by thousands stays affordable.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import get_args

from dealspan.archive.claims import Claim
from dealspan.archive.names import Likeness, alike, likeness
from dealspan.archive.pairs import THRESHOLD, compatible, judge

# Up to so many claims of companies that can be one are compared in full; of more, each with those near it.
FULL = 40
NEAR = 20
MEMBERS = 12
# Two groups agree where their claims have this many points on average; the pair that brings them together has more.
AVERAGE = 2.0

_LIKENESSES: tuple[Likeness, ...] = get_args(Likeness)


def group(found: Iterable[Claim]) -> list[list[Claim]]:
    """Group claims into deals; neither the groups nor their order depend on the order of the claims."""
    claims = sorted(found, key=lambda claim: claim.place)
    return [[claims[i] for i in members] for members in _Groups(claims).agglomerate()]


class _Groups:
    """The groups that claims form so far, each under one of its claims."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = claims
        self._companies = [claim.companies[0][1] if claim.companies else () for claim in claims]
        self._home = list(range(len(claims)))
        self._members = [[i] for i in range(len(claims))]
        self._documents = [{claim.document} for claim in claims]
        self._rounds = [{claim.round_type} for claim in claims]

    def agglomerate(self) -> list[list[int]]:
        """Bring together what belongs together."""
        pairs = []
        for a, b in self._candidates():
            points = self._points(a, b)
            if points is not None and points >= THRESHOLD:
                pairs.append((-points, a, b))
        for _, a, b in sorted(pairs):
            one, other = sorted((self._find(a), self._find(b)), key=lambda root: (-len(self._members[root]), root))
            if one != other and self._agree(one, other):
                # The smaller group moves, so that a deal told by very many is not copied as often.
                self._home[other] = one
                self._members[one] += self._members[other]
                self._documents[one] |= self._documents[other]
                self._rounds[one] |= self._rounds[other]
                self._members[other] = []
        return sorted(sorted(members) for members in self._members if members)

    def _find(self, claim: int) -> int:
        root = claim
        while self._home[root] != root:
            root = self._home[root]
        while self._home[claim] != root:
            self._home[claim], claim = root, self._home[claim]
        return root

    def _agree(self, one: int, other: int) -> bool:
        """Whether two groups can be one."""
        if not self._documents[one].isdisjoint(self._documents[other]):
            return False
        if not all(compatible(a, b) for a, b in product(self._rounds[one], self._rounds[other])):
            return False
        total, count = 0.0, 0
        for a, b in product(_spread(self._members[one]), _spread(self._members[other])):
            points = self._points(a, b)
            if points is None:
                return False
            total += points
            count += 1
        return total >= AVERAGE * count

    def _points(self, a: int, b: int) -> float | None:
        """The points of two claims; None where they are contrary."""
        one, other = self._claims[a], self._claims[b]
        if len(one.companies) != len(other.companies):
            return None
        worst: Likeness = "same"
        for (_, names), (_, others) in zip(
            sorted(one.companies, key=lambda company: company[1]),
            sorted(other.companies, key=lambda company: company[1]),
            strict=True,
        ):
            how = likeness(names, others)
            if how is None:
                return None
            worst = max(worst, how, key=_LIKENESSES.index)
        judgement = judge(one, other, worst)
        return None if judgement.contrary else judgement.points

    def _candidates(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs of claims worth comparing, each once."""
        names: dict[str, dict[str, None]] = {}
        of_company: dict[str, list[int]] = defaultdict(list)
        for i, company in enumerate(self._companies):
            if company:
                of_company[company[0]].append(i)
                names.setdefault(company[0], {}).update(dict.fromkeys(company))
        for members in of_company.values():
            yield from self._near(members)
        for one, other in alike({company: tuple(aliases) for company, aliases in names.items()}):
            ones, others = of_company[one], set(of_company[other])
            for a, b in self._near(sorted([*ones, *others])):
                if (a in others) != (b in others):
                    yield a, b

    def _near(self, members: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield all pairs of a few claims; of many, those near each other in time or in size."""
        if len(members) <= FULL:
            yield from combinations(members, 2)
            return
        by_time = sorted(members, key=lambda i: (_time(self._claims[i]), i))
        by_size = sorted(members, key=lambda i: (_size(self._claims[i]), i))
        seen: set[tuple[int, int]] = set()
        for order in (by_time, by_size):
            for place, one in enumerate(order):
                for other in order[place + 1 : place + 1 + NEAR]:
                    pair = (one, other) if one < other else (other, one)
                    if pair not in seen:
                        seen.add(pair)
                        yield pair


def _spread(members: Sequence[int]) -> Sequence[int]:
    """Up to `MEMBERS` claims of a group, spread evenly over it."""
    if len(members) <= MEMBERS:
        return members
    return [members[i * (len(members) - 1) // (MEMBERS - 1)] for i in range(MEMBERS)]


def _time(claim: Claim) -> int:
    return claim.when.first if claim.when else 0


def _size(claim: Claim) -> float:
    return (claim.amount.min or claim.amount.max or 0.0) if claim.amount else 0.0
