"""The local server that `review` and `review adjudicate` start."""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dealspan.cli.failures import USAGE, CommandError, complain

if TYPE_CHECKING:
    from dealspan.review.server import Settings
    from dealspan.review.store import Store

PASSWORD = "DEALSPAN_REVIEW_PASSWORD"
"""The environment variable that holds the password."""


def need_extra() -> None:
    """End the command where the extra `review` is not installed."""
    from importlib.util import find_spec

    from dealspan.cli.corpus.reading import missing_extra

    for package in ("starlette", "uvicorn"):
        if find_spec(package) is None:
            raise missing_extra(package, "review")


def password_of(file: Path | None, host: str) -> str | None:
    """Return the password, which everybody but this machine needs."""
    from dealspan.review.security import LOOPBACK

    if file is not None:
        try:
            password = file.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: cannot be read ({error}); check the file of the password", USAGE) from None
    else:
        password = os.environ.get(PASSWORD, "")
    if not password and file is not None:
        raise CommandError(f"{file}: is empty; write a password into it", USAGE)
    if not password and host not in LOOPBACK:
        raise CommandError(
            f"{host} can be reached from other machines; give a password with --password-file or {PASSWORD}", USAGE
        )
    return password or None


def bound(host: str, port: int) -> socket.socket:
    """Take the port; nothing is answered before `run`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let a second server take the same port
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise CommandError(
            f"{host}:{port}: cannot be bound ({error.strerror or error}); name another port with --port, or --port 0"
        ) from None
    return taken


def run(
    store: "Store", settings: "Settings", taken: socket.socket, host: str, password: str | None, *, open_page: bool
) -> None:
    """Answer until Ctrl-C."""
    import secrets
    import webbrowser

    import uvicorn

    from dealspan.review.security import Guard
    from dealspan.review.server import application

    token = secrets.token_urlsafe(32)
    guard = Guard(application(store, settings), host=host, token=token, password=password)
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{taken.getsockname()[1]}/" + ("" if password else f"?token={token}")
    # From here on the browser may connect, and waits until the server answers.
    taken.listen(128)
    complain(f"{store.path}: open {address} (Ctrl-C ends)")
    if open_page:
        webbrowser.open(address)
    config = uvicorn.Config(
        guard,
        # A request that breaks is answered with what went wrong; nobody is shown a traceback.
        log_level="error" if sys.flags.dev_mode else "critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    # Whether Ctrl-C still comes through when uvicorn has ended by it depends on the moment.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[taken])
    complain(f"{store.path}: holds everything that was done")
