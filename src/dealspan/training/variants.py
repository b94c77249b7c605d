"""Variants of annotated texts: the same sentences with other names, other casing, other punctuation, or cut short.

A corpus teaches which companies there are as readily as what surrounds a company; a variant keeps the second and takes
the first away. The words of names come from the names of other articles, or are invented from syllables, in every
shape that companies and firms are given.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import NamedTuple

# A sound that stands twice is twice as likely.
_ONSETS = (
    "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "b", "d", "k", "l", "m", "n",
    "r", "s", "t", "v", "br", "cl", "dr", "fl", "gr", "pl", "qu", "sh", "st", "th", "tr",
)  # fmt: skip
_VOWELS = (
    "a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "oo",
)  # fmt: skip
_CODAS = (
    "", "", "", "", "l", "m", "n", "r", "s", "t", "x", "ck", "nd", "rn",
)  # fmt: skip
_HEADS = (
    "cloud", "data", "pay", "health", "nova", "blue", "green", "open", "deep", "bright", "north", "ever", "true",
    "smart", "next", "solar", "farm", "block",
)  # fmt: skip
_TAILS = (
    "ly", "ify", "base", "lab", "works", "flow", "pay", "wave", "stack", "hub", "mind", "loop", "grid", "health", "bio",
    "tech", "sense", "path",
)  # fmt: skip
_DOMAINS = (".ai", ".io", ".com", ".co")
_LEGAL = (
    "Inc.", "Inc", ", Inc.", "Ltd", "Ltd.", "Limited", "LLC", "Corp.", "GmbH", "AG", "S.A.", "SAS", "AB", "A/S", "Oy",
    "B.V.", "Pte. Ltd.", "Pvt Ltd", "S.p.A.", "K.K.", "a.s.", "s.r.o.", "d.o.o.", "Kft.", "plc",
)  # fmt: skip
_LEGAL_END = re.compile(rf",? (?:{'|'.join(re.escape(form.strip(', ')) for form in _LEGAL)})$")
# Words that say what a firm is and stay what they are, whoever carries them.
_KEPT = frozenset(
    (
        "a", "ab", "ag", "ai", "and", "angel", "angels", "asset", "associates", "bank", "bio", "biotech", "bros",
        "capital", "co", "company", "corp", "equity", "family", "for", "fund", "funds", "gmbh", "group", "growth",
        "holding", "holdings", "health", "inc", "innovation", "insurance", "international", "invest", "investment",
        "investments", "investors", "labs", "limited", "llc", "ltd", "lp", "management", "of", "office", "oy",
        "partners", "pension", "plc", "private", "pte", "pvt", "sa", "sas", "seed", "systems", "tech", "technologies",
        "the", "therapeutics", "trust", "university", "venture", "ventures", "vc",
    )
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:[’'&+.-][^\W_]+)*")


_NAMED = ("COMPANY", "INVESTOR")


class Marked(NamedTuple):
    """A text with its labelled spans as (label, start, end), in text order."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


def invented_word(random: Random) -> str:
    """A word that no language has, capitalised."""
    syllables = random.choice((1, 2, 2, 2, 3))
    word = "".join(random.choice(_ONSETS) + random.choice(_VOWELS) for _ in range(syllables)) + random.choice(_CODAS)
    return word.capitalize()


def name_words(texts: Iterable[Marked]) -> list[str]:
    """The words of the names of some texts that say nothing of what a firm is, each once, sorted."""
    names = {text.text[start:end] for text in texts for label, start, end in text.spans if label in _NAMED}
    words = {word for name in names for word in _WORD.findall(name)}
    return sorted(word for word in words if word.casefold().strip(".") not in _KEPT)


def invented_name(random: Random, pool: Sequence[str], *, company: bool) -> str:
    """One word of a name in one of the shapes of companies ("NovaPay", "4Brisk", "zeelo.ai") or, plainer, of firms."""
    if pool and random.random() < 0.6:
        return random.choice(pool)
    word = invented_word(random)
    if not company or random.random() < 0.4:
        return word
    head, tail = random.choice(_HEADS).capitalize(), random.choice(_TAILS)
    return random.choice(
        (
            word + tail,
            word + tail.capitalize(),
            head + word,
            head + tail.capitalize(),
            head + random.choice(_HEADS),
            word + random.choice(_DOMAINS),
            word.lower() + random.choice(_DOMAINS),
            word.lower(),
            word[0].lower() + head,
            word[:4].upper() if len(word) > 2 else word.upper() + "X",
            f"{random.randint(2, 99)}{word}",
            f"{word}{random.randint(2, 9)}",
            f"{word} {head}",
            f"{head} {word}",
            f"{word}-{invented_word(random)}",
            f"{word} & {invented_word(random)}",
        )
    )


def with_other_names(marked: Marked, random: Random, pool: Sequence[str] = ()) -> Marked:
    """Every company and investor under an invented name, the same for all its occurrences.

    Words that say what a firm is ("Ventures") stay, so that short and long forms still belong together; legal forms are
    dropped or put on now and then. `pool` are words to build names from beside invented ones (see `name_words`).
    """
    new: dict[str, str] = {}
    # In text order: that of a set differs from process to process, and what is drawn would too.
    legal = {text: random.choice(_LEGAL) for text in dict.fromkeys(marked.text[s:e] for _, s, e in marked.spans)}
    keep_form = random.random() < 0.7
    edits = []
    for label, start, end in marked.spans:
        if label not in _NAMED:
            continue
        name = marked.text[start:end]
        bare = _LEGAL_END.sub("", name)
        form = name[len(bare) :]

        def word(match: re.Match[str], company: bool = label == "COMPANY") -> str:
            old = match.group()
            if old.casefold().strip(".") in _KEPT:
                return old
            if old not in new:
                new[old] = invented_name(random, pool, company=company)
            return new[old]

        renamed = _WORD.sub(word, bare)
        if form and not keep_form:
            form = ""
        elif not form and label == "COMPANY" and " " not in bare and random.random() < 0.03:
            form = legal[name] if legal[name].startswith(",") else f" {legal[name]}"
        edits.append((start, end, renamed + form))
    return _edited(marked, edits)


def with_other_casing(marked: Marked, random: Random) -> Marked:
    """The first line in capitals or with every word capitalised, or the whole text with straight or curly quotes."""
    text = marked.text
    line = text.find("\n") if "\n" in text else 0
    first, rest = text[:line], text[line:]
    kind = random.randrange(4)
    if kind == 0 and first.upper().lower() == first.lower() and len(first.upper()) == len(first):
        text = first.upper() + rest
    elif kind == 1:
        text = re.sub(r"(?<![\w’'])[a-z]", lambda m: m.group().upper(), first) + rest
    elif kind == 2:
        text = text.translate(str.maketrans("’‘“”–—", "''\"\"--"))
    else:
        text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    return Marked(text, marked.spans)


def headline_alone(marked: Marked) -> Marked:
    """The first line and its spans."""
    end = marked.text.find("\n")
    if end < 0:
        return marked
    return Marked(marked.text[:end], tuple(span for span in marked.spans if span[2] <= end))


def variants(marked: Marked, random: Random, pool: Sequence[str]) -> Iterator[Marked]:
    """Yield a variant with other names, one with other names and casing, and the headline of the second alone."""
    yield with_other_names(marked, random, pool)
    second = with_other_casing(with_other_names(marked, random, pool), random)
    yield second
    yield headline_alone(second)


def _edited(marked: Marked, edits: Sequence[tuple[int, int, str]]) -> Marked:
    """Replace stretches, and move every span along; a span across an edit keeps its edges outside of it."""
    pieces, position, moves = [], 0, []
    shift = 0
    for start, end, replacement in edits:
        if start < position:
            continue
        pieces += [marked.text[position:start], replacement]
        position = end
        moves.append((start, end, shift, shift + len(replacement) - (end - start)))
        shift = moves[-1][3]
    pieces.append(marked.text[position:])

    def moved(offset: int, closing: bool) -> int:
        by = 0
        for start, end, before, after in moves:
            if offset >= end:
                by = after
            elif offset > start or (closing and offset == end):
                by = before
        return offset + by

    spans = tuple((label, moved(start, False), moved(end, True)) for label, start, end in marked.spans)
    return Marked("".join(pieces), spans)
