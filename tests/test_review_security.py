"""Who is let in, what a page may do, and what is refused."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dealspan.review import security
from dealspan.review.security import HEADERS, MAX_BODY, Guard
from dealspan.review.server import Settings, application
from dealspan.review.store import Store
from tests.reviewed import Page, closed, state, store

__all__ = ["closed"]
HOST = "127.0.0.1:8765"
GOOD = {"Origin": f"http://{HOST}"}


@pytest.fixture
def held(tmp_path: Path) -> Store:
    return store(tmp_path, "a")


def app(held: Store, host: str = "127.0.0.1", password: str | None = None) -> Guard:
    return Guard(application(held, Settings("review", "ana")), host=host, token="once-only", password=password)


class Browser(Page):
    """A browser that has not been let in yet."""

    def __init__(self, guard: Guard, address: str = f"http://{HOST}", **headers: str) -> None:
        super(Page, self).__init__(guard, base_url=address, headers=headers, follow_redirects=False)


def accept(browser: Page, **headers: str) -> int:
    """Try to change something."""
    change = {"item": "status", "before": "open", "after": "done"}
    sent = {"version": 0, "operation": "finish", "changes": [change]}
    return browser.post("/api/events/a", json=sent, headers=headers).status_code


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def sent(
    browser: Page, method: str, path: str, headers: Mapping[str, str] = {}, *, receive: Callable[[], Any]
) -> tuple[int, bytes]:
    """Send a request as it stands; return the status and the body of the answer."""
    answered: list[Any] = []

    async def send(message: Any) -> None:
        answered.append(message)

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    every = {"host": HOST, "origin": GOOD["Origin"], "cookie": cookie, **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "server": ("127.0.0.1", 8765),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in every.items()],
    }
    asyncio.run(browser.app(scope, receive, send))
    return answered[0]["status"], b"".join(message.get("body", b"") for message in answered[1:])


# The token


def test_without_the_token_nothing_is_shown(held: Store) -> None:
    browser = Browser(app(held), **GOOD)
    for path in ("/", "/?token=", "/?token=t1", "/static/page.js"):
        answer = browser.get(path)
        assert answer.status_code == 403 and "printed when it started" in answer.text, path
        assert "set-cookie" not in answer.headers
    for path in ("/api/session", "/api/document/a?token=once-only", "/api/queue"):
        answer = browser.get(path)
        assert answer.status_code == 403 and "error" in answer.json(), path
    assert accept(browser) == 403 and held.state("a", "ana") == state()


def test_the_token_lets_in_once_and_leaves_the_address(held: Store) -> None:
    browser = Browser(app(held), **GOOD)
    answer = browser.get("/?token=once-only")
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "once-only" not in cookie
    assert browser.get("/api/session").status_code == 200
    assert browser.get("/?token=once-only").headers["location"] == "/", "with the cookie it leaves the address too"


def test_a_cookie_of_another_launch_lets_nobody_in(held: Store) -> None:
    old, new = Browser(app(held), **GOOD), Browser(app(held), **GOOD)
    old.get("/?token=once-only")
    new.cookies = old.cookies
    assert new.get("/api/session").status_code == 403
    for cookie in (
        b"dealspan_review_8765=",
        b"dealspan_review_8765=x",
        b"dealspan_review_8765=\xe4",
        b";;=;\xff",
        b"a[]=1",
    ):
        assert new.get("/api/session", headers={b"Cookie": cookie}).status_code == 403


# Host and Origin


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "127.0.0.1", "localhost:8765", "[::1]:8765", "LOCALHOST:9000"])
def test_this_machine_is_answered_under_any_port(held: Store, host: str) -> None:
    assert Page(held).get("/api/session", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.9:8765", "",
     "127.0.0.1@evil.example", "evil.example#127.0.0.1", "[::1", "2130706433:8765"],
)  # fmt: skip
def test_a_name_that_was_pointed_here_is_not(held: Store, host: str) -> None:
    page = Page(held)
    answer = page.get("/api/session", headers={"Host": host})
    assert answer.status_code == 403 and "does not answer for" in answer.json()["error"]
    assert accept(page, Host=host, Origin=f"http://{host}") == 403
    assert page.get("/?token=once-only", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": f"http://{HOST}.evil.example"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-site"},
        {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "none"},
    ],
)
def test_a_change_must_come_from_the_page(held: Store, headers: dict[str, str]) -> None:
    page = Page(held)
    assert accept(page, **headers) == 403
    for path in ("/api/undo", "/api/redo", "/api/amount"):
        assert page.post(path, json={}, headers=headers).status_code == 403
    assert held.state("a", "ana") == state()


def test_a_change_without_origin_is_refused_and_one_of_the_page_is_not(held: Store) -> None:
    page = Page(held)
    del page.headers["Origin"]
    assert accept(page) == 403
    assert accept(page, Origin=f"http://{HOST}", **{"Sec-Fetch-Site": "same-origin"}) == 200


def test_other_pages_may_not_even_ask(held: Store) -> None:
    page = Page(held)
    for site in ("cross-site", "same-site"):
        assert page.get("/api/document/a", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert page.get("/api/document/a", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert page.options("/api/events/a", headers={"Origin": "http://evil.example"}).status_code == 403


# Headers


def test_every_answer_has_the_headers(held: Store) -> None:
    page = Page(held)
    for path in ("/", "/api/session", "/api/document/none", "/static/none", "/none", "/?token=once-only"):
        headers = page.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS, path
        assert headers["cache-control"] in ("no-store", "no-cache")
    assert page.get("/api/session").headers["cache-control"] == "no-store"
    refused = Browser(app(held)).get("/", headers={"Host": "evil.example"})
    assert refused.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_the_policy_lets_no_document_run_anything() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'" and policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy) and "http" not in str(policy)


# Files


@pytest.mark.parametrize(
    "path",
    ["/static/../server.py", "/static/..%2fserver.py", "/static/%2e%2e%2fserver.py", "/static/..%5cserver.py",
     "/static/%2fetc%2fpasswd", "/static//etc/passwd", "/static/....//server.py", "/static/server.py%00.js",
     "/static/", "/static/.", "/static/..", "/static/__init__.py", "/static/%c0%ae%c0%ae/server.py"],
)  # fmt: skip
def test_no_path_leads_out_of_the_page(held: Store, path: str) -> None:
    # As it is sent: a client would resolve the dots itself.
    status, body = sent(Page(held), "GET", path.replace("%2e", ".").replace("%2f", "/"), receive=_nothing)
    assert status == 404
    assert b"import" not in body and b"root:" not in body


def test_an_id_is_data_and_no_path(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    page = Page(store(tmp_path, "a"))
    for id in (str(secret), "../secret.txt", "secret.txt"):
        assert page.get(f"/api/document/{id.replace('/', '%2F')}").status_code == 404


# Size


def test_a_body_is_read_up_to_the_limit(held: Store) -> None:
    page = Page(held)
    answer = page.post("/api/amount", content=b" " * (MAX_BODY + 1))
    assert answer.status_code == 413 and "larger than 2 MB" in answer.json()["error"]
    words = b'{"text": "$5m"' + b" " * (MAX_BODY - 15) + b"}"
    assert len(words) == MAX_BODY
    assert page.post("/api/amount", content=words).status_code == 200


def test_a_stream_without_a_length_is_cut_off(held: Store) -> None:
    page = Page(held)
    read = 0

    async def receive() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 2**20, "more_body": True}

    for length in ({}, {"content-length": "10"}, {"content-length": "99999999999"}):
        read = 0
        assert sent(page, "POST", "/api/amount", length, receive=receive)[0] == 413
        assert read <= 20, "a stream without end is not read to its end"


def test_who_is_not_let_in_sends_nothing(held: Store) -> None:
    async def receive() -> Any:
        raise AssertionError("the body of a stranger is read")

    assert sent(Browser(app(held), **GOOD), "POST", "/api/amount", receive=receive)[0] == 403


def test_no_web_socket_is_opened(held: Store) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), Page(held).websocket_connect("/api/session"):
        pass


# Password


@pytest.fixture
def remote(held: Store, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(security, "WRONG_PASSWORD_PAUSE", 0.0)
    guard = app(held, "192.168.0.9", "correct hörse & more")
    return Browser(guard, "http://192.168.0.9:8765", Origin="http://192.168.0.9:8765")


def test_the_password_lets_in(remote: Browser) -> None:
    assert remote.get("/").headers["location"] == "/login"
    assert remote.get("/?token=once-only").headers["location"] == "/login", "with a password the token is none"
    page = remote.get("/login")
    assert page.status_code == 200 and 'type="password"' in page.text
    assert page.headers["referrer-policy"] == "same-origin", "else a browser sends no Origin with the form"
    for wrong in ("", "wrong", "correct hörse & mor", "correct hörse & more "):
        answer = remote.post("/login", data={"password": wrong})
        assert answer.status_code == 403 and "not the password" in answer.text and "set-cookie" not in answer.headers
    assert remote.post("/login", content=b"\xff\xfe").status_code == 403
    assert remote.post("/login", content=b"x" * (MAX_BODY + 1)).status_code == 403
    assert remote.get("/api/session").status_code == 403
    assert remote.post("/login", data={"password": "correct hörse & more"}).headers["location"] == "/"
    assert remote.get("/api/session").status_code == 200
    assert remote.get("/api/session", headers={"Host": "evil.example"}).status_code == 403


def test_a_login_must_come_from_the_page(remote: Browser) -> None:
    data = {"password": "correct hörse & more"}
    assert remote.post("/login", data=data, headers={"Origin": "http://evil.example"}).status_code == 403
    assert remote.post("/login", data=data, headers={"Origin": "null"}).status_code == 403


@pytest.mark.parametrize(("name", "status"), [("10.1.2.3:8765", 303), ("[fe80::1]:8765", 303), ("evil.example", 403)])
def test_bound_to_every_address_it_answers_to_addresses_and_to_no_name(held: Store, name: str, status: int) -> None:
    browser = Browser(app(held, "0.0.0.0", "secret"), **GOOD)
    assert browser.get("/", headers={"Host": name}).status_code == status
