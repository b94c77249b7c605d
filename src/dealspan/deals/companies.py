"""Which company a statement is about, from the surest frame to the last resort."""

import re
from collections.abc import Sequence

from dealspan.annotations import Found, Name
from dealspan.deals.drafts import Draft, Filled, Focus, Sentence
from dealspan.deals.frames import frame

_RAISES = frame("raises")
_SUBJECT = frame("subject")
_INTO = frame("into")
_GIVES = frame("gives")
_POSSESSIVE = re.compile(r"^[’']s?\s[^,.;]{0,60}$")
_RAISED_BY = re.compile(r" (?:\w+ ){0,2}(?:raised|secured|closed|landed|received|borrowed) by (?:the |[a-z-]+ ){0,4}$")
_PRONOUN = frame("pronoun")
_IN_BRACKETS = re.compile(r"\([^()]{0,60}$")


def fill_company(text: str, sentence: Sentence, draft: Draft, companies: Sequence[Found[Name]], focus: Focus) -> None:
    """The company of a draft, from the surest frame to the last resort."""
    names = list(companies)
    if draft.kind == "fund":
        names = sentence.organisations
    before = [n for n in names if n.end <= draft.start]
    if len(before) > 1:  # "Sorbet (formerly Boule & Co) scooped up": what stands in brackets is no subject
        before = [n for n in before if not _IN_BRACKETS.search(text, sentence.start, n.start)] or before
    after = [n for n in names if n.start >= draft.end]
    if len(after) > 1 and re.match(r"[’']s?\s(?:[a-z-]+\s){1,4}$", text[after[0].end : after[1].start]):
        after = after[1:]  # "in Megvii's competitor Sensetime"
    if after and _RAISED_BY.match(text[draft.end : after[0].start]):
        draft.company = Filled(after[0], "raised_by")
        return
    if (
        draft.kind == "total"
        and len(before) >= 2
        and re.match(r" and $", text[before[-2].end : before[-1].start])
        and re.match(r" (?:have|had)\b", text[before[-1].end :])
    ):
        draft.companies = [Filled(n, "counted_together") for n in before[-2:]]
        return
    if before and draft.amount is None and text[before[-1].end : draft.start] == " ":
        draft.company = Filled(before[-1], "adjacent")
        return
    for name in reversed(before):
        between = text[name.end : draft.start]
        if _POSSESSIVE.match(between) and not _RAISES.search(between.lower()):
            draft.company = Filled(name, "possessive")
            return
    if after:
        between = text[draft.end : after[0].start]
        lead_in = text[max(sentence.start, draft.start - 60) : after[0].start]
        if (
            len(between) < 90
            and _INTO.search(between)
            and not re.search(r"[;.]", between)
            and _GIVES.search(lead_in.lower())
        ):
            draft.company = Filled(after[0], "invested_into")
            return
    subjects = [
        (match.end(), -name.start, name) for name in before if (match := _SUBJECT.match(text, name.end, draft.end))
    ]
    if subjects:
        # The verb nearest to the amount; of a name and one inside its description, the one that comes first.
        draft.company = Filled(max(subjects)[2], "subject_of_raise")
        return
    for name in reversed(before):
        if draft.start - name.end < 220 and _RAISES.search(sentence.lower[name.end : draft.start]):
            subject = _subject(text, sentence, before, name)
            draft.company = Filled(subject, "verb_between")
            return
    if after and _INTO.search(text[draft.end : after[0].start]) and len(text[draft.end : after[0].start]) < 60:
        draft.company = Filled(after[0], "round_for")
        return
    pronoun = _PRONOUN.search(sentence.lower, sentence.start, draft.end)
    if before and before[0].start - sentence.start < 4:
        draft.company = Filled(before[0], "sentence_subject")
        return
    fallback = focus.company or focus.main
    if fallback and (pronoun or not before):
        draft.company = Filled(fallback, "pronoun" if pronoun else "in_focus")
    elif before:
        draft.company = Filled(before[-1], "nearest_before")
    elif after:
        draft.company = Filled(after[0], "nearest_after")


def _subject(text: str, sentence: Sentence, before: Sequence[Found[Name]], nearest: Found[Name]) -> Found[Name]:
    """Prefer the subject of the clause to a name inside its description: "X, a rival of Y, raised …"."""
    for name in before:
        if name is nearest:
            break
        between = text[name.end : nearest.start]
        after = text[nearest.end : nearest.end + 3]
        if (
            re.match(r"\s?(?:,|\(|—|–|-- )\s?(?:an?|the|which|whose|formerly|founded|one)\b", between)
            and after[:1] in ",)—–"
        ):
            return name
    return nearest
