"""Delivery to servers that fail, forget, or do not keep the standard: nothing is lost, nothing is doubled."""

import copy
from typing import Any

import pytest

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.delivery import SHAPES, deliver
from footbridge.partners.fhir.references import references
from footbridge.partners.fhir.simulator import FhirSimulator, RequestLog, referral_bundle

TYPES = ["Condition", "Organization", "Organization", "Patient", "ServiceRequest", "Task"]
EACH_SHAPE = pytest.mark.parametrize("shape", list(SHAPES))


def kept(server: FhirSimulator) -> list[str]:
    return sorted(type_ for type_ in set(TYPES) for _ in server.all(type_))


def dangling(server: FhirSimulator) -> list[str]:
    resources = [resource for type_ in set(TYPES) for resource in server.all(type_)]
    return [reference for reference in references(resources) if server.get(*reference.split("/")[:2]) is None]


def deliver_until_done(client: FhirClient, bundle: dict[str, Any], shape: str, tries: int = 20) -> None:
    for _ in range(tries):
        try:
            deliver(client, bundle, shape)
        except PartnerUnavailable:
            continue
        return
    pytest.fail("never delivered")


@EACH_SHAPE
def test_every_kind_of_break_leaves_one_of_each(server: FhirSimulator, client: FhirClient, shape: str) -> None:
    bundle = referral_bundle()
    server.faults.next(drop=True, times=2, method="POST")  # it took effect, and nobody heard
    server.faults.next(truncate=True, times=2, method="POST")
    server.faults.next(status=503, method="POST")
    deliver_until_done(client, bundle, shape)
    assert kept(server) == TYPES
    assert dangling(server) == []


@EACH_SHAPE
@pytest.mark.parametrize("seed", range(5))
def test_random_failures_double_nothing(server: FhirSimulator, client: FhirClient, shape: str, seed: int) -> None:
    server.faults.sometimes(0.3, seed=seed)
    deliver_until_done(client, referral_bundle(), shape, tries=500)
    server.faults.clear()
    assert kept(server) == TYPES
    assert dangling(server) == []


@EACH_SHAPE
def test_a_server_that_ignores_if_none_exist_is_looked_at_first(
    server: FhirSimulator, client: FhirClient, shape: str
) -> None:
    server.quirks.conditional_create = False
    bundle = referral_bundle()
    server.faults.next(drop=True, method="POST", route="" if shape == "transaction" else "ServiceRequest")
    with pytest.raises(PartnerUnavailable):
        deliver(client, bundle, shape)
    once = deliver(client, bundle, shape)
    again = deliver(client, bundle, shape)
    assert kept(server) == TYPES
    assert {url: remote.reference for url, remote in once.items()} == {
        url: remote.reference for url, remote in again.items()
    }
    assert dangling(server) == []


def test_a_server_that_keeps_the_standard_is_not_searched(server: FhirSimulator, client: FhirClient) -> None:
    deliver(client, referral_bundle(), "transaction")
    assert server.requests == [RequestLog("GET", "metadata"), RequestLog("POST", "")]


def test_a_server_that_hides_what_it_can_do_is_looked_at_first(server: FhirSimulator, client: FhirClient) -> None:
    server.faults.next(status=403, route="metadata")
    deliver(client, referral_bundle(), "resources")
    assert RequestLog("GET", "Task") in server.requests
    assert kept(server) == TYPES


def test_looking_first_can_be_set(server: FhirSimulator, client: FhirClient) -> None:
    deliver(client, referral_bundle(), "resources", look_first="never")
    assert {noted.method for noted in server.requests} == {"POST"}
    deliver(client, referral_bundle(), "resources", look_first="always")
    assert RequestLog("GET", "Task") in server.requests


def test_a_server_that_does_not_say_where_entries_went_is_asked(server: FhirSimulator, client: FhirClient) -> None:
    server.quirks.locations = False
    bundle = referral_bundle()
    delivered = deliver(client, bundle, "transaction")
    assert sorted(remote.type for remote in delivered.values()) == TYPES
    assert all(server.get(remote.type, remote.id) for remote in delivered.values())


def test_half_a_transaction_is_completed_later(server: FhirSimulator, client: FhirClient) -> None:
    server.quirks.rollback = False
    bundle = referral_bundle()
    broken = copy.deepcopy(bundle)
    order = next(entry for entry in broken["entry"] if entry["resource"]["resourceType"] == "ServiceRequest")
    order["resource"]["meta"] = "not a Meta"
    with pytest.raises(PartnerRefused, match="a ServiceRequest"):
        deliver(client, broken, "transaction")
    assert "Patient" in kept(server)
    deliver(client, bundle, "transaction")
    assert kept(server) == TYPES


def test_a_refused_transaction_says_what_may_help(server: FhirSimulator, client: FhirClient) -> None:
    server.faults.next(status=400, route="")
    with pytest.raises(PartnerRefused, match="set its delivery to resources") as refused:
        deliver(client, referral_bundle(), "transaction")
    assert refused.value.status == 400


@EACH_SHAPE
def test_the_partners_wish_to_wait_is_passed_on(server: FhirSimulator, client: FhirClient, shape: str) -> None:
    server.faults.next(status=429, retry_after=17, method="POST")
    with pytest.raises(PartnerUnavailable) as error:
        deliver(client, referral_bundle(), shape)
    assert (error.value.status, error.value.retry_after) == (429, 17.0)


def test_the_client_outlives_a_slow_server(server: FhirSimulator) -> None:
    client = FhirClient(server.base_url, timeout=0.3)
    bundle = referral_bundle()
    server.faults.next(delay=30, method="POST")
    with pytest.raises(PartnerUnavailable, match="too slow"):
        deliver(client, bundle, "transaction")
    deliver(client, bundle, "transaction")
    client.close()


def test_references_to_what_the_partner_has_already_stay(server: FhirSimulator, client: FhirClient) -> None:
    order = server.put({"resourceType": "ServiceRequest", "status": "active"})
    entry = next(entry for entry in referral_bundle()["entry"] if entry["resource"]["resourceType"] == "Task")
    entry["resource"] = {**entry["resource"], "focus": {"reference": f"ServiceRequest/{order['id']}"}}
    delivered = deliver(client, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, "resources")
    task = server.get("Task", delivered[entry["fullUrl"]].id)
    assert task is not None
    assert task["focus"]["reference"] == f"ServiceRequest/{order['id']}"


def circle() -> dict[str, Any]:
    bundle = referral_bundle()
    by_type = {entry["resource"]["resourceType"]: entry for entry in bundle["entry"]}
    by_type["ServiceRequest"]["resource"]["supportingInfo"] = [{"reference": by_type["Task"]["fullUrl"]}]
    return bundle


def test_a_circle_goes_as_a_transaction(server: FhirSimulator, client: FhirClient) -> None:
    deliver(client, circle(), "transaction")
    assert dangling(server) == []


def test_a_circle_cannot_go_one_by_one_and_nothing_is_sent(server: FhirSimulator, client: FhirClient) -> None:
    with pytest.raises(ConfigurationError, match=r"ServiceRequest, Task.*delivery to transaction"):
        deliver(client, circle(), "resources")
    assert kept(server) == []


def test_an_unknown_shape_names_those_there_are(client: FhirClient) -> None:
    with pytest.raises(ConfigurationError, match="transaction, resources"):
        deliver(client, referral_bundle(), "carrier-pigeon")


def test_an_entry_that_a_repeat_would_double_is_not_sent(server: FhirSimulator, client: FhirClient) -> None:
    bundle = referral_bundle()
    del bundle["entry"][0]["request"]["ifNoneExist"]
    with pytest.raises(ValueError, match="ifNoneExist"):
        deliver(client, bundle, "transaction")
    assert server.requests == []
