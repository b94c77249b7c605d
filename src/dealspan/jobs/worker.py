"""A worker: a process of its own that loads the pipeline once and answers articles with encoded records.

Run by `dealspan.jobs.pool` as `python -m dealspan.jobs.worker DESCRIPTOR`. The first message says how to analyse; the
answer to it is empty, or says why the pipeline cannot be loaded. Each message after it is a list of encoded articles
and pages, and each of them is answered by a message of its own, so that the other side knows which one is under way.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread

import msgspec

from dealspan.articles import RawPage
from dealspan.jobs.analysis import Settings, analyse, in_parts, load
from dealspan.jobs.channel import Channel
from dealspan.jobs.documents import Document, Result
from dealspan.records import Article

WARM_UP = "Kettl raised $5m in May 2019, said The Ledger."
"""Read once before the first document, whose time is limited, since some of the pipeline is loaded when first used."""

BATCH_DOCUMENTS = 32
BATCH_BYTES = 2**16
"""The most that is sent to a worker at once; a batch ends with the document that makes it as large. Beside the reading,
a document costs whoever hands it out 45 to 70 µs alone, 24 in batches of 8, 18 in batches of 32, 128 and 512."""

_PR_SET_PDEATHSIG = 1


class Unusable(msgspec.Struct, frozen=True):
    """Says that the pipeline cannot be loaded; `usage` where other options would help."""

    message: str
    usage: bool


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What became of a document; of a page with its article, which the other side has not seen."""

    result: Result
    article: Article | None = None


answer_encoder = msgspec.msgpack.Encoder()
answer_decoder = msgspec.msgpack.Decoder(Answer)


def work(channel: Channel) -> None:
    """Answer until the other side is gone."""
    _end_with_parent()
    received: SimpleQueue[bytes] = SimpleQueue()
    # Receives while the pipeline is at work: whoever sends never waits for it, and that the other side is gone is
    # noticed at once.
    Thread(target=_receive, args=(channel, received), daemon=True).start()
    settings = msgspec.msgpack.decode(received.get(), type=Settings)
    try:
        nlp = load(settings.model, settings.rules)
    except (ImportError, ValueError, OSError) as error:
        channel.send(msgspec.msgpack.encode(Unusable(str(error), not isinstance(error, ImportError))))
        return
    for _ in analyse(nlp, settings, [Document(b"", Article(id="warm-up", text=WARM_UP))]):
        channel.send(b"")
    for batches in in_parts(nlp, iter(received.get, None)):
        for batch in batches:
            for document in analyse(nlp, settings, _documents(batch)):
                assert document.result is not None
                answer = Answer(document.result, document.article if document.page else None)
                channel.send(answer_encoder.encode(answer))


def _documents(batch: bytes) -> Iterator[Document]:
    articles, pages = msgspec.msgpack.Decoder(Article), msgspec.msgpack.Decoder(RawPage)
    for is_page, data in msgspec.msgpack.decode(batch, type=list[tuple[bool, bytes]]):
        yield Document(data, page=pages.decode(data)) if is_page else Document(data, articles.decode(data))


def _receive(channel: Channel, received: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            for message in channel.receive():
                received.put(message)
    finally:
        # Whatever the other thread is doing, nobody waits for it.
        os._exit(0)


def _end_with_parent() -> None:
    """Have Linux end this process when its parent ends, also where the pipeline is stuck in C code."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]  # as in `dealspan.cli.main`
    try:
        work(Channel(socket.socket(fileno=int(sys.argv[1]))))
    except (OSError, MemoryError):  # the other side is gone, or sees by the end what became of the document
        os._exit(1)
