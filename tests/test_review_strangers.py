"""Who gets nothing, in a real browser: somebody without the token, and the pages of other servers."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dealspan.review.store import Store
from tests.review_browser import Browser, Reviewer, gold_line, hosted

LINE = gold_line("secret", "Wexcombe raised €3 million, and nobody is to know.")
PAGE = b"<!doctype html><meta charset=utf-8><title>Another page</title><p>Hello"


class Quiet(http.server.BaseHTTPRequestHandler):
    """A page of another server, whatever is asked for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A server that has nothing to do with the review, on the same machine: to the browser another origin."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_without_the_token_the_page_says_what_to_do_and_nothing_else(browser: Browser, tmp_path: Path) -> None:
    with hosted(tmp_path / "review.db", LINE) as address:
        reviewer = browser.open(address)
        # Another profile: another user, or a window that keeps nothing.
        stranger = browser.profile()
        page = stranger.new_page()
        for path in ("/", "/?token=guessed", "/static/app.js", "/api/queue"):
            page.goto(address.partition("/?")[0] + path)
            said = page.inner_text("body").lower()
            assert "open the address that dealspan review printed when it started" in said
            assert "wexcombe" not in said
        # The token stands neither in the address bar nor where a script could read it.
        assert "token" not in reviewer.page.url
        assert reviewer.page.evaluate("() => document.cookie + JSON.stringify({ ...localStorage })") == "{}"
        # What was refused opens with the token.
        assert Reviewer(stranger, address).errors == []
        reviewer.close()
        stranger.close()
    assert reviewer.errors == []


ASK = """async ([url, options]) => {
  try {
    const answer = await fetch(url, { credentials: 'include', ...options });
    return answer.type === 'opaque' ? 'opaque' : await answer.text();
  } catch (error) {
    return error.name;
  }
}"""


def test_a_page_of_another_origin_can_neither_read_nor_write(browser: Browser, elsewhere: str, tmp_path: Path) -> None:
    """Though the browser holds the cookie: a port is no other site, so the cookie alone would not do."""
    with hosted(tmp_path / "review.db", LINE) as address:
        origin = address.partition("/?")[0]
        reviewer = browser.open(address)
        page = reviewer.context.new_page()
        page.goto(elsewhere)
        step = (
            '{"version": 0, "operation": "skip", "changes": [{"item": "status", "before": "open", "after": "skipped"}]}'
        )
        events = f"{origin}/api/events/secret"
        assert page.evaluate(ASK, [f"{origin}/api/document/secret", {}]) == "TypeError"
        # Without a preflight, as a form could send it; then with one.
        plain = {"method": "POST", "body": step, "mode": "no-cors", "headers": {"Content-Type": "text/plain"}}
        assert page.evaluate(ASK, [events, plain]) in ("opaque", "TypeError")
        json = {"method": "POST", "body": step, "headers": {"Content-Type": "application/json"}}
        assert page.evaluate(ASK, [events, json]) == "TypeError"
        # Nor can it show the page in a frame, to have it clicked, or run its modules.
        page.evaluate(
            "url => { document.body.append(Object.assign(document.createElement('iframe'), { src: url })) }", origin
        )
        page.wait_for_load_state()
        (framed,) = page.main_frame.child_frames
        framed.wait_for_load_state()
        assert framed.url == "chrome-error://chromewebdata/"
        assert (
            page.evaluate("url => import(url).then(() => 'read', (error) => error.name)", f"{origin}/static/api.js")
            == "TypeError"
        )
        # A form, which takes the whole window along.
        page.evaluate(
            """([action, value]) => {
              const form = document.createElement('form');
              Object.assign(form, { method: 'post', action, enctype: 'text/plain' });
              form.append(Object.assign(document.createElement('input'), { name: value, value: '' }));
              document.body.append(form);
              form.submit();
            }""",
            [events, step],
        )
        page.wait_for_url(events)
        assert "does not come from this page" in page.inner_text("body")
        reviewer.close()
    held = Store(tmp_path / "review.db")
    assert held.history("secret", "ana") == []
    held.close()
