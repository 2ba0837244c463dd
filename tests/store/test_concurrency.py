"""Several threads at once: one resource for one set of criteria, one winner for one version, no gap for a reader."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import select

from footbridge.model.clock import ManualClock
from footbridge.store import events
from footbridge.store.engine import Database
from footbridge.store.idempotency import Key, Replay, find, put
from footbridge.store.interaction_errors import PreconditionFailed
from footbridge.store.patient_ids import person_of
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import event

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}]}
THREADS = 4


def together(work, count: int = THREADS) -> list:
    """The results of ``work(number)`` in so many threads that start at the same moment."""
    barrier = threading.Barrier(count)

    def run(number: int):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def followed(read, write) -> list:
    """All that ``read(seen so far)`` gives while the other threads ``write``, until they are done and it gives none."""
    done: list[int] = []

    def work(number: int) -> list:
        if number:
            try:
                write(number)
            finally:
                done.append(number)
            return []
        seen: list = []
        while True:
            last = len(done) == THREADS - 1
            page = read(seen)
            seen += page
            if last and not page:
                return seen

    return together(work)[0]


def test_raced_conditional_creates_make_one(store: ResourceStore):
    made = together(lambda _: store.create("Patient", PATIENT, if_none_exist="identifier=urn:x|1"))
    assert sorted(one.status for one in made) == [200] * (THREADS - 1) + [201]
    assert len({one.stored.reference for one in made}) == 1


def test_raced_transactions_make_one_patient(store: ResourceStore):
    post = {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:x|1"}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": "urn:uuid:p", "resource": PATIENT, "request": post},
            {
                "resource": {"resourceType": "ServiceRequest", "subject": {"reference": "urn:uuid:p"}},
                "request": {"method": "POST", "url": "ServiceRequest"},
            },
        ],
    }
    together(lambda _: store.transaction(bundle))
    patients = store.search("Patient").matches
    assert len(patients) == 1
    assert store.search("ServiceRequest", [("subject", patients[0].reference)]).total == THREADS


def test_of_two_writers_of_one_version_one_wins(store: ResourceStore):
    store.update("Patient", "p", {**PATIENT, "id": "p"})

    def write(number: int) -> bool:
        try:
            store.update("Patient", "p", {**PATIENT, "id": "p", "gender": str(number)}, if_match='W/"1"')
        except PreconditionFailed:
            return False
        return True

    assert sum(together(write)) == 1
    assert store.read("Patient", "p").version == 2


def test_unconditional_writers_all_get_a_version(store: ResourceStore):
    together(lambda number: store.update("Patient", "p", {**PATIENT, "id": "p", "gender": str(number)}))
    history = store.history("Patient", "p")
    assert [one.version for one in history] == list(range(THREADS, 0, -1))
    assert [one.last_updated for one in history] == sorted({one.last_updated for one in history}, reverse=True)


def test_a_reader_of_changes_never_sees_a_gap(database: Database, north: str, clock: ManualClock):
    batches, size = 15, 3

    def write(number: int) -> None:
        for _ in range(batches):
            with database.write() as connection:
                events.append(connection, north, [_event(f"w{number}", clock.now())] * size, clock.now())

    def read(seen: list[int]) -> list[int]:
        with database.read() as connection:
            after = (event.c.tenant == north, event.c.number > (seen[-1] if seen else 0))
            return list(connection.scalars(select(event.c.number).where(*after).order_by(event.c.number).limit(7)))

    assert followed(read, write) == list(range(1, batches * size * (THREADS - 1) + 1))


def test_a_poller_of_resources_misses_nothing(store: ResourceStore):
    count = 20
    newest = ["2026-01-01"]

    def write(number: int) -> None:
        for place in range(count):
            store.update("Task", f"{number}-{place}", {"resourceType": "Task", "id": f"{number}-{place}"})

    def read(_: list[str]) -> list[str]:
        page = store.search("Task", [("_lastUpdated", f"gt{newest[-1]}"), ("_count", "5")]).matches
        newest.extend(one.resource["meta"]["lastUpdated"] for one in page)
        return [one.id for one in page]

    seen = followed(read, write)
    assert len(set(seen)) == len(seen) == count * (THREADS - 1)


def test_of_raced_answers_one_is_kept(database: Database, north: str, clock: ManualClock):
    key = Key(north, "", "key")

    def answer(number: int):
        with database.write() as connection:
            put(connection, key, "f" * 64, Replay(201, None, str(number)), clock.now())
        with database.read() as connection:
            return find(connection, key, "f" * 64, clock.now())

    assert len(set(together(answer))) == 1


def test_raced_callers_know_one_person(database: Database, north: str):
    pairs = [[("urn:a", "1"), ("urn:b", "1")], [("urn:b", "1"), ("urn:a", "1")], [("urn:b", "1"), ("urn:c", "1")]]

    def know(number: int) -> str:
        with database.write() as connection:
            return person_of(connection, north, pairs[number % len(pairs)])

    assert len(set(together(know))) == 1


def _event(prescription: str, at: datetime) -> events.NewEvent:
    return events.NewEvent(
        prescription, None, "accept", None, None, inferred=False, actor="someone", role="recipient", source="api", at=at
    )
