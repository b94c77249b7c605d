"""The journal of a run: how far its output is whole, so that `extract --resume` goes on from there.

It stands beside the output until that is complete. What it says is in the files already: they are written through to
the disk before it is, and whatever came after is cut off when the run is resumed and done again.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import monotonic

import msgspec

from dealspan.articles import Fields
from dealspan.cli.failures import USAGE, CommandError, complain
from dealspan.cli.streams import Output, part_of
from dealspan.jobs.analysis import Settings
from dealspan.jobs.documents import Document
from dealspan.output import Format
from dealspan.output.wording import count

RESUMABLE: tuple[Format, ...] = ("jsonl", "csv")
"""The formats that one can go on with where one broke off; all others have an end, or count."""

SAVED = 1.0
"""Seconds between two states on the disk: as much work is lost at most. Writing through takes 1 to 10 ms."""


class State(msgspec.Struct, kw_only=True):
    """How far a run has come.

    Parameters
    ----------
    settings
        Everything but the inputs that the output depends on, by the option that gives it.
    documents
        How many documents are done, those that failed and inputs that could not be read among them.
    digest
        SHA-256 of them all.
    failed
        How many of them failed.
    output, errors
        The bytes of the output and of the file of errors.

    """

    settings: dict[str, str]
    documents: int = 0
    digest: str = hashlib.sha256().hexdigest()
    failed: int = 0
    output: int = 0
    errors: int = 0


class Journal:
    """Follows a run; `state` is what it has come to."""

    def __init__(self, path: Path, state: State, *, resumed: bool) -> None:
        self.resumed = resumed
        self._path = path
        self.state = state
        self._digest = hashlib.sha256()
        self._saved = monotonic()

    def skip(self, documents: Iterator[Document]) -> None:
        """Pass over the documents that were done before; raises `CommandError` where they are others."""
        for _, document in zip(range(self.state.documents), documents, strict=False):
            self._digest.update(document.data)
        if self._digest.hexdigest() != self.state.digest:
            raise CommandError(
                f"{self._path}: the inputs have changed, their first {self.state.documents:,} documents are not those "
                "that were done; leave out --resume to start afresh"
            )

    def done(self, document: Document, failed: int) -> None:
        """Count a document; so many have failed."""
        self.state.documents += 1
        self.state.failed = failed
        self._digest.update(document.data)

    def save(self, output: Output, errors: Output | None, *, now: bool = False) -> None:
        """Write the state to the disk, if that is due or must be now."""
        if not now and monotonic() - self._saved < SAVED:
            return
        self.state.digest = self._digest.hexdigest()
        for file in (output, errors) if errors else (output,):
            file.to_disk()
        self.state.output = output.size
        self.state.errors = errors.size if errors else 0
        # In one step: whenever the run is killed, there is one state or the other.
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_bytes(msgspec.json.encode(self.state))
        new.replace(self._path)
        self._saved = monotonic()

    def remove(self) -> None:
        """Remove it: the output is complete."""
        self._path.unlink(missing_ok=True)


def begun(
    out: Path | None, format: Format, errors: Path | None, settings: Mapping[str, str], *, resume: bool
) -> Journal | None:
    """Return the journal of a run that begins or is resumed; None for an output that cannot be gone on with."""
    part = part_of(out) if out else None
    if not out or not part or format not in RESUMABLE:
        if resume:
            known = " or ".join(RESUMABLE)
            raise CommandError(f"--resume goes on with a file of {known}; name one with --out", USAGE)
        return None
    path = out.resolve().with_name(f"{out.name}.journal")
    state = _left(path, part, errors, settings) if resume else None
    if state:
        complain(f"{out}: {count(state.documents, 'document')} done before; going on from there")
        return Journal(path, state, resumed=True)
    if resume:
        complain(f"{out}: nothing to resume; starting afresh")
    path.unlink(missing_ok=True)
    return Journal(path, State(settings=dict(settings)), resumed=False)


def described(
    settings: Settings, format: Format, fields: Fields, published: date | None, errors: Path | None
) -> dict[str, str]:
    """Return all that the output depends on beside the inputs, by the option that gives it."""
    return {
        "version of dealspan": version("dealspan"),
        "--format": format,
        "--model": _identity(Path(settings.model)) or settings.model,
        "--rules": _identity(Path(settings.rules)) if settings.rules else "",
        "--gate": settings.gate or "",
        "--min-confidence": str(settings.min_confidence),
        "--only": settings.only or "",
        "--fields": str(fields),
        "--published": str(published or ""),
        "--errors": str(errors or ""),
    }


def _identity(path: Path) -> str:
    """Return what tells the content of a file, or of a folder's files, from any other; nothing if there is none."""
    digest = hashlib.sha256()
    try:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if not file.is_dir():
                digest.update(file.name.encode("utf-8", "surrogateescape") + b"\0" + file.read_bytes())
    except OSError:  # what is wrong is said where it is loaded
        return ""
    return digest.hexdigest()[:16]


def _left(path: Path, part: Path, errors: Path | None, settings: Mapping[str, str]) -> State | None:
    """Return the state of a run that broke off, or None where there is none; raises `CommandError` if it is another."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise CommandError(f"{path}: cannot be read ({error}); leave out --resume to start afresh") from None
    for option in sorted({*settings, *state.settings}):
        before, now = state.settings.get(option, ""), settings.get(option, "")
        if before != now:
            raise CommandError(
                f"{part}: was made with another {option} ({before or 'none'}, now {now or 'none'}); give the same, or "
                "leave out --resume to start afresh",
                USAGE,
            )
    for file, size in ((part, state.output), (errors, state.errors)):
        if size and file and (not file.is_file() or file.stat().st_size < size):
            raise CommandError(f"{file}: has lost what was done; leave out --resume to start afresh")
    return state
