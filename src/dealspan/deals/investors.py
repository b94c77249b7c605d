"""Who invests in a statement, and whether it leads."""

import re
from collections.abc import Sequence

from dealspan.annotations import Found, Name
from dealspan.deals.drafts import Draft, Investor, Sentence
from dealspan.deals.frames import frame
from dealspan.records import Role

_LEAD_BEFORE = frame("lead_before")
_PART_BEFORE = frame("part_before")
_BREAK = frame("break")
_LEAD_AFTER = frame("lead_after")
_PART_AFTER = frame("part_after")
_ARM = re.compile(r"^[’']s?\s(?:[a-z-]+\s){0,4}$")
_STANDING = re.compile(r"^-(?:backed|funded|supported|led|owned)\b")
_PARENTHESIS = re.compile(r"\((?:formerly|previously|also|now|known|a|an|the|part|via|through|which|\s)*[^()]{0,40}$")
_TITLE_AFTER = frame("title_after")
_BRACKETS = re.compile(r"\([^()]*\)")
_LIST = frame("list")


def attach_investors(text: str, sentence: Sentence, drafts: list[Draft]) -> None:
    """Give each investor that acts in the sentence to the draft it acts in."""
    if not drafts:
        return
    investors = [n for n in sentence.names if n.label == "INVESTOR"]
    roles: list[tuple[Role, str] | None] = []
    for i, name in enumerate(investors):
        roles.append(_role(text, sentence, name, investors[i + 1] if i + 1 < len(investors) else None))
    # "A, B and C led the round": the verb after the last holds for the list.
    for i in range(len(investors) - 2, -1, -1):
        follower = roles[i + 1]
        if (
            follower
            and follower[1] in ("leads", "invests")
            and _LIST.match(text[investors[i].end : investors[i + 1].start])
        ):
            roles[i] = follower
    for name, role in zip(investors, roles, strict=True):
        if role is None:
            continue
        draft = _home(drafts, name, role)
        if draft is None or any(i.mention.value.entity == name.value.entity for i in draft.investors):
            continue
        if draft.company and draft.company.mention.value.entity == name.value.entity:
            continue
        draft.investors.append(Investor(name, *role))


def _role(text: str, sentence: Sentence, name: Found[Name], following: Found[Name] | None) -> tuple[Role, str] | None:
    """What an investor does in a sentence, or None where it is only spoken of."""
    after = text[name.end : sentence.end]
    if _STANDING.match(after) or (following and _ARM.match(text[name.end : following.start])):
        return None
    if _LEAD_AFTER.match(after):
        return "lead", "leads"
    if _PART_AFTER.match(after):
        return "participant", "invests"
    before = text[sentence.start : name.start]
    if _PARENTHESIS.search(before) and not re.search(r"[,:][^()]*$", before[before.rfind("(") :]):
        return None
    said = sentence.lower[sentence.start : name.start]
    cues = [(m.start(), m.end(), "lead") for m in _LEAD_BEFORE.finditer(said)]
    cues += [(m.start(), m.end(), "participant") for m in _PART_BEFORE.finditer(said)]
    if not cues:
        return None
    start, end, kind = max(cues)
    # "including" and "as well as" go on with what the cue before them began, "led by A, B and C" included.
    if kind == "participant" and said[start:end] in ("including", "as well as", "from"):
        leads = [c for c in cues if c[2] == "lead" and c[0] < start]
        if (
            leads
            and said[start:end] != "from"
            and not re.search(r"particip|join|alongside|with", said[leads[-1][1] : start])
        ):
            kind = "lead"
    if _BREAK.search(_BRACKETS.sub("", before[end:])) or (_TITLE_AFTER.match(after) and kind != "lead"):
        return None
    return ("lead", "led_by") if kind == "lead" else ("participant", "with_" + _slug(said[start:end]))


def _slug(words: str) -> str:
    """A short name of a participation cue, for the table of rules."""
    for stem in ("particip", "join", "from", "by", "includ", "existing", "alongside"):
        if stem in words:
            return stem
    return "others"


def _home(drafts: Sequence[Draft], name: Found[Name], role: tuple[Role, str]) -> Draft | None:
    """The draft an investor belongs to: the nearest before it in the sentence, else the nearest after."""
    candidates = [d for d in drafts if d.kind != "total"] or list(drafts)
    if role[1] in ("with_from", "with_includ", "with_others"):
        candidates = list(drafts)
    before = [d for d in candidates if d.start <= name.start]
    if before:
        return max(before, key=lambda d: d.start)
    return min(candidates, key=lambda d: d.start, default=None)
