"""How good the search is where four provinces stand in one directory: 300 services of a sentence or two in 15 towns.

They and 60 questions in plain speech were composed and judged by somebody who had not seen the search. The questions
with odd numbers stand here; those with even numbers are held out, to measure with.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from support.judged import PAGE, Judged, imported, written

from footbridge.directory.asking import Asker
from footbridge.directory.search import Query
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database

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
def asker(sqlite_database: Database, clock: ManualClock, tmp_path: Path) -> Asker:
    services = json.loads((HERE / "third_services.json").read_text(encoding="utf-8"))
    return imported(sqlite_database, clock, written(map(as_hsds, services), tmp_path), HERE / "third_places.tsv")


def test_the_right_service_is_on_the_first_page(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    """nDCG@10 is printed by kind; the first page of ten holds a right service for each question."""
    judged = Judged()
    for one in QUESTIONS:
        judged.ask(asker, Query(words=one["words"], near=one["near"], limit=PAGE), one, one["grades"])
    mean = judged.mean(capsys)
    assert not judged.missed
    assert mean > 0.92
