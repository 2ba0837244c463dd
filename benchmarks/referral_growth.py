"""A referral among 100,000 stored costs at most 1.2 times the processor time of one among 1,000.

A requester on our ``/fhir`` writes the transaction of ``examples/fhir/referral.json``, and the worker delivers it to a
service on our server. Some are written so; the rest are copies of their rows, made by SQL under ids and times of their
own. Both databases take turns, in rounds: ``python -m benchmarks.referral_growth [STORED]``, on SQLite.
"""

import argparse
import json
import re
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, String, Table, func, select

from footbridge.cli.partner_token import make_partner_token
from footbridge.data import folder
from footbridge.model.clock import ManualClock
from footbridge.referrals.build import build_worker
from footbridge.referrals.onboarding import register_partner
from footbridge.store.engine import Database, open_database
from footbridge.store.index_rows import index_pending
from footbridge.store.migrate import upgrade
from footbridge.store.partners import Partner
from footbridge.store.routes import set_route
from footbridge.store.tables import Instant, metadata, prescription, resource
from footbridge.store.tenants import add_tenant
from footbridge.web.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TENANT = "benchmark"
FEW = 100
MEASURED = 10
ROUNDS = 7
MOST = 1.2
COPIED = (
    "person", "client", "prescription", "client_name", "referral", "event", "resource", "search_index", "link", "inbox",
    "job",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Office:
    """A requester and a service, both on our server."""

    def __init__(self, database: Database, token: str, now: datetime) -> None:
        self.database = database
        self.clock = ManualClock(now)
        self.token = token
        self.client: FlaskClient = create_app(database, self.clock).test_client()
        self.worker = build_worker(database, self.clock)

    def refer(self) -> None:
        """One referral, with a client of its own, delivered."""
        self.clock.advance(timedelta(seconds=1))
        text = folder("examples").joinpath("fhir", "referral.json").read_text()
        own: dict[str, str] = {}
        body = json.loads(_UUID.sub(lambda found: own.setdefault(found[0], str(uuid.uuid4())), text))
        for entry in body["entry"]:
            for identifier in _identifiers(entry["resource"]):
                identifier["value"] = str(uuid.uuid4())
        answer = self.client.post("/fhir", json=body, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, answer.text
        self.worker.step()

    def stored(self) -> int:
        """How many prescriptions there are."""
        with self.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(prescription)) or 0


def prepare(database: Database, now: datetime) -> str:
    """The tenant and its partners; returns the requester's token."""
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", now)
        annex = register_partner(connection, TENANT, Partner("annex", "hosted", "requester", "Annex", ""), now)
        register_partner(connection, TENANT, Partner("pantry", "hosted", "recipient", "Pantry", ""), now)
        set_route(connection, TENANT, "*", ["pantry"])
        return make_partner_token(connection, TENANT, annex)


def _identifiers(held: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = held.get("identifier", [])
    yield from found if isinstance(found, list) else [found]


def _copied(column: Column[Any], number: int) -> str:
    """The value of a column in a copy: another first part of a UUID at its end, a year of its own."""
    name = f'"{column.name}"'
    if isinstance(column.type, Instant):
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE '{1000 + number:04}' || substr({name}, 5) END"
    if not isinstance(column.type, String) or column.name in {"tenant", "compartment", "partner", "param", "body"}:
        return name
    is_moment = f"{name} GLOB '2026-*T*Z'"
    is_id = f"{name} GLOB '*????????-????-????-????-????????????' AND length({name}) <= 128"
    other = f"substr({name}, 1, length({name}) - 36) || '{number:08x}' || substr({name}, -28)"
    year = f"'{1000 + number:04}' || substr({name}, 5)"
    return f"CASE WHEN {is_moment} THEN {year} WHEN {is_id} THEN {other} ELSE {name} END"


def copy(database: Database, times: int) -> None:
    """Copy the rows that there are, so many times."""
    tables: list[Table] = [metadata.tables[name] for name in COPIED]
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    for table in tables:
        columns = [one for one in table.columns if not (one.primary_key and one.autoincrement is True)]
        source = f"original_{table.name}"
        with database.write() as connection:
            connection.exec_driver_sql(f"CREATE TABLE {source} AS SELECT * FROM {table.name}")
        names = ", ".join(f'"{one.name}"' for one in columns)
        for start in range(0, times, 20):
            with database.write() as connection:
                for number in range(start, min(start + 20, times)):
                    values = ", ".join(_copied(one, number + 1) for one in columns)
                    statement = f"INSERT OR IGNORE INTO {table.name} ({names}) SELECT {values} FROM {source}"
                    connection.exec_driver_sql(statement)
        with database.write() as connection:
            connection.exec_driver_sql(f"DROP TABLE {source}")


def measured(office: Office) -> float:
    """Milliseconds of processor time of a referral."""
    started = time.process_time()
    for _ in range(MEASURED):
        office.refer()
    return (time.process_time() - started) * 1000 / MEASURED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stored", type=int, nargs="?", default=100_000)
    wanted, start = parser.parse_args().stored, datetime(2026, 3, 2, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory(prefix="footbridge-growth-") as place:
        few_file, many_file = (Path(place) / f"{name}.sqlite3" for name in ("few", "many"))
        database = open_database(f"sqlite:///{few_file}")
        upgrade(database)
        few = Office(database, prepare(database, start), start)
        for _ in range(FEW):
            few.refer()
        index_pending(database, few.clock)
        database.dispose()
        shutil.copyfile(few_file, many_file)
        database, larger = (open_database(f"sqlite:///{file}") for file in (few_file, many_file))
        few = Office(database, few.token, few.clock.now())
        many = Office(larger, few.token, few.clock.now())
        for office, size in ((few, 1000), (many, wanted)):
            copy(office.database, size // FEW - 1)
        sizes = [office.stored() for office in (few, many)]
        with larger.read() as connection:
            rows = connection.scalar(select(func.count()).select_from(resource))
        print(f"{sizes[0]} and {sizes[1]} stored, {rows} versions of resources", flush=True)
        for office in (few, many):
            office.refer()
        rounds = [(measured(few), measured(many)) for _ in range(ROUNDS)]
        for before, after in rounds:
            print(f"  {before:.1f} ms and {after:.1f} ms of processor for a referral, ratio {after / before:.2f}")
        ratio = statistics.median(after / before for before, after in rounds)
        print(f"ratio {ratio:.2f} (median)")
        database.dispose()
        larger.dispose()
    raise SystemExit(0 if ratio <= MOST else f"more than {MOST} times")


if __name__ == "__main__":
    main()
