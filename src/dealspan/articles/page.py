"""HTML: the text that a reader of the page sees, one line per block, without navigation, scripts and footers."""

import json
import re
from collections import deque
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from dealspan.articles.body import body
from dealspan.articles.raw import ReadError, iso_date

MAX_DEPTH = 2_000
"""The parser needs quadratic time in the depth (2,000: 10 ms; 200,000: two minutes); browsers stop at 512."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
_SPACE = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")

# Elements that need no end tag do not say how deep the page is.
_UNCLOSED = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p",
    "li", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody", "tfoot",
})  # fmt: skip
_DATES = (
    'meta[property="article:published_time"]',
    'meta[property="og:article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="date" i]',
    'meta[name="pubdate" i]',
    'meta[name="publish-date" i]',
    'meta[name="parsely-pub-date" i]',
    'meta[name="dc.date" i]',
    'meta[name="dc.date.issued" i]',
    'meta[name="dcterms.date" i]',
    'meta[name="citation_publication_date" i]',
)


class Page(NamedTuple):
    """What is taken out of a page."""

    text: str
    title: str | None
    published: date | None


def read_page(path: str, source: str) -> Page:
    """Return the text, title and date of a page; raises `ReadError` for a page without text."""
    tree = _parsed(path, source)
    linked = next((found for found in _linked_data(tree) if "datePublished" in found), {})
    title = _title(tree, linked)
    # The heading often stands outside the element that holds the article.
    text = headed(title, body(tree))
    if not text:
        raise ReadError(path, "holds no text outside scripts and navigation; save the article as text")
    return Page(text, title, _published(tree, linked))


def headed(title: str | None, body: str) -> str:
    """Return a text under its title, which is not said twice."""
    return body if title is None or title in body else f"{title}\n{body}".rstrip("\n")


def body_of(path: str, source: str) -> str:
    """Return the text of a piece of HTML, such as an entry of a feed; raises `ReadError`."""
    if "<" not in source and "&" not in source:
        return _SPACE.sub(" ", source).strip()
    return body(_parsed(path, source))


def _parsed(path: str, source: str) -> LexborHTMLParser:
    if _depth(source) > MAX_DEPTH:
        raise ReadError(path, f"nests its elements more than {MAX_DEPTH} deep; save the article as text")
    return LexborHTMLParser(source)


def _depth(source: str) -> int:
    """How deep the elements nest at most, by a count of start and end tags."""
    depth = deepest = 0
    for tag in _TAG.finditer(source):
        if tag[2].lower() not in _UNCLOSED:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _title(tree: LexborHTMLParser, linked: dict[str, Any]) -> str | None:
    headline = linked.get("headline")
    meta = tree.css_first('meta[property="og:title"]')
    candidates = [headline if isinstance(headline, str) else None, meta and meta.attributes.get("content")]
    candidates += [node.text() for selector in ("h1", "title") if (node := tree.css_first(selector))]
    # JSON can hold half a character, which no output can.
    whole = (_SURROGATE.sub("\ufffd", found or "") for found in candidates)
    return next((title for found in whole if (title := _SPACE.sub(" ", found).strip())), None)


def _published(tree: LexborHTMLParser, linked: dict[str, Any]) -> date | None:
    """Return the publication date that the page declares; a date it only shows as text is left to the pipeline."""
    candidates = [str(linked.get("datePublished") or "")]
    candidates += [
        node.attributes.get("content") or "" for selector in _DATES if (node := tree.css_first(selector)) is not None
    ]
    candidates += [node.attributes.get("datetime") or "" for node in tree.css("time[datetime]")]
    return next((day for found in candidates if (day := iso_date(found))), None)


def _linked_data(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Yield the JSON-LD objects of a page; broken ones are passed over, as browsers do."""
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            todo: deque[Any] = deque([json.loads(script.text())])
        except (ValueError, RecursionError):
            continue
        while todo:
            found = todo.popleft()
            if isinstance(found, list):
                todo.extend(found)
            elif isinstance(found, dict):
                yield found
                todo.append(found.get("@graph"))
