"""A spaCy DocBin: mentions in `doc.spans["gold"]`, the article as JSON in `doc.user_data["gold"]`.

Its spans are of whole tokens. Of a DocBin from elsewhere the spans under spaCy's own key `sc` are read, or else the
entities.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from dealspan.corpus.formats.entries import FormatError, Found, Losses, article, decoded, mention, read_bytes, settled
from dealspan.corpus.formats.tokens import Tokens, tokenizer
from dealspan.corpus.gold import GoldArticle, GoldMention

GROUP = "gold"


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a DocBin, with the span of the tokens around it for a mention that ends inside a token."""
    nlp = tokenizer()
    docs = DocBin(store_user_data=True)
    losses: Losses = []
    for one in articles:
        doc = nlp.make_doc(one.text)
        doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=[span for _, span in Tokens(doc).spans(one, losses)])
        doc.user_data[GROUP] = msgspec.json.encode(one).decode()
        docs.add(doc)
    docs.to_disk(out)
    return losses


def read(path: Path) -> Iterator[Found]:
    """Read the documents of a DocBin."""
    try:
        docs = iter(DocBin().from_bytes(read_bytes(path)).get_docs(tokenizer().vocab))
    except FormatError as error:
        yield error
        return
    except Exception as error:  # zlib, msgpack and spaCy each have errors of their own for bytes that are no DocBin
        yield FormatError(path, f"is no DocBin ({type(error).__name__}: {error}); make it with DocBin.to_disk")
        return
    number = 0
    while True:
        number += 1
        place = f"{path}:{number}"
        try:
            doc = next(docs)
        except StopIteration:
            break
        except Exception as error:
            yield FormatError(place, f"cannot be unpacked ({type(error).__name__}: {error}); write the DocBin anew")
            return
        try:
            yield _article(place, doc)
        except FormatError as error:
            yield error
    if number == 1:
        yield FormatError(path, "holds no document; give another DocBin")


def _article(place: str, doc: Doc) -> GoldArticle:
    known = None
    if isinstance(data := doc.user_data.get(GROUP), str):
        known = decoded(place, data.encode(), GoldArticle)
    tokens = Tokens(doc)
    group: Iterable[Span] = next((doc.spans[key] for key in (GROUP, "sc") if key in doc.spans), doc.ents)

    def form(one: GoldMention) -> tuple[str, int, int] | None:
        span = tokens.touched(one)
        return (one.label, span.start_char, span.end_char) if span is not None else None

    found = [(span.label_, span.start_char, span.end_char) for span in group]
    mentions = settled(
        ((key, partial(mention, place, doc.text, *key)) for key in found),
        known.mentions if known and known.text == doc.text else [],
        form,
    )
    return article(place, doc.text, mentions, known)
