"""The data of the names component: patterns and lists of facts, read once."""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any, Literal, NamedTuple

Kind = Literal["company", "investor", "publication", "other"]

_DATA = files("dealspan.components.lexicons")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((_DATA / "names.toml").read_text(encoding="utf-8"))


def pattern(name: str) -> re.Pattern[str]:
    """A pattern of the section `[frames]`."""
    return re.compile(_data()["frames"][name])


_SUFFIX = pattern("suffix")
_DOMAIN = re.compile(r"(?<=\w\w)\.(?:com|io|ai|co|org|net|app|in|ly)$")


SHAPES = {name: re.compile(shape) for name, shape in _data()["shape"].items()}


class Lexicon(NamedTuple):
    """Everything the component knows: `known` maps a key (see `key`) to what lists of facts call it.

    `after` matches everywhere and looks ahead for each pattern behind a name: one call for all costs half of one each.
    Where a pattern matches, its group is not None; `after_rules` are their names, what they say, how much it counts.
    """

    before: re.Pattern[str]
    before_rules: dict[str, tuple[Kind, int]]
    before_opening: frozenset[str]
    after: re.Pattern[str]
    after_rules: tuple[tuple[str, Kind, int], ...]
    openers: frozenset[str]
    months: frozenset[str]
    words: frozenset[str]
    given_names: frozenset[str]
    known: dict[str, tuple[Kind, str]]


@lru_cache(maxsize=50_000)
def key(name: str) -> str:
    """A name without case, legal form and article: what two writings of one name share; acronyms keep their case."""
    bare = name.removeprefix("The ").removeprefix("the ")
    if len(bare) <= 5 and bare.isupper():
        return bare
    formless = _SUFFIX.sub("", bare) if " " in bare else bare
    bare = (_DOMAIN.sub("", formless) if "." in formless else formless) or bare
    return bare.replace("’", "'").casefold()


def read_list(name: str) -> tuple[list[str], list[str]]:
    """The lines of a list of facts, and of its last section when that is headed `# ambiguous` or `# family`."""
    plain: list[str] = []
    last: list[str] = []
    current = plain
    for line in (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            current = last if line.lstrip("# ").startswith(("ambiguous", "family")) else plain
        elif stripped := line.strip():
            current.append(stripped)
    return plain, last


@cache
def load() -> Lexicon:
    """Read the lexicon of the package."""
    data = _data()
    companies, ambiguous = read_list("companies")
    known: dict[str, tuple[Kind, str]] = {}
    lists: tuple[tuple[list[str], Kind, str], ...] = (
        (ambiguous, "company", "ambiguous_company"),
        (companies, "company", "known_company"),
        (read_list("investors")[0], "investor", "known_investor"),
        (read_list("places")[0], "other", "place"),
        (read_list("institutions")[0], "other", "institution"),
        (read_list("publications")[0], "publication", "publication"),
    )
    for names, kind, rule in lists:
        forms = chain(names, (name.rstrip(".") for name in names if name.endswith(".")))
        known.update(dict.fromkeys(map(key, forms), (kind, rule)))
    words = data["words"]
    openers = frozenset(words["openers"])
    # "On" and "Here" are companies too, but not where a sentence starts.
    for opener in openers:
        known.pop(opener, None)
    return Lexicon(
        before=re.compile(
            r"(?<![\w’'])(?:"
            + "|".join(f"(?P<{r['rule']}>{r['pattern']})" for r in data["before"])
            + r")(?=[\s,:“\"(])"
        ),
        before_rules={r["rule"]: (r["class"], r["weight"]) for r in data["before"]},
        before_opening=frozenset(data["before_opening"]["words"]),
        after=re.compile("".join(f"(?:(?=({r['pattern']}))|)" for r in data["after"])),
        after_rules=tuple((r["rule"], r["class"], r["weight"]) for r in data["after"]),
        openers=openers,
        months=frozenset(words["months"]),
        words=frozenset(read_list("words")[0]) | frozenset(words["headline_verbs"]),
        given_names=frozenset(name.casefold() for name in read_list("people")[0]),
        known=known,
    )
