"""Workers that are killed in the middle of anything lose nothing, double nothing and keep the order.

A thousand referrals with three messages each, four worker processes, twelve times ``kill -9`` of one of them, and a
partner that fails one try in ten. What the partner wrote down is the evidence.
"""

import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from support.crew import Crew

from footbridge.jobs.queue import JobQueue
from footbridge.store.tables import job as table
from footbridge.store.tables import tenant

REFERRALS = 1000
MESSAGES = 3  # a referral
WORKERS = 4
KILLS = 12
PATIENCE = 300  # seconds

SCRIPT = Path(__file__).parent / "worker_process.py"
PARTNER = """
PRAGMA journal_mode=WAL;
CREATE TABLE effect (position INTEGER PRIMARY KEY, identifier TEXT UNIQUE, key TEXT, number INTEGER);
CREATE TABLE arrival (position INTEGER PRIMARY KEY, key TEXT, number INTEGER, pid INTEGER);
CREATE TABLE failure (what TEXT);
"""


def owe_everything(database):
    now = datetime.now(UTC)
    with database.write() as connection:
        connection.execute(insert(tenant), {"name": "north", "jurisdiction": "ca", "created": now})
    for start in range(0, REFERRALS, 50):
        for number in range(MESSAGES):
            with database.write() as connection:
                for referral in range(start, start + 50):
                    identifier = f"referral-{referral}/{number}"
                    assert JobQueue(connection).enqueue(
                        tenant="north",
                        partner=f"partner-{referral % 3}",
                        key=f"referral-{referral}",
                        kind="deliver",
                        payload={"identifier": identifier, "number": number},
                        dedupe=identifier,
                        due=datetime.now(UTC),
                    )


def count_done(database):
    with database.read() as connection:
        return connection.execute(select(func.count()).where(table.c.state == "done")).scalar_one()


def kill_while_they_work(database, crew):
    """The kills are spread evenly over the work; returns when all of it is done."""
    total = REFERRALS * MESSAGES
    give_up = time.monotonic() + PATIENCE
    while (done := count_done(database)) < total:
        assert time.monotonic() < give_up, f"{done} of {total} were done after {PATIENCE} seconds"
        if crew.kills < KILLS and done >= total * (crew.kills + 1) // (KILLS + 2):
            crew.kill_one()
        time.sleep(0.02 + random.random() * 0.02)


@pytest.fixture
def partner(tmp_path):
    place = tmp_path / "partner.sqlite3"
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(PARTNER)
    return place


def test_nothing_is_lost_doubled_or_out_of_order(database, partner, tmp_path, capsys):
    url = database.engine.url.render_as_string(hide_password=False)
    started = time.monotonic()
    with (tmp_path / "workers.log").open("wb") as log, Crew(SCRIPT, url, partner, size=WORKERS, log=log) as crew:
        owe_everything(database)
        kill_while_they_work(database, crew)
    seconds = time.monotonic() - started

    with closing(sqlite3.connect(partner)) as connection:
        effects = connection.execute("SELECT identifier, key, number FROM effect ORDER BY position").fetchall()
        arrivals = connection.execute("SELECT key, number FROM arrival ORDER BY position").fetchall()
        failures = Counter(what for (what,) in connection.execute("SELECT what FROM failure"))
    owed = {f"referral-{referral}/{number}" for referral in range(REFERRALS) for number in range(MESSAGES)}
    effect_counts = Counter(identifier for identifier, _, _ in effects)
    lost = owed - effect_counts.keys()
    doubled = [identifier for identifier, count in effect_counts.items() if count > 1]
    steps_back = count_steps_back(arrivals)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the test is run for
            f"\n{database.engine.dialect.name}: {REFERRALS} referrals, {len(owed)} messages, {WORKERS} workers, "
            f"{crew.kills} kill -9, {sum(failures.values())} failures of the partner {dict(failures)}: "
            f"{len(lost)} lost, {len(doubled)} doubled, {steps_back} out of order, "
            f"{len(arrivals) - len(effects)} repeats that the partner recognised, {seconds:.1f} s"
        )
    assert crew.kills == KILLS
    assert not lost
    assert not doubled
    assert steps_back == 0
    assert (tmp_path / "workers.log").read_bytes() == b""
    with database.read() as connection:
        states = connection.execute(select(table.c.state).distinct()).scalars().all()
    assert states == ["done"]


def count_steps_back(arrivals):
    """How often a partner saw an older message of a key after a newer one, repeats included."""
    by_key = {}
    for key, number in arrivals:
        by_key.setdefault(key, []).append(number)
    return sum(later < earlier for numbers in by_key.values() for earlier, later in pairwise(numbers))
