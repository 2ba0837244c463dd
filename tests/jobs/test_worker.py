"""What a worker makes of what its handlers do."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.jobs.job import Result
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retry import Policy
from footbridge.jobs.worker import Worker
from footbridge.model.clock import SystemClock
from footbridge.store import inbox as received
from footbridge.store.tables import inbox


class Partner:
    """Takes messages down; does with each what the test says."""

    def __init__(self) -> None:
        self.tried = []
        self.behaviour = {}  # message key -> exception, or a callable

    def __call__(self, message):
        self.tried.append(message)
        what = self.behaviour.get(message.key)
        if isinstance(what, Exception):
            raise what
        return what(message) if what else None

    @property
    def keys(self):
        return [message.key for message in self.tried]


@pytest.fixture
def partner():
    return Partner()


@pytest.fixture
def worker(store, clock, partner, policy, chance):
    handlers = {"deliver": partner, "update": partner}
    return Worker(store, clock, handlers, policy=policy, chance=chance, name="worker")


@pytest.fixture
def entry(store):
    def entry(key="r1"):
        with store.read() as connection:
            return next(entry for entry in JobQueue(connection).list() if entry.key == key)

    return entry


def exhaust(worker, clock, tries=10):
    """Step and wait until nothing is tried any more."""
    for _ in range(tries):
        worker.step()
        clock.advance(timedelta(hours=2))


def test_a_step_does_all_that_is_due_and_says_how_much(worker, partner, owe, clock):
    for number in range(12):
        owe(f"r{number % 4}", payload={"n": number})
    owe("tomorrow", due=clock.now() + timedelta(days=1))
    assert worker.step() == 12
    assert worker.step() == 0
    for key in range(4):
        sent = [message.payload["n"] for message in partner.tried if message.key == f"r{key}"]
        assert sent == sorted(sent)
    clock.advance(timedelta(days=1))
    assert worker.step() == 1


def test_what_a_handler_learned_is_kept_with_the_claim(worker, partner, owe, store, clock, entry):
    partner.behaviour["r1"] = lambda message: Result(
        lambda connection: received.receive(connection, "north", "foodbank", "learned", clock.now())
    )
    owe("r1")
    worker.step()
    assert entry().state == "done"
    with store.read() as connection:
        assert connection.execute(select(inbox.c.message)).scalars().all() == ["learned"]


def test_what_a_fenced_out_handler_learned_is_not_kept(worker, partner, owe, store, clock, entry):
    def slow(message):
        with store.write() as connection:
            JobQueue(connection).abandon(message.id, by="ops", now=clock.now())
        return Result(lambda connection: received.receive(connection, "north", "foodbank", "learned", clock.now()))

    partner.behaviour["r1"] = slow
    owe("r1")
    with capture_logs() as logs:
        assert worker.step() == 1
    assert entry().state == "abandoned"
    assert [(log["event"], log["formerly"]) for log in logs] == [("job.lease-lost", "outbox.fenced")]
    with store.read() as connection:
        assert connection.execute(select(inbox)).all() == []


def test_a_record_that_fails_leaves_nothing_half_written(worker, partner, owe, store, clock, entry):
    def record(connection):
        received.receive(connection, "north", "foodbank", "half", clock.now())
        raise KeyError("half")

    partner.behaviour["r1"] = lambda message: Result(record)
    owe("r1")
    worker.step()
    assert (entry().state, entry().attempts) == ("ready", 1)
    with store.read() as connection:
        assert connection.execute(select(inbox)).all() == []


def test_an_unavailable_partner_is_tried_again_then_a_person_is_asked(worker, partner, owe, clock, entry):
    partner.behaviour["r1"] = PartnerUnavailable("The partner answered 503.", status=503)
    owe("r1")
    worker.step()
    assert (entry().state, entry().last_status, entry().last_error) == ("ready", 503, "The partner answered 503.")
    assert clock.now() < entry().due <= clock.now() + timedelta(seconds=2)
    exhaust(worker, clock)
    assert [message.attempt for message in partner.tried] == [1, 2, 3]
    assert (entry().state, entry().attempts, entry().last_status) == ("failed", 3, 503)


def test_a_partner_that_names_a_time_is_left_alone_until_then(worker, partner, owe, clock, entry):
    partner.behaviour["r1"] = PartnerUnavailable("Too many requests.", status=429, retry_after=600.0)
    owe("r1")
    worker.step()
    assert entry().due == clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize("kind", ["deliver", "update"])
def test_a_refused_message_is_failed_at_once(worker, partner, owe, entry, kind):
    partner.behaviour["r1"] = PartnerRefused("The partner refused the Task.", status=422)
    owe("r1", kind=kind)
    owe("r2")
    assert worker.step() == 2
    assert (entry().state, entry().last_status, entry().attempts) == ("failed", 422, 1)
    assert entry("r2").state == "done"


def test_a_fault_of_ours_is_tried_again_then_failed_and_its_text_told_nowhere(worker, partner, owe, clock, entry):
    partner.behaviour["r1"] = ValueError("Ada Lovelace, born 10 December 1815")
    owe("r1", kind="update", payload={"client": "Ada"})
    with capture_logs() as logs:
        exhaust(worker, clock)
    assert (entry().state, len(partner.tried)) == ("failed", 3)
    assert entry().last_error == "Unexpected ValueError while handling the job."
    assert "Ada" not in repr(logs)
    assert [log["event"] for log in logs] == ["job.retried", "job.retried", "job.failed"]
    assert [log["formerly"] for log in logs] == ["outbox.put-off", "outbox.put-off", "outbox.parked"]
    assert {frozenset(log) for log in logs} == {
        frozenset(
            {
                *("event", "log_level", "formerly", "job_id", "kind", "partner", "attempt", "exception"),
                *("tenant", "message_id"),
            }
        )
    }


def test_the_words_of_our_own_errors_are_kept(worker, partner, owe, entry):
    partner.behaviour["r1"] = ConfigurationError("The credential env:FOODBANK_TOKEN is not set.")
    owe("r1")
    worker.step()
    assert entry().last_error == "The credential env:FOODBANK_TOKEN is not set."


def test_a_partner_that_is_down_is_not_asked_with_every_message(worker, partner, owe, clock):
    for number in range(20):
        owe(f"r{number}")
        partner.behaviour[f"r{number}"] = PartnerUnavailable("No answer.")
    owe("other", partner="shelter")
    worker.step()
    assert len([key for key in partner.keys if key != "other"]) == 4
    assert "other" in partner.keys
    partner.behaviour.clear()
    clock.advance(timedelta(minutes=5))
    worker.step()
    assert len(set(partner.keys)) == 21


def test_a_refusal_is_an_answer(worker, partner, owe):
    for number in range(20):
        owe(f"r{number}")
        partner.behaviour[f"r{number}"] = PartnerRefused("No such resource.", status=404)
    assert worker.step() == 20


def test_a_heartbeat_keeps_a_slow_message(store, partner, owe, entry):
    """Two leases long; the other worker looks all the time."""
    time = SystemClock()
    policy = Policy(lease=timedelta(seconds=1.5))
    other = Worker(store, time, {"deliver": partner}, policy=policy, name="other")
    stolen = []

    def slow(message):
        end = time.now() + timedelta(seconds=3)
        while time.now() < end:
            stolen.append(other.step())
            threading.Event().wait(0.1)

    slow_worker = Worker(store, time, {"deliver": slow}, policy=policy, name="slow")
    owe("r1", due=time.now())
    assert slow_worker.step() == 1
    assert not any(stolen)
    assert (entry().state, entry().attempts) == ("done", 1)


def test_a_message_whose_lease_ran_out_in_the_queue_is_not_sent_by_us(worker, partner, owe, clock, policy):
    partner.behaviour["r1"] = lambda message: clock.advance(policy.lease) and None
    owe("r1")
    owe("r2")
    assert worker.step() == 2
    r2 = next(message for message in partner.tried if message.key == "r2")
    assert (partner.keys, r2.lease_token) == (["r1", "r2"], 2)


def test_run_sends_when_woken_and_stops_after_the_message_under_way(store, partner, entry):
    """Both are queued in one transaction, so one claim takes both; the partner gets one at a time."""
    clock = SystemClock()
    worker = Worker(store, clock, {"deliver": partner}, name="worker")
    stop, sending, may_go_on = threading.Event(), threading.Event(), threading.Event()

    def slow(message):
        sending.set()
        may_go_on.wait(30)

    partner.behaviour["r1"] = slow
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    due = clock.now()
    with store.write() as connection:
        for key in ("r1", "r2"):
            JobQueue(connection).enqueue(
                tenant="north", partner="foodbank", kind="deliver", key=key, payload={}, dedupe=key, due=due
            )
    worker.wake()
    assert sending.wait(30)
    stop.set()
    worker.wake()
    may_go_on.set()
    thread.join(30)
    assert not thread.is_alive()
    assert partner.keys == ["r1"]
    assert entry("r1").state == "done"
    assert (entry("r2").state, entry("r2").attempts) == ("ready", 0)


def test_threads_keep_a_slow_partner_from_holding_up_another(store, partner, owe):
    clock = SystemClock()
    stop, done = threading.Event(), threading.Event()
    partner.behaviour["slow"] = lambda message: done.wait(30) and None
    partner.behaviour["quick"] = lambda message: done.set()
    worker = Worker(store, clock, {"deliver": partner}, threads=2, batch=1)
    owe("slow", due=clock.now())
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    owe("quick", due=clock.now())
    worker.wake()
    assert done.wait(30)
    stop.set()
    worker.wake()
    thread.join(30)
    assert not thread.is_alive()


def test_run_outlives_a_database_that_fails(store, partner, owe):
    clock = SystemClock()
    stop = threading.Event()
    worker = Worker(store, clock, {"deliver": partner})
    table = "ALTER TABLE job RENAME TO {}"
    with store.write() as connection:
        connection.exec_driver_sql(table.format("away"))
    thread = threading.Thread(target=worker.run, args=(stop,))
    with capture_logs() as logs:
        thread.start()
        while not logs:
            threading.Event().wait(0.01)
        with store.write() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO job")
        owe("r1", due=clock.now())
        worker.wake()
        while not partner.tried:
            threading.Event().wait(0.01)
        stop.set()
        worker.wake()
        thread.join(30)
    assert (logs[0]["event"], logs[0]["code"]) == ("worker.database-failed", missing_table(store))


def missing_table(store):
    """What the database calls a statement about a table that is not there."""
    return "SQLITE_ERROR" if store.is_sqlite else "42P01"


def test_a_heartbeat_that_fails_is_logged_with_the_cause_and_the_job_is_settled(store, partner, owe, entry):
    time = SystemClock()

    def slow(message):
        with store.write() as connection:
            connection.exec_driver_sql("ALTER TABLE job RENAME TO away")
        while not logs:
            threading.Event().wait(0.01)
        with store.write() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO job")

    worker = Worker(store, time, {"deliver": slow}, policy=Policy(lease=timedelta(seconds=0.6)), name="slow")
    owe("r1", due=time.now())
    with capture_logs() as logs:
        assert worker.step() == 1
    assert (logs[0]["event"], logs[0]["code"]) == ("lease.heartbeat-failed", missing_table(store))
    assert entry().state == "done"


def test_appointments_are_kept_moved_on_and_end(store, clock, plan):
    runs = []

    def poll(appointment):
        runs.append(appointment.cursor)
        due = clock.now() + timedelta(minutes=15) if len(runs) < 3 else None
        return Result(due=due, cursor=f"c{len(runs)}")

    worker = Worker(store, clock, {"poll": poll})
    plan()
    for _ in range(5):
        worker.step()
        clock.advance(timedelta(minutes=15))
    assert runs == [None, "c1", "c2"]


def test_what_an_appointment_found_is_sent_in_the_same_step(store, clock, partner, plan, owe):
    def poll(appointment):
        owe("found")
        return Result(due=clock.now())  # a period of nothing does not keep the step going for ever

    worker = Worker(store, clock, {"deliver": partner, "poll": poll})
    plan()
    assert worker.step() == 2
    assert partner.keys == ["found"]


def test_an_appointment_that_fails_is_put_off_and_what_it_found_is_not_kept(store, clock, policy, plan, queue):
    def poll(appointment):
        def record(connection):
            row = {
                "tenant": "north",
                "partner": "p",
                "message": "m",
                "outcome": "applied",
                "received": clock.now(),
            }
            connection.execute(insert(inbox), row)
            raise PartnerUnavailable("No answer.")

        return Result(record, due=clock.now() + timedelta(minutes=15), cursor="c9")

    worker = Worker(store, clock, {"poll": poll}, policy=policy)
    plan(cursor="c1")
    assert worker.step() == 1
    clock.advance(timedelta(seconds=2))
    with store.write() as connection:
        assert connection.execute(select(inbox)).all() == []
    (again,) = queue.claim(owner="w", kinds=["poll"], now=clock.now(), lease=policy.lease)
    assert (again.cursor, again.attempt) == ("c1", 2)


def test_what_a_withdrawn_run_found_is_not_kept(store, clock, plan):
    """Somebody planned it anew while it ran: the new run finds it again."""
    runs = []

    def poll(appointment):
        runs.append(appointment.cursor)
        if len(runs) == 1:
            plan()
        due = clock.now() + timedelta(minutes=15)
        message = f"found-{len(runs)}"
        return Result(
            lambda connection: received.receive(connection, "north", "foodbank", message, clock.now()),
            due=due,
            cursor="c2",
        )

    worker = Worker(store, clock, {"poll": poll})
    plan(cursor="c1")
    with capture_logs() as logs:
        assert worker.step() == 2
    assert runs == ["c1", "c1"]
    assert [(log["event"], log["formerly"]) for log in logs] == [("job.lease-lost", "schedule.fenced")]
    with store.read() as connection:
        assert connection.execute(select(inbox.c.message)).scalars().all() == ["found-2"]
