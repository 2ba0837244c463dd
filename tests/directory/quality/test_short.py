"""How good the search is on short records: 300 services of a sentence each in 19 towns, without coordinates.

They and 60 questions were composed and judged by somebody who had not seen the search. The questions with odd numbers
stand here; those with even numbers are held out, to measure with. A file of places locates the towns, as a user's would.
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
QUESTIONS = json.loads((HERE / "short_questions.json").read_text(encoding="utf-8"))
PROVINCES = {"G": "QC", "H": "QC", "J": "QC"}


def as_hsds(said: dict[str, Any]) -> dict[str, Any]:
    """A service as HSDS has it."""
    address = {
        "city": said["town"], "state_province": PROVINCES.get(said["postal"][0], "ON"), "postal_code": said["postal"],
        "address_1": "1 Main", "country": "CA", "address_type": "physical",
    }  # fmt: skip
    location = {"id": f"l{said['id']}", "location_type": "physical", "name": said["town"], "addresses": [address]}
    found = {
        "id": said["id"], "name": said["name"], "description": said["description"], "status": "active",
        "organization": {"id": f"o{said['id']}", "name": said["name"], "description": ""},
        "service_at_locations": [{"id": f"a{said['id']}", "location": location}],
    }  # fmt: skip
    if "eligibility" in said:
        found["eligibility_description"] = said["eligibility"]
    if "code" in said:
        term = {"id": said["code"], "code": said["code"], "name": "", "taxonomy": "211"}
        found["attributes"] = [{"id": f"t{said['id']}", "link_entity": "service", "taxonomy_term": term}]
    return found


@pytest.fixture
def asker(database: Database, clock: ManualClock, tmp_path: Path) -> Asker:
    services = json.loads((HERE / "short_services.json").read_text(encoding="utf-8"))
    return imported(database, clock, written(map(as_hsds, services), tmp_path), HERE / "places.tsv")


def test_the_right_service_is_on_the_first_page(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    """nDCG@10 is printed by kind; the first page of ten holds a right service for each question."""
    judged = Judged()
    for one in QUESTIONS:
        judged.ask(asker, Query(words=one["q"], near=one.get("near"), limit=PAGE), one, one["grades"])
    mean = judged.mean(capsys)
    assert not judged.missed
    assert mean > 0.88
