"""The store: what is kept, what is refused, undo and redo over documents, several processes, `kill -9`."""

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dealspan.review.database import APPLICATION, VERSION, StoreError
from dealspan.review.documents import NotHeldError
from dealspan.review.state import Change, InvalidError, ReviewMention, State
from dealspan.review.store import ADJUDICATOR, StaleError, Store
from tests.reviewed import TEXT, changed, closed, mention, source, state, store

__all__ = ["closed"]


def accept(held: Store, id: str, reviewer: str = "ana", verdict: Any = "accepted") -> State:
    now = held.state(id, reviewer)
    return held.append(id, reviewer, now.version, "accept", [changed(now, "deals/d1", verdict=verdict)])


def finish(held: Store, id: str, reviewer: str = "ana") -> State:
    now = held.state(id, reviewer)
    return held.append(id, reviewer, now.version, "finish", [Change("status", now.status, "done")])


# Documents


def test_what_is_added_is_held(tmp_path: Path) -> None:
    held = store(tmp_path, "a/b?c#d", "🚀", "../up")
    assert held.documents() == ["a/b?c#d", "🚀", "../up"]
    assert held.document("🚀") == source("🚀") and held.machine("🚀") == state()
    assert held.state("🚀", "ana") == state()
    assert not held.add(source("🚀"), state()), "it is held already"
    held.close()
    again = Store(tmp_path / "review.db")
    assert again.documents() == ["a/b?c#d", "🚀", "../up"] and again.document("../up").text == TEXT


def test_another_text_of_the_same_name_is_refused(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    with pytest.raises(StoreError, match=r"a: .*holds another text of this name"):
        held.add(source("a", "Another text."), State())
    with pytest.raises(StoreError, match="names no document"):
        held.add(source(".."), state())
    with pytest.raises(InvalidError):
        held.add(source("b", "Short."), state())
    with pytest.raises(NotHeldError):
        held.document("b")
    assert held.documents() == ["a"]


def test_a_reading_of_the_machine_gives_way_until_somebody_works_on_it(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    assert held.add(source("a"), state(0.4), replace=True)
    assert held.machine("a") == state(0.4)
    accept(held, "a")
    with pytest.raises(StoreError, match="a: has been reviewed"):
        held.add(source("a"), state(0.5), replace=True)
    assert held.machine("a") == state(0.4)


# Files


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("Kettl raised money. " * 200)
    with pytest.raises(StoreError, match=r"notes.txt: cannot be used as a store \(file is not a database\)"):
        Store(text)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE things (x)")
    with pytest.raises(StoreError, match="is a database of another program"):
        Store(other)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)
    assert (
        text.read_text().startswith("Kettl") and sqlite3.connect(other).execute("SELECT * FROM things").fetchall() == []
    )


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "review.db")) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreError, match=f"has version {VERSION + 1} of the store, and this dealspan writes {VERSION}"):
        Store(tmp_path / "review.db")


def test_events_are_only_added(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    accept(held, "a")
    for statement in ("DELETE FROM events", "UPDATE events SET operation = 'reject'"):
        with pytest.raises(sqlite3.IntegrityError, match="events are only added"), held.writing() as db:
            db.execute(statement)
    assert [event.operation for event in held.history("a", "ana")] == ["accept"]


# Events


def test_an_event_says_what_was_and_what_is(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    assert accept(held, "a").version == 1
    (event,) = held.history("a", "ana")
    assert (event.document, event.reviewer, event.version, event.operation) == ("a", "ana", 1, "accept")
    assert event.changes == [changed(state(), "deals/d1", verdict="accepted")]
    assert event.time.endswith("+00:00")


def test_a_state_that_moved_on_is_never_written_over(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    accept(held, "a")
    with pytest.raises(StaleError) as stale:
        held.append("a", "ana", 0, "reject", [changed(state(), "deals/d1", verdict="rejected")])
    assert stale.value.state.deals["d1"].verdict == "accepted"
    assert stale.value.last and stale.value.last["operation"] == "accept"
    with pytest.raises(StaleError, match="deals/d1 is no longer what was changed"):
        held.append("a", "ana", 1, "reject", [changed(state(), "deals/d1", verdict="rejected")])
    with pytest.raises(InvalidError):
        held.append("a", "ana", 1, "delete_mention", [Change("mentions/m1", state().mentions["m1"], None)])
    with pytest.raises(NotHeldError):
        held.append("b", "ana", 0, "finish", [Change("status", "open", "done")])
    assert len(held.history("a", "ana")) == 1 and held.state("a", "ana").version == 1


def test_reviewers_do_not_see_each_other(tmp_path: Path) -> None:
    held = store(tmp_path, "a")
    accept(held, "a", "ana", "rejected")
    assert held.state("a", "ben") == state() and held.history("a", "ben") == []
    assert held.undo("ben") is None
    finish(held, "a", "ben")
    assert held.reviewers() == ["ana", "ben"]
    assert [one.reviewer for one in held.readings("a")] == ["ben"]


def test_undo_goes_back_over_documents_and_redo_forward(tmp_path: Path) -> None:
    held = store(tmp_path, "a", "b")
    accept(held, "a")
    accept(held, "b")
    finish(held, "b")
    undone = [held.undo("ana") for _ in range(4)]
    assert [(one.document, one.operation) for one in undone if one] == [
        ("b", "finish"),
        ("b", "accept"),
        ("a", "accept"),
    ]
    assert undone[3] is None
    assert (held.state("a", "ana").mentions, held.state("a", "ana").deals) == (state().mentions, state().deals)
    redone = [held.redo("ana") for _ in range(4)]
    assert [(one.document, one.operation) for one in redone if one] == [
        ("a", "accept"),
        ("b", "accept"),
        ("b", "finish"),
    ]
    assert redone[3] is None
    assert held.state("b", "ana").status == "done"


def test_a_new_event_ends_what_could_be_redone(tmp_path: Path) -> None:
    held = store(tmp_path, "a", "b")
    accept(held, "a")
    accept(held, "b")
    held.undo("ana")
    accept(held, "b", verdict="rejected")
    assert held.redo("ana") is None
    back = [one.document for _ in range(3) if (one := held.undo("ana"))]
    assert back == ["b", "a"]


def test_nobody_undoes_what_the_server_began(tmp_path: Path) -> None:
    held = store(tmp_path, "a", "b")
    accept(held, "a", ADJUDICATOR)
    begun = held.begin("b", replace(state(), deals={}))
    assert begun.version == 1 and not begun.deals
    assert held.begin("b", state()) == begun, "it begins once"
    undone = held.undo(ADJUDICATOR)
    assert undone and undone.document == "a"
    assert held.undo(ADJUDICATOR) is None and held.reviewers() == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["accept", "mention", "finish", "undo", "redo"])),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, number=st.integers(0, 10**9))
def test_any_work_undone_is_what_the_machine_read_and_redone_is_the_work(
    steps: list[tuple[str, str]], number: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    held = store(tmp_path_factory.mktemp("store"), "a", "b")

    def content() -> list[Any]:
        return [(s.status, s.mentions, s.deals) for s in (held.state(id, "ana") for id in ("a", "b"))]

    for count, (id, step) in enumerate(steps):
        now = held.state(id, "ana")
        match step:
            case "undo" | "redo":
                held.undo("ana") if step == "undo" else held.redo("ana")
                continue
            case "accept":
                verdict: Any = "rejected" if now.deals["d1"].verdict == "accepted" else "accepted"
                changes = [changed(now, "deals/d1", verdict=verdict)]
            case "mention":
                made = ReviewMention(label="COMPANY", start=number % 90, end=number % 90 + 4)
                changes = [Change(f"mentions/m-{count}", None, made)]
            case _:
                changes = [Change("status", now.status, "open" if now.status == "done" else "done")]
        held.append(id, "ana", now.version, "edit_field", changes)
    kept = {(id, "ana"): held.state(id, "ana") for id in ("a", "b")}
    held.rebuild()
    assert {(id, "ana"): held.state(id, "ana") for id in ("a", "b")} == kept, "the log alone says it all"
    work = content()
    undone = 0
    while held.undo("ana"):
        undone += 1
    assert content() == [("open", state().mentions, state().deals)] * 2
    for _ in range(undone):
        assert held.redo("ana")
    assert content() == work
    held.close()


def test_what_was_done_since_the_last_export(tmp_path: Path) -> None:
    held = store(tmp_path, "a", "b")
    finish(held, "a")
    finish(held, "b")
    assert held.done_since_export() == 2
    held.note_export()
    assert held.done_since_export() == 0
    finish(held, "b", "ben")
    assert held.done_since_export() == 1


# Several at once


def test_two_tabs_one_of_which_wins(tmp_path: Path) -> None:
    """Many at once from two connections: each version is written once, everybody else is told."""
    store(tmp_path, "a").close()
    stores = [Store(tmp_path / "review.db") for _ in range(2)]

    def write(number: int) -> bool:
        held = stores[number % 2]
        now = held.state("a", "ana")
        try:
            held.append(
                "a", "ana", now.version, "label", [Change(f"mentions/m-{number}", None, mention("COMPANY", "Kettl"))]
            )
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(60)))
    history = stores[0].history("a", "ana")
    assert [event.version for event in history] == list(range(1, sum(written) + 1))
    assert len(stores[1].state("a", "ana").mentions) == len(state().mentions) + sum(written)


SERVER = """
import sys
from pathlib import Path
from dealspan.review.state import Change
from dealspan.review.store import Store
from tests.reviewed import mention
held = Store(Path(sys.argv[1]))
reviewer, count = sys.argv[2], int(sys.argv[3])
for number in range(count):
    now = held.state("a", reviewer)
    made = Change(f"mentions/m-{number}", None, mention("COMPANY", "Kettl"))
    held.append("a", reviewer, now.version, "label", [made])
    print(number + 1, flush=True)
"""


def start(path: Path, reviewer: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, str(path), reviewer, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_two_processes_make_and_write_one_store(tmp_path: Path) -> None:
    store(tmp_path, "a").close()
    running = [start(tmp_path / "review.db", name, 40) for name in ("ana", "ben")]
    assert [process.communicate(timeout=60)[0].split()[-1] for process in running] == ["40", "40"]
    held = Store(tmp_path / "review.db")
    assert [held.state("a", name).version for name in ("ana", "ben")] == [40, 40]


def test_two_open_a_new_store_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: Store(tmp_path / "new.db"), range(6)))
    assert len({held.setting("seed") for held in opened}) == 1


def test_killed_at_any_moment_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    store(tmp_path, "a").close()
    for round_, wait in enumerate((3, 17, 40)):
        reviewer = f"ana{round_}"
        process = start(tmp_path / "review.db", reviewer, 10_000)
        assert process.stdout
        for _ in range(wait):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        acknowledged = int(rest[-1]) if rest else wait
        process.stdout.close()
        assert process.wait(10) == -signal.SIGKILL
        held = Store(tmp_path / "review.db")
        now = held.state("a", reviewer)
        assert now.version in (acknowledged, acknowledged + 1), "at most what was under way is there besides"
        assert len(held.history("a", reviewer)) == now.version
        assert now.mentions.keys() >= {f"m-{number}" for number in range(acknowledged)}
        with held.querying() as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        held.close()


def test_who_finds_the_store_locked_waits(tmp_path: Path) -> None:
    held, other = store(tmp_path, "a"), Store(tmp_path / "review.db")
    with ThreadPoolExecutor(1) as pool:
        with other.writing() as db:
            db.execute("INSERT INTO settings VALUES ('x', 'y')")
            waiting = pool.submit(accept, held, "a")
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
        assert waiting.result(10).version == 1
