"""Sentences and the kind of text they stand in: headline, dateline, body or boilerplate.

Sentences are found on the raw text with one regular expression for everything that may end one; what may end one is
then judged by the words around it (`lexicons/sections.toml`). A line break ends a sentence, except in prose that was
wrapped by hand, where a line breaks because the next word would not have fitted. A dateline ("(Wire) --") and a bullet
are cut off the sentence that they open, so that a section never cuts a sentence: sections are runs of sentences.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.annotations import Found

_LEXICON = tomllib.loads(files("dealspan.components.lexicons").joinpath("sections.toml").read_text(encoding="utf-8"))


def _words(*keys: str) -> frozenset[str]:
    """Collect the words of the lists, as written and in capitals."""
    words = [word for key in keys for word in _LEXICON[key]]
    return frozenset(words + [word.upper() for word in words if len(word) > 1])


NEVER, NUMBERED, COMPANY = _words("never"), _words("numbered"), _words("company")
ABBREVIATIONS = COMPANY | _words("other")
MARKED, OPENERS, OFFICES, SUFFIXES = _words("marked"), _words("openers"), _words("offices"), _words("suffixes")

# The look-ahead goes over other characters at once: without it the search takes four times as long.
BREAK = re.compile(
    r"""(?=[\n\r\u2028\u2029•▪●.!?…])
    (?:(?P<line>[\n\r\u2028\u2029])
    |(?<=\s)[•▪●](?=\s)
    |(?<![.!?…])(?P<stop>[.!?…]++)["'”’)\]»]*+(?=\s|\Z|["“‘(\[]|[^\W\d_a-z]))""",
    re.VERBOSE,
)
NEXT = re.compile(r"(\s*+)[\"“‘'(\[*]*+([\w’'-]{0,40})")
DOTTED = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")
LETTERED = re.compile(r"(?:[Ss]eries|SERIES|[Rr]ound|[Cc]lass|[Tt]ier|[Gg]rade|[Pp]lan)\s[A-Z]\Z")
SUBJECT = re.compile(rf"\s+[A-Z][\w’'&-]{{0,30}}(?:\s[A-Z][\w’'&-]{{0,30}})?\s(?:{'|'.join(_LEXICON['verbs'])})\b")
PROSE = re.compile(r"[A-Z][\w’'-]{0,30},?\s[a-z]")
BULLET = re.compile(r"(?:[-*•·–‣▪●◦+>]|#{1,6}|\(?\d{1,2}[.)])[ \t]+")
NUMBER = re.compile(r"\s*\(?\d{1,2}\.\Z")
SITE = re.compile(r"[^\W\d][^\d\W]{2,20}(?: (?:& )?[^\d\W]{2,20})?\s*")
TITLE_LENGTH = 200
"""A headline is shorter."""
BLOCK_FROM = 0.4
"""What opens a block of boilerplate opens one only past this share of the text."""
HARD_WRAP = range(50, 111)
"""Lengths of a line that a writer or a mail program may have wrapped."""
DATELINE_WITHIN = 2000
"""A dateline stands near the start of a text."""
_MONTH = rf"(?i:{'|'.join(_LEXICON['months'])})[A-Za-z]{{0,6}}\.?"
_DATE = rf"(?:,?\s{{0,2}}(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}\s{_MONTH})(?:,?\s\d{{4}})?)?"
_NAME = r"[A-Z][\w.’'-]{0,20}(?:[ ][A-Z][\w.’'-]{0,20}){0,3}"
_PLACE = rf"{_NAME}(?:(?:,\s|\s(?:and|&)\s|\s?/\s?){_NAME}){{0,4}}"
_CAPITALS = rf"[A-Z][A-Z.’'-]{{2,20}}(?:[ ][A-Z][A-Z.’'-]{{0,20}}){{0,3}}(?:(?:,\s|\s?/\s?){_NAME}){{0,3}}"
_DASH = r"\s?(?:--+|—|–|-)(?:\s|(?=[^\W\d_]))"
DATELINE = re.compile(
    rf"(?:{_PLACE})?,?{_DATE},?\s?-{{0,2}}\s?(?:\([A-Z][^()\n]{{1,40}}\)|/\s?PR\s?Newswire[^/\n]{{0,30}}/){_DASH}"
    rf"|{_CAPITALS},?{_DATE},?(?:\s\([^()\n]{{2,40}}\))?\s?(?:--+|—|–|\s-)\s"
)
BLOCK = re.compile("|".join(_LEXICON["blocks"]))
BOILERPLATE = re.compile("|".join(_LEXICON["boilerplate"]))


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the mark at `match` ends the sentence that begins at `start`."""
    following = NEXT.match(text, match.end())
    assert following  # the pattern matches the empty string
    gap, word = following.groups()
    if following.end() == len(text) and not word:
        return True
    if word[:1].islower() and not (gap and any(c.isupper() for c in word)):  # "eBay" may open a sentence
        return False
    before = text[max(start, match.start() - 24) : match.start()]
    previous = before.rsplit(None, 1)[-1].lstrip("(\"“[‘'") if before and not before[-1].isspace() else ""
    opens = word in OPENERS
    if not gap:
        return _ends_glued(text, match, previous, word, opens)
    if match["stop"] != "." or match.end() > match.end("stop"):
        return previous not in MARKED or opens
    if previous in NEVER:
        return False
    if previous in NUMBERED:
        return not word[:1].isdigit()
    if DOTTED.match(previous):
        return opens or bool(LETTERED.search(before))
    if previous in ABBREVIATIONS:
        subject = previous in COMPANY and word not in OFFICES | ABBREVIATIONS and SUBJECT.match(text, match.end())
        return opens or text[match.end() + len(gap)] in '“"‘' or bool(subject)
    return True


def _ends_glued(text: str, match: re.Match[str], previous: str, word: str, opens: bool) -> bool:
    """Whether a sentence ends where the space after its mark is missing ("round.The company")."""
    if (
        len(word) < 2
        or not word[0].isupper()
        or word in SUFFIXES
        or "." in previous
        or "@" in previous
        or "/" in previous
    ):
        return opens and previous.isalpha() and len(previous) > 1
    if match.end() > match.end("stop"):
        return True
    if not previous or previous in ABBREVIATIONS | NEVER or len(previous) < 2 or not word[1].islower():
        return opens and previous not in NEVER
    return opens or previous.islower() or bool(PROSE.match(text, match.end()))


def _wrap_width(text: str) -> int:
    """Find the width at which the lines of a text were wrapped by hand, or 0."""
    lines = [line.strip() for line in text.splitlines()]
    going_on = sum(
        len(line) in HARD_WRAP and line[-1] not in ".!?:" and after[:1].islower() for line, after in pairwise(lines)
    )
    filled = [len(line) for line in lines if line]
    if going_on < 2 or going_on * 5 < len(filled):
        return 0
    return max((n for n in filled if n in HARD_WRAP), default=0)


def _goes_on(text: str, line_start: int, line_end: int, width: int) -> bool:
    """Whether the sentence goes on in the next line: the line was full, and the next is no item, heading or blank."""
    line = text[line_start:line_end].strip() if line_end - line_start <= 4 * HARD_WRAP.stop else ""
    following = text[line_end + 1 : line_end + 80].lstrip("\n" if text[line_end] == "\r" else "")
    if len(line) not in HARD_WRAP or not following.strip() or BULLET.match(following.lstrip(" \t")):
        return False
    if following.split("\n", 1)[0].strip() == "":
        return False
    word = following.split(None, 1)[0]
    if line[-1] not in ".!?:;" and word[0].islower() and word.islower():
        return True
    return len(line) + 1 + len(word) > width > 0


def _cut(text: str, start: int, end: int, line_start: bool) -> Iterator[Found[None]]:
    """Yield the sentence in a stretch of text, its dateline apart, without the space and bullet around it."""
    start, end = _trim(text, start, end)
    if line_start:
        if bullet := BULLET.match(text, start, end):
            start, _ = _trim(text, bullet.end(), end)
        if start < DATELINE_WITHIN and (dateline := DATELINE.match(text, start, end)):
            yield Found(*_trim(text, start, dateline.end()), "SENTENCE", "dateline", None)
            start, _ = _trim(text, dateline.end(), end)
    if start < end:
        yield Found(start, end, "SENTENCE", "sentence", None)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end].rstrip()
    return start + len(stretch) - len(stretch.lstrip()), start + len(stretch)


def find_sentences(text: str) -> Iterator[Found[None]]:
    """Find the sentences of a text, trimmed, in order; all but space, bullets and heading marks is in one."""
    width = _wrap_width(text)
    start = line = 0
    line_start = True
    for match in BREAK.finditer(text):
        end = match.end()
        if match["line"]:
            goes_on = _goes_on(text, line, match.start(), width)
            line = end
            if goes_on:
                continue
        elif not match["stop"]:
            end = match.start()  # a bullet opens what follows
        elif (line_start and NUMBER.match(text, start, end)) or not _ends(text, start, match):
            continue
        yield from _cut(text, start, end, line_start)
        start, line_start = end, not match["stop"]
    yield from _cut(text, start, len(text), line_start)


def find_sections(text: str, sentences: Sequence[Found[None]]) -> Iterator[Found[None]]:
    """Find the runs of sentences of one kind."""
    labels = _opening(text, sentences)
    in_block = False
    for sentence in sentences[len(labels) :]:
        start, end = sentence.start, sentence.end
        marked = text[max(0, start - 7) : start].rstrip(" \t").endswith("#")
        in_block = in_block and not marked
        if BLOCK.match(text, start, end):
            labels.append("BOILERPLATE")
            in_block = start >= BLOCK_FROM * len(text)
        elif in_block or BOILERPLATE.match(text, start, end):
            labels.append("BOILERPLATE")
        else:
            labels.append("DATELINE" if sentence.rule == "dateline" else "BODY")
    for label, run in groupby(zip(labels, sentences, strict=True), key=itemgetter(0)):
        members = [sentence for _, sentence in run]
        yield Found(members[0].start, members[-1].end, label, "sections", None)


def _opening(text: str, sentences: Sequence[Found[None]]) -> list[str]:
    """Label the sentences of the headline, and of a site's label ("Startups") above it."""
    labels: list[str] = []
    for _ in range(2):
        rest = sentences[len(labels) :]
        if not rest or rest[0].rule == "dateline":
            break
        line = text[rest[0].start : rest[0].start + TITLE_LENGTH].splitlines()[0].rstrip()
        inside = sum(s.end <= rest[0].start + len(line) for s in rest[:4])
        if line[-1] in ".:;," or inside in (0, len(rest)):
            break
        site = not labels and SITE.fullmatch(line)
        labels += ["BOILERPLATE" if site else "HEADLINE"] * inside
        if not site:
            return labels
    # what seemed a site's label stood above no headline: it was the headline itself
    return ["HEADLINE"] * len(labels)


class Sections:
    """Write the layers `sentences` and `sections`, and mark the sentences on the tokens."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the sentences and sections of a Doc."""
        text = annotations.text_of(doc)
        sentences = tuple(find_sentences(text))
        annotations.write(doc, "sentences", sentences)
        annotations.write(doc, "sections", find_sections(text, sentences))
        if len(doc):
            # -1 is spaCy's "does not start a sentence"; space before the first sentence goes with it
            marks = np.full(len(doc), -1, dtype=np.int64)
            starts = np.searchsorted(doc.to_array("IDX"), [s.start for s in sentences[1:]], side="right") - 1
            marks[starts.astype(np.int64)] = 1
            marks[0] = 1
            doc.from_array(["SENT_START"], cast(Any, marks.astype(np.uint64)))
        return doc


@Language.factory(
    "dealspan_sections",
    assigns=["doc._.dealspan_sections", "doc._.dealspan_sentences", "token.is_sent_start", "doc.sents"],
)
def make_sections(nlp: Language, name: str) -> Sections:
    """Make the component that finds sentences and sections."""
    return Sections()
