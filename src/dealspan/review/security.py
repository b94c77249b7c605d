"""Who may use the page: an ASGI layer around the application.

Other pages in the same browser, and other programs on the same machine, can reach a server on the loopback address. So:

- only requests that name this machine in `Host` are answered (a name that an attacker lets point to 127.0.0.1 is not);
- a request that changes something must come from the page itself, by its `Origin`, and none may come from another site
  by `Sec-Fetch-Site`;
- whoever has not opened the address with the token of this launch, or does not know the password, is refused;
- the page may load nothing but its own files, and run no script and no style that stands in a document;
- a body is read up to a limit, whatever its length is said to be.
"""

import asyncio
import hmac
import ipaddress
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 2 * 2**20
"""The largest body in bytes: a thousand changed deals of 2 kB."""
_DRAINED = 16 * 2**20
"""So much of a larger body is read and dropped, so that the client hears the refusal."""
WRONG_PASSWORD_PAUSE = 1.0
"""Seconds before a wrong password is answered: guessing takes its time."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>dealspan review</title><main><h1>dealspan review</h1>{}</main></html>"
)
_CLOSED = _PAGE.format(
    "<p>Open the address that <code>dealspan review</code> printed when it started: it holds the token that lets you "
    "in.</p>"
)
_LOGIN = _PAGE.format(
    '{}<form method="post" action="/login"><label>Password <input type="password" name="password" required autofocus '
    'autocomplete="current-password"></label> <button>Log in</button></form>'
)
_WRONG = '<p role="alert">That is not the password.</p>'


class Guard:
    """Answers what must not reach the application, and hands on the rest."""

    def __init__(self, app: ASGIApp, *, host: str, token: str, password: str | None = None) -> None:
        self._app = app
        self._host = host
        self._token = token
        self._password = password
        self._session = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, _with_headers(scope, send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal:
            await refusal(scope, receive, send)
            return
        if not self._known(request):
            response = await self._stranger(request, receive)
            await response(scope, receive, send)
            return
        if request.url.path == "/" and "token" in request.query_params:
            await RedirectResponse("/", 303)(scope, receive, send)
            return
        body = await _read(request.headers, receive)
        if body is None:
            await _error(413, f"the request is larger than {MAX_BODY // 2**20} MB")(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    def _refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that no page of ours makes."""
        host = request.headers.get("host", "")
        if not self._names_us(host):
            return _error(403, f"this server does not answer for {host!r}; open the address that it printed")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if request.method not in ("GET", "HEAD"):
            if request.headers.get("origin") not in (f"http://{host}", f"https://{host}"):
                return _error(403, "the request does not come from this page")
            if site != "same-origin":
                return _error(403, f"the request comes from another page ({site})")
        elif request.url.path.startswith("/api/") and site not in ("same-origin", "none"):
            return _error(403, f"the request comes from another page ({site})")
        return None

    def _names_us(self, host: str) -> bool:
        """Whether a `Host` names this machine: whatever its port, for a tunnel has another.

        An address is no name that an attacker could let point here, so that a server bound to every address answers to
        any.
        """
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if self._host in LOOPBACK:
            return name in LOOPBACK
        return name in (*LOOPBACK, self._host) or (self._host in ("0.0.0.0", "::") and _is_address(name))

    def _cookie(self, request: Request) -> str:
        """Return the name of the cookie: browsers do not tell the ports of a host apart."""
        return f"dealspan_review_{(request.scope.get('server') or ('', 0))[1]}"

    def _known(self, request: Request) -> bool:
        try:
            cookie = SimpleCookie(request.headers.get("cookie", "")).get(self._cookie(request))
        except CookieError:
            return False
        return cookie is not None and _same(cookie.value, self._session)

    async def _stranger(self, request: Request, receive: Receive) -> Response:
        """Answer somebody without the cookie."""
        path = request.url.path
        if self._password is not None:
            if path == "/login":
                return await self._login(request, receive)
            return RedirectResponse("/login", 303) if path == "/" else _error(403, "log in first: open /login")
        if request.method == "GET" and path == "/" and _same(request.query_params.get("token", ""), self._token):
            return self._welcome(request)
        if path.startswith("/api/"):
            return _error(403, "open the address that dealspan review printed when it started")
        return HTMLResponse(_CLOSED, 403)

    async def _login(self, request: Request, receive: Receive) -> Response:
        assert self._password is not None
        if request.method != "POST":
            return HTMLResponse(_LOGIN.format(""))
        body = await _read(request.headers, receive)
        try:
            given = parse_qs((body or b"").decode()).get("password", [""])[0]
        except ValueError:
            given = ""
        if _same(given, self._password):
            return self._welcome(request)
        await asyncio.sleep(WRONG_PASSWORD_PAUSE)
        return HTMLResponse(_LOGIN.format(_WRONG), 403)

    def _welcome(self, request: Request) -> Response:
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie(request), self._session, httponly=True, samesite="strict", path="/")
        return response


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)


def _same(given: str, secret: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how far."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(scope: Scope, send: Send) -> Send:
    """Add the headers to whatever is answered."""

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if scope["path"] == "/login":
                # Without a referrer a browser sends `Origin: null` with a form.
                headers["Referrer-Policy"] = "same-origin"
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with


async def _read(headers: Headers, receive: Receive) -> bytes | None:
    """Return the body; None where it is too large."""
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > _DRAINED:
        return None
    parts: list[bytes] = []
    size = 0
    while size <= _DRAINED:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        size += len(message.get("body", b""))
        if size <= MAX_BODY:
            parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts) if size <= MAX_BODY else None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return the body to the application, then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
