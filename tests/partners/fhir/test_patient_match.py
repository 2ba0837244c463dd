"""A person's Patient at a partner is found by their identifiers: the one that stands for them now, or nobody."""

from typing import Any

import pytest

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.patient_match import match_patient
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.partners.fhir.simulator.app import RequestLog

CARD, CHART = "urn:footbridge:test:card", "urn:footbridge:test:chart"
NUMBER = "9876543217"
SEARCH = RequestLog("POST", "Patient/_search")
BOTH = [(CARD, NUMBER), (CHART, "C-1")]


def held(server: FhirSimulator, *identifiers: tuple[str, str], **members: Any) -> str:
    """A Patient of the partner's own; returns its id."""
    named = [{"system": system, "value": value} for system, value in identifiers]
    return str(server.put({"resourceType": "Patient", "identifier": named, **members})["id"])


def replaced_by(reference: str) -> dict[str, Any]:
    return {"active": False, "link": [{"type": "replaced-by", "other": {"reference": reference}}]}


def found(client: FhirClient, *identifiers: tuple[str, str]) -> str | None:
    remote = match_patient(client, identifiers or BOTH)
    return None if remote is None else remote.id


def test_one_is_found_by_any_of_the_identifiers(server: FhirSimulator, client: FhirClient) -> None:
    theirs = held(server, (CHART, "C-1"))
    held(server, (CARD, "1234567890"))
    assert found(client) == theirs
    held(server, (CARD, "C-1"), (CHART, NUMBER))  # another person: the same values in each other's system
    assert found(client) == theirs


def test_nobody_is_nobody(server: FhirSimulator, client: FhirClient) -> None:
    held(server, (CARD, "1234567890"))
    assert found(client) is None
    assert match_patient(client, []) is None


@pytest.mark.parametrize("value", [NUMBER, "fcecd0b5-dbc2-4b49-9b7f-a614cfe4fde6"])
def test_no_identifier_goes_in_a_url_not_even_one_that_is_a_uuid(
    server: FhirSimulator, client: FhirClient, value: str
) -> None:
    for number in range(60):  # a page leads to the next, whose URL would name the identifier
        held(server, (CARD, value), birthDate=f"{1920 + number}-01-01")
    with pytest.raises(PartnerRefused):
        found(client, (CARD, value))
    assert set(server.requests) == {SEARCH}


@pytest.mark.parametrize("value", ["12,34", "a|b", "x$y", "back\\slash", "Zoë Ünal"])
def test_an_identifier_with_special_characters(server: FhirSimulator, client: FhirClient, value: str) -> None:
    theirs = held(server, (CARD, value))
    assert found(client, (CARD, value)) == theirs


def test_one_that_bears_them_all_is_one(server: FhirSimulator, client: FhirClient) -> None:
    assert held(server, *BOTH) == found(client)


def test_several_are_never_guessed_between(server: FhirSimulator, client: FhirClient) -> None:
    held(server, BOTH[0])
    held(server, BOTH[1])
    with pytest.raises(PartnerRefused) as refused:
        found(client)
    text = str(refused.value)
    assert CARD in text
    assert CHART in text
    assert "outbox retry" in text
    assert NUMBER not in text
    assert "C-1" not in text


def test_only_systems_that_matched_are_named(server: FhirSimulator, client: FhirClient) -> None:
    held(server, BOTH[0])
    held(server, BOTH[0])
    with pytest.raises(PartnerRefused) as refused:
        found(client)
    assert CARD in str(refused.value)
    assert CHART not in str(refused.value)


@pytest.mark.parametrize("absolute", [False, True])
def test_one_that_was_merged_stands_for_the_one_that_took_its_place(
    server: FhirSimulator, client: FhirClient, *, absolute: bool
) -> None:
    newest = held(server)
    middle = held(server, **replaced_by(f"Patient/{newest}"))
    base = f"{server.base_url}/" if absolute else ""
    held(server, BOTH[0], **replaced_by(f"{base}Patient/{middle}"))
    assert found(client) == newest
    held(server, BOTH[0], **replaced_by(f"Patient/{newest}"))
    assert found(client) == newest


def test_merging_settles_which_of_several(server: FhirSimulator, client: FhirClient) -> None:
    kept, merged = held(server, BOTH[0]), held(server, BOTH[1])
    with pytest.raises(PartnerRefused):
        found(client)
    held(server, BOTH[1], id=merged, **replaced_by(f"Patient/{kept}"))
    assert found(client) == kept


def test_one_that_is_not_in_use_stands_for_nobody(server: FhirSimulator, client: FhirClient) -> None:
    held(server, BOTH[0], active=False)
    assert found(client) is None
    theirs = held(server, BOTH[0], active=True)
    assert found(client) == theirs


@pytest.mark.parametrize("place", ["Patient/none", "https://elsewhere.invalid/fhir/Patient/1", "RelatedPerson/1"])
def test_a_merge_that_leads_nowhere_is_for_a_person(server: FhirSimulator, client: FhirClient, place: str) -> None:
    held(server, BOTH[0], **replaced_by(place))
    with pytest.raises(PartnerRefused, match="replaced-by"):
        found(client)


def test_merges_in_a_circle_are_for_a_person(server: FhirSimulator, client: FhirClient) -> None:
    first = held(server, BOTH[0])
    second = held(server, **replaced_by(f"Patient/{first}"))
    held(server, BOTH[0], id=first, **replaced_by(f"Patient/{second}"))
    with pytest.raises(PartnerRefused, match="replaced-by"):
        found(client)


def test_a_server_that_ignores_the_identifier_finds_nobody(verbatim: Any) -> None:
    other = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": CARD, "value": "1234567890"}]}
    more = [{"relation": "next", "url": f"{verbatim.base_url}/Patient?page=2"}]
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": other}], "link": more}
    verbatim.says(200, page)
    assert match_patient(FhirClient(verbatim.base_url), BOTH) is None
    assert [seen.path for seen in verbatim.seen] == ["/fhir/Patient/_search"] * 2  # the whole register is not read


@pytest.mark.parametrize("status", [404, 405, 415, 501])
def test_a_server_without_such_a_search_has_nobody_that_we_could_find(
    server: FhirSimulator, client: FhirClient, status: int
) -> None:
    held(server, BOTH[0])
    server.faults.next(status=status, route="Patient/_search")
    assert found(client) is None
    assert server.requests == [SEARCH]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_search_that_is_refused_is_not_taken_for_nobody(
    server: FhirSimulator, client: FhirClient, status: int
) -> None:
    server.faults.next(status=status, route="Patient/_search")
    with pytest.raises(PartnerRefused):
        found(client)


@pytest.mark.parametrize("status", [500, 503])
def test_a_search_that_fails_is_tried_again(server: FhirSimulator, client: FhirClient, status: int) -> None:
    server.faults.next(status=status, route="Patient/_search")
    with pytest.raises(PartnerUnavailable):
        found(client)


def test_a_server_that_reads_no_forms_has_nobody_that_we_could_find(server: FhirSimulator, client: FhirClient) -> None:
    held(server, BOTH[0])
    for _ in range(3):
        server.faults.next(status=500, route="Patient/_search")
    assert found(client) is None
    assert server.requests == [SEARCH, SEARCH, SEARCH, RequestLog("GET", "Task")]


def test_a_server_that_is_down_altogether_is_tried_again(server: FhirSimulator, client: FhirClient) -> None:
    for _ in range(4):
        server.faults.next(status=503)
    with pytest.raises(PartnerUnavailable):
        found(client)
