"""PostgreSQL ends every session, at any statement of a request or between two: the service recovers by itself.

What was acknowledged is there, and nothing is there twice.
"""

import itertools
import json
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from footbridge.error_kinds import NOTHING_STORED, PERHAPS_STORED
from footbridge.store.idempotency import LEASE

END_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
)
KEY = "Idempotency-Key"


@pytest.fixture
def end_sessions(postgresql_database):
    """Ends every session of the database, from outside of it."""
    url = postgresql_database.engine.url
    outside = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def end():
        with outside.connect() as connection:
            connection.execute(END_ALL, {"name": url.database})

    return end


class EndAt:
    """Ends every session before the n-th statement or commit of what follows."""

    def __init__(self, engine, end):
        self._end, self._left = end, None
        event.listen(engine, "before_cursor_execute", lambda *_: self._step())
        event.listen(engine, "commit", lambda _: self._step())

    def arm(self, number):
        self._left = number

    @property
    def reached(self):
        """Whether the n-th came."""
        return self._left is None

    def _step(self):
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            self._left = None
            self._end()


def submit_until_taken(office, number):
    """As a client does: the same request under the same key, until it is acknowledged."""
    answers = []
    for _ in range(5):
        answers.append(office.submit(office.prescription(number=number), **{KEY: f"k-{number}"}))
        if answers[-1].status_code < 300:
            return answers
        assert answers[-1].headers["Retry-After"], answers[-1].text
        if answers[-1].status_code == 409:
            office.later(seconds=LEASE.total_seconds())
    raise AssertionError([answer.text for answer in answers])


def test_sessions_that_end_at_any_statement_of_a_keyed_post(postgresql_office, end_sessions):
    cut = EndAt(postgresql_office.database.engine, end_sessions)
    first, acknowledged, told = set(), [], set()
    for number in itertools.count(1):
        cut.arm(number)
        answers = submit_until_taken(postgresql_office, number)
        reached = cut.reached
        cut.arm(None)
        first.add(answers[0].status_code)
        told |= {answer.json["detail"].partition(". ")[2] for answer in answers if answer.status_code == 503}
        acknowledged.append(answers[-1])
        if not reached:
            break
    assert number > 20
    assert first == {201, 503}
    assert told == {NOTHING_STORED, PERHAPS_STORED}
    assert {answer.status_code for answer in acknowledged} <= {200, 201}
    assert postgresql_office.client.get("/readyz").status_code == 200
    for answer in acknowledged:
        assert postgresql_office.get(answer.headers["Location"]).status_code == 200
    with postgresql_office.database.read() as connection:
        count = "SELECT count(*) FROM {}"
        assert connection.exec_driver_sql(count.format("prescription")).scalar() == number
        assert connection.exec_driver_sql(count.format("event WHERE name = 'submitted'")).scalar() == number
        assert connection.exec_driver_sql(count.format("referral")).scalar() == number
    again = [
        postgresql_office.submit(postgresql_office.prescription(number=one), **{KEY: f"k-{one}"})
        for one in range(1, number + 1)
    ]
    assert [answer.json["id"] for answer in again] == [answer.json["id"] for answer in acknowledged]


def test_sessions_that_end_between_requests(postgresql_office, end_sessions):
    ids = []
    for number in range(5):
        ids.append(
            postgresql_office.submit(postgresql_office.prescription(number=number), **{KEY: f"k-{number}"}).json["id"]
        )
        end_sessions()
    assert len(set(ids)) == 5
    assert (
        json.loads(postgresql_office.submit(postgresql_office.prescription(number=0), **{KEY: "k-0"}).data)["id"]
        == ids[0]
    )


@pytest.mark.parametrize("keyed", [True, False])
def test_several_connections_lose_their_sessions_at_once(postgresql_office, end_sessions, keyed):
    """The pool holds more than one; the next request finds none of the lost ones, with a key or without."""
    office = postgresql_office
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(office.database.engine.connect())
    cut = EndAt(office.database.engine, end_sessions)
    for number in range(1, 26, 6):
        cut.arm(number)
        key = {KEY: f"k-{number}"} if keyed else {}
        first = office.submit(office.prescription(number=number), **key)
        cut.arm(None)
        assert first.status_code in {201, 503}
        assert office.client.get("/readyz").status_code == 200
        assert office.get("/api/v1/changes").status_code == 200
        if keyed and first.status_code == 503:
            office.later(seconds=LEASE.total_seconds())
        assert office.submit(office.prescription(number=number), **key).status_code in {200, 201}
    with office.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM prescription").scalar() == 5
