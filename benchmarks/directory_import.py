"""How long a directory of many services takes to import, and to import again when one in a hundred changed.

HSDS NDJSON with the quirks that real feeds have, in the shares measured of them: markup, literal line ends, padded
codes, bare web addresses, phones with extensions in words, hours in words, missing codes, repeated names. Printed:
seconds, processor time, the most memory of all processes of the command together, how long the longest write held the
database. Run:
``python benchmarks/directory_import.py [SERVICES] [DATABASE-URL]``.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tenants import add_tenant

TOWNS = (
    ("Sudbury", "ON", "P3E", 46.49, -81.0),
    ("Toronto", "ON", "M5V", 43.64, -79.39),
    ("Ottawa", "ON", "K1P", 45.42, -75.7),
    ("Gatineau", "QC", "J8X", 45.43, -75.72),
    ("Montréal", "QC", "H2X", 45.51, -73.57),
    ("Moncton", "NB", "E1C", 46.09, -64.78),
)
KINDS = (
    ("Food bank", "BD-1800.2000"),
    ("Community meals", "BD-5000.1470"),
    ("Rent help", "BH-3800.7250"),
    ("Tax clinic", "DT-8800.9300"),
    ("Walking group", "PL-7400.6500"),
    ("Banque alimentaire", "BD-1800.2000"),
    ("Aide au logement", "BH-3800.7250"),
    ("Visites amicales", "PH-1400.1900"),
    ("Language classes", "HH-0500.8000"),
    ("Youth drop-in", "PS-9800.9900"),
)
HOURS = (
    "Mon-Fri 9 am to 4:30 pm",
    "9:00am-5:00pm weekdays",
    "By appointment",
    "lun-ven 9h à 17h",
    "Monday: 9am - 12noon; Thursday: 1pm-8pm",
    "24/7",
    "First Monday of the month, 6 pm",
    "Hours vary",
)
WEEK = {"freq": "WEEKLY", "byday": "MO,TU,WE", "opens_at": "9:00am", "closes_at": "17:00"}
LANGUAGES = ("English", "French", "English; French", "other languages available upon request")
TEXT = (
    "help people families find support near home each week volunteers offer free meals advice company housing income "
    "forms programme personnes soutien quartier groupe"
)


def service(chance: random.Random, number: int) -> dict[str, Any]:
    """One service as a feed has it."""
    town, province, area, latitude, longitude = chance.choice(TOWNS)
    kind, code = chance.choice(KINDS)
    owner = number // 4
    text = " ".join(chance.choices(TEXT.split(), k=chance.randint(20, 90)))
    if chance.random() < 0.3:
        text = f"<p>{text[:60]}</p>&lt;b&gt;{text[60:]}&lt;/b&gt;\\n###MON### Open &amp; warm"
    phone = f"705-555-{number % 10000:04}" + chance.choice(["", " x419", " ext. 12", "; 211"])
    address = {
        "address_1": f"{number % 900 + 1} Elm Street",
        "city": town,
        "state_province": f"{province} ",
        "postal_code": f"{area} {number % 10}A{number % 7}",
        "country": "CA",
        "address_type": "physical",
    }
    location = {
        "id": f"loc_{number}",
        "name": f"Site {number}",
        "location_type": "physical",
        "latitude": latitude + chance.uniform(-0.2, 0.2),
        "longitude": longitude + chance.uniform(-0.2, 0.2),
        "addresses": [address],
    }
    return {
        "id": f"svc_{number}",
        "name": kind if chance.random() < 0.15 else f"{kind} {town} {number}",
        "description": text,
        "status": chance.choices(["active", "Active ", "inactive"], [90, 8, 2])[0],
        "url": f"www.help{owner}.test" if chance.random() < 0.6 else f"https://help{owner}.test",
        "fees_description": chance.choice(["Free", "No fee", "Sliding scale", ""]),
        "eligibility_description": chance.choice(["Anyone", "Seniors 60 and older", "Youth 12 to 18 years", ""]),
        "assured_date": f"2025-{number % 12 + 1:02}-15",
        "organization": {"id": f"org_{owner}", "name": f"Organization {owner} ", "description": f"We {text[:80]}"},
        "phones": [{"number": phone, "type": chance.choice(["voice", "Fax", "Hotline"])}],
        "languages": [{"name": chance.choice(LANGUAGES)}],
        "schedules": [{"description": chance.choice(HOURS)} if chance.random() < 0.7 else WEEK],
        "attributes": [{"taxonomy_term": {"code": f" {code.lower()} ", "name": kind}}] if chance.random() < 0.8 else [],
        "service_areas": [{"name": f"Greater {town}"}],
        "service_at_locations": [{"id": f"sal_{number}", "location": location}],
    }


def write_feed(target: Path, count: int, changed: float) -> None:
    """A feed; with ``changed`` that share of its services says something else than without."""
    chance, other = random.Random(7), random.Random(8)
    with target.open("w", encoding="utf-8") as stream:
        for number in range(count):
            one = service(chance, number)
            if other.random() < changed:
                one["description"] += " New since May."
            stream.write(json.dumps(one, ensure_ascii=False) + "\n")


class Watch:
    """A command and the processes that it started, looked at twice a second.

    Attributes:
        held: MB of each when they held the most together, a page that several share counted once (PSS).
        resident: the same, such a page counted for each (RSS).
        spent: seconds of processor time of each, by process id.
    """

    def __init__(self, command: int) -> None:
        self.held, self.resident = [0.0], 0.0
        self.spent: dict[int, float] = {}
        self._command = psutil.Process(command)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(0.5):
            resident, held = 0.0, []
            with contextlib.suppress(psutil.Error):
                for one in [self._command, *self._command.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error, OSError):
                        times, memory = one.cpu_times(), one.memory_full_info()
                        self.spent[one.pid] = float(times.user + times.system)
                        held.append(memory.pss / 1e6)
                        resident += memory.rss / 1e6
            self.held, self.resident = max(self.held, held, key=sum), max(self.resident, resident)

    def end(self) -> str:
        """Stop looking, and say what was seen."""
        self._stop.set()
        self._thread.join()
        each = " + ".join(f"{seconds:.1f}" for seconds in self.spent.values() if seconds >= 0.05)
        return (
            f"{sum(self.spent.values()):.1f} s of processor ({each} by process); "
            f"{sum(self.held):.0f} MB at most ({' + '.join(f'{one:.0f}' for one in self.held)} by process; "
            f"{self.resident:.0f} with shared pages counted for each)"
        )


def longest_write(database: Database) -> Iterator[float]:
    """Another writer's waits, until it is closed."""
    while True:
        start = time.perf_counter()
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE tenant SET retention_days = NULL")
        yield time.perf_counter() - start


def timed(database: Database, url: str, feed: Path, name: str) -> None:
    """Import by the command, and print what it took."""
    waits: list[float] = []
    stop = threading.Event()

    def write() -> None:
        for wait in longest_write(database):
            waits.append(wait)
            if stop.wait(0.1):
                return

    writer = threading.Thread(target=write)
    writer.start()
    start = time.perf_counter()
    command = [sys.executable, "-m", "footbridge", "directory", "import", str(feed), "--source", "feed", "--json"]
    environment = {**os.environ, "FOOTBRIDGE_DATABASE_URL": url}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        watch = Watch(process.pid)
        said, _ = process.communicate()
    seconds = time.perf_counter() - start
    stop.set()
    writer.join()
    waits.sort()
    summary = json.loads(said)
    print(
        f"{name}: {summary['read']:,} services, {summary['changed']:,} changed, {summary['findings']:,} findings in "
        f"{seconds:.1f} s; {watch.end()}; another writer waited "
        f"{waits[-1] * 1000:.0f} ms at most, p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms",
        flush=True,
    )


def main() -> None:
    """Run it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/directory.sqlite3"
        database = open_database(url)
        upgrade(database)
        with database.write() as connection:
            add_tenant(connection, "benchmark", "ca", SystemClock().now())
        first, second = Path(folder) / "first.ndjson", Path(folder) / "second.ndjson"
        write_feed(first, count, 0)
        write_feed(second, count, 0.01)
        timed(database, url, first, "first import")
        timed(database, url, first, "the same again")
        timed(database, url, second, "1 % changed")
        database.dispose()


if __name__ == "__main__":
    main()
