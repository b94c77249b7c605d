"""Results are written down in their order: records to the output, failures to standard error and a file."""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from dealspan.cli.failures import complain
from dealspan.cli.signals import Signals
from dealspan.cli.streams import Output
from dealspan.jobs.documents import Document, Failure
from dealspan.output import write_line

if TYPE_CHECKING:
    from dealspan.cli.journal import Journal
    from dealspan.output import Writer


class Recording:
    """Writes what became of each document, so that each is written whole or not at all.

    Parameters
    ----------
    output, errors
        Where records go, and where failures go beside standard error.
    journal
        Follows what is written, if the run could be resumed.

    """

    def __init__(self, output: Output, errors: Output | None, journal: "Journal | None", failed: int) -> None:
        self._output = output
        self._errors = errors
        self._journal = journal
        self.failed = failed

    def write(self, documents: Iterable[Document], sink: "Writer", signals: Signals) -> None:
        """Write all documents; when the run is broken off, the files and the journal say the same."""
        self._output.keep()  # the head
        self._save(now=True)
        try:
            for document in documents:
                with signals.after():
                    self._take(document, sink)
        except BaseException:
            # A full disk may have no room for the journal either; then there is that of a second ago.
            with suppress(OSError):
                self._save(now=True)
            raise

    def _take(self, document: Document, sink: "Writer") -> None:
        try:
            if isinstance(document.result, bytes) and document.article:
                try:
                    write_line(sink, document.article, document.result)
                    self._output.keep()
                except OSError:
                    raise
                except Exception as error:
                    self._output.cut()
                    document.broke(error)
            if isinstance(document.result, Failure):
                self._fail(document.result)
        except OSError:
            for file in (self._output, self._errors):
                if file:
                    file.cut()
            raise
        if self._journal:
            self._journal.done(document, self.failed)
            self._save()

    def _fail(self, failure: Failure) -> None:
        self.failed += 1
        complain(failure)
        if self._errors:
            self._errors.stream.write(msgspec.json.encode(failure).decode() + "\n")
            self._errors.stream.flush()
            self._errors.keep()

    def _save(self, *, now: bool = False) -> None:
        if self._journal:
            self._journal.save(self._output, self._errors, now=now)
