"""Pages of the portal among 100,000 referrals: the first page at most 150 ms, a search at most 200 ms (p95).

A tenant with 20 services takes a hundred prescriptions in, and people act on them; the rest are copies of their rows,
under ids, names and days of their own. Pages are asked for as a browser does, by people who are signed in. Prints
milliseconds of the wall clock and of processor time of this process: ``python -m benchmarks.portal [REFERRALS]
[--postgresql]``.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from benchmarks.task_search import opened
from sqlalchemy import func, select

from footbridge.cli.partner_token import make_partner_token
from footbridge.data import folder
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.referrals.build import build_worker
from footbridge.referrals.command import Command
from footbridge.referrals.commands import carry_out
from footbridge.security import sign_in
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tables import job, metadata, referral
from footbridge.store.tenants import add_tenant
from footbridge.store.users import add_user, new_user
from footbridge.web.app import create_app

TENANT = "benchmark"
SERVICES = 20
WRITTEN = 100
ROUNDS = 40
FIRST_PAGE, SEARCH = 150.0, 200.0  # milliseconds at the 95th percentile
START = datetime(2026, 11, 2, 18, tzinfo=UTC)
NOBODY = "Zzgiven Zzfamily"  # replaced in each copy
COPIED = ("person", "client", "prescription", "client_name", "referral", "hold", "event", "job")
FAMILIES = ("Smith", "Tremblay", "Singh", "Nguyen", "Côté", "Okafor", "Martin", "Wong", "Roy", "MacDonald")
GIVENS = ("Anna", "Luc", "Grace", "Omar", "Mei", "Joan", "Paul", "Iris", "Hugo", "Nora", "Sam", "Zoé", "Ravi")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_MOMENT = re.compile(r"2026-\d\d-\d\d(T\d\d:)")
KIT = Principal("navigator", name="Kit", tenant=TENANT, channel="portal")
PEOPLE = {"kit": ("navigator", None), "ana": ("service-worker", "service-03"), "doctor": ("prescriber", None),
          "root": ("administrator", None)}  # fmt: skip


class Office:
    """The tenant, its services and people; and what they did with the first prescriptions."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ManualClock(START)
        self.users = {}
        with database.write() as connection:
            add_tenant(connection, TENANT, "ca", START)
            for number in range(SERVICES):
                name = f"service-{number:02}"
                add_partner(connection, TENANT, Partner(name, "hosted", "recipient", f"Service {number}", ""), START)
            annex = Partner("annex", "hosted", "requester", "Annex", "")
            add_partner(connection, TENANT, annex, START)
            self.token = make_partner_token(connection, TENANT, annex)
            for name, (role, partner) in PEOPLE.items():
                self.users[name] = new_user(TENANT, f"{name}@clinic.example", name.title(), role, partner, START)
                add_user(connection, self.users[name])
        self.app = create_app(database, self.clock)
        self.worker = build_worker(database, self.clock)

    def write(self, number: int) -> None:
        """One prescription, and as much of its way as its number says: most have ended."""
        with self.database.write() as connection:
            at = [] if number % WRITTEN in {97, 98} else [f"service-{number % SERVICES:02}"]
            set_route(connection, TENANT, "*", at)
        text = folder("examples").joinpath(f"{('02-bereavement-network', '01-good-food-box')[number % 2]}.json")
        said = json.loads(text.read_bytes())
        given, family = NOBODY.split()
        said["client"]["name"] = {"given": [given], "family": family}
        said["identifier"]["value"] = f"Zzcode-{number}"
        said["client"]["identifiers"] = [{"system": "urn:footbridge:benchmark:chart", "value": f"Zzcode-{number}"}]
        said["service"].pop("partner", None)
        if number % 10:
            said.pop("followUp", None)
        else:
            said["followUp"] = {"due": "2026-11-20", "method": "phone", "by": "navigator"}
        who = Principal("requester", name="Dr. Osei", tenant=TENANT)
        held: set[str] = set()
        if number % WRITTEN == 99:
            del said["consent"]
            held = {"consent"}
        intake = self.app.extensions["footbridge"].intake
        receipt = intake.submit(orjson.dumps(said), who, may_hold=held)
        self.clock.advance(timedelta(minutes=1))
        while self.worker.step():
            pass
        if number % WRITTEN < 90:
            self._say(receipt.id, "accept")
        if number % WRITTEN < 80:
            self._say(receipt.id, "complete")
        if number % WRITTEN == 80:
            self._say(receipt.id, "fail", reason="Moved away")

    def _say(self, prescription: str, event: str, reason: str | None = None) -> None:
        intake = self.app.extensions["footbridge"].intake
        carry_out(self.database, self.clock, KIT, prescription, Command(event, reason=reason), intake=intake)

    def some_time_later(self) -> None:
        """Answers are late, follow-ups fall due, and one message fails."""
        self.clock.advance(timedelta(days=30))
        while self.worker.step():
            pass
        with self.database.write() as connection:
            number = connection.scalar(select(func.max(job.c.id)).where(job.c.kind == "deliver"))
            failed = {"state": "failed", "why": "refused", "finished": self.clock.now()}
            connection.execute(job.update().where(job.c.id == number).values(**failed))

    def browser(self, name: str) -> Any:  # noqa: ANN401 - Flask's client
        """A browser of a person who is signed in."""
        client = self.app.test_client()
        with self.database.write() as connection:
            secret = sign_in.make_link(connection, self.users[name], self.clock.now())
        form = client.get(f"/portal/link/{secret}").text
        client.post(f"/portal/link/{secret}", data={"form_token": token_of(form)})
        return client

    def referrals(self) -> int:
        """How many there are."""
        with self.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(referral)) or 0


def token_of(page: str) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def copy(database: Database, times: int) -> None:
    """Copy what was written, so many times: each copy on a day of its own, with names and ids of its own."""
    tables = [metadata.tables[name] for name in COPIED]
    written: dict[str, list[dict[str, Any]]] = {}
    with database.read() as connection:
        for table in tables:
            names = [one.name for one in table.columns if one.autoincrement is not True]
            quoted = ", ".join(f'"{name}"' for name in names)
            condition = " WHERE prescription IS NOT NULL" if table.name == "job" else ""
            rows = connection.exec_driver_sql(f"SELECT {quoted} FROM {table.name}{condition}")
            written[table.name] = [dict(zip(names, row, strict=True)) for row in rows]
    text = orjson.dumps(written, option=orjson.OPT_NON_STR_KEYS).decode()  # names of columns are not quite str
    events = len(written["event"])
    largest = max(one["number"] for one in written["event"])
    for start in range(0, times, 20):
        with database.write() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for number in range(start, min(start + 20, times)):
                copied = orjson.loads(_copied(text, number + 1))
                for place, row in enumerate(copied["event"]):
                    row["number"] = largest + number * events + place + 1
                for table in tables:
                    add(connection, database, table.name, copied[table.name])


def add(connection: Any, database: Database, table: str, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401
    """Rows as they are stored; on PostgreSQL by COPY, which is fast."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in rows[0])
    if database.is_sqlite:
        marks = ", ".join("?" for _ in rows[0])
        values = [tuple(row.values()) for row in rows]
        connection.exec_driver_sql(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)
        return
    with connection.connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(tuple(row.values()))


def _copied(text: str, number: int) -> str:
    day = (date(2026, 11, 2) - timedelta(days=number % 700)).isoformat()
    family, given = FAMILIES[number % len(FAMILIES)], GIVENS[number % len(GIVENS)]
    if number % 7:  # most names are rare
        family = f"{family}{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}"
    text = _UUID.sub(lambda found: f"{number:08x}{found[1]}", text)
    text = _MOMENT.sub(lambda found: f"{day}{found[1]}", text)
    text = text.replace("Zzgiven", given).replace("Zzfamily", family).replace("Zzcode", f"RX{number}")
    return text.replace("zzgiven", plain(given)).replace("zzfamily", plain(family)).replace("zzcode", f"rx{number}")


def plain(name: str) -> str:
    """As a search has it."""
    return name.lower().replace("é", "e").replace("ô", "o")


Asked = Callable[[], Any]


def pages(office: Office, one: str) -> Iterator[tuple[str, float, Asked]]:
    """Each page: its name, how many milliseconds it may take, and how it is asked for."""
    kit, ana, doctor, root = (office.browser(name) for name in PEOPLE)
    program = office.app.test_client()
    mine = {"Authorization": f"Bearer {office.token}"}

    def got(client: Any, path: str) -> Asked:  # noqa: ANN401
        return lambda: client.get(path)

    def sought(client: Any, words: str) -> Asked:  # noqa: ANN401
        data = {"form_token": token_of(client.get("/portal/search").text), "words": words}
        return lambda: client.post("/portal/search", data=data)

    yield "first page of a navigator", FIRST_PAGE, got(kit, "/portal")
    yield "first page of a service worker", FIRST_PAGE, got(ana, "/portal")
    yield "first page of a prescriber", FIRST_PAGE, got(doctor, "/portal")
    for name in ("waiting", "to-answer", "overdue", "working", "follow-up", "done"):
        yield f"list {name}", FIRST_PAGE, got(kit, f"/portal?list={name}")
    yield "list done of a service worker", FIRST_PAGE, got(ana, "/portal?list=done")
    yield "page 40 of done", FIRST_PAGE, got(kit, "/portal?list=done&from=1000")
    for query in ("category=social-connection", "category=housing-instability", "service=service-07", "priority=stat",
                  "category=social-connection&priority=routine&service=service-12&list=done"):  # fmt: skip
        yield f"filter {query}", FIRST_PAGE, got(kit, f"/portal?{query}")
    # the navigator herself, who comes first: nearly all events are hers
    herself = re.search(r'name="worker".*?<option value="([0-9a-f-]{36})"', kit.get("/portal").text, re.DOTALL)
    for name in ("to-answer", "done") if herself else ():
        yield f"filter worker, list {name}", FIRST_PAGE, got(kit, f"/portal?worker={herself[1]}&list={name}")
    for words in ("Tremblay", "anna", "a", "Anna Smith", "RX321-7", "nobody at all"):
        yield f"search for {words}", SEARCH, sought(kit, words)
    yield "search of a service worker", SEARCH, sought(ana, "Tremblay")
    yield "one referral", FIRST_PAGE, got(kit, f"/portal/referrals/{one}")
    yield "begin a prescription", FIRST_PAGE, got(doctor, "/portal/prescribe")
    yield "messages that are owed", FIRST_PAGE, got(root, "/portal/admin/messages")
    for path in ("/api/v1/worklist", "/api/v1/worklist?list=done", "/api/v1/waiting"):
        yield f"requester: {path}", SEARCH, lambda path=path: program.get(path, headers=mine)


def measured(work: Asked) -> tuple[float, float, float]:
    """Median and 95th percentile of the wall clock, and the mean of processor time; in milliseconds."""
    answer = work()
    assert answer.status_code == 200, answer.text
    walls, processor = [], time.process_time()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        walls.append((time.perf_counter() - started) * 1000)
    walls.sort()
    return walls[ROUNDS // 2], walls[ROUNDS * 95 // 100], (time.process_time() - processor) * 1000 / ROUNDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("referrals", type=int, nargs="?", default=100_000)
    parser.add_argument("--postgresql", action="store_true", help="measure on PostgreSQL in place of SQLite")
    given = parser.parse_args()
    slow = 0
    with (
        tempfile.TemporaryDirectory(prefix="footbridge-portal-") as place,
        opened(postgresql=given.postgresql, place=place) as database,
    ):
        office = Office(database)
        for number in range(WRITTEN):
            office.write(number)
        office.some_time_later()
        with database.read() as connection:
            one = connection.scalar(select(referral.c.id).where(referral.c.status == "accepted").limit(1))
        copy(database, given.referrals // WRITTEN - 1)
        if not database.is_sqlite:  # where it would come by itself
            with database.write() as connection:
                connection.exec_driver_sql("ANALYZE")
        print(f"{'SQLite' if database.is_sqlite else 'PostgreSQL'}, {office.referrals()} referrals", flush=True)
        for name, limit, work in pages(office, str(one)):
            median, most, processor = measured(work)
            slow += most > limit
            mark = " SLOW" if most > limit else ""
            print(f"  {name:60.60} median {median:7.1f} ms  p95 {most:7.1f} ms  processor {processor:6.1f} ms{mark}",
                  flush=True)  # fmt: skip
    raise SystemExit(f"{slow} pages take longer than they may" if slow else 0)


if __name__ == "__main__":
    main()
