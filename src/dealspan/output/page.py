"""HTML: one page with every text, its mentions marked, beside its deals with their evidence.

The page needs no script and loads nothing; its Content-Security-Policy allows its own style sheet and nothing else, so
that text which slipped through the escaping could not run either. Each value of a deal links to the words it rests on.
"""

import base64
import hashlib
import heapq
import re
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from typing import NamedTuple, TextIO

from dealspan.output.wording import amount, companies, count, is_hedged, purpose, valuation, words
from dealspan.records import Article, Deal, Record

_STYLE = files("dealspan.output").joinpath("page.css").read_text(encoding="utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LABELS = ("company", "investor", "money", "round", "hedge", "date", "source")

_HEAD = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{_DIGEST}'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Deals</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Deals and where the texts say so</h1>
<p class="legend">Marked in the texts: \
{" ".join(f'<mark class="{label}">{label}</mark>' for label in _LABELS)}. \
A dashed card is a hedged deal: the text does not vouch for it as done.</p>
"""


class Mark(NamedTuple):
    """A stretch of the text that is marked; a label in lower case is a class of the style sheet."""

    start: int
    end: int
    label: str


class Page:
    """Writes one self-contained page."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._documents = self._deals = 0
        stream.write(_HEAD)

    def write(self, article: Article, record: Record) -> None:
        """Write the section of one document."""
        self._documents += 1
        self._deals += len(record.deals)
        self._stream.write(_Section(f"t{self._documents}", article, record).html())

    def close(self) -> None:
        """Write the sums and end the page."""
        sums = f"{count(self._deals, 'deal')} in {count(self._documents, 'document')}"
        self._stream.write(f'<p class="legend">{sums}</p>\n</body>\n</html>\n')


class _Section:
    """The section of one document; `key` starts its anchors, since ids of documents may repeat."""

    def __init__(self, key: str, article: Article, record: Record) -> None:
        self._key = key
        self._article = article
        self._record = record
        self._mentions = {m.id: Mark(m.start, m.end, m.label.lower()) for m in record.mentions}

    def html(self) -> str:
        document = self._record.document
        about = " · ".join(_safe(part) for part in (document.id, document.published, document.source) if part)
        cards = "".join(self._card(deal) for deal in self._record.deals) or '<p class="note">No deals found.</p>\n'
        return (
            f'<section class="document" id="{self._key}">\n<h2>{_safe(document.title or document.id)}</h2>\n'
            f'<p class="about">{about}</p>\n<div class="columns">\n<div class="text">{self._text()}</div>\n'
            f"<div>\n{cards}</div>\n</div>\n</section>\n"
        )

    def _text(self) -> str:
        marks = set(self._mentions.values())
        for deal in self._record.deals:
            marks.update(Mark(start, end, "evidence") for start, end in deal.evidence)
            marks.update(Mark(hedge.start, hedge.end, "hedge") for hedge in deal.hedges)
            marks.update(Mark(source.start, source.end, "source") for source in deal.attribution)
            marks.update(Mark(start, end, "date") for start, end in (deal.date.evidence if deal.date else ()))
        return "".join(marked(self._article.text, marks, self._key))

    def _card(self, deal: Deal) -> str:
        hedged = is_hedged(deal)
        title = " + ".join(companies(deal)) or "Unnamed company"
        if deal.amount:
            title += f": {amount(deal.amount.value)}"
        status = f"{'Hedged: ' if hedged else ''}{words(deal.stage.value)}, {deal.certainty.value}"
        rows = "".join(self._rows(deal))
        return (
            f'<article class="deal{" hedged" if hedged else ""}">\n<h3>{_safe(title)}</h3>\n'
            f'<p class="status">{status} {_confidence(deal.confidence)}</p>\n<dl>\n{rows}</dl>\n</article>\n'
        )

    def _rows(self, deal: Deal) -> Iterator[str]:
        for company in deal.companies or ([deal.company] if deal.company else []):
            yield self._row("company", company.value, company.confidence, self._of(company.evidence))
        if deal.amount:
            value = deal.amount.value
            text = f"{amount(value)} (“{value.text}”)"
            yield self._row("amount", text, deal.amount.confidence, self._of(deal.amount.evidence))
        if deal.round_type:
            yield self._row("round", purpose(deal), deal.round_type.confidence, self._of(deal.round_type.evidence))
        elif purpose(deal):
            yield self._row("round", purpose(deal), None, ())
        for investor in deal.investors:
            name = "lead investor" if investor.role == "lead" else "investor"
            yield self._row(name, investor.value, investor.confidence, self._of(investor.evidence))
        if deal.valuation:
            worth = valuation(deal.valuation.value)
            yield self._row("valuation", worth, deal.valuation.confidence, self._of(deal.valuation.evidence))
        yield self._row("stage", words(deal.stage.value), deal.stage.confidence, self._of(deal.stage.evidence))
        yield self._row("certainty", deal.certainty.value, deal.certainty.confidence, self._of(deal.certainty.evidence))
        for hedge in deal.hedges:
            yield self._row("hedge", hedge.kind, None, [Mark(hedge.start, hedge.end, "hedge")])
        for source in deal.attribution:
            mark = Mark(source.start, source.end, "source")
            yield self._row("according to", source.value, source.confidence, [mark])
        if deal.date:
            spans = [Mark(start, end, "date") for start, end in deal.date.evidence]
            yield self._row("date", deal.date.value, deal.date.confidence, spans)
        sentences = [Mark(start, end, "evidence") for start, end in deal.evidence]
        yield self._row("stated in", "", None, sentences)

    def _row(self, name: str, value: str, confidence: float | None, evidence: Iterable[Mark]) -> str:
        quotes = "".join(
            f'<li><a href="#{_anchor(self._key, mark)}">“{_safe(self._article.text[mark.start : mark.end])}”</a></li>'
            for mark in evidence
        )
        shown = f'<span class="value">{_safe(value)}</span> ' if value else ""
        sure = "" if confidence is None else _confidence(confidence)
        return f"<dt>{name}</dt><dd>{shown}{sure}{f'<ul class=quotes>{quotes}</ul>' if quotes else ''}</dd>\n"

    def _of(self, mentions: Iterable[str]) -> list[Mark]:
        return [self._mentions[mention] for mention in mentions]


def marked(text: str, marks: Iterable[Mark], key: str) -> Iterator[str]:
    """Yield the text as HTML with its marks, in pieces.

    Elements nest, marks may also cross: the one that begins later is cut where the earlier ends, and goes on behind it.
    The first part carries the anchor, the last the label.
    """
    waiting = [(mark.start, -mark.end, mark.label, mark) for mark in marks if mark.start < mark.end]
    heapq.heapify(waiting)
    open_marks: list[tuple[int, str]] = []
    at = 0
    while waiting or open_marks:
        if open_marks and (not waiting or open_marks[-1][0] <= waiting[0][0]):
            end, tag = open_marks.pop()
            yield f"{_safe(text[at:end])}</{tag}>"
            at = end
            continue
        start, minus_end, label, whole = heapq.heappop(waiting)
        end = -minus_end
        yield _safe(text[at:start])
        at = start
        if open_marks and end > open_marks[-1][0]:
            end = open_marks[-1][0]
            heapq.heappush(waiting, (end, minus_end, label, whole))
        # A sentence of evidence is a place to link to, not a mention with a label.
        tag = "span" if label == "evidence" else "mark"
        anchor = f' id="{_anchor(key, whole)}"' if start == whole.start else ""
        name = f' data-label="{label}"' if tag == "mark" and end == whole.end else ""
        yield f'<{tag} class="{label}"{anchor}{name}>'
        open_marks.append((end, tag))
    yield _safe(text[at:])


def _anchor(key: str, mark: Mark) -> str:
    return f"{key}-{mark.label}-{mark.start}-{mark.end}"


def _confidence(value: float) -> str:
    return f'<span class="confidence"><meter value="{value:.2f}"></meter> {value:.0%}</span>'


def _safe(text: str) -> str:
    """Return a text as HTML; characters that HTML forbids are shown as the replacement character."""
    return escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
