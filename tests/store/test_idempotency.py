"""A key is one request's at a time, is answered once, and then always alike."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database, open_database
from footbridge.store.idempotency import (
    LEASE,
    InFlight,
    Key,
    Lease,
    LeaseLostError,
    Mismatch,
    Replay,
    complete,
    expire,
    find,
    put,
    release,
    reserve,
)

ONE, OTHER = "1" * 64, "2" * 64
ANSWER = Replay(201, "/api/v1/prescriptions/1", '{"id":"1"}')
LATER = Replay(201, "/api/v1/prescriptions/2", '{"id":"2"}')


@pytest.fixture
def key(north: str) -> Key:
    return Key(north, "emr", "k")


@pytest.fixture
def take(database: Database, key: Key, clock: ManualClock):
    """Reserve a key, as a request does before its work."""

    def taken(fingerprint: str = ONE, of: Key = key):
        with database.write_in_passing() as connection:
            return reserve(connection, of, fingerprint, clock.now())

    return taken


@pytest.fixture
def finish(database: Database, clock: ManualClock):
    """Write the answer, as a request does with its work."""

    def finished(lease: Lease, answer: Replay = ANSWER) -> None:
        with database.write() as connection:
            complete(connection, lease, answer, clock.now())

    return finished


def test_the_life_of_a_key(take, finish):
    lease = take()
    assert isinstance(lease, Lease)
    assert take() == take(OTHER) == InFlight()
    finish(lease)
    assert take() == ANSWER
    assert take(OTHER) == Mismatch()


def test_keys_of_two_tenants_and_of_two_requesters_are_independent(take, finish, key: Key, south: str):
    finish(take())
    for other in (Key(south, "emr", "k"), Key(key.tenant, "clinic", "k"), Key(key.tenant, "", "k")):
        lease = take(OTHER, other)
        assert isinstance(lease, Lease)
        finish(lease, LATER)
        assert take(OTHER, other) == LATER
    assert take() == ANSWER


def test_answers_are_kept_for_thirty_days(take, finish, database: Database, clock: ManualClock):
    finish(take())
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    with database.write() as connection:
        assert expire(connection, clock.now()) == 0
    assert take() == ANSWER
    clock.advance(timedelta(seconds=1))
    lease = take(OTHER)
    finish(lease, LATER)
    with database.write() as connection:
        assert expire(connection, clock.now()) == 0
    assert take(OTHER) == LATER
    clock.advance(timedelta(days=30))
    with database.write() as connection:
        assert expire(connection, clock.now()) == 1


def test_a_request_that_failed_gives_its_key_back(take, finish, database: Database):
    lease = take()
    with database.write_in_passing() as connection:
        release(connection, lease)
    mended = take(OTHER)
    finish(mended)
    with database.write_in_passing() as connection:
        release(connection, mended)
        release(connection, lease)
    assert take(OTHER) == ANSWER


def test_the_key_of_a_process_that_died_is_free_when_the_lease_ends(take, finish, clock: ManualClock):
    assert isinstance(take(), Lease)
    clock.advance(LEASE - timedelta(seconds=1))
    assert take() == InFlight()
    clock.advance(timedelta(seconds=1))
    finish(take())
    assert take() == ANSWER


def test_who_took_too_long_and_lost_the_key_stores_nothing(take, finish, database: Database, clock: ManualClock, key):
    slow = take()
    clock.advance(LEASE)
    other = take()

    def work() -> None:
        with database.write() as connection:
            put(connection, Key(key.tenant, "", "its work"), ONE, ANSWER, clock.now())
            complete(connection, slow, ANSWER, clock.now())

    with pytest.raises(LeaseLostError):
        work()
    with database.read() as connection:
        assert find(connection, Key(key.tenant, "", "its work"), ONE, clock.now()) is None
    finish(other, LATER)
    with pytest.raises(LeaseLostError):
        finish(slow)
    assert take() == LATER


def test_who_took_too_long_and_was_not_missed_completes(take, finish, clock: ManualClock):
    slow = take()
    clock.advance(10 * LEASE)
    finish(slow)
    assert take() == ANSWER


def test_leases_that_ended_are_forgotten(take, finish, database: Database, clock: ManualClock):
    slow = take()
    with database.write() as connection:
        assert expire(connection, clock.now()) == 0
    clock.advance(LEASE)
    with database.write() as connection:
        assert expire(connection, clock.now()) == 1
    with pytest.raises(LeaseLostError):
        finish(slow)


def test_of_many_at_once_one_gets_the_key(take, database: Database, key: Key, clock: ManualClock):
    other = open_database(database.engine.url.render_as_string(hide_password=False))

    def work(number: int):
        with (other if number % 2 else database).write_in_passing() as connection:
            return reserve(connection, key, ONE, clock.now())

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(40)))
    assert [type(one) for one in found].count(Lease) == 1
    assert found.count(InFlight()) == 39
    other.dispose()


def test_an_answer_that_is_kept_and_not_too_old_stays(database: Database, key: Key, clock: ManualClock):
    with database.write() as connection:
        put(connection, key, ONE, ANSWER, clock.now())
        put(connection, key, ONE, LATER, clock.now())
        assert find(connection, key, ONE, clock.now()) == ANSWER
        assert find(connection, key, OTHER, clock.now()) is None
        clock.advance(timedelta(days=30))
        assert find(connection, key, ONE, clock.now()) is None
        put(connection, key, ONE, LATER, clock.now())
        assert find(connection, key, ONE, clock.now()) == LATER
