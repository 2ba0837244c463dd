"""How good the search is where four provinces stand in one directory: 300 services of a sentence or two in 15 towns.

They and 60 questions in plain speech were composed and judged by somebody who had not seen the search. The questions
with odd numbers stand here; those with even numbers are held out, to measure with.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.databases import START
from support.judged import PAGE, is_right, ndcg

from footbridge.directory.asking import Asker
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.search import Query
from footbridge.directory.search.gazetteer import load_places
from footbridge.model.clock import ManualClock
from footbridge.store.tenants import add_tenant

HERE = Path(__file__).parent
QUESTIONS = json.loads((HERE / "third_questions.json").read_text(encoding="utf-8"))


def as_hsds(said: dict[str, Any]) -> dict[str, Any]:
    """A service as HSDS has it."""
    address = {
        "city": said["town"], "state_province": said["province"], "address_1": "1 Main", "country": "CA",
        "address_type": "physical",
    }  # fmt: skip
    location = {"id": f"l{said['id']}", "location_type": "physical", "name": said["town"], "addresses": [address]}
    return {
        "id": said["id"], "name": said["name"], "description": said["description"], "status": "active",
        "organization": {"id": f"o{said['id']}", "name": said["organization"], "description": ""},
        "service_at_locations": [{"id": f"a{said['id']}", "location": location}],
    }  # fmt: skip


@pytest.fixture
def asker(sqlite_database: Any, clock: ManualClock, tmp_path: Path) -> Asker:
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", START)
    file = tmp_path / "services.json"
    services = json.loads((HERE / "third_services.json").read_text(encoding="utf-8"))
    file.write_text(json.dumps([as_hsds(one) for one in services]), encoding="utf-8")
    opened = open_path(file, None, ReadOptions())
    plan = Plan("north", "judged", Terms(opened.format, "services.json", "CA", "America/Toronto"), processes=0)
    run_import(sqlite_database, clock, plan, opened.records)
    lines = (HERE / "third_places.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    load_places(sqlite_database, "north", lines)
    return Asker(sqlite_database, clock)


def test_the_right_service_is_on_the_first_page(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    """nDCG@10 is printed by kind; the first page of ten holds a right service for each question."""
    scores: dict[str, list[float]] = {}
    missed = []
    for one in QUESTIONS:
        found = asker.ask("north", Query(words=one["words"], near=one["near"], limit=PAGE))
        ids = [service["nativeId"] for service in found.services]
        scores.setdefault(one["kind"], []).append(ndcg(ids, one["grades"]))
        if not is_right(ids, one["grades"]):
            missed.append(one["id"])
    with capsys.disabled():
        for kind, some in scores.items():
            sys.stdout.write(f"\nnDCG@10, {len(some)} questions, {kind}: {sum(some) / len(some):.3f}")
        sys.stdout.write("\n")
    every = [one for some in scores.values() for one in some]
    assert not missed
    assert sum(every) / len(every) > 0.92
