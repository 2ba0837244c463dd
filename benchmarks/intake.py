"""How many prescriptions ``POST /api/v1/prescriptions`` takes in a second, each on the disk before it is answered.

gunicorn with 2 processes on SQLite (``synchronous=FULL``), 8 clients with kept-alive connections in a process of their
own, each with an Idempotency-Key. No worker sends anything meanwhile. Beside it, on the same machine and in the same
run: a bare loop of durable INSERTs, and the route ``/healthz`` under the same clients. Run:
``python benchmarks/intake.py [PRESCRIPTIONS] [RUNS] [--proxy nginx|nginx-close]``.

With ``--proxy`` the clients' connections end at nginx: ``nginx`` keeps its own to the adapter, ``nginx-close`` opens
one for each request, as nginx does unless its configuration says otherwise.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import text

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, make_token

CLIENTS = 8
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
PROCESSES = 2
TENANT = "benchmark"
Times = list[float]

_SERVE = """
import logging, structlog
from footbridge.web.server import Plan, serve
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
plan = Plan("127.0.0.1", 0, workers={processes}, threads={threads}, deliveries=0)
serve(plan, ready=lambda url: print(url, flush=True))
"""


def prepare(database: Database) -> str:
    """A tenant with a recipient for every category; returns a requester's token."""
    now = datetime.now(UTC)
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", now)
        partner = Partner("north-end-hub", "fhir", "recipient", "North End Hub", "https://hub.invalid/fhir")
        add_partner(connection, TENANT, partner, now)
        set_route(connection, TENANT, "*", ["north-end-hub"])
        return make_token(connection, Principal("requester", None, name="emr", tenant=TENANT), now)


@contextmanager
def server(url: str) -> Iterator[tuple[str, int]]:
    """The adapter behind gunicorn; gives its base URL and the id of its first process."""
    code = _SERVE.format(processes=PROCESSES, threads=CLIENTS)
    environment = {**os.environ, "FOOTBRIDGE_DATABASE_URL": url}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


_NGINX = """
daemon off; pid {place}/pid; error_log {place}/error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
    upstream adapter {{ server {adapter}; {upstream} }}
    server {{ listen {listen}; keepalive_requests 100000; location / {{ proxy_pass http://adapter; {location} }} }}
}}
"""
_PROXIES = {
    "nginx": ("keepalive 32;", 'proxy_http_version 1.1; proxy_set_header Connection "";'),
    "nginx-close": ("", ""),
}


@contextmanager
def behind(proxy: str | None, base: str, place: str) -> Iterator[str]:
    """The base URL for clients: of nginx in front of the adapter, or the adapter's own without a proxy."""
    if proxy is None:
        yield base
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    upstream, location = _PROXIES[proxy]
    names = {"place": place, "adapter": urlsplit(base).netloc, "listen": listen}
    Path(place, "nginx.conf").write_text(_NGINX.format(**names, upstream=upstream, location=location))
    process = subprocess.Popen([NGINX or "nginx", "-p", place, "-c", f"{place}/nginx.conf", "-e", f"{place}/error.log"])
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(listen.rpartition(":")[2]))):
                break
            time.sleep(0.05)
        yield f"http://{listen}"
    finally:
        process.terminate()
        process.wait(60)


def cpu_seconds(process: int) -> list[float]:
    """Processor time that each child of a process has used so far; nothing where there is no /proc to tell it."""
    children = Path(f"/proc/{process}/task/{process}/children")
    if not children.exists():
        return []
    spent = [
        Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children.read_text().split()
    ]
    return [(int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") for fields in spent]


def documents(count: int) -> Iterator[bytes]:
    """The examples, again and again, each time with an identifier and a client of its own."""
    names = sorted(one.name for one in folder("examples").iterdir() if one.name[:2].isdigit())
    kept = [json.loads(folder("examples").joinpath(name).read_bytes()) for name in names]
    for number in range(count):
        document = kept[number % len(kept)]
        document["identifier"]["value"] = str(uuid.uuid4())
        for identifier in document["client"].get("identifiers", []):
            identifier["value"] = f"{number:010}"
        yield json.dumps(document).encode()


def client(
    base: str, requests: list[tuple[str, str, bytes | None, dict[str, str]]], expected: int, times: Times
) -> None:
    """Send requests over one connection, one after the other."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    for method, path, body, headers in requests:
        started = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        times.append(time.perf_counter() - started)
        if answer.status != expected:
            raise SystemExit(f"{method} {path} answered {answer.status}: {said[:500]!r}")
    connection.close()


def load(base: str, token: str | None, count: int, results: "multiprocessing.Queue[tuple[float, Times]]") -> None:
    """Eight clients at once; with a token they hand prescriptions in, without one they ask for /healthz."""
    if token is None:
        requests = [("GET", "/healthz", None, {}) for _ in range(count)]
    else:
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        requests = [
            ("POST", "/api/v1/prescriptions", body, {**head, "Idempotency-Key": str(uuid.uuid4())})
            for body in documents(count)
        ]
    times: list[Times] = [[] for _ in range(CLIENTS)]
    threads = [
        threading.Thread(
            target=client, args=(base, requests[place::CLIENTS], 200 if token is None else 201, times[place])
        )
        for place in range(CLIENTS)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((count / (time.perf_counter() - started), [one for several in times for one in several]))


def under_load(base: str, token: str | None, count: int) -> tuple[float, Times]:
    """Requests a second, and the seconds that each took."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[float, Times]] = context.Queue()
    process = context.Process(target=load, args=(base, token, count, results))
    process.start()
    found = results.get()
    process.join()
    return found


def bare(database: Database, count: int) -> float:
    """Durable INSERTs a second, one row and one transaction each."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, body TEXT)"))
    bodies = list(documents(count))
    started = time.perf_counter()
    for body in bodies:
        with database.write() as connection:
            connection.execute(
                text("INSERT INTO bare VALUES (:id, :body)"), {"id": str(uuid.uuid4()), "body": body.decode()}
            )
    return count / (time.perf_counter() - started)


def percentile(times: Times, share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One run: prescriptions a second, milliseconds, and the rates of what it is compared with."""

    rate: float
    p50: float
    p99: float
    cpu: float
    busiest: float
    inserts: float
    hello: float

    def __str__(self) -> str:
        return (
            f"{self.rate:5.0f} prescriptions/s  p50 {self.p50:.0f} ms  p99 {self.p99:.0f} ms  "
            f"{self.cpu:.1f} ms of processor each, {self.busiest:.0%} in the busiest process  "
            f"{self.rate / self.inserts:.2f} of {self.inserts:.0f} bare durable "
            f"INSERTs/s  {self.rate / self.hello:.2f} of {self.hello:.0f} GET /healthz/s  "
            f"load average {os.getloadavg()[0]:.1f}"
        )


def run(count: int, proxy: str | None = None) -> Run:
    """Measure once, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="footbridge-intake-") as place:
        url = f"sqlite:///{Path(place) / 'footbridge.sqlite3'}"
        database = open_database(url)
        upgrade(database)
        token = prepare(database)
        inserts = bare(database, count)
        with server(url) as (adapter, process), behind(proxy, adapter, place) as base:
            under_load(base, token, 5 * CLIENTS)  # connections, compiled statements
            hello, _ = under_load(base, None, count)
            before = cpu_seconds(process)
            rate, times = under_load(base, token, count)
            spent = [after - earlier for after, earlier in zip(cpu_seconds(process), before, strict=True)]
        database.dispose()
    cpu, busiest = sum(spent) / count * 1000, max(spent, default=0) / (sum(spent) or 1)
    return Run(rate, percentile(times, 0.50), percentile(times, 0.99), cpu, busiest, inserts, hello)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prescriptions", type=int, nargs="?", default=1000)
    parser.add_argument("runs", type=int, nargs="?", default=3)
    parser.add_argument("--proxy", choices=_PROXIES, help="put this proxy between the clients and the adapter")
    asked = parser.parse_args()
    if asked.proxy and NGINX is None:
        print("Skipped: nginx is not installed.")
        return
    runs = []
    for _ in range(asked.runs):
        runs.append(run(asked.prescriptions, asked.proxy))
        print(runs[-1], flush=True)
    print(
        f"median: {statistics.median(one.rate for one in runs):.0f} prescriptions/s, "
        f"p50 {statistics.median(one.p50 for one in runs):.0f} ms, "
        f"p99 {statistics.median(one.p99 for one in runs):.0f} ms, "
        f"{statistics.median(one.rate / one.inserts for one in runs):.2f} of a bare durable INSERT's rate"
    )


if __name__ == "__main__":
    main()
