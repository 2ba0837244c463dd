"""A key is answered once, and then always alike."""

from datetime import timedelta

from sqlalchemy import insert

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.idempotency import KEPT, Mismatch, New, Replay, expire, find, put
from footbridge.store.tables import idempotency as table

ONE, OTHER = "1" * 64, "2" * 64
ANSWER = Replay(201, "/api/v1/prescriptions/1", '{"id":"1"}')
LATER = Replay(201, "/api/v1/prescriptions/2", '{"id":"2"}')


def test_the_life_of_a_key(database: Database, north: str, south: str, clock: ManualClock):
    with database.write() as connection:
        assert find(connection, north, "k", ONE, clock.now()) == New()
        put(connection, north, {"k": ONE}, ANSWER, clock.now())
        assert find(connection, north, "k", ONE, clock.now()) == ANSWER
        assert find(connection, north, "k", OTHER, clock.now()) == Mismatch()
        assert find(connection, south, "k", OTHER, clock.now()) == New()
        put(connection, north, {"k": OTHER}, LATER, clock.now())
        assert find(connection, north, "k", ONE, clock.now()) == ANSWER


def test_answers_are_kept_for_thirty_days(database: Database, north: str, clock: ManualClock):
    with database.write() as connection:
        put(connection, north, {"k": ONE}, ANSWER, clock.now())
        put(connection, north, {"gone": ONE}, ANSWER, clock.now())
        clock.advance(timedelta(days=30) - timedelta(seconds=1))
        assert expire(connection, clock.now()) == 0
        assert find(connection, north, "k", ONE, clock.now()) == ANSWER
        clock.advance(timedelta(seconds=1))
        assert find(connection, north, "k", OTHER, clock.now()) == New()
        put(connection, north, {"k": OTHER}, LATER, clock.now())
        assert expire(connection, clock.now()) == 1
        assert find(connection, north, "k", OTHER, clock.now()) == LATER


def test_a_claim_of_an_older_version_is_no_answer(database: Database, north: str, clock: ManualClock):
    now = clock.now()
    with database.write() as connection:
        row = {"tenant": north, "key": "k", "fingerprint": ONE, "created": now, "expires": now + KEPT}
        connection.execute(insert(table), row)
        assert find(connection, north, "k", ONE, now) == New()
        put(connection, north, {"k": ONE}, ANSWER, now)
        assert find(connection, north, "k", ONE, now) == ANSWER
