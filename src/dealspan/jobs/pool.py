"""Workers that share the documents of a run; whichever ends is replaced."""

import os
import selectors
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from time import monotonic
from types import TracebackType

import msgspec

from dealspan.jobs.analysis import ONE_THREAD, Settings
from dealspan.jobs.channel import Channel
from dealspan.jobs.documents import Document
from dealspan.jobs.worker import BATCH_BYTES, BATCH_DOCUMENTS, Unusable, answer_decoder

QUEUED = 2
"""Batches that a worker holds: while it is at one, the next is there already."""
AHEAD = 8
"""Batches for each worker that may wait for the document before them, which takes long."""
AHEAD_BYTES = 2**25
"""The most that all documents under way may take, one batch aside: that memory is bounded also where each is large."""
STILLBORN = 3
"""So many workers in a row may end before they are ready."""

_WORKER = (sys.executable, "-P", "-m", "dealspan.jobs.worker")


class PoolError(Exception):
    """The workers cannot do their work; `usage` where other options would help."""

    def __init__(self, message: str, *, usage: bool = False) -> None:
        super().__init__(message)
        self.usage = usage


class _Worker:
    """A process, and what it was given."""

    def __init__(self, settings: Settings) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # A new program and not a fork: a fork of a process with threads may hang, on macOS any may. It shares
            # nothing with this one but the socket. In a group of its own it is not reached by Ctrl-C, which this
            # process answers.
            self.process = subprocess.Popen(
                [*_WORKER, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=ONE_THREAD | os.environ,
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        self.channel = Channel(ours)
        self.channel.send(msgspec.msgpack.encode(settings))
        self.ready = False
        self.batches: deque[deque[Document]] = deque()
        self.since = monotonic()
        """When it began with what it is at."""

    def give(self, batch: Sequence[Document]) -> None:
        """Send a batch; a worker that is gone is noticed later, where its answers are waited for."""
        if not self.batches:
            self.since = monotonic()
        self.batches.append(deque(batch))
        try:
            self.channel.send(
                msgspec.msgpack.encode([(document.page is not None, document.data) for document in batch])
            )
        except OSError:
            return

    def answered(self, message: bytes) -> None:
        """Take the answer to the first document that it has, or that it is ready."""
        self.since = monotonic()
        if not self.ready:
            if message:
                unusable = msgspec.msgpack.decode(message, type=Unusable)
                raise PoolError(unusable.message, usage=unusable.usage)
            self.ready = True
            return
        document, answer = self.batches[0].popleft(), answer_decoder.decode(message)
        document.result, document.article = answer.result, answer.article or document.article
        if not self.batches[0]:
            self.batches.popleft()

    def end(self) -> str:
        """End the process, if it is not ended, and return what ended it."""
        self.process.kill()
        status = self.process.wait()
        self.channel.close()
        if status >= 0:
            return f"with status {status}"
        try:
            return f"by {signal.Signals(-status).name}"
        except ValueError:
            return f"by signal {-status}"


class Pool:
    """Several workers.

    Parameters
    ----------
    jobs
        How many.
    settings
        How they analyse.
    timeout
        The seconds that one document may take, or None.

    """

    def __init__(self, jobs: int, settings: Settings, timeout: float | None = None) -> None:
        self._jobs = jobs
        # Where a document has so long, none waits for others that are analysed with it.
        self._settings = msgspec.structs.replace(settings, batch=1) if timeout else settings
        self._timeout = timeout
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._waiting: deque[Sequence[Document]] = deque()
        self._stillborn = 0

    def __enter__(self) -> "Pool":
        try:
            for _ in range(self._jobs):
                self._start()
            # That the pipeline cannot be loaded is known before anything is read or written.
            while not any(worker.ready for worker in self._workers):
                self._collect(None)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def wait(self) -> None:
        """Wait until every worker is ready, and not only one."""
        while not all(worker.ready for worker in self._workers):
            self._collect(None)

    def _end(self) -> None:
        for worker in self._workers:
            worker.end()
        self._selector.close()

    def analysed(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents in order, each with its result.

        A document whose worker ends is tried once more, alone; the second time that is its failure.
        """
        batches = _batches(documents)
        order: deque[Document] = deque()
        held = 0
        more = True
        while True:
            while order and order[0].result is not None:
                held -= len(order[0].data)
                yield order.popleft()
            if not more and not order:
                return
            room = len(order) < self._jobs * AHEAD * BATCH_DOCUMENTS and held < AHEAD_BYTES
            if more and room and len(self._waiting) < self._jobs:
                batch = next(batches, None)
                more = batch is not None
                order.extend(batch or ())
                held += sum(len(document.data) for document in batch or ())
                if pending := [document for document in batch or () if document.result is None]:
                    self._waiting.append(pending)
                self._hand_out()
                self._collect(0)
            else:
                self._collect(None)

    def _start(self) -> None:
        worker = _Worker(self._settings)
        self._workers.append(worker)
        self._selector.register(worker.channel, selectors.EVENT_READ, worker)

    def _hand_out(self) -> None:
        """Give what waits to the workers that have least."""
        ready = [worker for worker in self._workers if worker.ready]
        while ready and self._waiting:
            worker = min(ready, key=lambda one: len(one.batches))
            if len(worker.batches) == QUEUED:
                return
            worker.give(self._waiting.popleft())

    def _collect(self, wait: float | None) -> None:
        """Take what the workers answer, waiting for it if `wait` is None, and replace those that end."""
        if wait is None and (busy := [worker.since for worker in self._workers if worker.batches]) and self._timeout:
            wait = max(0.0, min(busy) + self._timeout - monotonic())
        for key, _ in self._selector.select(wait):
            worker: _Worker = key.data
            try:
                for message in worker.channel.receive():
                    worker.answered(message)
                self._stillborn = 0 if worker.ready else self._stillborn
            except (EOFError, OSError):
                self._replace(worker, late=False)
        if self._timeout:
            for worker in list(self._workers):
                if worker.batches and monotonic() - worker.since > self._timeout:
                    self._replace(worker, late=True)
        self._hand_out()

    def _replace(self, worker: _Worker, *, late: bool) -> None:
        """Start another worker for one that ended, or that took too long, and have it do what is not done."""
        self._selector.unregister(worker.channel)
        self._workers.remove(worker)
        ended = worker.end()
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == STILLBORN:
                raise PoolError(f"workers end before they are ready, the last {ended}; try fewer --jobs")
        running = worker.batches.popleft() if worker.batches else deque()
        self._waiting.extendleft(reversed(worker.batches))
        if len(running) == 1 and (late or running[0].suspect):
            if late:
                running[0].failed("timeout", f"took longer than {self._timeout:g} s; give more --timeout, or drop it")
            else:
                running[0].failed("crash", f"ended its worker twice, the last {ended}; please report it with the text")
        else:
            # Any of them can be the cause: each is tried alone, so that the others are not lost.
            for document in reversed(running):
                document.suspect = True
                self._waiting.appendleft([document])
        self._start()


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield the documents in lists that are neither long nor large."""
    source = iter(documents)
    while first := list(islice(source, 1)):
        batch, size = first, len(first[0].data)
        while len(batch) < BATCH_DOCUMENTS and size < BATCH_BYTES and (document := next(source, None)):
            batch.append(document)
            size += len(document.data)
        yield batch
