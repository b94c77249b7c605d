"""`dealspan review adjudicate`."""

from dealspan.cli.review.options import (
    DEFAULT_PORT,
    DEFAULT_STORE,
    Host,
    Open,
    PasswordFile,
    Port,
    StoreFile,
    open_store,
)


def adjudicate(
    store: StoreFile = DEFAULT_STORE,
    port: Port = DEFAULT_PORT,
    host: Host = "127.0.0.1",
    password_file: PasswordFile = None,
    open_page: Open = False,
) -> None:
    """Settle what several reviewers disagree on, in the browser.

    Shows only the documents that two or more reviewers have finished and read differently. Needs the extra `review`.
    """
    from contextlib import closing

    from dealspan.cli.review.web import bound, need_extra, password_of, run

    need_extra()
    from dealspan.review.server import Settings
    from dealspan.review.store import ADJUDICATOR

    password = password_of(password_file, host)
    with bound(host, port) as taken, closing(open_store(store)) as held:
        run(held, Settings("adjudicate", ADJUDICATOR), taken, host, password, open_page=open_page)
