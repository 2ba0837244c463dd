"""read, vread, history-instance, and reads of what the caller may have already."""

from datetime import timedelta

import pytest
from support.fhir_client import BASE, TASK


@pytest.fixture
def task(ask, clock):
    made = ask("POST", "Task", TASK).json
    clock.advance(timedelta(minutes=5))
    ask("PUT", f"Task/{made['id']}", {**made, "status": "accepted"})
    return f"Task/{made['id']}"


def test_read_says_version_time_and_place(ask, task):
    answer = ask("GET", task)
    assert (answer.status, answer.json["status"]) == (200, "accepted")
    assert answer.headers["ETag"] == 'W/"2"'
    assert answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 12:05:00 GMT"
    assert answer.headers["Content-Location"] == f"{BASE}/{task}/_history/2"
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": 'W/"2"'}, 304),
        ({"If_None_Match": '"1", W/"2"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": 'W/"1"'}, 200),
        ({"If_Modified_Since": "Mon, 02 Mar 2026 12:05:00 GMT"}, 304),
        ({"If_Modified_Since": "Mon, 02 Mar 2026 12:04:59 GMT"}, 200),
        ({"If_Modified_Since": "nonsense"}, 200),
        ({"If_None_Match": 'W/"1"', "If_Modified_Since": "Mon, 02 Mar 2026 12:05:00 GMT"}, 200),
    ],
)
def test_a_read_of_what_the_caller_has_is_304(ask, task, headers, status):
    answer = ask("GET", task, **headers)
    assert answer.status == status
    assert bool(answer.text) is (status == 200)
    assert answer.headers["ETag"] == 'W/"2"'


def test_older_versions_and_history(ask, task):
    assert ask("GET", f"{task}/_history/1").json["status"] == "requested"
    assert ask("GET", f"{task}/_history/1").headers["ETag"] == 'W/"1"'
    history = ask("GET", f"{task}/_history").json
    assert (history["type"], [entry["resource"]["status"] for entry in history["entry"]]) == (
        "history",
        ["accepted", "requested"],
    )
    late = ask("GET", f"{task}/_history?_since=2026-03-02T12:01:00Z").json
    assert [entry["resource"]["status"] for entry in late["entry"]] == ["accepted"]


def test_a_history_has_pages(ask, task):
    def page(path):
        found = ask("GET", path).json
        links = {one["relation"]: one["url"] for one in found["link"]}
        return [entry["resource"]["status"] for entry in found["entry"]], found["total"], links.get("next")

    statuses, total, after = page(f"{task}/_history?_count=1")
    assert (statuses, total) == (["accepted"], 2)
    assert page(f"Task/{after.partition('/Task/')[2]}") == (["requested"], 2, None)
    assert page(f"{task}/_history?_count=50")[::2] == (["accepted", "requested"], None)


def test_head_is_a_read_with_no_body(ask, task):
    whole, head = ask("GET", task), ask("HEAD", task)
    assert (head.status, head.text) == (200, "")
    assert head.headers["Content-Length"] == str(len(whole.response.body))
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert ask("HEAD", "Task/none").status == 404


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("Task/none", 404, "not-found"),
        ("Task/none/_history", 404, "not-found"),
        ("Task/none/_history/1", 404, "not-found"),
        ("Task/with space", 404, "not-found"),
        ("Observation/1", 404, "not-found"),
        ("nonsense", 404, "not-found"),
        ("Task/1?status=requested", 400, "not-supported"),
        ("Task/1?_format=json&_format=json", 400, "invalid"),
        ("Task/1/_history?_since=yesterday", 400, "invalid"),
        ("Task/1/_history?_count=none", 400, "invalid"),
        ("Task/1/_history?_list=1", 400, "not-supported"),
    ],
)
def test_what_is_not_there_or_not_supported_is_said(ask, path, status, code):
    answer = ask("GET", path)
    assert (answer.status, answer.issue["code"]) == (status, code)
    assert answer.issue["details"]["text"]


def test_what_was_deleted_is_gone(ask, task):
    assert ask("DELETE", task).status == 204
    answer = ask("GET", task)
    assert (answer.status, answer.issue["code"]) == (410, "deleted")
    assert ask("GET", f"{task}/_history/2").json["status"] == "accepted"
