"""How good the search is: 60 questions that were composed and judged by somebody who had not seen it (README.md)."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.judged import PAGE, Judged, imported

from footbridge.directory.asking import Asker
from footbridge.directory.search import Query
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database

HERE = Path(__file__).parent
ZONE = ZoneInfo("America/Toronto")
QUESTIONS = json.loads((HERE / "questions.json").read_text(encoding="utf-8"))


def query_of(said: Mapping[str, Any]) -> Query:
    near = said.get("near")
    place = (near["latitude"], near["longitude"]) if isinstance(near, dict) and "latitude" in near else near
    opened = said.get("openAt")
    stated = said.get("for", ())
    return Query(
        words=said.get("words", ""),
        needs=(said["need"],) if said.get("need") else (),
        near=place,
        within_km=said.get("withinKm"),
        language=said.get("language"),
        age=said.get("age"),
        stated=(stated,) if isinstance(stated, str) else tuple(stated),
        free=said.get("free", False),
        open_at=datetime.fromisoformat(opened).replace(tzinfo=ZONE) if opened else None,
        zone=ZONE,
        limit=PAGE,
    )


@pytest.fixture
def asker(database: Database, clock: ManualClock) -> Asker:
    return imported(database, clock, HERE / "services.json")


def test_the_right_service_is_on_the_first_page(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    """nDCG@10 is printed; the first page of ten holds a right service in 95 of 100 questions."""
    judged = Judged()
    for question in QUESTIONS:
        kind = {"id": question["id"], "kind": question["language"]}
        judged.ask(asker, query_of(question["query"]), kind, question["judgements"])
    mean = judged.mean(capsys)
    assert len(judged.missed) <= len(QUESTIONS) * 0.05, judged.missed
    assert mean > 0.84
