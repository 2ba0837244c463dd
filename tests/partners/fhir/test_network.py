"""A FHIR partner as a workflow sees it, credentials, and what ``partner test`` learns."""

from pathlib import Path
from typing import Any

import pytest

from footbridge.errors import ConfigurationError, PartnerRefused
from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.members import our_members
from footbridge.partners.fhir.network import FhirNetwork, FhirPartner
from footbridge.partners.fhir.simulator import FhirSimulator, ScriptedRecipient, referral_bundle
from footbridge.partners.fhir.simulator.scripts import JUMPS, always
from footbridge.store.credentials import token_source


def network(server: FhirSimulator, **settings: Any) -> FhirNetwork:
    return FhirNetwork(FhirPartner("north", server.base_url, **settings))


def test_a_referral_goes_out_and_its_outcome_comes_home(server: FhirSimulator, clock: ManualClock) -> None:
    north = network(server)
    bundle = referral_bundle()
    places = north.deliver(bundle)
    task = next(remote for remote in places.values() if remote.type == "Task")
    first = north.poll(None)
    assert [(report.remote_id, report.status) for report in first.reports] == [(task.id, "requested")]
    recipient = ScriptedRecipient(server, always(JUMPS), clock)
    recipient.step()
    clock.advance(JUMPS[0].after)
    recipient.step()
    (report,) = north.poll(first.cursor).reports
    assert (report.remote_id, report.status) == (task.id, "completed")
    (procedure,) = north.referenced(report)
    order = next(remote for remote in places.values() if remote.type == "ServiceRequest")
    assert procedure["basedOn"] == [{"reference": order.reference}]
    assert north.push("ServiceRequest", order.id, our_members("ServiceRequest", {"status": "completed"}))
    assert (server.get("ServiceRequest", order.id) or {})["status"] == "completed"
    assert north.reports([task.id]) == (report,)


def test_says_what_a_partner_can_do(server: FhirSimulator) -> None:
    connection = network(server).test()
    assert (connection.reachable, connection.problem, connection.version) == (True, None, "4.0.1")
    assert connection.supports == {
        "transaction": True,
        "conditional create": True,
        "If-Match": True,
        "poll by _lastUpdated": True,
    }


def test_a_partner_that_nobody_reaches() -> None:
    connection = FhirNetwork(FhirPartner("north", "http://127.0.0.1:9/fhir")).test()
    assert not connection.reachable
    assert connection.problem


def test_a_credential_that_does_not_fit_is_found_by_the_test(server: FhirSimulator) -> None:
    server.quirks.token = "right"
    partner = FhirPartner("north", server.base_url)
    assert "401" in str(FhirNetwork(partner, token=lambda: "wrong").test().problem)
    assert FhirNetwork(partner, token=lambda: "right").test().problem is None
    with pytest.raises(PartnerRefused) as refused:
        FhirNetwork(partner).deliver(referral_bundle())
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ({"fhirVersion": "5.0.0"}, "FHIR 5.0.0"),
        ({"rest": [{"mode": "server", "interaction": [{"code": "batch"}]}]}, "resources"),
    ],
)
def test_a_partner_that_does_not_fit(verbatim: Any, statement: dict[str, Any], problem: str) -> None:
    verbatim.says(200, {"resourceType": "CapabilityStatement", **statement})
    connection = FhirNetwork(FhirPartner("north", verbatim.base_url)).test()
    assert connection.reachable
    assert problem in str(connection.problem)


@pytest.mark.parametrize(
    "statement", [{"rest": 3}, {"rest": [{"mode": "server", "resource": "x"}]}, {"software": ["x"]}]
)
def test_an_odd_statement_says_nothing(verbatim: Any, statement: dict[str, Any]) -> None:
    verbatim.says(200, {"resourceType": "CapabilityStatement", **statement}).says(200, {"resourceType": "Bundle"})
    connection = FhirNetwork(FhirPartner("north", verbatim.base_url)).test()
    assert (connection.problem, connection.supports) == (None, {})


class TestCredentials:
    def test_from_the_environment_as_it_is_now(self, monkeypatch: pytest.MonkeyPatch) -> None:
        source = token_source("env:NORTH_TOKEN")
        assert source is not None
        monkeypatch.setenv("NORTH_TOKEN", "first")
        assert source() == "first"
        monkeypatch.setenv("NORTH_TOKEN", "second")
        assert source() == "second"

    def test_from_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("secret\n", encoding="utf-8")
        source = token_source(f"file:{tmp_path / 'token'}")
        assert source is not None
        assert source() == "secret"

    @pytest.mark.parametrize("reference", ["env:NO_SUCH_VARIABLE_HERE", "file:/no/such/file"])
    def test_a_secret_that_is_missing_names_its_place(self, reference: str) -> None:
        source = token_source(reference)
        assert source is not None
        with pytest.raises(ConfigurationError, match=reference):
            source()

    @pytest.mark.parametrize("reference", ["hunter2", "vault:x", "env:"])
    def test_a_reference_that_is_none_is_not_shown(self, reference: str) -> None:
        with pytest.raises(ConfigurationError) as error:
            token_source(reference)
        assert "hunter2" not in str(error.value)

    def test_a_partner_without_one(self) -> None:
        assert token_source(None) is None
