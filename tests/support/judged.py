"""Judged questions: a directory of judged services, and how good an answer is by the grades of what it holds."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.databases import START

from footbridge.directory.asking import Asker
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.search import Query
from footbridge.directory.search.gazetteer import load_places
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.tenants import add_tenant

PAGE = 10
RIGHT = 3


def gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain (https://en.wikipedia.org/wiki/Discounted_cumulative_gain), with 2^grade - 1."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def ndcg(ids: Sequence[str], judged: Mapping[str, int]) -> float:
    """The gain of a page of ten, as a part of the best that there could be."""
    return gain([judged.get(one, 0) for one in ids]) / gain(sorted(judged.values(), reverse=True)[:PAGE])


def is_right(ids: Sequence[str], judged: Mapping[str, int]) -> bool:
    """Whether a page has a service that answers the question."""
    return any(judged.get(one) == RIGHT for one in ids)


def imported(database: Database, clock: ManualClock, services: Path, places: Path | None = None) -> Asker:
    """The directory of a file of services; ``places`` is a file of places, as a user loads it."""
    with database.write() as connection:
        add_tenant(connection, "north", "ca", START)
    opened = open_path(services, None, ReadOptions())
    plan = Plan("north", "judged", Terms(opened.format, "services.json", "CA", "America/Toronto"), processes=0)
    run_import(database, clock, plan, opened.records)
    if places is not None:
        load_places(database, "north", places.read_text(encoding="utf-8").splitlines(keepends=True))
    return Asker(database, clock)


def written(services: Iterable[Mapping[str, Any]], folder: Path) -> Path:
    """A file of services as HSDS has them."""
    file = folder / "services.json"
    file.write_text(json.dumps(list(services)), encoding="utf-8")
    return file


class Judged:
    """The scores of some questions by their kind, and the ids of those without a right service on the first page."""

    def __init__(self) -> None:
        self.scores: dict[str, list[float]] = {}
        self.missed: list[str] = []

    def ask(self, asker: Asker, query: Query, question: Mapping[str, Any], grades: Mapping[str, int]) -> None:
        """Ask one, and judge the answer."""
        ids = [service["nativeId"] for service in asker.ask("north", query).services]
        self.scores.setdefault(question["kind"], []).append(ndcg(ids, grades))
        if not is_right(ids, grades):
            self.missed.append(question["id"])

    def mean(self, capsys: pytest.CaptureFixture[str]) -> float:
        """The nDCG@10 of all questions; it is printed by kind."""
        every = [one for some in self.scores.values() for one in some]
        with capsys.disabled():
            for kind, some in self.scores.items():
                sys.stdout.write(f"\nnDCG@10, {len(some)} questions, {kind}: {sum(some) / len(some):.3f}")
            sys.stdout.write(
                f"\nnDCG@10 of all {len(every)}: {sum(every) / len(every):.3f}; without a right service on the first "
                f"page: {self.missed}\n"
            )
        return sum(every) / len(every)
