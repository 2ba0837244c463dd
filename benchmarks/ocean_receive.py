"""How many messages a second a site of Ocean can post, each on the disk before it is answered, with the worker running.

gunicorn with 2 processes, each with its worker, which reads and processes what comes in meanwhile; messages of 60 kB
made of the real sample, each about a referral of its own; clients with kept-alive connections in a process of their
own. Asked: 200 a second, p99 of the answer 200 ms, on two cores. Run:
``python benchmarks/ocean_receive.py [MESSAGES] [--database postgresql+psycopg://…] [--rate N]``; with ``--rate`` the
clients send so many a second, without it as fast as they can.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import text

from footbridge.partners.ocean.listing import Listing
from footbridge.referrals.onboarding import register_partner
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.ocean_sites import Credentials, put_listing, set_site
from footbridge.store.partners import Partner
from footbridge.store.tenants import add_tenant

CLIENTS, PROCESSES, SIZE = 8, 2, 60_000
TENANT, CLINIC, SITE = "benchmark", "clinic-ocean", "1234"
SAMPLE = Path(os.environ.get("FOOTBRIDGE_TEST_DATA", "../shared")) / "samples" / "ocean"
_SERVE = """
import logging, structlog
from footbridge.web.server import Plan, serve
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
plan = Plan("127.0.0.1", 0, workers={processes}, threads={threads}, deliveries={deliveries})
serve(plan, ready=lambda url: print(url, flush=True))
"""


def prepare(url: str) -> Credentials:
    """A tenant with a site and a listing; returns what the site calls us with."""
    database = open_database(url)
    upgrade(database)
    now = datetime.now(UTC)
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", now)
        base = "http://127.0.0.1:9/svc/fhir/v1"
        register_partner(connection, TENANT, Partner("hub", "fhir", "recipient", "Hub", base), now)
        site = Partner(CLINIC, "ocean", "requester", "Clinic", base, poll_seconds=10)
        register_partner(connection, TENANT, site, now)
        made = set_site(connection, TENANT, CLINIC, SITE, now)
        listing = Listing.decode({"target": "autorouter_test49721437", "categories": ["food-insecurity"]})
        put_listing(connection, TENANT, CLINIC, "autorouter_test49721437", listing.encode())
    database.dispose()
    return made


@contextmanager
def serving(url: str, deliveries: int) -> Iterator[str]:
    """The adapter behind gunicorn; gives its base URL."""
    code = _SERVE.format(processes=PROCESSES, threads=CLIENTS, deliveries=deliveries)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "FOOTBRIDGE_DATABASE_URL": url},
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def bodies(count: int) -> list[bytes]:
    """Messages of that size, each about a referral of its own."""
    sample = next(SAMPLE.glob("v0.11*.json")).read_text()
    old = "71db1a5c-89ce-41d5-bc71-8466f6c2f182"
    bundle = json.loads(sample)
    form = bundle["entry"][-1]["resource"]
    short = SIZE - len(json.dumps(bundle))
    form["item"] += [{"linkId": f"x{number}", "text": "History of the person"} for number in range(short // 50)]
    whole = json.dumps(bundle)
    return [
        whole.replace(old, str(uuid.uuid4())).replace(bundle["id"], str(uuid.uuid4())).encode() for _ in range(count)
    ]


def send(base: str, credentials: tuple[str, str], count: int, rate: float, pipe: Connection) -> None:
    """Post them all, and say how long the whole and each answer took."""
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    form = {"grant_type": "client_credentials", "client_id": credentials[0], "client_secret": credentials[1]}
    connection.request(
        "POST", f"/ocean/{SITE}/token", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    token = json.loads(connection.getresponse().read())["access_token"]
    waiting = bodies(count)
    times, lock = [], threading.Lock()
    started = time.perf_counter()

    def one(number: int) -> None:
        mine = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
        for place in range(number, count, CLIENTS):
            if rate:
                time.sleep(max(0.0, started + place / rate - time.perf_counter()))
            begun = time.perf_counter()
            mine.request("POST", f"/ocean/{SITE}/$process-message", waiting[place], headers)
            answer = mine.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            with lock:
                times.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send((time.perf_counter() - started, times))


def measure(url: str, count: int, rate: float, deliveries: int) -> None:
    """Print the figures of one run."""
    made = prepare(url)
    with serving(url, deliveries) as base:
        ours, theirs = multiprocessing.Pipe()
        arguments = (base, (made.client_id, made.secret), count, rate, theirs)
        sender = multiprocessing.get_context("spawn").Process(target=send, args=arguments)
        sender.start()
        took, times = ours.recv()
        sender.join()
        database = open_database(url)
        with database.read() as connection:
            rows = dict(connection.execute(text("SELECT state, count(*) FROM ocean_message GROUP BY state")).all())
        database.dispose()
    times.sort()
    p50, p99 = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
    print(
        f"{count} messages of {SIZE // 1000} kB: {count / took:.0f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms, "
        f"slowest {times[-1] * 1000:.0f} ms; stored {sum(rows.values())}, processed meanwhile "
        f"{rows.get('done', 0) + rows.get('failed', 0)}"
    )
    assert sum(rows.values()) == count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", nargs="?", type=int, default=4000)
    parser.add_argument("--database", help="URL of an empty PostgreSQL database; SQLite when left out")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; as fast as they can when 0")
    parser.add_argument("--no-worker", action="store_true", help="nothing is processed meanwhile")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        url = given.database or f"sqlite:///{Path(place) / 'footbridge.sqlite3'}"
        measure(url, given.messages, given.rate, 0 if given.no_worker else 1)


if __name__ == "__main__":
    main()
