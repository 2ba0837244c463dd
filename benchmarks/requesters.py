"""A requester's transaction on ``/fhir`` beside ``POST /api/v1/prescriptions`` of the same content, in one run.

Prints the processor time of each in turn (one process, alternating), the ratio, where the time of the transaction goes,
and the latency at eight clients. The content is the examples: some 16 resources each, validated against the profiles
both as they come and as they are mapped, stored in the requester's compartment and in ours, and queued.

    python -m benchmarks.requesters 200
"""

import argparse
import functools
import gc
import http.client
import json
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from benchmarks.intake import CLIENTS, TENANT, documents, percentile, prepare, server
from flask.testing import FlaskClient

from footbridge.cli.partner_token import make_partner_token
from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.model.clock import SystemClock
from footbridge.partners.fhir import hosted_prescriptions
from footbridge.partners.fhir.hosted_conformance import Inspection
from footbridge.referrals.intake import Intake
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import Partner, add_partner, get_partner
from footbridge.web.app import create_app

WARM = 20
STAGES: dict[str, float] = {}


def transaction_of(raw: bytes) -> bytes:
    """What an EMR writes for a prescription, as one transaction."""
    context = MappingContext(jurisdiction="ca", withhold_unsafe_contact=False)
    entries = to_bundle(accept(raw).prescription, context).bundle["entry"]
    for entry in entries:
        entry["resource"].pop("id", None)
        entry["request"] = {"method": "POST", "url": entry["resource"]["resourceType"]}
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def add_requester(database: Database) -> str:
    """A requester that works on our server; returns its token."""
    with database.write() as connection:
        add_partner(connection, TENANT, Partner("annex", "hosted", "requester", "Annex", ""), datetime.now(UTC))
        return make_partner_token(connection, TENANT, get_partner(connection, TENANT, "annex"))


def timed(name: str, inside: object, member: str) -> None:
    """Count the processor time of a function under a name."""
    function: Callable[..., Any] = getattr(inside, member)

    @functools.wraps(function)
    def counted(*args: Any, **more: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
        started = time.process_time()
        try:
            return function(*args, **more)
        finally:
            STAGES[name] = STAGES.get(name, 0.0) + time.process_time() - started

    setattr(inside, member, counted)


def bodies(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of a prescription and the transaction of the same content."""
    for raw in documents(count):
        document = orjson.dumps({**json.loads(raw), "jurisdiction": "ca"})
        yield document, transaction_of(document)


def processor(count: int) -> None:
    """Processor time a request, in turn."""
    with tempfile.TemporaryDirectory(prefix="footbridge-requesters-") as place:
        database = open_database(f"sqlite:///{Path(place) / 'footbridge.sqlite3'}")
        upgrade(database)
        api, fhir = prepare(database), add_requester(database)
        client = create_app(database, SystemClock()).test_client()
        spent = {"api": 0.0, "fhir": 0.0}
        for number, (document, written) in enumerate(bodies(count + WARM)):
            if number == WARM:
                spent = dict.fromkeys(spent, 0.0)
                gc.collect()
                gc.freeze()  # as the server does once it is ready
                timed("check what comes", Inspection, "__call__")
                timed("read as a prescription", hosted_prescriptions, "from_bundle")
                timed("accept, map, check, store", Intake, "submit_within")
                timed("of which check what is mapped", MappingCheck, "check")
            started = time.process_time()
            say(client, "/api/v1/prescriptions", api, "application/json", document)
            between = time.process_time()
            say(client, "/fhir", fhir, "application/fhir+json", written)
            spent["api"] += between - started
            spent["fhir"] += time.process_time() - between
        database.dispose()
    print(f"POST /api/v1/prescriptions  {spent['api'] / count * 1000:6.1f} ms of processor")
    print(f"transaction on /fhir        {spent['fhir'] / count * 1000:6.1f} ms of processor")
    for name, seconds in STAGES.items():
        print(f"    {name:32} {seconds / count * 1000:6.1f} ms")
    print(f"ratio {spent['fhir'] / spent['api']:.2f}; load average {os.getloadavg()[0]:.1f}")


def say(client: FlaskClient, path: str, token: str, kind: str, body: bytes) -> None:
    """One request, which must be taken."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": kind, "Idempotency-Key": str(uuid.uuid4())}
    answer = client.post(path, data=body, headers=head)
    if answer.status_code not in {200, 201}:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.text[:500]}")


def latency(count: int) -> None:
    """Eight clients at once, each with a connection of its own."""
    with tempfile.TemporaryDirectory(prefix="footbridge-requesters-") as place:
        url = f"sqlite:///{Path(place) / 'footbridge.sqlite3'}"
        database = open_database(url)
        upgrade(database)
        prepare(database)
        token = add_requester(database)
        written = [one for _document, one in bodies(count)]
        times: list[list[float]] = [[] for _ in range(CLIENTS)]
        with server(url) as (base, _process):
            threads = [
                threading.Thread(target=send, args=(base, token, written[place::CLIENTS], times[place]))
                for place in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        database.dispose()
    found = [one for several in times for one in several[2:]]
    p50, p99 = percentile(found, 0.5), percentile(found, 0.99)
    print(f"{CLIENTS} clients: p50 {p50:.0f} ms, p99 {p99:.0f} ms, {p99 / p50:.1f} times p50; {len(found)} requests")


def send(base: str, token: str, written: list[bytes], times: list[float]) -> None:
    """The requests of one client, one after the other."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=120)
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    for body in written:
        started = time.perf_counter()
        connection.request("POST", "/fhir", body, head)
        answer = connection.getresponse()
        said = answer.read()
        times.append(time.perf_counter() - started)
        if answer.status != 200:
            sys.exit(f"/fhir answered {answer.status}: {said[:300]!r}")
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prescriptions", type=int, nargs="?", default=200)
    count = parser.parse_args().prescriptions
    processor(count)
    latency(count)


if __name__ == "__main__":
    main()
