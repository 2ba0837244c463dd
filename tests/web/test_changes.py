"""All that happens, in order, each event at least once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

CHANGES = "/api/v1/changes"


def read_all(office, who="emr", limit=2):
    found, since = [], None
    while True:
        page = office.get(CHANGES, who=who, limit=limit, **({"since": since} if since else {})).json
        since = page["next"]
        if not page["changes"]:
            return found, since
        found += page["changes"]


def test_they_come_in_order_with_the_prescription_as_it_stands(both):
    first, second = both.taken_in(number=1), both.taken_in(number=2)
    both.say(first, "accept", who="lakeside")
    both.say(second, "accept", who="lakeside")
    both.say(first, "complete", who="lakeside")
    found, since = read_all(both)
    assert [one["name"] for one in found if one["name"] in {"submitted", "accept"}] == [
        "submitted",
        "submitted",
        "accept",
        "accept",
    ]
    assert [one["number"] for one in found] == sorted({one["number"] for one in found})
    assert {one["prescription"]["status"] for one in found if one["prescription"]["id"] in first} == {"completed"}
    assert found[0]["prescription"]["identifier"]["value"].endswith("-1")
    assert read_all(both)[1] == since


def test_a_cursor_goes_on_where_it_ended(office):
    place = office.taken_in()
    _, since = read_all(office)
    assert office.get(CHANGES, since=since).json == {"changes": [], "next": since}
    office.say(place, "accept", who="lakeside")
    assert [one["name"] for one in office.get(CHANGES, since=since).json["changes"]] == ["accept"]


def test_a_cursor_ahead_of_what_is_stored_is_refused(office):
    office.taken_in()
    _, since = read_all(office)
    with office.database.write() as connection:  # as after an older state was restored
        connection.execute(text("UPDATE tenant SET last_event = 0"))
    answer = office.get(CHANGES, since=since)
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "ahead")
    assert "start again without since" in answer.json["detail"]
    assert office.get(CHANGES).status_code == 200


def test_nothing_is_missed_while_many_write(both):
    stop, seen = threading.Event(), []

    def follow():
        with both.app.test_client() as client:
            since, last = None, False
            while True:
                query = {"since": since} if since else {}
                page = client.get(CHANGES, query_string=query, headers=both.as_("emr")).json
                since = page["next"]
                seen.extend(one["number"] for one in page["changes"])
                if last:
                    return
                last = stop.is_set()
                time.sleep(0.005)

    def write(number):
        import json

        with both.app.test_client() as client:
            body = json.dumps(both.prescription(number=number))
            client.post("/api/v1/prescriptions", data=body, content_type="application/json", headers=both.as_("emr"))

    with ThreadPoolExecutor(5) as pool:
        follower = pool.submit(follow)
        list(pool.map(write, range(24)))
        stop.set()
        follower.result()
    assert seen == [one["number"] for one in read_all(both, limit=1000)[0]]
    assert len(seen) >= 24


def test_it_waits_for_something_to_happen(office):
    office.taken_in(number=1)
    _, since = read_all(office)
    asked = threading.Event()

    def listen():
        with office.app.test_client() as client:
            asked.set()
            query = {"since": since, "wait": 20}
            return client.get(CHANGES, query_string=query, headers=office.as_("emr")).json["changes"]

    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(listen)
        asked.wait()
        office.taken_in(number=2)
        assert [one["name"] for one in heard.result(timeout=19)] == ["submitted"]


def test_who_cannot_wait_is_answered_at_once(office):
    listeners = office.app.extensions["footbridge"].listeners
    while listeners.acquire(blocking=False):
        pass
    assert office.get(CHANGES, wait=20).json["changes"] == []
    listeners.release()
    assert office.get(CHANGES, wait=0).json["changes"] == []
    assert listeners.acquire(blocking=False)


def test_a_foreign_cursor_is_refused(office):
    for cursor in ("x", "Y2hhbmdlcyAxeA", "cHJlc2NyaXB0aW9ucyAx", "Y2hhbmdlcyA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        answer = office.get(CHANGES, since=cursor)
        assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (400, "since")
