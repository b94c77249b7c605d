"""The application that the page talks to: JSON over the store."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dealspan.components.money import find_money
from dealspan.review import queue, static
from dealspan.review.adjudication import Comparison
from dealspan.review.checks import checks
from dealspan.review.documents import NotHeldError
from dealspan.review.log import Event
from dealspan.review.queue import OPEN, Filter
from dealspan.review.state import Change, InvalidError, State, read_changes
from dealspan.review.store import ADJUDICATOR, StaleError, Store, Undone

Mode = Literal["review", "adjudicate"]

OPERATIONS = Literal[
    "accept", "reject", "reopen", "finish", "skip", "edit_field", "assign", "label", "relabel", "move_edge",
    "delete_mention", "add_deal", "delete_deal", "merge", "split", "same_everywhere", "choose",
]  # fmt: skip
"""What a page may call an event; the others are written by the server."""
MAX_PAGE = 1000
"""Documents of the queue in one answer."""


class _Signed(msgspec.Struct, forbid_unknown_fields=True):
    """What a step says about who makes it: a page may outlive its server, and meet one that serves somebody else."""

    reviewer: str | None = None


class _Posted(_Signed, kw_only=True):
    """An event as the page sends it."""

    version: int
    operation: OPERATIONS
    changes: Any
    about: str | None = None


class _OthersPageError(Exception):
    """A step comes from the page of another reviewer."""


S = TypeVar("S", bound=_Signed)


class _Words(msgspec.Struct):
    text: str


class Settings(NamedTuple):
    """What a launch is for; `retrain` is the command that is suggested after so many documents."""

    mode: Mode
    reviewer: str
    suggest_after: int = 20
    retrain: str = ""


def application(store: Store, settings: Settings) -> Starlette:
    """Return the application, which anybody may use: put a `Guard` around it."""
    api = _Api(store, settings)
    get, post = ["GET"], ["POST"]
    routes = [
        Route("/", static.index, methods=get),
        Route("/static/{file}", static.file, methods=get),
        Route("/api/session", _answered(api.session), methods=get),
        Route("/api/queue", _answered(api.queue), methods=get),
        Route("/api/next", _answered(api.next), methods=get),
        Route("/api/document/{id:path}", _answered(api.document), methods=get),
        Route("/api/history/{id:path}", _answered(api.history), methods=get),
        Route("/api/diff/{id:path}", _answered(api.diff), methods=get),
        Route("/api/events/{id:path}", _answered(api.event), methods=post),
        Route("/api/undo", _answered(api.undo), methods=post),
        Route("/api/redo", _answered(api.redo), methods=post),
        Route("/api/amount", _answered(api.amount), methods=post),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _failed, Exception: _broken})


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json({"error": error.detail}, error.status_code)


async def _broken(request: Request, error: Exception) -> Response:
    return _json({"error": f"unexpected {type(error).__name__}: {error}; this is a bug, please report it"}, 500)


def _answered(handle: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
    """Read the body, then answer in a thread: SQLite waits for the disk."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            return await run_in_threadpool(handle, request, body)
        except NotHeldError as error:
            return _json({"error": f"no document {error.args[0]!r}"}, 404)
        except _OthersPageError as error:
            return _json({"error": f"{error}"}, 403)
        except StaleError as error:
            content = {"error": str(error), "version": error.state.version, "state": error.state, "last": error.last}
            return _json(content, 409)
        except sqlite3.OperationalError as error:
            return _json({"error": f"the store cannot be used now ({error}); nothing was written"}, 503)
        except (InvalidError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            return _json({"error": f"{error}"}, 422)

    return answer


class _Api:
    """The answers, each to one request."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._reviewer = settings.reviewer
        self._adjudicates = settings.mode == "adjudicate"

    def _progress(self) -> dict[str, Any]:
        return queue.progress(self._store, self._reviewer, adjudicate=self._adjudicates)

    def session(self, request: Request, body: bytes) -> Response:
        done = self._store.done_since_export()
        retrain = {"documents": done, "command": self._settings.retrain}
        return _json(
            {
                "mode": self._settings.mode,
                "reviewer": self._reviewer,
                "progress": self._progress(),
                "retrain": retrain if done >= self._settings.suggest_after else None,
            }
        )

    def queue(self, request: Request, body: bytes) -> Response:
        asked = request.query_params
        chosen = _filter(asked)
        try:
            offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "100"))
        except ValueError as error:
            raise InvalidError(f"the query is not well-formed: {error}") from None
        if not (0 <= offset < 2**63 and 0 < limit <= MAX_PAGE):
            raise InvalidError(f"offset is 0 or more, limit 1 to {MAX_PAGE}")
        total, items = queue.page(
            self._store, self._reviewer, chosen, offset=offset, limit=limit, adjudicate=self._adjudicates
        )
        return _json({"total": total, "items": items, "progress": self._progress()})

    def next(self, request: Request, body: bytes) -> Response:
        asked = request.query_params
        chosen = _filter(asked)
        return _json(
            {"id": self._following(asked.get("after"), chosen if chosen.status else chosen._replace(status="open"))}
        )

    def _following(self, id: str | None, chosen: Filter = OPEN) -> str | None:
        return queue.following(self._store, self._reviewer, id, chosen, adjudicate=self._adjudicates)

    def document(self, request: Request, body: bytes) -> Response:
        id = request.path_params["id"]
        document = self._store.document(id)
        readings = self._store.readings(id) if self._adjudicates else []
        others = {one.reviewer: one.state for one in readings if one.reviewer != ADJUDICATOR}
        if len(others) > 1:
            state = self._store.begin(id, Comparison(others, document.text).agreed())
        else:
            state = self._store.state(id, self._reviewer)
        content = {
            "document": document,
            "machine": self._store.machine(id),
            "state": state,
            "checks": checks(document, state),
            "next": self._following(id),
        }
        if self._adjudicates:
            settled = {event.about for event in self._standing(id)}
            content["reviewers"] = list(others)
            content["disagreements"] = [
                msgspec.structs.asdict(one) | {"settled": one.id in settled}
                for one in Comparison(others, document.text).disagreements(state)
            ]
        return _json(content)

    def _standing(self, id: str) -> list[Event]:
        """Return the events of the reviewer on a document that are not taken back."""
        events = self._store.history(id, self._reviewer)
        last: dict[int, bool] = {}
        for event in events:
            if event.undoes or event.redoes:
                last[event.undoes or event.redoes or 0] = bool(event.undoes)
        return [event for event in events if not last.get(event.seq)]

    def _signed(self, body: bytes, type: type[S]) -> S:
        step = msgspec.json.decode(body, type=type)
        if step.reviewer not in (None, self._reviewer):
            raise _OthersPageError(
                f"this page is {step.reviewer}'s, and the server now serves {self._reviewer}; start it for "
                f"{step.reviewer} again, or reload the page to go on as {self._reviewer}"
            )
        return step

    def event(self, request: Request, body: bytes) -> Response:
        id = request.path_params["id"]
        posted = self._signed(body, _Posted)
        changes: list[Change] = read_changes(posted.changes)
        state = self._store.append(id, self._reviewer, posted.version, posted.operation, changes, about=posted.about)
        return _json(
            {
                "version": state.version,
                "checks": checks(self._store.document(id), state),
                "progress": self._progress(),
            }
        )

    def undo(self, request: Request, body: bytes) -> Response:
        self._signed(body, _Signed)
        return self._stepped(self._store.undo(self._reviewer), "undo")

    def redo(self, request: Request, body: bytes) -> Response:
        self._signed(body, _Signed)
        return self._stepped(self._store.redo(self._reviewer), "redo")

    def _stepped(self, done: Undone | None, what: str) -> Response:
        if done is None:
            return _json({"error": f"nothing to {what}"}, 404)
        return _json(
            {
                "document": done.document,
                "undone" if what == "undo" else "redone": done.operation,
                "state": done.state,
                "checks": checks(self._store.document(done.document), done.state),
                "progress": self._progress(),
            }
        )

    def amount(self, request: Request, body: bytes) -> Response:
        words = msgspec.json.decode(body, type=_Words).text
        found = next(iter(find_money(words)), None)
        if found is None:
            return _json({"amount": None})
        return _json({"amount": msgspec.to_builtins(found.value.amount) | {"text": words.strip()}})

    def history(self, request: Request, body: bytes) -> Response:
        id = request.path_params["id"]
        self._store.document(id)
        events = self._store.history(id, self._reviewer)
        return _json(
            {"events": [event._asdict() | {"changes": [c._asdict() for c in event.changes]} for event in events]}
        )

    def diff(self, request: Request, body: bytes) -> Response:
        id = request.path_params["id"]
        machine, human = self._store.machine(id), self._store.state(id, self._reviewer)
        return _json({"changes": list(_differences(machine, human))})


def _filter(asked: Mapping[str, str]) -> Filter:
    """Return the filter that a query names."""
    texts = {name: asked.get(name, "") for name in ("search", "status", "doubt", "stage", "certainty")}
    below = asked.get("below")
    try:
        return Filter(**texts, below=float(below) if below else None)
    except ValueError as error:
        raise InvalidError(f"the query is not well-formed: {error}") from None


def _differences(machine: State, human: State) -> list[dict[str, Any]]:
    """Return where two states differ: a whole item where one has it and the other not, else field by field."""
    found: list[dict[str, Any]] = []
    for kind in ("mentions", "deals"):
        ours, theirs = getattr(machine, kind), getattr(human, kind)
        for name in {**ours, **theirs}:
            a, b, item = ours.get(name), theirs.get(name), f"{kind}/{name}"
            if a is None or b is None:
                found.append({"item": item, "field": None, "machine": a, "human": b})
                continue
            for field in a.__struct_fields__:
                if getattr(a, field) != getattr(b, field):
                    values = {"machine": getattr(a, field), "human": getattr(b, field)}
                    found.append({"item": item, "field": field, **values})
    return found
