"""The main text of a page: what its article says, without what a site puts around every article.

A page is cut into blocks of text. Blocks that are mostly links are left out (Kohlschütter et al., 2010), and so is what
its class or id calls an extra, such as comments or related stories (after Mozilla's Readability). Of what stays, the
text is that of the element which is marked as the article, if it holds most of it, and else of the smallest element
that holds nearly all.

On 160 pages of eight kinds, made from invented articles, precision and recall of words are 0.997 and 1.000; before it
was made so (the longest `article`, else `main`, else all), 0.678 and 0.884; of trafilatura 2.3, 0.986 and 0.983. On 100
pages of five other kinds, made afterwards, with nothing tuned on them: 0.830 and 1.000; before, 0.643 and 1.000; of
trafilatura 0.848 and 0.901. A page takes 1.5 ms, and 13 ms in trafilatura.
"""

import re
from itertools import accumulate
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

MARKED = 1 / 3
"""Share of the text of a page that an element marked as its article has to hold: a teaser can be marked so too."""

EXTRA = 0.5
"""Share of the text that no extra may hold: a class of the whole page can tell that it has a sidebar."""

NEARLY_ALL = 0.8
"""Share of the text that an element without a mark has to hold: an article may be in several parts."""

SENTENCE = 60
"""Characters from which a block is taken for running text: ten words or so."""

_SPACE = re.compile(r"\s+")

_DROPPED = frozenset({
    "head", "script", "style", "noscript", "template", "nav", "footer", "aside", "button", "select", "textarea",
    "iframe", "object", "svg", "canvas", "audio", "video",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "br", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr",
    "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    "caption",
})  # fmt: skip
_CELLS = frozenset(("td", "th"))
_EXTRA = re.compile(
    r"(?:^|[\s_-])(?:ads?|advert\w*|author-?bio|banner|bio|breadcrumbs?|comments?|consent|cookies?|disqus|footer|gdpr|"
    r"masthead|menu|modal|more-?stories|most-?read|nav|navbar|navigation|newsletters?|pager|pagination|popular|popup|"
    r"promos?|read-?(?:more|next)|recommend\w*|related\w*|replies|share|sharing|sidebar|social|sponsor\w*|"
    r"subscri\w+|tags?|trending|widgets?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:article|story|post|entry|release|news)[_-]?(?:body|content|text)(?:$|[\s_-])|^articlebody$",
    re.IGNORECASE,
)
# Elements that can hold an article without a mark; a row can, where a table lays out the page.
_PARTS = frozenset(("center", "div", "section", "tr"))
_BODY, _ARTICLE, _MAIN, _PART, _OTHER = range(5)


class _Area(NamedTuple):
    """An element with the blocks that lie in it."""

    kind: int
    extra: bool
    first: int
    last: int


class _Blocks:
    """The blocks of a page in order, and its elements as ranges of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.linked: list[bool] = []
        self.areas: list[_Area] = []
        self._pieces: list[str] = []
        self._links = 0  # elements that are open
        self._length = self._length_of_links = 0

    def add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        self._length_of_links += len(text) * bool(self._links)

    def link(self, change: int) -> None:
        self._links += change

    def close(self) -> int:
        """End the block, if there is one; return how many there are."""
        text = _SPACE.sub(" ", "".join(self._pieces)).strip()
        if text:
            self.texts.append(text)
            self.linked.append(self._length_of_links > self._length / 2)
        self._pieces.clear()
        self._length = self._length_of_links = 0
        return len(self.texts)


def body(tree: LexborHTMLParser) -> str:
    """Return the main text of a page, one line for each block; empty where the page has no text."""
    blocks = _cut(tree.body) if tree.body is not None else _Blocks()
    weights = [0.0 if linked else _weight(text) for text, linked in zip(blocks.texts, blocks.linked, strict=True)]
    before = [0.0, *accumulate(weights)]
    kept = [not linked for linked in blocks.linked]
    for area in blocks.areas:
        if area.extra and before[area.last] - before[area.first] < EXTRA * before[-1]:
            kept[area.first : area.last] = [False] * (area.last - area.first)
    if not any(kept):
        kept = [True] * len(kept)
    before = [0.0, *accumulate(_weight(text) * keep for text, keep in zip(blocks.texts, kept, strict=True))]
    first, last = _chosen(blocks.areas, before)
    return "\n".join(text for text, keep in zip(blocks.texts[first:last], kept[first:last], strict=True) if keep)


def _weight(text: str) -> float:
    """Running text counts in full, a heading or a label a tenth."""
    return len(text) if len(text) >= SENTENCE else len(text) / 10


def _chosen(areas: list[_Area], before: list[float]) -> tuple[int, int]:
    """Return the range of blocks that is the article."""
    for kind in (_BODY, _ARTICLE, _MAIN):
        marked = [(before[area.last] - before[area.first], area) for area in areas if area.kind == kind]
        weight, area = max(marked, key=lambda one: (one[0], one[1].last - one[1].first), default=(0.0, None))
        if area is not None and weight and weight >= MARKED * before[-1]:
            return area.first, area.last
    several = [area for area in areas if area.kind == _PART and area.last - area.first > 1]
    enough = [area for area in several if before[area.last] - before[area.first] >= NEARLY_ALL * before[-1]]
    smallest = min(enough, key=lambda area: area.last - area.first, default=None)
    return (smallest.first, smallest.last) if smallest else (0, len(before) - 1)


def _cut(root: LexborNode) -> _Blocks:
    """Cut what is visible under an element into blocks; no recursion, so that a deep page cannot overflow the stack."""
    blocks = _Blocks()
    open_areas: list[tuple[int, bool, int]] = []
    node: LexborNode | None = root
    while node is not None:
        tag = node.tag or ""
        entered = False
        if node.is_text_node:
            blocks.add(node.text_content or "")
        elif tag not in _DROPPED:
            attributes = node.attributes
            entered = node.child is not None and ("hidden" not in attributes or node is root)
            if tag == "a":
                blocks.link(entered)
            elif tag in _CELLS:
                blocks.add(" ")
            elif tag in _BLOCKS:
                start = blocks.close()
                if entered:
                    open_areas.append((*_kind(tag, attributes, node is root), start))
        if entered:
            node = node.child
            continue
        while node is not None and node.mem_id != root.mem_id and node.next is None:
            node = node.parent
            if node is not None:
                _leave(blocks, open_areas, node.tag or "")
        node = None if node is None or node.mem_id == root.mem_id else node.next
    blocks.close()
    return blocks


def _leave(blocks: _Blocks, open_areas: list[tuple[int, bool, int]], tag: str) -> None:
    if tag == "a":
        blocks.link(-1)
    elif tag in _BLOCKS:
        last = blocks.close()
        kind, extra, first = open_areas.pop()
        if last > first:
            blocks.areas.append(_Area(kind, extra, first, last))


def _kind(tag: str, attributes: dict[str, str | None], is_root: bool) -> tuple[int, bool]:
    """Return what an element says that it is, and whether it calls itself an extra."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
    extra = bool(names) and not is_root and _EXTRA.search(names) is not None
    if attributes.get("itemprop") == "articleBody" or (names and _MARKED.search(names)):
        return _BODY, extra
    if tag == "article":
        return _ARTICLE, extra
    if tag == "main" or attributes.get("role") == "main":
        return _MAIN, extra
    return _PART if tag in _PARTS else _OTHER, extra
