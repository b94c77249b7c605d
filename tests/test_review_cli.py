"""`dealspan review`: what is read into the store, what is refused, and the server as a process."""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import msgspec
import pytest
from typer.testing import CliRunner, Result

from dealspan.cli import app
from dealspan.review import queue
from dealspan.review.conversion import to_gold
from dealspan.review.security import MAX_BODY
from dealspan.review.store import Store
from tests.reviewed import TEXT, closed, source, state, store
from tests.samples import TEXT as RUMOUR
from tests.samples import pipeline

__all__ = ["closed"]
GOLD = to_gold(source("kettl"), state(), "ana")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with articles, a pipeline that needs no spaCy, and a server that is not started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("DEALSPAN_REVIEW_PASSWORD", raising=False)
    monkeypatch.setitem(sys.modules, "dealspan.pipeline", pipeline())
    monkeypatch.setattr("dealspan.pipeline", sys.modules["dealspan.pipeline"], raising=False)
    monkeypatch.setattr("dealspan.cli.review.web.run", lambda *_, **__: None)
    (tmp_path / "rumour.txt").write_text(RUMOUR)
    (tmp_path / "none.txt").write_text("Nothing to see.")
    (tmp_path / "gold.jsonl").write_bytes(msgspec.json.encode(GOLD) + b"\n")
    return tmp_path


def review(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["review", *map(str, arguments), "--port", "0"])


# What is read


def test_paths_are_served_and_kept(here: Path) -> None:
    result = review("rumour.txt", "none.txt", "gold.jsonl")
    assert (result.exit_code, result.stderr) == (0, "")
    held = Store(here / "review.db")
    assert held.documents() == ["kettl", "rumour.txt", "none.txt"]
    assert held.machine("rumour.txt").deals["d1"].company and not held.machine("none.txt").deals
    assert held.document("kettl").published == GOLD.published
    assert to_gold(source("kettl"), held.machine("kettl"), "ana") == GOLD, "gold comes in as it is"


def test_gold_that_is_compressed_is_gold_too(here: Path) -> None:
    packed = gzip.compress((here / "gold.jsonl").read_bytes())
    (here / "gold.jsonl.gz").write_bytes(packed + packed[:40])
    result = review("gold.jsonl.gz")
    assert to_gold(source("kettl"), Store(here / "review.db").machine("kettl"), "ana") == GOLD
    assert result.exit_code == 1
    assert "gold.jsonl.gz: is cut off where it is compressed" in result.stderr


def test_what_is_held_is_not_read_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert review("rumour.txt", "gold.jsonl").exit_code == 0
    monkeypatch.setattr("dealspan.cli.runs.language", lambda *_: pytest.fail("the pipeline is loaded"))
    assert review("serve", "rumour.txt", "gold.jsonl").exit_code == 0
    assert review().exit_code == 0, "no paths: what the store holds"
    assert len(Store(here / "review.db").documents()) == 2


def test_another_text_of_a_name_is_refused_and_the_rest_goes_on(here: Path) -> None:
    review("rumour.txt", "gold.jsonl")
    (here / "rumour.txt").write_text("Another text.")
    (here / "gold.jsonl").write_bytes(msgspec.json.encode(msgspec.structs.replace(GOLD, text=f"{TEXT} More.")) + b"\n")
    result = review("rumour.txt", "gold.jsonl", "none.txt")
    assert result.exit_code == 1
    assert "kettl: review.db holds another text of this name; give it another id, or use another store" in result.stderr
    assert "rumour.txt: review.db holds another text of this name" in result.stderr
    held = Store(here / "review.db")
    assert held.documents() == ["kettl", "rumour.txt", "none.txt"] and held.document("rumour.txt").text == RUMOUR


def test_a_bad_line_is_named_and_the_rest_goes_on(here: Path) -> None:
    wrong = json.loads(msgspec.json.encode(GOLD)) | {"id": "wrong", "mentions": [{"label": "PERSON"}]}
    plain = {"id": "plain", "text": "Nothing to see."}
    lines = [json.dumps(wrong), "{", json.dumps(plain), msgspec.json.encode(GOLD).decode()]
    (here / "mixed.jsonl").write_text("".join(f"{line}\n" for line in lines))
    result = review("mixed.jsonl", "absent.txt")
    assert result.exit_code == 1
    assert "mixed.jsonl:1: is not what it should be (Object missing required field `start`" in result.stderr
    assert "mixed.jsonl:2: is not one whole JSON object" in result.stderr
    assert "absent.txt: does not exist" in result.stderr
    assert Store(here / "review.db").documents() == ["kettl", "plain"]


def test_the_audit_share_is_kept(here: Path) -> None:
    review("rumour.txt", "--audit", 1)
    review("none.txt")
    held = Store(here / "review.db")
    assert queue.share(held) == 1
    assert [item["audit"] for item in queue.page(held, "ana", queue.Filter())[1]] == [True, True]


# What is refused


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "review.db: does not exist; name a store with --store, or documents to make one of"),
        (["adjudicate"], 2, "review.db: does not exist"),
        (["absent.txt"], 2, "review.db: holds no document; name files with funding news"),
        (["rumour.txt", "--store", "none.txt"], 1, "none.txt: cannot be used as a store (file is not a database)"),
        (["rumour.txt", "--reviewer", "adjudicator"], 2, "--reviewer 'adjudicator': give another name"),
        (["rumour.txt", "--reviewer", "a\nb"], 2, "give another name"),
        (["rumour.txt", "--reviewer", " "], 2, "give another name"),
        (["rumour.txt", "--host", "0.0.0.0"], 2, "0.0.0.0 can be reached from other machines; give a password"),
        (["rumour.txt", "--password-file", "absent"], 2, "absent: cannot be read"),
        (["rumour.txt", "--password-file", "empty"], 2, "empty: is empty; write a password into it"),
        (["rumour.txt", "--audit", "2"], 2, "Invalid value for '--audit'"),
    ],
)
def test_wrong_usage(here: Path, arguments: list[str], status: int, message: str) -> None:
    (here / "empty").write_text("\n")
    result = review(*arguments)
    assert result.exit_code == status and message in result.stderr


def test_a_password_opens_other_addresses(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "password").write_text("secret\n")
    assert review("rumour.txt", "--host", "0.0.0.0", "--password-file", "password").exit_code == 0
    monkeypatch.setenv("DEALSPAN_REVIEW_PASSWORD", "secret")
    assert review("rumour.txt", "--host", "0.0.0.0").exit_code == 0


def test_a_port_that_is_taken(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["review", "rumour.txt", "--port", str(port)])
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}: cannot be bound (Address already in use); name another port" in result.stderr


def test_without_the_extra(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for arguments in (["rumour.txt"], ["adjudicate"]):
        result = review(*arguments)
        assert result.exit_code == 1
        assert "starlette is not installed; install the extra: pip install 'dealspan[review]'" in result.stderr


def test_help_tells_the_group_from_its_default() -> None:
    runner = CliRunner()
    group, serve = (runner.invoke(app, ["review", *words, "--help"]) for words in ([], ["serve"]))
    assert "adjudicate" in group.stdout and "--suggest-after" not in group.stdout
    assert "--suggest-after" in serve.stdout


# The server


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[httpx2.Client, "subprocess.Popen[str]"]]:
    """Run the command, and open the address that it prints."""
    command = [sys.executable, "-c", "from dealspan.cli import main; main()", "review", *arguments, "--port", "0"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("DEALSPAN_REVIEW_PASSWORD", None)
    process = subprocess.Popen(
        command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"open (http://127\.0\.0\.1:\d+)(/\S*)", line)
        assert found, line
        with httpx2.Client(base_url=found[1], headers={"Origin": found[1]}) as client:
            assert client.get(found[2]).status_code == 303
            yield client, process
    finally:
        process.kill()
        process.communicate()


def accept(client: httpx2.Client, id: str) -> Any:
    path = quote(id, safe="")
    now = client.get(f"/api/document/{path}").json()["state"]
    deal = now["deals"]["d1"]
    change = {"item": "deals/d1", "before": deal, "after": deal | {"verdict": "accepted"}}
    sent = {"version": now["version"], "operation": "accept", "changes": [change]}
    return client.post(f"/api/events/{path}", json=sent).json()


def test_killed_and_started_again_it_goes_on_where_it_was(tmp_path: Path) -> None:
    ids = ["a%2Fb %25", "/x/../🚀?.txt"]
    lines = [msgspec.json.encode(msgspec.structs.replace(GOLD, id=id)) + b"\n" for id in ids]
    (tmp_path / "gold.jsonl").write_bytes(b"".join(lines))
    with served(tmp_path, "gold.jsonl", "--reviewer", "ana") as (client, process):
        assert {item["id"] for item in client.get("/api/queue").json()["items"]} == set(ids)
        assert [accept(client, id)["version"] for id in ids] == [1, 1]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with served(tmp_path, "--reviewer", "ana") as (client, process):
        for id in ids:
            found = client.get(f"/api/document/{quote(id, safe='')}").json()
            assert found["state"]["version"] == 1 and found["state"]["deals"]["d1"]["verdict"] == "accepted"
        assert client.post("/api/undo", json={}).json()["document"] == ids[1]
        answer = client.post("/api/amount", content=b" " * (MAX_BODY + 1))
        assert answer.status_code == 413
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
        assert process.returncode == 0 and "review.db: holds everything that was done" in said
        assert "Traceback" not in said


def test_two_reviewers_serve_one_store_at_once(tmp_path: Path) -> None:
    store(tmp_path, "a").close()
    with served(tmp_path, "--reviewer", "ana") as (ana, _), served(tmp_path, "--reviewer", "ben") as (ben, _):
        assert ana.get("/api/session").json()["reviewer"] == "ana"
        assert accept(ana, "a")["version"] == 1
        assert ben.get("/api/document/a").json()["state"]["version"] == 0
        assert accept(ben, "a")["version"] == 1


def test_the_page_of_ten_thousand_documents_opens_at_once(tmp_path: Path) -> None:
    """What the page asks for when it opens, over the network."""
    held = store(tmp_path, "n0")
    doubt = "doubt, doubt_deal, doubt_field, doubt_confidence, lowest"
    columns = f"title, published, source, digest, words, deals, {doubt}, draw"
    with held.writing() as db:
        db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
            f"INSERT INTO documents (id, number, {columns}) SELECT 'n' || i, i, {columns} FROM n JOIN documents"
        )
        db.execute(
            "INSERT INTO texts SELECT d.id, t.text, t.machine FROM documents d JOIN texts t ON t.document = 'n0' "
            "WHERE d.number > 0"
        )
    queue.arrange(held)
    held.close()
    with served(tmp_path) as (client, _):
        client.get("/api/session")
        started = time.perf_counter()
        total = client.get("/api/queue").json()["total"]
        client.get("/api/session")
        client.get("/api/document/n5000")
        took = time.perf_counter() - started
    assert total == 10_000
    # Measured: 0.2 s, on two cores that five processes share.
    assert took < 1
