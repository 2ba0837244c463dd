"""One table of errors: the same exception is the same refusal, as problem details and as an OperationOutcome."""

import inspect
from types import SimpleNamespace

import pytest
import yaml
from flask.testing import FlaskClient
from support.contract import DESCRIPTION

from footbridge import errors
from footbridge.error_kinds import ERRORS, KINDS, NOTHING_STORED, PERHAPS_STORED, kind_of
from footbridge.store import interaction_errors
from footbridge.store.interaction_errors import InteractionError
from footbridge.web.errors import Problem

OURS = {
    errors.FootbridgeError,
    errors.ConfigurationError,
    errors.MappingFault,
    errors.PartnerError,
    errors.PartnerRefused,
}
"""What no caller can cause."""
ISSUE_TYPES = {
    "invalid", "structure", "required", "value", "login", "forbidden", "not-supported", "not-found", "deleted",
    "too-long", "throttled", "timeout", "conflict", "business-rule", "exception", "transient", "processing", "multiple-matches",
}  # fmt: skip


def classes(module, root):
    return [found for _, found in inspect.getmembers(module, inspect.isclass) if issubclass(found, root)]


def test_every_error_is_in_the_table_or_ours():
    everything = set(classes(errors, errors.FootbridgeError))
    assert everything == ERRORS.keys() | OURS
    for error in OURS:
        assert KINDS[kind_of(error.__new__(error))].status == 500


@pytest.mark.parametrize("error", classes(interaction_errors, InteractionError))
def test_an_interaction_error_has_its_own_status(error):
    kind = KINDS[kind_of(error.__new__(error))]
    assert kind.status == error.status
    assert kind.status != 500 or error is InteractionError


def test_kinds_speak_fhir():
    assert {kind.issue for kind in KINDS.values()} <= ISSUE_TYPES


def test_the_description_lists_every_kind():
    described = yaml.safe_load(DESCRIPTION.read_text())["components"]["schemas"]["Problem"]["properties"]["type"]
    for name, kind in KINDS.items():
        assert f"| `{name}` | {kind.status} | {kind.title} |" in described["description"]


@pytest.fixture
def failing(office, monkeypatch):
    """Lets a step of intake raise, or of $validate; answers what the caller gets."""

    def post(error, path="/api/v1/prescriptions"):
        def fail(*_args, **_more):
            raise error

        monkeypatch.setattr(office.app.extensions["footbridge"].intake, "submit", fail)
        monkeypatch.setattr("footbridge.web.fhir.validate.SERVER", SimpleNamespace(handle=fail))
        kind = "application/fhir+json" if path.startswith("/fhir") else "application/json"
        client = FlaskClient(office.app, office.app.response_class)  # no view may answer all of these
        return client.post(path, data="{}", content_type=kind, headers=office.as_("emr"))

    return post


@pytest.mark.parametrize("error", [interaction_errors.NotFound("No such Task."), errors.NotFoundError("No such Task.")])
def test_what_the_store_does_not_find_is_a_404(failing, error):
    answer = failing(error)
    assert (answer.status_code, answer.json["title"], answer.json["detail"]) == (404, "Not found", "No such Task.")
    assert answer.json["type"] == "urn:footbridge:problem/not-found"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (interaction_errors.NotFound("Gone away."), 404, "not-found"),
        (interaction_errors.Gone("Gone away."), 410, "deleted"),
        (errors.ForbiddenError("Gone away."), 403, "forbidden"),
        (errors.ConflictError("Gone away."), 409, "conflict"),
        (errors.LifecycleError("Gone away."), 422, "business-rule"),
        (Problem("unavailable", "Gone away."), 503, "transient"),
        (RuntimeError("Arne Lindqvist"), 500, "exception"),
    ],
)
def test_fhir_shows_it_as_an_outcome(office, failing, error, status, code):
    answer = failing(error, "/fhir/$validate")
    assert (answer.status_code, answer.json["issue"][0]["code"]) == (status, code)
    assert ("Gone away." in answer.text) == (status != 500)
    assert "Lindqvist" not in answer.text


def test_an_error_says_what_is_known_of_its_effect(office, monkeypatch):
    """Before the commit of a request nothing was stored; after it, perhaps."""
    broken = office.submit(office.prescription(number=1), **{"Idempotency-Key": "k-0"}).headers["Location"]

    def fail(*_args, **_more):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("footbridge.web.api.prescriptions.raw_body", fail)
        before = office.submit(office.prescription(number=2))
        patched.setattr("footbridge.web.api.events.state_of", fail)
        after = office.say(broken, "accept", who="lakeside")
        reading = office.client.get(f"{broken}/timeline", headers=office.as_("emr"))
    assert reading.status_code == 200
    assert (before.status_code, after.status_code) == (500, 500)
    assert before.json["detail"].startswith(NOTHING_STORED)
    assert after.json["detail"].startswith(PERHAPS_STORED)
    assert office.get(f"{broken}/timeline").json["events"][-1]["name"] == "accept"
    with monkeypatch.context() as patched:  # the next request of this thread begins anew
        patched.setattr("footbridge.web.api.prescriptions.raw_body", fail)
        assert office.submit().json["detail"].startswith(NOTHING_STORED)
