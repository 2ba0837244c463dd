"""Updates of a partner's resource: ours arrives, theirs stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.errors import PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.members import our_members
from footbridge.partners.fhir.push import push
from footbridge.partners.fhir.simulator import FhirSimulator, RequestLog

THEIRS: dict[str, Any] = {
    "resourceType": "Task",
    "status": "on-hold",
    "statusReason": {"text": "Waiting for a place"},
    "intent": "order",
    "description": "Ask for Kim",
    "note": [{"text": "Called twice"}],
}
OURS: dict[str, Any] = {
    "status": "cancelled",
    "statusReason": None,
    "note": [{"text": "Called twice"}, {"text": "Moved away"}],
}


@pytest.fixture
def id_(server: FhirSimulator) -> str:
    return str(server.put(THEIRS)["id"])


def shown(server: FhirSimulator, id_: str) -> dict[str, Any]:
    task = server.get("Task", id_)
    assert task is not None
    return task


def test_only_our_members_change(server: FhirSimulator, client: FhirClient, id_: str) -> None:
    remote = push(client, "Task", id_, our_members("Task", OURS))
    task = shown(server, id_)
    assert remote is not None
    assert remote.version == task["meta"]["versionId"]
    assert task["status"] == "cancelled"
    assert "statusReason" not in task  # it told why the Task was on hold
    assert (task["intent"], task["description"]) == ("order", "Ask for Kim")
    assert [note["text"] for note in task["note"]] == ["Called twice", "Moved away"]


def test_nothing_is_sent_when_nothing_differs(server: FhirSimulator, client: FhirClient, id_: str) -> None:
    push(client, "Task", id_, our_members("Task", OURS))
    assert push(client, "Task", id_, our_members("Task", OURS)) is None
    assert server.requests.count(RequestLog("PUT", "Task/{id}")) == 1


@pytest.mark.parametrize("stale_status", [409, 412])
def test_a_writer_in_between_is_read_again(
    server: FhirSimulator, client: FhirClient, id_: str, stale_status: int
) -> None:
    server.quirks.stale_status = stale_status
    server.faults.next(drop=True, method="PUT")  # our own first try arrives, unheard
    with pytest.raises(PartnerUnavailable):
        push(client, "Task", id_, our_members("Task", OURS))
    assert push(client, "Task", id_, our_members("Task", OURS)) is None  # a repeat sees that it is done
    writers = iter(["Ask for Lee"])

    def change(current: dict[str, Any]) -> dict[str, Any] | None:
        for description in writers:
            server.put({**current, "description": description})
        return our_members("Task", {**OURS, "status": "entered-in-error"})(current)

    push(client, "Task", id_, change)
    task = shown(server, id_)
    assert (task["status"], task["description"]) == ("entered-in-error", "Ask for Lee")


def test_gives_up_for_now_when_others_keep_writing(server: FhirSimulator, client: FhirClient, id_: str) -> None:
    def change(current: dict[str, Any]) -> dict[str, Any] | None:
        server.put({**current, "description": f"{current['description']}!"})
        return our_members("Task", OURS)(current)

    with pytest.raises(PartnerUnavailable, match="kept changing"):
        push(client, "Task", id_, change)
    assert shown(server, id_)["status"] == "on-hold"


def test_an_output_that_the_server_spells_in_its_way_is_not_added_again(
    server: FhirSimulator, client: FhirClient, id_: str
) -> None:
    kind = {"coding": [{"system": "urn:x", "code": "resulting-activity"}]}
    ours = {**OURS, "output": [{"type": kind, "valueReference": {"reference": "Procedure/p1"}}]}
    theirs = {"type": kind, "valueReference": {"reference": f"{server.base_url}/Procedure/p1", "display": "A walk"}}
    server.put({**shown(server, id_), "output": [theirs]})
    push(client, "Task", id_, our_members("Task", ours))
    assert shown(server, id_)["output"] == [theirs]


STATUSES = st.sampled_from(["requested", "accepted", "completed", "cancelled"])


@given(
    st.fixed_dictionaries(
        {"status": STATUSES},
        optional={"note": st.lists(st.fixed_dictionaries({"text": st.text()})), "owner": st.just({})},
    )
)
def test_a_change_made_twice_is_a_change_made_once(theirs: dict[str, Any]) -> None:
    change = our_members("Task", OURS)
    once = change({"resourceType": "Task", **theirs})
    assert once is not None
    assert change(once) == once
    assert once.get("owner") == theirs.get("owner")
