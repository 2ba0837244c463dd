"""What a token with SMART scopes may do on /fhir, and that every access there is in the audit."""

import json
import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select
from support.fhir_http import System, system_of
from support.spine import TENANT, prescribed

from footbridge.model.principals import Principal
from footbridge.store.smart_clients import set_smart_client
from footbridge.store.tables import audit_event, audit_patient
from footbridge.store.tenants import make_token

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


def noted(app, clinic, compartment="hub"):
    """The rows of a compartment, reads included."""
    app.extensions["footbridge"].audit.flush()
    with clinic.database.read() as connection:
        rows = connection.execute(select(audit_event).order_by(audit_event.c.id)).all()
    return [row for row in rows if row.compartment == compartment]


def accesses(app, clinic):
    return [(row.interaction, row.type) for row in noted(app, clinic)]


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
    search = {"request": {"method": "GET", "url": "Task?_include=Task:patient"}}
    for kind in ("batch", "transaction"):
        answer = system.ask("POST", "", {"resourceType": "Bundle", "type": kind, "entry": [search]})
        (page,) = answer.json["entry"]
        assert [one["resource"]["resourceType"] for one in page["resource"]["entry"]] == ["Task"]


def test_a_chain_tells_nothing_of_a_type_that_may_not_be_searched(scoped):
    system = scoped("system/Task.rs")
    chain = "owner:Organization.name=hub"
    assert system.get(f"Task?{chain}").status_code == 403
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert system.ask("POST", "Task/_search", chain.encode(), **form).status_code == 403
    entry = {"request": {"method": "GET", "url": f"Task?{chain}"}}
    answer = system.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert [one["response"]["status"][:3] for one in answer.json["entry"]] == ["403"]
    assert len(scoped("system/Task.rs system/Organization.s").found(f"Task?{chain}")) == 1


def test_a_reference_by_search_needs_the_scope_of_a_search(scoped, hub):
    """Whether it matches would tell of the type that it searches."""
    task = hub.task()
    said = {"resourceType": "Communication", "status": "completed", "about": [{"reference": f"Task/{task['id']}"}],
            "subject": {"reference": "Patient?identifier=urn:footbridge:test|none"}}  # fmt: skip
    entry = {"resource": said, "request": {"method": "POST", "url": "Communication"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert scoped("system/Communication.c").ask("POST", "", bundle).status_code == 403
    assert scoped("system/Communication.c system/Patient.s").ask("POST", "", bundle).status_code == 412


def test_a_conditional_create_shows_what_is_there_to_who_may_read_it(scoped, hub):
    number = {"system": "urn:footbridge:test:org", "value": "1"}
    made = hub.create({"resourceType": "Organization", "name": "Hub", "identifier": [number]})
    again = {"resourceType": "Organization", "identifier": [number]}
    condition = "identifier=urn:footbridge:test:org|1"
    entry = {"resource": again, "request": {"method": "POST", "url": "Organization", "ifNoneExist": condition}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    for scope, seen in (("system/Organization.c", False), ("system/Organization.cr", True)):
        system = scoped(scope)
        answer = system.ask("POST", "Organization", again, If_None_Exist=condition)
        assert answer.status_code == 200
        assert made["id"] in answer.headers["Location"]
        assert (b"Hub" in answer.data) == seen
        answer = system.ask("POST", "", bundle, Prefer="return=representation")
        assert made["id"] in answer.json["entry"][0]["response"]["location"]
        assert (b"Hub" in answer.data) == seen


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


def test_every_way_to_read_is_noted(hub, app, clinic):
    organization = hub.create({"resourceType": "Organization", "name": "Hub"})
    where = f"Organization/{organization['id']}"
    entry = {"request": {"method": "GET", "url": where}}
    for answer in (
        hub.get(where),
        hub.get(f"{where}/_history/1"),
        hub.get(f"{where}/_history"),
        hub.get("Organization?name=hub"),
        hub.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}),
    ):
        assert answer.status_code == 200
    found = [(row.interaction, row.status, row.resource or row.query) for row in noted(app, clinic)]
    mine = organization["id"]
    assert sorted(found) == sorted(
        [
            ("create", 200, mine),
            ("read", 200, mine),
            ("vread", 200, mine),
            ("history-instance", 200, mine),
            ("search-type", 200, "name=..."),
            ("read", 200, mine),
        ]
    )


def test_what_a_partner_tried_in_vain_is_noted_and_names_nobody(hub, app, clinic):
    clinic.take_on("pantry", "recipient", network="hosted", base_url="")
    clinic.submit(prescribed())
    clinic.pass_time()
    task = hub.task()
    patient = task["for"]["reference"]
    pantry = system_of(clinic, app, "pantry")
    tried = [
        ("GET", patient),
        ("PUT", f"Task/{task['id']}"),
        ("GET", f"Task/{task['id']}/_history/1"),
        ("DELETE", patient),
    ]
    entries = [
        {"request": {"method": method, "url": url}} | ({"resource": task} if method == "PUT" else {})
        for method, url in tried
    ]
    pantry.get(patient)
    pantry.get("Task?status=many&_count=x")
    pantry.ask("PUT", f"Task/{task['id']}", task)
    pantry.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries[:2]})
    pantry.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    rows = noted(app, clinic, "pantry")
    identity = patient.removeprefix("Patient/")
    assert [(row.interaction, row.type, row.resource or row.query, row.status) for row in rows] == [
        ("read", "Patient", identity, 404),
        ("search-type", "Task", "status=many&_count=x", 400),
        ("update", "Task", task["id"], 404),
        ("transaction", None, None, 404),
        ("read", "Patient", identity, 404),
        ("update", "Task", task["id"], 404),
        ("read", "Task", task["id"], 404),
        ("delete", "Patient", identity, 405),
    ]
    with clinic.database.read() as connection:
        named = connection.scalars(select(audit_patient.c.event)).all()
    assert not {row.id for row in rows} & set(named)
    with clinic.database.write() as connection:
        token = make_token(connection, Principal("admin", None, name="boss", tenant=TENANT), clinic.clock.now())
    events = System(app, token).get("AuditEvent?_count=500").json["entry"]
    outcomes = [one["resource"]["outcome"] for one in events]
    assert outcomes.count("4") == len(rows)
