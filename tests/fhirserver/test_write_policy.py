"""Every write passes the policy, in the transaction of the write; what it refuses leaves nothing."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select, update
from support.fhir_client import BASE, TASK, Client

from footbridge.fhirserver import FhirServer
from footbridge.model.issues import Issue
from footbridge.store.interaction_errors import Forbidden, UnprocessableEntity
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import resource, tenant

WARNING = Issue("policy.changed", "warning", "processing", "The owner was kept.", expression="Task.owner")
IDENTIFIER = {"identifier": [{"system": "urn:x", "value": "1"}]}


@dataclass
class Policy:
    """Notes what it judges; refuses what is on hold and every Procedure; marks the rest as its own."""

    judged: list = field(default_factory=list)
    stored: list = field(default_factory=list)

    def judge(self, connection, write):
        self.judged.append(write)
        self.stored.append(
            connection.scalar(select(resource.c.id).where(resource.c.id == write.id, resource.c.current))
        )
        connection.execute(update(tenant).values(jurisdiction="ca"))  # what it writes shares the transaction
        if write.type == "Procedure":
            raise Forbidden("A Procedure is not yours to write.")
        if write.resource.get("status") == "on-hold":
            issue = Issue(
                "policy.status", "error", "business-rule", "From requested: accepted.", expression="Task.status"
            )
            raise UnprocessableEntity("Refused.", issues=[issue])
        write.issues.append(WARNING)
        return {**write.resource, "description": "judged"}


@pytest.fixture
def policy():
    return Policy()


@pytest.fixture
def guarded(make, policy):
    return make(policy=policy)


def jurisdiction(database):
    with database.read() as connection:
        return connection.scalar(select(tenant.c.jurisdiction))


def transaction(*entries, kind="transaction"):
    rows = [
        {"resource": body, "request": {"method": method, "url": url}}
        if body
        else {"request": {"method": method, "url": url}}
        for method, url, body in entries
    ]
    return {"resourceType": "Bundle", "type": kind, "entry": rows}


def test_single_writes_are_judged_before_they_are_stored(guarded, policy, database):
    made = guarded("POST", "Task", TASK | IDENTIFIER)
    path = f"Task/{made.json['id']}"
    guarded("PUT", path, made.json, If_Match='W/"1"')
    guarded("PUT", "Task?identifier=urn:x|1", TASK | IDENTIFIER)
    guarded("POST", "Task", TASK, If_None_Exist="identifier=urn:x|1")  # found: nothing is written
    guarded("DELETE", path)
    assert made.json["description"] == "judged"
    create, change, conditional, deletion = policy.judged
    assert [write.interaction for write in policy.judged] == ["create", "update", "update", "delete"]
    assert {write.id for write in policy.judged} == {made.json["id"]}
    assert (create.previous, policy.stored[0]) == (None, None)
    assert (change.previous.version, change.if_match) == (1, 'W/"1"')
    assert (conditional.previous.version, deletion.previous.version, deletion.resource) == (2, 3, {})
    assert jurisdiction(database) == "ca"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_refused_leaves_nothing(guarded, database, method):
    body = {**TASK, "id": "t", "status": "on-hold"}
    answer = guarded(method, "Task" if method == "POST" else "Task/t", body)
    assert answer.status == 422
    assert answer.issue["extension"][0]["valueString"] == "policy.status"
    assert answer.issue["expression"] == ["Task.status"]
    assert guarded("GET", "Task?_total=accurate").json["total"] == 0
    assert jurisdiction(database) == "us"


def test_a_stale_version_never_reaches_the_policy(guarded, policy):
    guarded("PUT", "Task/t", {**TASK, "id": "t"})
    assert guarded("PUT", "Task/t", {**TASK, "id": "t"}, If_Match='W/"9"').status == 412
    assert guarded("DELETE", "Task/t", If_Match='W/"9"').status == 412
    assert len(policy.judged) == 1


def test_a_transaction_is_judged_before_any_of_it_is_stored(guarded, policy):
    guarded("PUT", "Task/old", {**TASK, "id": "old"})
    policy.judged.clear()
    policy.stored.clear()
    owner = {"resourceType": "Organization", "name": "Pantry"}
    sent = transaction(
        ("POST", "Organization", owner), ("PUT", "Task/t", {**TASK, "id": "t"}), ("DELETE", "Task/old", None)
    )
    sent["entry"][0]["fullUrl"] = "urn:uuid:0a0a2ce4-74d6-4c9a-8f4c-000000000001"
    sent["entry"][1]["resource"]["owner"] = {"reference": sent["entry"][0]["fullUrl"]}
    answer = guarded("POST", "", sent).json
    deletion, create, change = policy.judged
    assert [write.place for write in policy.judged] == [2, 0, 1]
    assert change.resource["owner"]["reference"] == f"Organization/{create.id}"
    assert [(write.type, write.id) for write in create.together] == [("Organization", create.id), ("Task", "t")]
    assert policy.stored == ["old", None, None]
    assert deletion.previous is not None
    outcomes = [row["response"]["outcome"]["issue"][0]["details"]["text"] for row in answer["entry"]]
    assert outcomes == ["The owner was kept."] * 3
    assert guarded("GET", "Task/t").json["description"] == "judged"


@pytest.mark.parametrize("refused", [("POST", "Procedure"), ("PUT", "Procedure/p"), ("DELETE", "Procedure/p")])
def test_one_refusal_refuses_the_transaction(guarded, make, database, refused):
    method, url = refused
    body = {"resourceType": "Procedure", "id": "p", "status": "completed", "subject": {"display": "x"}}
    if method == "DELETE":
        make()("PUT", url, body)
    sent = transaction(
        ("POST", "Task", TASK),
        ("PUT", "Task/t", {**TASK, "id": "t"}),
        (method, url, body if method != "DELETE" else None),
    )
    answer = guarded("POST", "", sent)
    assert (answer.status, answer.issue["code"], answer.issue["expression"]) == (403, "forbidden", ["Bundle.entry[2]"])
    assert guarded("GET", "Task?_total=accurate").json["total"] == 0
    assert jurisdiction(database) == "us"


def test_the_issues_of_a_refused_entry_say_where_it_stands(guarded):
    answer = guarded("POST", "", transaction(("POST", "Task", TASK), ("POST", "Task", {**TASK, "status": "on-hold"})))
    assert answer.issue["expression"] == ["Bundle.entry[1].resource.status"]


def test_of_a_batch_what_is_refused_leaves_nothing_and_the_rest_stays(guarded, database):
    sent = transaction(("POST", "Task", {**TASK, "status": "on-hold"}), ("POST", "Task", TASK), kind="batch")
    answer = guarded("POST", "", sent).json
    assert [row["response"]["status"][:3] for row in answer["entry"]] == ["422", "201"]
    assert guarded("GET", "Task?_total=accurate").json["total"] == 1
    assert jurisdiction(database) == "ca"


def test_warnings_are_shown_where_an_outcome_is_preferred(guarded):
    answer = guarded("POST", "Task", TASK, Prefer="return=OperationOutcome")
    assert (answer.status, answer.issue["severity"], answer.issue["expression"]) == (201, "warning", ["Task.owner"])
    assert guarded("POST", "Task", TASK).json["resourceType"] == "Task"


def test_a_policy_that_returns_another_resource_is_an_error_of_ours(make):
    class Wrong:
        def judge(self, connection, write):
            return {**write.resource, "id": "other"}

    with pytest.raises(ValueError, match="another type or id"):
        make(policy=Wrong())("POST", "Task", TASK)


def test_over_a_callers_transaction_a_refusal_leaves_the_rest_of_it(policy, database, store, full, clock):
    with database.write() as connection:
        server = FhirServer(full, BASE, ResourceStore(connection, "north", clock, BASE), policy)
        refused = Client(server)("POST", "Task", {**TASK, "status": "on-hold"})
        assert connection.scalar(select(tenant.c.jurisdiction)) == "us"
        stored = Client(server)("POST", "Task", TASK)
    assert (refused.status, stored.status) == (422, 201)
    assert Client(FhirServer(full, BASE, store))("GET", "Task?_total=accurate").json["total"] == 1
    assert jurisdiction(database) == "ca"
