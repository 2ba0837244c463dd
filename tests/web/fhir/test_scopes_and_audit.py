"""What a token with SMART scopes may do on /fhir, and that every access there is in the audit."""

import json
import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select
from support.fhir_http import System
from support.spine import TENANT, prescribed

from footbridge.store.smart_clients import set_smart_client
from footbridge.store.tables import audit_event

KEY = ECKey.generate_key("P-384", {"kid": "one"})
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def scoped(clinic, app, hub):
    """The same service, logged on with its keys for these scopes; a referral waits for it."""
    keys = json.dumps({"keys": [KEY.as_dict(private=False)]})
    with clinic.database.write() as connection:
        set_smart_client(connection, TENANT, "hub", (keys, None), clinic.clock.now())
    clinic.submit(prescribed())
    clinic.pass_time()

    def scoped(scope):
        name, now = f"{TENANT}.hub", int(clinic.clock.now().timestamp())
        claims = {"iss": name, "sub": name, "aud": "http://localhost/fhir/token", "exp": now + 240}
        head = {"alg": "ES384", "typ": "JWT", "kid": "one"}
        signed = jwt.encode(head, claims | {"jti": str(uuid.uuid4())}, KEY, algorithms=["ES384"])
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": signed}
        answer = app.test_client().post("/fhir/token", data=form | {"scope": scope})
        assert answer.status_code == 200, answer.text
        return System(app, answer.json["access_token"])

    return scoped


def accesses(app, clinic):
    """What is noted, reads included."""
    app.extensions["footbridge"].audit.flush()
    with clinic.database.read() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.id)).all()
    return [(row.interaction, row.type) for row in rows if row.compartment == "hub"]


def test_a_token_reads_what_its_scopes_name_and_nothing_that_comes_with_it(scoped):
    system = scoped("system/Task.rs")
    task = system.task()
    assert system.get(f"Task/{task['id']}").status_code == 200
    assert system.get(task["for"]["reference"]).status_code == 403
    assert system.get("Patient").status_code == 403
    assert system.found("Task?_include=Task:patient", mode="include") == []
    assert system.put({**task, "status": "accepted"}).status_code == 403
    assert scoped("system/Task.rs system/Patient.rs").found("Task?_include=Task:patient", mode="include") != []


def test_an_entry_of_a_bundle_may_do_no_more(scoped):
    system = scoped("system/Task.rs")
    task = system.task()
    entries = [
        {"request": {"method": "GET", "url": task["for"]["reference"]}},
        {"request": {"method": "PUT", "url": f"Task/{task['id']}"}, "resource": {**task, "status": "accepted"}},
        {"request": {"method": "GET", "url": f"Task/{task['id']}"}},
    ]
    answer = system.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    found = [entry["response"]["status"][:3] for entry in answer.json["entry"]]
    assert found[2] == "200"
    assert found[:2] == ["403", "403"]
    assert system.task()["status"] == "requested"


def test_a_write_with_its_scope_goes_through(scoped):
    system = scoped("system/Task.rus")
    assert system.move("accepted").status_code == 200


def test_every_access_is_noted_reads_and_writes_by_either_kind_of_token(scoped, hub, app, clinic):
    task = hub.task()
    hub.read(task["for"]["reference"])
    assert hub.move("accepted").status_code == 200
    scoped("system/Task.rs").read(f"Task/{task['id']}")
    found = accesses(app, clinic)
    for one in [("search-type", "Task"), ("read", "Patient"), ("update", "Task"), ("read", "Task")]:
        assert one in found
