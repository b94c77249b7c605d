"""The files of the page."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class _File(NamedTuple):
    """A file of the page, and what a browser that has it already calls it."""

    content: bytes
    kind: str
    tag: str


@cache
def _page() -> dict[str, _File]:
    """Read the files of the page: whatever is asked for, only these are given."""
    return {
        file.name: _File(content := file.read_bytes(), kind, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
        for file in (files("dealspan.review") / "page").iterdir()
        if (kind := _KINDS.get(file.name[file.name.rfind(".") :]))
    }


def _given(request: Request, name: str) -> Response:
    held = _page().get(name)
    if held is None:
        raise HTTPException(404, "no such file")
    headers = {"Content-Type": held.kind, "Cache-Control": "no-cache", "ETag": held.tag}
    if request.headers.get("if-none-match") == held.tag:
        return Response(status_code=304, headers=headers)
    return Response(held.content, headers=headers)


async def index(request: Request) -> Response:
    """Answer with the page itself."""
    return _given(request, "index.html")


async def file(request: Request) -> Response:
    """Answer with a file that the page asks for; raises `HTTPException` where it has none of this name."""
    return _given(request, request.path_params["file"])
