"""The simulator's token endpoint, and our client on the other side: keys of our own, steps that fail, rotation."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from support.spine import TENANT, World, prescribed

from footbridge.model.clock import SystemClock
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.partners.networks import Networks, Surroundings
from footbridge.security import own_keys
from footbridge.security.key_sets import read_keys
from footbridge.store.exact_json import dumps
from footbridge.store.partners import Partner, add_partner, get_partner
from footbridge.store.smart_servers import SmartServer, set_smart_server
from footbridge.store.tenants import add_tenant
from footbridge.validation import Validator

CLOCK = SystemClock()


@pytest.fixture
def hub(sqlite_database: Any) -> Any:
    """A strict server that knows our keys, as they are published at the moment."""

    def keys(_kid: str) -> Any:
        return read_keys(dumps({"keys": own_keys.published(sqlite_database, CLOCK.now())}))

    with FhirSimulator(name="hub", keys=keys) as server:
        yield server


@pytest.fixture
def test_of(sqlite_database: Any, hub: FhirSimulator) -> Any:
    """Set how we log on, and run ``partner test``."""
    now = datetime.now(UTC)
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", now)
        add_partner(connection, "north", Partner("hub", "fhir", "recipient", "Hub", hub.base_url, "smart"), now)

    def run(**members: Any) -> Any:
        server = SmartServer(**{"token_url": f"{hub.base_url}/token", **members})
        with sqlite_database.write() as connection:
            set_smart_server(connection, "north", "hub", server, now)
            partner = get_partner(connection, "north", "hub")
        networks = Networks(Surroundings(sqlite_database, CLOCK, Validator()))
        return networks.of("north", partner).test()

    return run


@pytest.mark.parametrize("algorithm", [None, "RS384", "ES384"])
def test_we_log_on_with_our_own_keys(test_of: Any, hub: FhirSimulator, algorithm: Any) -> None:
    answer = test_of(algorithm=algorithm)
    assert (answer.reachable, answer.problem, answer.step) == (True, None, None)
    assert [f"{one.method} {one.route}" for one in hub.requests] == ["POST *", "GET metadata", "GET Task"]


@pytest.mark.parametrize(
    ("members", "step", "word"),
    [
        ({"scope": "system/Task.rs"}, "scope", "create, update"),
        ({"scope": "system/Patient.cruds"}, "scope", "read"),
        ({"scope": "openid"}, "token", "invalid_scope"),
        ({"token_url": "http://127.0.0.1:1/token"}, "token", "did not respond"),
    ],
)
def test_the_step_that_fails_is_named(test_of: Any, members: Any, step: str, word: str) -> None:
    answer = test_of(**members)
    assert answer.step == step
    assert word in answer.problem


def test_a_key_that_the_partner_does_not_know_fails_at_the_token(
    test_of: Any, hub: FhirSimulator, monkeypatch: Any
) -> None:
    monkeypatch.setattr(hub._site.tokens, "_keys", lambda _kid: ())
    answer = test_of()
    assert (answer.step, answer.reachable) == ("token", True)
    assert "invalid_client" in answer.problem


def test_a_server_that_has_no_task_fails_at_the_read(test_of: Any, hub: FhirSimulator) -> None:
    hub.faults.next(status=500, method="GET", route="Task", times=9)
    answer = test_of()
    assert (answer.step, answer.reachable) == ("read", True)


def test_a_rotation_stops_nothing(test_of: Any, sqlite_database: Any) -> None:
    for _ in range(3):
        assert test_of().problem is None
        own_keys.rotate(sqlite_database, CLOCK.now())


def test_the_whole_way_of_a_referral(sqlite_database: Any, clock: Any, hub: FhirSimulator) -> None:
    """Neither our private key nor a token is in a log; the partner requires the token for all but its metadata."""
    with World(sqlite_database, clock) as world:
        world.partner("emr", "requester")
        world.take_on("hub", "recipient", network="fhir", base_url=hub.base_url, credential="smart")
        with world.database.write() as connection:
            server = SmartServer(token_url=f"{hub.base_url}/token")
            set_smart_server(connection, TENANT, "hub", server, world.clock.now())
        world.submit(prescribed())
        world.work()
        (task,) = hub.all("Task")
        assert task["status"] == "requested"


def test_without_a_token_or_with_too_little_scope_nothing_is_read(hub: FhirSimulator, test_of: Any) -> None:
    base = hub.base_url
    assert requests.get(f"{base}/Task", timeout=10).status_code == 401
    assert requests.get(f"{base}/metadata", timeout=10).status_code == 200
    said = requests.get(f"{base}/.well-known/smart-configuration", timeout=10).json()
    assert said["token_endpoint"] == f"{base}/token"
    refused = requests.post(said["token_endpoint"], data={"grant_type": "password"}, timeout=10)
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")
    test_of()
    (token, _) = next(iter(hub._site.tokens._tokens.items()))
    hub._site.tokens._tokens[token] = (hub._site.tokens._tokens[token][0], ("system/Task.r",))
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{base}/Task", headers=bearer, timeout=10).status_code == 403
    assert requests.get(f"{base}/Task/1", headers=bearer, timeout=10).status_code == 404
    entry = {"request": {"method": "POST", "url": "Organization"}, "resource": {"resourceType": "Organization"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert requests.post(base, json=bundle, headers=bearer, timeout=10).status_code == 403
    assert hub.all("Organization") == []
