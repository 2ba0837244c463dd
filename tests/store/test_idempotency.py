"""A key is answered once, and then always alike."""

from datetime import timedelta

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.idempotency import InFlight, Mismatch, New, Replay, begin, drop, expire, finish

ONE, OTHER = "1" * 64, "2" * 64
ANSWER = Replay(201, "/api/v1/prescriptions/1", '{"id":"1"}')


def test_the_life_of_a_key(database: Database, north: str, south: str, clock: ManualClock):
    with database.write() as connection:
        assert begin(connection, north, "k", ONE, clock.now()) == New()
        assert begin(connection, north, "k", ONE, clock.now()) == InFlight()
        assert begin(connection, north, "k", OTHER, clock.now()) == Mismatch()
        assert begin(connection, south, "k", OTHER, clock.now()) == New()
        finish(connection, north, "k", ANSWER)
        assert begin(connection, north, "k", ONE, clock.now()) == ANSWER
        assert begin(connection, north, "k", OTHER, clock.now()) == Mismatch()
        drop(connection, north, "k")
        assert begin(connection, north, "k", ONE, clock.now()) == ANSWER
        assert begin(connection, south, "k", OTHER, clock.now()) == InFlight()


def test_after_a_failure_the_key_is_free(database: Database, north: str, clock: ManualClock):
    with database.write() as connection:
        begin(connection, north, "k", ONE, clock.now())
        drop(connection, north, "k")
        assert begin(connection, north, "k", OTHER, clock.now()) == New()


def test_a_request_that_died_is_taken_over(database: Database, north: str, clock: ManualClock):
    with database.write() as connection:
        begin(connection, north, "k", ONE, clock.now())
        clock.advance(timedelta(seconds=59))
        assert begin(connection, north, "k", ONE, clock.now()) == InFlight()
        clock.advance(timedelta(seconds=1))
        assert begin(connection, north, "k", ONE, clock.now()) == New()
        assert begin(connection, north, "k", ONE, clock.now()) == InFlight()


def test_answers_are_kept_for_thirty_days(database: Database, north: str, clock: ManualClock):
    with database.write() as connection:
        begin(connection, north, "k", ONE, clock.now())
        finish(connection, north, "k", ANSWER)
        begin(connection, north, "gone", ONE, clock.now())
        finish(connection, north, "gone", ANSWER)
        clock.advance(timedelta(days=30) - timedelta(seconds=1))
        assert expire(connection, clock.now()) == 0
        assert begin(connection, north, "k", ONE, clock.now()) == ANSWER
        clock.advance(timedelta(seconds=1))
        assert begin(connection, north, "k", OTHER, clock.now()) == New()
        assert expire(connection, clock.now()) == 1
        assert begin(connection, north, "k", OTHER, clock.now()) == InFlight()
