"""The application behind the page: what it answers to what is asked and sent."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec.structs import replace

from dealspan.review import queue
from dealspan.review.state import Change, Slot
from dealspan.review.store import Store
from tests.reviewed import TEXT, Page, changed, closed, mention, source, state, store

__all__ = ["closed"]
READ = msgspec.json.decode(msgspec.json.encode(state()))
ID = "/news/../🚀 a?b#c/.txt"
"""With all that an address must escape but "%20", which the test client reads twice: see `test_review_cli`."""


@pytest.fixture
def held(tmp_path: Path) -> Store:
    return store(tmp_path, ID, "b", "c")


@pytest.fixture
def page(held: Store) -> Page:
    return Page(held)


def at(verb: str, id: str = ID) -> str:
    return f"/api/{verb}/{quote(id, safe='')}"


def document(page: Page, id: str = ID) -> Any:
    answer = page.get(at("document", id))
    assert answer.status_code == 200, answer.text
    return answer.json()


def edit(page: Page, operation: str, *changes: tuple[str, Any, Any], version: int, id: str = ID) -> Any:
    sent = [{"item": item, "before": before, "after": after} for item, before, after in changes]
    return page.post(at("events", id), json={"version": version, "operation": operation, "changes": sent})


def accept(page: Page, id: str = ID) -> Any:
    now = document(page, id)["state"]
    deal = now["deals"]["d1"]
    return edit(page, "accept", ("deals/d1", deal, deal | {"verdict": "accepted"}), version=now["version"], id=id)


def test_the_session_and_the_queue(page: Page) -> None:
    session = page.get("/api/session").json()
    assert session["mode"] == "review" and session["reviewer"] == "ana" and session["retrain"] is None
    assert session["progress"]["total"] == session["progress"]["open"] == 3
    found = page.get("/api/queue", params={"search": "news", "status": "open", "limit": 10}).json()
    assert found["total"] == 1 and found["items"][0]["id"] == ID and found["progress"]["total"] == 3


def test_a_document_with_both_readings(page: Page) -> None:
    found = document(page)
    assert found["document"] == {
        "id": ID, "title": "Kettl to raise", "published": "2026-03-02", "source": "https://example.org/1", "text": TEXT,
        "language": "en",
    }  # fmt: skip
    assert found["state"] == found["machine"] == READ
    deal = found["state"]["deals"]["d1"]
    start, end = deal["attribution"][0]["start"], deal["attribution"][0]["end"]
    assert TEXT[start:end] == "Bloomberg", "offsets are code points"
    assert deal["company"] == {"value": "Kettl", "confidence": 0.9, "evidence": ["m1"], "origin": "machine"}
    assert found["next"] in ("b", "c") and found["checks"] == []


def test_every_field_of_the_contract_is_there(page: Page) -> None:
    deal = document(page)["state"]["deals"]["d1"]
    assert set(deal) == {
        "kind", "company", "companies", "amount", "round_type", "extension", "valuation", "investors", "stage",
        "certainty", "hedges", "attribution", "date", "confidence", "evidence", "origin", "verdict",
    }  # fmt: skip
    assert set(document(page)["state"]["mentions"]["m3"]) == {
        "label", "start", "end", "origin", "confidence", "amount", "entity",
    }  # fmt: skip


def test_an_event_is_kept_and_stands_in_the_history(page: Page) -> None:
    answer = accept(page)
    assert answer.status_code == 200 and answer.json()["version"] == 1
    assert set(answer.json()) == {"version", "checks", "progress"}
    (event,) = page.get(at("history")).json()["events"]
    assert event["operation"] == "accept" and event["reviewer"] == "ana" and event["version"] == 1
    assert event["changes"][0]["before"]["verdict"] == "open" and event["undoes"] is None
    assert page.get(at("diff")).json()["changes"] == [
        {"item": "deals/d1", "field": "verdict", "machine": "open", "human": "accepted"}
    ]


def test_the_diff_names_what_is_new_and_what_is_gone(page: Page) -> None:
    made = {"label": "COMPANY", "start": 2, "end": 7, "origin": "hand"}
    deal = document(page)["state"]["deals"]["d1"]
    assert edit(page, "label", ("mentions/m-x", None, made), ("deals/d1", deal, None), version=0).status_code == 200
    changes = {one["item"]: one for one in page.get(at("diff")).json()["changes"]}
    assert changes["mentions/m-x"]["machine"] is None and changes["mentions/m-x"]["human"]["start"] == 2
    assert changes["deals/d1"]["human"] is None and changes["deals/d1"]["machine"]["kind"] == "round"
    (check,) = document(page)["checks"]
    assert check["severity"] == "error" and check["span"] == [2, 7] and check["deal"] is None
    assert check["message"].startswith("two mentions overlap at")


def test_two_tabs_in_conflict(page: Page, held: Store) -> None:
    first, second = document(page), document(Page(held))
    assert first["state"]["version"] == second["state"]["version"] == 0
    assert accept(page).status_code == 200
    deal = second["state"]["deals"]["d1"]
    answer = edit(page, "reject", ("deals/d1", deal, deal | {"verdict": "rejected"}), version=0)
    assert answer.status_code == 409
    told = answer.json()
    assert told["version"] == 1 and told["state"]["deals"]["d1"]["verdict"] == "accepted"
    assert told["last"]["operation"] == "accept" and told["last"]["time"] and told["error"]
    assert document(page)["state"]["deals"]["d1"]["verdict"] == "accepted"
    wrong_before = edit(page, "reject", ("deals/d1", deal, deal | {"verdict": "rejected"}), version=1)
    assert wrong_before.status_code == 409 and "deals/d1" in wrong_before.json()["error"]


def test_undo_and_redo_over_documents(page: Page) -> None:
    accept(page)
    accept(page, "b")
    undone = [page.post("/api/undo", json={}).json() for _ in range(2)]
    assert [(one["document"], one["undone"]) for one in undone] == [("b", "accept"), (ID, "accept")]
    assert undone[0]["state"]["version"] == 2 and undone[0]["state"]["deals"]["d1"]["verdict"] == "open"
    assert {"checks", "progress"} < set(undone[0])
    last = page.post("/api/undo", json={})
    assert last.status_code == 404 and last.json() == {"error": "nothing to undo"}
    assert page.post("/api/redo", json={}).json()["redone"] == "accept"
    assert document(page)["state"]["version"] == 3


def test_a_step_of_the_page_of_another_reviewer_is_refused(page: Page) -> None:
    """A page may outlive its server, and meet one that serves somebody else at the same address."""
    step = {"version": 0, "operation": "accept", "changes": []}
    for path, body in ((at("events"), step), ("/api/undo", {}), ("/api/redo", {})):
        answer = page.post(path, json=body | {"reviewer": "ben"})
        assert answer.status_code == 403 and "this page is ben's" in answer.json()["error"]
        assert page.post(path, json=body | {"reviewer": "ana"}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b"\xff\xfe", "malformed"),
        (b'{"version": 0, "operation": "hack", "changes": []}', "Invalid enum value 'hack'"),
        (b'{"version": 0, "operation": "undo", "changes": []}', "Invalid enum value 'undo'"),
        (b'{"version": "0", "operation": "accept", "changes": []}', "Expected `int`, got `str`"),
        (b'{"version": 0, "operation": "accept", "changes": {}}', "changes: Expected `array`, got `object`"),
        (b'{"version": 0, "operation": "accept", "changes": [], "by": "ben"}', "unknown field `by`"),
        (b"[" * 200_000, ""),
        (
            b'{"version": 0, "operation": "label", "changes": [{"item": "mentions/m-x", "before": null, "after": '
            b'{"label": "COMPANY", "start": 2, "end": 100000}}]}',
            "mentions/m-x: 2 to 100000 is no stretch of the text",
        ),
        (
            b'{"version": 0, "operation": "label", "changes": [{"item": "mentions/m-x", "before": null, "after": '
            b'{"label": "COMPANY", "start": 2, "end": 1e400}}]}',
            "",
        ),
    ],
)
def test_what_is_not_well_formed_is_refused_with_what_and_where(page: Page, body: bytes, message: str) -> None:
    answer = page.post(at("events"), content=body)
    assert answer.status_code == 422 and message in answer.json()["error"]
    assert document(page)["state"]["version"] == 0


def test_half_of_a_surrogate_pair_is_no_text(page: Page) -> None:
    assert page.post("/api/amount", content=rb'{"text": "\ud83d $5m"}').status_code == 422
    deal = (
        b'{"version":0,"operation":"edit_field","changes":[{"item":"deals/d-x","before":null,"after":{"kind":"round",'
    )
    slots = rb'"company":{"value":"\ud83d"},"stage":{"value":"planned"},"certainty":{"value":"asserted"}}}]}'
    assert page.post(at("events"), content=deal + slots).status_code == 422


def test_a_file_that_the_browser_has_is_not_sent_again(page: Page) -> None:
    first = page.get("/static/app.js")
    assert first.status_code == 200 and first.content
    again = page.get("/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert page.get("/static/app.js", headers={"If-None-Match": '"older"'}).content == first.content


def test_what_is_not_there(page: Page) -> None:
    for path in (at("document", "no"), at("history", "no"), at("diff", "no"), "/api/nothing", "/static/no.js"):
        answer = page.get(path)
        assert answer.status_code == 404 and answer.json()["error"], path
    assert edit(page, "finish", ("status", "open", "done"), version=0, id="no").status_code == 404
    assert page.get("/api/undo").status_code == 405


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=100000", "below=x", "offset=1e9", f"offset={10**30}"])
def test_a_query_that_is_none(page: Page, query: str) -> None:
    answer = page.get(f"/api/queue?{query}")
    assert answer.status_code == 422 and answer.json()["error"]


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("Rs 100 crore", {"min": 1e9, "max": 1e9, "currency": "INR", "approx": False, "text": "Rs 100 crore"}),
        ("at least $5m", {"min": 5e6, "max": None, "currency": "USD", "approx": False, "text": "at least $5m"}),
        ("money", None),
        ("", None),
    ],
)
def test_an_amount_is_read(page: Page, words: str, amount: Any) -> None:
    assert page.post("/api/amount", json={"text": words}).json() == {"amount": amount}


def test_the_next_document(page: Page, held: Store) -> None:
    queue.set_share(held, 0)
    first = page.get("/api/next").json()["id"]
    assert edit(page, "finish", ("status", "open", "done"), version=0, id=first).json()["progress"]["done"] == 1
    assert page.get("/api/next").json()["id"] not in (first, None)
    assert page.get("/api/next", params={"after": "c"}).json()["id"] != "c"


def test_retraining_is_suggested_after_enough_documents(held: Store) -> None:
    page = Page(held, suggest_after=2, retrain="dealspan train --extra review.jsonl")
    edit(page, "finish", ("status", "open", "done"), version=0, id="b")
    assert page.get("/api/session").json()["retrain"] is None
    edit(page, "finish", ("status", "open", "done"), version=0, id="c")
    assert page.get("/api/session").json()["retrain"] == {
        "documents": 2, "command": "dealspan train --extra review.jsonl",
    }  # fmt: skip
    held.note_export()
    assert page.get("/api/session").json()["retrain"] is None


def test_two_reviewers_are_blind_to_each_other(held: Store) -> None:
    ana, ben = Page(held), Page(held, reviewer="ben")
    accept(ana)
    edit(ana, "finish", ("status", "open", "done"), version=1)
    assert document(ben)["state"] == READ
    assert ben.get(at("history")).json()["events"] == [] and ben.post("/api/undo", json={}).status_code == 404
    assert ben.get("/api/session").json()["progress"]["done"] == 0
    assert accept(ben).json()["version"] == 1


def test_what_a_hostile_article_holds_comes_as_json(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1) \u202egnp.exe\u2066 </title>"
    held = Store(tmp_path / "hostile.db")
    held.add(source(hostile, hostile, hostile), replace(state(), mentions={}, deals={}))
    page = Page(held)
    answer = page.get(at("document", hostile))
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["document"]["text"] == answer.json()["document"]["title"] == hostile
    assert page.get("/api/queue").json()["items"][0]["id"] == hostile


# Adjudication


def test_adjudication_from_disagreement_to_an_agreed_reading(held: Store) -> None:
    read = state()
    finished = Change("status", "open", "done")
    held.append("b", "ana", 0, "finish", [changed(read, "deals/d1", verdict="accepted"), finished])
    planned = Slot[Any](value="planned", evidence=["m2"])
    bloomberg = Change("mentions/m-b", None, mention("COMPANY", "Bloomberg"))
    held.append("b", "ben", 0, "finish", [changed(read, "deals/d1", stage=planned), bloomberg, finished])
    for name in ("ana", "ben"):
        held.append("c", name, 0, "finish", [finished])
    held.append(ID, "ana", 0, "finish", [finished])
    page = Page(held, mode="adjudicate", reviewer="adjudicator")
    assert page.get("/api/session").json()["mode"] == "adjudicate"
    found = page.get("/api/queue").json()
    assert [item["id"] for item in found["items"]] == ["b"], "what one has done, or two alike, is not shown"
    assert found["progress"]["total"] == 1 and page.get("/api/next").json()["id"] == "b"

    opened = document(page, "b")
    assert opened["reviewers"] == ["ana", "ben"] and opened["state"]["version"] == 1
    assert [(one["id"], one["settled"]) for one in opened["disagreements"]] == [
        ("mentions/m-b", False), ("deals/d1/stage", False),
    ]  # fmt: skip
    assert document(page, "b")["state"]["version"] == 1, "it begins once"
    assert [event["operation"] for event in page.get(at("history", "b")).json()["events"]] == ["begin"]

    choice = opened["disagreements"][1]["choices"]["ben"]
    deal = opened["state"]["deals"]["d1"]
    change = {"item": "deals/d1", "before": deal, "after": deal | {"stage": choice, "verdict": "accepted"}}
    sent = {"version": 1, "operation": "choose", "changes": [change], "about": "deals/d1/stage"}
    assert page.post(at("events", "b"), json=sent).status_code == 200
    none = {"version": 2, "operation": "choose", "changes": [], "about": "mentions/m-b"}
    assert page.post(at("events", "b"), json=none).json()["version"] == 3
    assert all(one["settled"] for one in document(page, "b")["disagreements"])
    page.post("/api/undo", json={})
    assert [one["settled"] for one in document(page, "b")["disagreements"]] == [False, True]
    page.post("/api/redo", json={})
    assert all(one["settled"] for one in document(page, "b")["disagreements"])
    assert edit(page, "finish", ("status", "open", "done"), version=5, id="b").json()["progress"]["done"] == 1
    assert page.get("/api/next").json()["id"] is None
    assert [one.reviewer for one in held.readings("b")] == ["adjudicator", "ana", "ben"]
    assert held.state("b", "adjudicator").deals["d1"].stage.value == "planned"
    assert "m-b" not in held.state("b", "adjudicator").mentions
