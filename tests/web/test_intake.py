"""Handing a prescription in: once, whatever is repeated."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from support.crash import crash_at

from footbridge.client.http import Retries
from footbridge.jobs.queue import JobQueue
from footbridge.store.engine import open_database
from footbridge.store.idempotency import LEASE, OWN_USERS, Key, reserve
from footbridge.validation import Validator


def stored(office, tenant="north"):
    with office.database.read() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM prescription WHERE tenant = '{tenant}'").scalar()


def test_it_answers_where_the_prescription_is(both):
    answer = both.submit()
    assert answer.status_code == 201
    assert set(answer.json) == {"id", "status", "warnings"}
    assert answer.json["status"] == "active"
    assert answer.headers["Location"] == f"/api/v1/prescriptions/{answer.json['id']}"
    there = both.get(answer.headers["Location"]).json
    assert there["prescription"]["identifier"] == both.prescription()["identifier"]


def test_it_owes_the_partner_and_wakes_the_worker(office):
    office.submit()
    with office.database.read() as connection:
        assert [(one.partner, one.kind) for one in JobQueue(connection).list()] == [("lakeside-services", "deliver")]
    assert office.woken == [office.clock.now()]


def test_an_intake_runs_few_statements(office):
    """Each costs processor time, and most of them are run while every other writer waits. Two are the audit's, one that of the names,
    one asks whether an identifier names somebody else."""
    office.submit(office.prescription(number=1), **{"Idempotency-Key": "k-1"})
    ran = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *given: ran.append(given[2]))
    office.submit(office.prescription(number=2), **{"Idempotency-Key": "k-2"})
    assert len(ran) <= 29, ran


def test_a_warning_says_where(office):
    answer = office.submit(office.prescription(service={"partner": "lakeside-service", "description": "Circle"}))
    assert answer.json["status"] == "waiting"
    assert ("/service/partner", "warning") in {(one["pointer"], one["severity"]) for one in answer.json["warnings"]}


def test_a_key_is_answered_alike(both):
    first = both.submit(**{"Idempotency-Key": "k-1"})
    again = both.submit(**{"Idempotency-Key": "k-1"})
    assert (again.status_code, again.data, again.headers["Location"]) == (200, first.data, first.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert stored(both) == 1
    assert len(both.woken) == 1


def test_a_key_belongs_to_one_request(both):
    both.submit(both.prescription(number=1), **{"Idempotency-Key": "k-1"})
    other = both.submit(both.prescription(number=2), **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json["type"]) == (409, "urn:footbridge:problem/key-used")
    assert stored(both) == 1


def test_a_key_belongs_to_a_tenant(office):
    assert office.submit(**{"Idempotency-Key": "k-1"}).status_code == 201
    assert office.submit(who="southerner", **{"Idempotency-Key": "k-1"}).status_code == 201
    assert (stored(office), stored(office, "south")) == (1, 1)


def test_a_key_belongs_to_a_requester(both):
    """Two medical records of one tenant may use the same key: each gets its own answer."""
    for name in ("clinic-a", "clinic-b"):
        both.add_requester(name)
    first = both.submit(both.prescription(number=1), who="clinic-a", **{"Idempotency-Key": "k-1"})
    other = both.submit(both.prescription(number=2), who="clinic-b", **{"Idempotency-Key": "k-1"})
    own = both.submit(both.prescription(number=3), **{"Idempotency-Key": "k-1"})
    assert [answer.status_code for answer in (first, other, own)] == [201, 201, 201]
    for number, who, answer in ((1, "clinic-a", first), (2, "clinic-b", other), (3, "emr", own)):
        again = both.submit(both.prescription(number=number), who=who, **{"Idempotency-Key": "k-1"})
        assert (again.status_code, again.data) == (200, answer.data)


def test_who_is_overtaken_after_its_lease_stores_nothing(both):
    """A request that hangs longer than its lease, and the repeat that took its key meanwhile."""
    take = both.app.extensions["footbridge"].intake._take
    repeats = []

    def slow(*args):
        both.app.extensions["footbridge"].intake._take = take
        both.later(seconds=LEASE.total_seconds())
        repeats.append(both.submit(both.prescription(number=2), **{"Idempotency-Key": "k-1"}))
        return take(*args)

    both.app.extensions["footbridge"].intake._take = slow
    late = both.submit(both.prescription(number=1), **{"Idempotency-Key": "k-1"})
    assert [answer.status_code for answer in repeats] == [201]
    assert (late.status_code, late.json["type"]) == (409, "urn:footbridge:problem/conflict")
    assert int(late.headers["Retry-After"]) > 0
    assert stored(both) == 1


def test_a_key_is_forgotten_after_thirty_days(office):
    office.submit(office.prescription(number=1), **{"Idempotency-Key": "k-1"})
    office.later(days=30)
    assert office.submit(office.prescription(number=2), **{"Idempotency-Key": "k-1"}).status_code == 201


def test_a_refused_request_gives_its_key_back(office):
    bad = office.submit(office.prescription(kind="lukewarm"), **{"Idempotency-Key": "k-1"})
    assert bad.status_code == 422
    assert office.submit(**{"Idempotency-Key": "k-1"}).status_code == 201


class Slow(Validator):
    """Waits, when it is first asked, until it may go on."""

    def __init__(self):
        super().__init__()
        self.inside, self.go_on = threading.Event(), threading.Event()

    def validate(self, resource, profiles=()):
        self.inside.set()
        assert self.go_on.wait(30)
        return super().validate(resource, profiles)


def test_a_request_in_flight_is_not_begun_twice(both):
    slow = Slow()
    office = both.over(validator=slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(office.submit, **{"Idempotency-Key": "k-1"})
        assert slow.inside.wait(30)
        second = both.submit(**{"Idempotency-Key": "k-1"})
        slow.go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json["type"]) == (409, "urn:footbridge:problem/in-flight")
    assert second.headers["Retry-After"] == "1"
    assert both.submit(**{"Idempotency-Key": "k-1"}).status_code == 200


def test_a_process_that_ends_in_a_request_lets_it_be_sent_again(both):
    with crash_at(both.database, 1, writes_only=True) as crash:
        both.submit(**{"Idempotency-Key": "k-1"})
    assert crash.happened
    assert stored(both) == 0
    database = open_database(both.database.engine.url.render_as_string(hide_password=False))
    successor = both.over(database)
    made = successor.submit(**{"Idempotency-Key": "k-1"})
    assert (made.status_code, successor.submit(**{"Idempotency-Key": "k-1"}).data) == (201, made.data)
    assert stored(both) == 1
    database.dispose()


def test_a_refusal_stands_where_the_key_cannot_be_given_back(both, monkeypatch):
    """The database went away meanwhile: the sender is still told what is wrong with the document."""

    def lost(*_arguments):
        raise OperationalError("DELETE", {}, Exception("the connection is lost"))

    monkeypatch.setattr("footbridge.store.idempotency.release", lost)
    answer = both.submit({"kind": "warm-connection"}, **{"Idempotency-Key": "k-1"})
    assert answer.status_code == 422
    assert answer.json["errors"]
    monkeypatch.undo()
    both.later(seconds=61)
    assert both.submit(**{"Idempotency-Key": "k-1"}).status_code == 201


@pytest.mark.parametrize("later", [0, 1, 5, 31, 59])
def test_the_key_of_a_process_that_ended_says_when_it_is_free(both, later):
    """It had reserved the key, and did no more."""
    with both.database.write() as connection:
        reserve(connection, Key("north", OWN_USERS, "k-1"), "f" * 64, both.clock.now())
    both.later(seconds=later)
    waits = []
    while (answer := both.submit(**{"Idempotency-Key": "k-1"})).status_code == 409 and len(waits) < 9:
        assert answer.json["type"] == "urn:footbridge:problem/in-flight"
        waits.append(int(answer.headers["Retry-After"]))
        both.later(seconds=waits[-1])
    assert answer.status_code == 201
    assert 0 < len(waits) < Retries().attempts  # so the client of footbridge.client waits for it
    assert later + sum(waits) <= 62


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "tab\tinside"])
def test_a_key_is_visible_ascii(office, key):
    answer = office.submit(**{"Idempotency-Key": key})
    assert (answer.status_code, answer.json["errors"][0]["header"]) == (400, "Idempotency-Key")
    assert stored(office) == 0


def test_without_a_key_the_identifier_tells_a_repeat(both):
    first = both.submit(both.prescription(service={"description": "Circle", "partner": "nobody"}))
    reordered = dict(reversed(both.prescription(service={"partner": "nobody", "description": "Circle"}).items()))
    again = both.submit(reordered)
    assert (again.status_code, again.data, again.headers["Location"]) == (200, first.data, first.headers["Location"])
    assert stored(both) == 1


def test_the_first_answer_is_given_even_when_the_prescription_went_on(office):
    first = office.submit()
    place = first.headers["Location"]
    assert office.say(place, "accept", who="lakeside").status_code == 200
    office.say(place, "start", who="lakeside")
    office.say(place, "complete", who="lakeside")
    assert office.get(place).json["status"] == "completed"
    assert office.submit().data == first.data
    assert office.submit(**{"Idempotency-Key": "k-1"}).data == first.data
    office.later(days=31)
    late = office.submit()
    assert (late.status_code, late.json["status"]) == (200, "completed")


def test_another_document_under_an_identifier_is_a_conflict(both):
    both.submit()
    other = both.submit(both.prescription(priority="urgent"))
    assert (other.status_code, other.json["type"]) == (409, "urn:footbridge:problem/conflict")
    assert stored(both) == 1


def test_many_at_once_with_one_key_have_one_effect(both):
    def send(_number):
        with both.app.test_client() as client:
            body = json.dumps(both.prescription())
            headers = both.as_("emr", **{"Idempotency-Key": "k-1"})
            return client.post("/api/v1/prescriptions", data=body, content_type="application/json", headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code < 300}) == 1
    assert stored(both) == 1


def test_many_at_once_without_a_key_have_one_effect(both):
    def send(_number):
        with both.app.test_client() as client:
            body = json.dumps(both.prescription())
            return client.post(
                "/api/v1/prescriptions", data=body, content_type="application/json", headers=both.as_("emr")
            )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} == {200, 201}
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len({answer.json["id"] for answer in answers}) == 1
    assert stored(both) == 1


@pytest.mark.parametrize("who", ["lakeside", "admin"])
def test_only_those_who_order_may_hand_in(office, who):
    assert office.submit(who=who).status_code == 403
    assert stored(office) == 0
