"""How good the search is: 60 questions that were composed and judged by somebody who had not seen it (README.md)."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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
from footbridge.model.clock import ManualClock
from footbridge.store.tenants import add_tenant

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
def asker(database: Any, clock: ManualClock) -> Iterator[Asker]:
    with database.write() as connection:
        add_tenant(connection, "north", "ca", START)
    opened = open_path(HERE / "services.json", None, ReadOptions())
    plan = Plan("north", "judged", Terms(opened.format, "services.json", "CA", "America/Toronto"), processes=0)
    run_import(database, clock, plan, opened.records)
    return Asker(database, clock)


def test_the_right_service_is_on_the_first_page(asker: Asker, capsys: pytest.CaptureFixture[str]) -> None:
    """nDCG@10 is printed; the first page of ten holds a right service in 95 of 100 questions."""
    scores, missed = {}, []
    for question in QUESTIONS:
        found = asker.ask("north", query_of(question["query"]))
        ids = [one["nativeId"] for one in found.services]
        judged: Mapping[str, int] = question["judgements"]
        scores[question["id"]] = ndcg(ids, judged)
        if not is_right(ids, judged):
            missed.append(question["id"])
    with capsys.disabled():
        for kind in ("en", "fr"):
            some = [scores[one["id"]] for one in QUESTIONS if one["language"] == kind]
            sys.stdout.write(f"\nnDCG@10, {len(some)} questions in {kind}: {sum(some) / len(some):.3f}")
        every = sum(scores.values()) / len(scores)
        sys.stdout.write(
            f"\nnDCG@10 of all {len(scores)}: {every:.3f}; without a right service on the first page: {missed}\n"
        )
    assert len(missed) <= len(QUESTIONS) * 0.05, missed
    assert every > 0.84
