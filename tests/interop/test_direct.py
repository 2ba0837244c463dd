"""Direct, over servers that others wrote: they take the Task, and what it refers to is read on our ``/fhir``."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.fhir_http import System, system_of
from support.spine import World, prescribed

from footbridge.mapping.references import references
from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.client import FhirClient
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.web.app import create_app

Json = dict[str, Any]
OURS = "https://hub.footbridge.test/fhir"


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.peers) for name in ("hapi", "medplum")])
def direct(
    request: pytest.FixtureRequest, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[World, FhirClient, System]]:
    """A clinic, the partner's own server, and the partner's system with its token of ours."""
    base = request.getfixturevalue(request.param)
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", OURS.removesuffix("/fhir"))
    settings.cache_clear()
    with World(sqlite_database, ManualClock(datetime.now(UTC))) as world:
        world.partner("emr", "requester")
        world.take_on("hub", "recipient", network="fhir", base_url=base, delivery="task-only")
        app = create_app(world.database, world.clock)
        yield world, FhirClient(base), system_of(world, app, "hub")
    monkeypatch.undo()
    settings.cache_clear()


def test_it_gets_the_task_reads_the_rest_here_and_answers(direct: tuple[World, FhirClient, System]) -> None:
    world, server, hub = direct
    receipt = world.submit(prescribed(int(datetime.now(UTC).timestamp() * 1000)))
    world.work()
    (row,) = world.referrals(receipt.id)
    remote = server.find("Task", f"identifier=urn:footbridge:NamingSystem/resource|{row.task}")
    assert remote is not None
    task = server.read("Task", remote.id)
    for one in references(task):
        assert one.startswith(f"{OURS}/")
        hub.read(one.removeprefix(f"{OURS}/"))

    server.update({**task, "status": "accepted"}, if_match=task["meta"]["versionId"])
    for _ in range(2):
        world.clock.advance(timedelta(minutes=11))
        world.work()
    assert world.our_task(receipt.id)["status"] == "accepted"

    about = {name: {"reference": task[name]["reference"].removeprefix(f"{OURS}/")} for name in ("for", "focus")}
    given: Json = {"resourceType": "Procedure", "status": "completed", "code": {"text": "Box given"}}
    procedure = hub.create({**given, "subject": about["for"], "basedOn": [about["focus"]]})
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"{OURS}/Procedure/{procedure['id']}"}}
    task = server.read("Task", remote.id)
    server.update({**task, "status": "completed", "output": [output]}, if_match=task["meta"]["versionId"])
    for _ in range(2):
        world.clock.advance(timedelta(minutes=11))
        world.work()
    ended = world.our_task(receipt.id)
    assert ended["status"] == "completed"
    assert world.ours(*ended["output"][0]["valueReference"]["reference"].split("/"))["code"]["text"] == "Box given"
