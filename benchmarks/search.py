"""A search among 100,000 resources costs some three reads by id; where a thousand of its type wait, under a hundred.

Of the 2,000 resources that wait for the search index at last, half are Tasks, which never wait.
Prints milliseconds (median) of each search on SQLite and its ratio to a read: ``python -m benchmarks.search``.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.index_rows import index_pending
from footbridge.store.migrate import upgrade
from footbridge.store.resources import ResourceStore, put_new
from footbridge.store.tenants import add_tenant

TENANT = "benchmark"
PARTNERS = 50
BATCH = 1000
WAITING = 2000
ROUNDS = 30


def resources(first: int, last: int) -> Iterator[dict[str, Any]]:
    """ServiceRequests with their Tasks: of 50 partners, one in a hundred still requested."""
    for number in range(first, last, 2):
        subject = {"reference": f"Patient/{number % 5000}"}
        identifier = [{"system": "urn:footbridge:benchmark", "value": str(number)}]
        order = {"id": f"order-{number}", "intent": "order", "subject": subject, "identifier": identifier}
        yield {"resourceType": "ServiceRequest", "status": "active", "authoredOn": "2026-03-02", **order}
        yield {
            "resourceType": "Task",
            "id": f"task-{number}",
            "identifier": identifier,
            "status": "requested" if number % 200 == 0 else "completed",
            "intent": "order",
            "focus": {"reference": f"ServiceRequest/order-{number}"},
            "for": subject,
            "owner": {"reference": f"Organization/{number // 2 % PARTNERS}"},
            "authoredOn": "2026-03-02T12:00:00Z",
        }


def fill(database: Database, first: int, last: int) -> None:
    """Store them, a thousand in a transaction."""
    for start in range(first, last, BATCH):
        some = list(resources(start, min(start + BATCH, last)))
        with database.write() as connection:
            put_new(connection, TENANT, some, datetime.now(UTC))


def milliseconds(work: Callable[[], Any]) -> float:
    """The median of thirty rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def searches(count: int, since: str) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """What is measured: its name, the type and the query."""
    poll = [("owner", "Organization/0"), ("_lastUpdated", f"gt{since}"), ("_sort", "_lastUpdated"), ("_count", "50")]
    last = count - 2
    return {
        "poll of a partner's Tasks": ("Task", poll),
        "its open Tasks": ("Task", [("owner", "Organization/0"), ("status", "requested"), ("_count", "50")]),
        "a page of the newest Tasks": ("Task", [("_sort", "-_lastUpdated"), ("_count", "50")]),
        "Task by identifier": ("Task", [("identifier", f"urn:footbridge:benchmark|{last}")]),
        "order by identifier": ("ServiceRequest", [("identifier", f"urn:footbridge:benchmark|{last}")]),
        "orders of a client": ("ServiceRequest", [("subject", "Patient/8"), ("_revinclude", "Task:focus")]),
    }


def measure(store: ResourceStore, count: int, since: str, label: str) -> None:
    """Print every search beside a read by id."""
    read = milliseconds(lambda: store.read("Task", "task-0"))
    print(f"{label}: a read by id takes {read:.2f} ms")
    for name, (kind, query) in searches(count, since).items():
        took = milliseconds(lambda kind=kind, query=query: store.search(kind, query))
        print(f"  {name:28} {took:8.2f} ms  {took / read:7.1f} reads", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("resources", type=int, nargs="?", default=100_000)
    count = parser.parse_args().resources
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="footbridge-search-") as place:
        database = open_database(f"sqlite:///{Path(place) / 'footbridge.sqlite3'}")
        upgrade(database)
        with database.write() as connection:
            add_tenant(connection, TENANT, "ca", datetime.now(UTC))
        fill(database, 0, count - WAITING)
        since = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        index_pending(database, clock)
        store = ResourceStore(database, TENANT, clock)
        measure(store, count - WAITING, "2026-01-01", f"{count - WAITING} resources, all indexed")
        fill(database, count - WAITING, count)
        measure(store, count, since, f"{count} resources, {WAITING} wait for the index")
        started = time.perf_counter()
        index_pending(database, clock)
        print(f"to index them takes {(time.perf_counter() - started) * 1000:.0f} ms")
        database.dispose()


if __name__ == "__main__":
    main()
