"""How much speaks for it that two claims are of one deal: points for each thing compared, and what rules it out.

The points were set by hand in the manner of log-odds and adjusted on the train stories of the corpus (docs/merge.md
says what they were compared with); `THRESHOLD` is where two claims count as one.
"""

from typing import NamedTuple

from dealspan.archive.amounts import Fit, fit
from dealspan.archive.claims import Claim
from dealspan.archive.names import Likeness
from dealspan.records import RoundType

THRESHOLD = 3.0

NAMES: dict[Likeness, float] = {
    "same": 3, "alias": 3, "part": 1.5, "end": 0.5, "initials": 0, "close": 0, "slip": -1
}  # fmt: skip
# Two claims of which one is still open: the amounts of a rumour and of the deal that comes of it often differ.
OPEN_AMOUNTS: dict[Fit, float] = {
    "same": 3, "fits": 2, "converted": 2.5, "near": 1, "convertible": 0.5, "misprint": -1.5, "apart": 0,
    "far": -2.5
}  # fmt: skip
SETTLED_AMOUNTS: dict[Fit, float] = {
    "same": 3, "fits": 2, "converted": 2.5, "near": 1, "convertible": 0.5, "misprint": -1.5, "apart": -3,
    "far": -6
}  # fmt: skip
SAME_ROUND, OTHER_WORD_FOR_THE_ROUND, ONLY_ONE_IS_DEBT = 2.0, 0.0, -1.5
EXTENSION = -3.0
"""One of two claims is of an extension, and their amounts do not agree."""
SAME_BACKER, OTHER_LEAD, SAME_VALUATION = 1.5, -1.0, 1.0
AFTER_IT_WAS_DONE = -4.0
"""A rumour later than the deal is a rumour of the next one."""
DONE_AND_CALLED_OFF = -2.0

# A deal is told within days by everyone, and a rumour may precede it by months: points by days apart.
DONE_DAYS = ((7, 1.0), (45, 0.5), (120, -1.0), (365, -2.0))
OPEN_DAYS = ((60, 0.5), (180, 0.0), (365, -1.0))
TOO_LATE = -3.0
# Reports of the deal as open may still appear so many days after others have it as done.
STRAGGLING = 14

_LETTERS = frozenset(f"series_{letter}" for letter in "abcdefghij")
_DEBT = frozenset(("debt", "venture_debt"))
_EARLY = frozenset(("seed", "angel", "pre_seed"))
# Words for a round of shares that may be used beside its letter, or instead of it.
_LOOSE = frozenset(("growth", "strategic", "private_equity", "bridge", "convertible", "unknown"))


class Judgement(NamedTuple):
    """The points of two claims; `contrary` where they cannot be of one deal whatever the points."""

    points: float
    contrary: bool


_CONTRARY = Judgement(0.0, True)


def judge(a: Claim, b: Claim, names: Likeness) -> Judgement:
    """Compare two claims of companies that can be one."""
    if a.kind != b.kind or a.document == b.document or a.together != b.together:
        return _CONTRARY
    rounds = _rounds(a.round_type, b.round_type)
    if rounds is None:
        return _CONTRARY
    agreed = fit(a.amounts, b.amounts) if a.amounts and b.amounts else None
    if a.kind == "total" and agreed not in ("same", "fits", "converted"):
        return _CONTRARY
    settled = a.settled and b.settled
    if settled and agreed == "far":
        return _CONTRARY
    shared = not a.backers.isdisjoint(b.backers)
    if names not in ("same", "alias", "part") and a.backers and b.backers and not shared:
        return _CONTRARY  # names that are only like each other, and other investors: two companies
    if names == "slip" and not (shared and agreed == "same"):
        return _CONTRARY
    points = NAMES[names] + rounds + _dates(a, b, agreed)
    if agreed:
        points += (SETTLED_AMOUNTS if settled else OPEN_AMOUNTS)[agreed]
    if a.extension != b.extension and agreed not in ("same", "converted"):
        points += EXTENSION
    if shared:
        points += SAME_BACKER
    elif a.leads and b.leads:
        points += OTHER_LEAD
    if a.valuation and a.valuation == b.valuation:
        points += SAME_VALUATION
    if settled and a.stage != b.stage:
        points += DONE_AND_CALLED_OFF
    return Judgement(points, False)


def compatible(a: RoundType | None, b: RoundType | None) -> bool:
    """Whether two round types can be of one deal."""
    return _rounds(a, b) is not None


def _rounds(a: RoundType | None, b: RoundType | None) -> float | None:
    """Points for two round types; None where they are of two deals."""
    if a is None or b is None:
        return ONLY_ONE_IS_DEBT if _DEBT & {a, b} else 0.0
    if a == b:
        return SAME_ROUND if a != "unknown" else 0.0
    pair = {a, b}
    if pair <= _DEBT or (pair <= _EARLY and "angel" in pair):
        return SAME_ROUND / 2
    if pair & _LOOSE and pair <= _LOOSE | _LETTERS | _EARLY:
        return OTHER_WORD_FOR_THE_ROUND
    return OTHER_WORD_FOR_THE_ROUND if "unknown" in pair else None


def _dates(a: Claim, b: Claim, agreed: Fit | None) -> float:
    """Points for how far apart two claims are, by what each says of the time, else by when it was said."""
    if a.when is None or b.when is None:
        return 0.0
    if a.settled == b.settled:
        steps = DONE_DAYS if a.settled else OPEN_DAYS
        return _by_days(steps, a.when.apart(b.when))
    done, open_ = (a, b) if a.settled else (b, a)
    said = open_.said or open_.when
    assert done.when and said
    if done.stage == "completed" and said.first - done.when.last > STRAGGLING and open_.certainty != "denied":
        return AFTER_IT_WAS_DONE if agreed != "same" else AFTER_IT_WAS_DONE / 2
    return _by_days(OPEN_DAYS, done.when.apart(said))


def _by_days(steps: tuple[tuple[int, float], ...], apart: int) -> float:
    return next((points for most, points in steps if apart <= most), TOO_LATE)
