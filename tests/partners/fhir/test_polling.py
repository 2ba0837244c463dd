"""Polling servers of several quirks: every change is heard, in order, and the cursor never runs ahead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.errors import PartnerRefused
from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.polling import poll_tasks, read_tasks, referenced
from footbridge.partners.fhir.simulator import FhirSimulator, RequestLog
from footbridge.partners.fhir.translate import task_report


def task(server: FhirSimulator, **members: Any) -> str:
    return str(server.put({"resourceType": "Task", "status": "requested", "intent": "order", **members})["id"])


@pytest.mark.parametrize("paging", [True, False])
@pytest.mark.parametrize("sorting", [True, False])
@pytest.mark.parametrize("whole_seconds", [True, False])
@pytest.mark.parametrize("moves", [True, False])
def test_hears_everything_once_a_change(
    server: FhirSimulator,
    client: FhirClient,
    clock: ManualClock,
    paging: bool,
    sorting: bool,
    whole_seconds: bool,
    moves: bool,
) -> None:
    server.quirks.paging, server.quirks.sorting, server.quirks.whole_seconds = paging, sorting, whole_seconds
    cursor = None
    heard: dict[tuple[str, str], str] = {}
    expected = set()
    for round_ in range(4):
        ids = [task(server) for _ in range(7)]
        server.put({**(server.get("Task", ids[0]) or {}), "status": "accepted"})
        expected |= {(id_, "1") for id_ in ids[1:]} | {(ids[0], "2")}
        if moves:
            clock.advance(timedelta(seconds=round_))
        polled = poll_tasks(client, cursor, page=5)
        times = [found["meta"]["lastUpdated"] for found in polled.tasks]
        assert times == sorted(times)
        heard |= {(found["id"], found["meta"]["versionId"]): found["status"] for found in polled.tasks}
        cursor = polled.newest
    assert set(heard) == expected
    assert poll_tasks(client, cursor + timedelta(hours=1) if cursor else None, overlap=timedelta(0)).tasks == ()


def test_the_cursor_is_the_partners_time_and_stays_when_nothing_comes(
    client: FhirClient, server: FhirSimulator, clock: ManualClock
) -> None:
    assert poll_tasks(client, None).newest is None
    task(server)
    newest = poll_tasks(client, None).newest
    assert newest == clock.now()
    later = newest + timedelta(days=1)
    assert poll_tasks(client, later).newest == later


def test_filters_go_along(client: FhirClient, server: FhirSimulator) -> None:
    task(server)
    mine = task(server, owner={"reference": "Organization/mine"})
    polled = poll_tasks(client, None, filters=[("owner", "Organization/mine")])
    assert [found["id"] for found in polled.tasks] == [mine]


def searchset(*tasks: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in tasks], **rest}


def stamped(id_: str, second: int | None) -> dict[str, Any]:
    meta = {} if second is None else {"lastUpdated": f"2026-03-01T12:00:{second:02}Z"}
    return {"resourceType": "Task", "id": id_, "status": "requested", "meta": meta}


def test_a_server_that_ignores_last_updated_brings_no_old_news(verbatim: Any) -> None:
    verbatim.says(200, searchset(stamped("old", 1), stamped("new", 30), stamped("timeless", None)))
    polled = poll_tasks(
        FhirClient(verbatim.base_url), datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC), overlap=timedelta(seconds=10)
    )
    assert {found["id"] for found in polled.tasks} == {"new", "timeless"}


def test_a_total_that_promises_too_much_ends_the_poll(verbatim: Any) -> None:
    verbatim.says(200, searchset(stamped("a", 1), stamped("b", 2), total=99))
    polled = poll_tasks(FhirClient(verbatim.base_url), None)
    assert [found["id"] for found in polled.tasks] == ["a", "b"]


def test_a_server_that_shows_the_same_full_page_for_ever_is_refused(verbatim: Any) -> None:
    verbatim.says(200, searchset(*(stamped(f"t{number}", 1) for number in range(3300))))
    with pytest.raises(PartnerRefused, match="neither links nor an order"):
        poll_tasks(FhirClient(verbatim.base_url), None)


def test_reads_tasks_by_id_and_leaves_out_what_is_gone(client: FhirClient, server: FhirSimulator) -> None:
    kept = task(server)
    assert [found["id"] for found in read_tasks(client, ["none", kept])] == [kept]


def test_a_refusal_is_not_taken_for_an_absence(client: FhirClient, server: FhirSimulator) -> None:
    server.faults.next(status=403, method="GET")
    with pytest.raises(PartnerRefused):
        read_tasks(client, [task(server)])


def test_outputs_are_fetched_once_and_from_this_server_alone(client: FhirClient, server: FhirSimulator) -> None:
    done = server.put({"resourceType": "Procedure", "status": "completed"})
    places = [
        f"Procedure/{done['id']}",
        f"{server.base_url}/Procedure/{done['id']}",
        "http://127.0.0.1:1/fhir/Procedure/x",
        "../x/y",
        None,
    ]
    outputs: list[dict[str, Any]] = [{"valueReference": {"reference": place}} for place in places]
    found = referenced(client, [*outputs, {"valueString": "a walk"}, {"valueReference": "odd"}])
    assert [one["id"] for one in found] == [done["id"]]
    assert server.requests == [RequestLog("GET", "Procedure/{id}")]


class TestReport:
    def test_reads_what_a_partner_says(self) -> None:
        report = task_report(
            {
                "resourceType": "Task",
                "id": "t1",
                "meta": {"versionId": "3", "lastUpdated": "2026-03-01T07:00:00.5-05:00"},
                "identifier": [{"system": "urn:x", "value": "1"}, {"system": "urn:y"}],
                "status": "received",
                "statusReason": {"coding": [{"code": "full", "display": "No places"}]},
                "businessStatus": {"text": "Scheduled"},
                "output": [{"valueString": "a walk"}],
            }
        )
        assert (report.remote_id, report.version, report.status) == ("t1", "3", "received")
        assert report.last_updated == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
        assert (report.reason_text, report.business_status) == ("No places", "Scheduled")
        assert report.reason_coding == ({"code": "full", "display": "No places"},)
        assert report.outputs == ({"valueString": "a walk"},)
        assert report.identifiers == (("urn:x", "1"),)

    ODD = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.just({"coding": 3})

    @given(
        st.dictionaries(
            st.sampled_from(["meta", "identifier", "status", "statusReason", "businessStatus", "output"]), ODD
        )
    )
    def test_anything_else_counts_as_not_said(self, members: dict[str, Any]) -> None:
        report = task_report({"resourceType": "Task", "id": "t1", **members})
        assert report.last_updated is None
        assert report.outputs == ()
        assert report.reason_text is None
