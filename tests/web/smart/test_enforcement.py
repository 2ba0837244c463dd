"""A token with scopes does at ``/fhir`` what they allow, and nothing else."""

import pytest
from flask import g

from footbridge.model.principals import Principal
from footbridge.security.scopes import grant
from footbridge.web.errors import Problem
from footbridge.web.smart.enforcement import require_scopes

ALL = grant("system/*.cruds", "recipient")


@pytest.mark.parametrize(
    ("scopes", "method", "address", "allowed"),
    [
        (("system/Task.r",), "GET", "/Task/1", True),
        (("system/Task.r",), "HEAD", "/Task/1", True),
        (("system/Task.r",), "GET", "/Task/1/_history", True),
        (("system/Task.r",), "GET", "/Task/1/_history/2", True),
        (("system/Task.r",), "GET", "/Task", False),
        (("system/Task.r",), "GET", "/Task/?status=x", False),
        (("system/Task.r",), "PUT", "/Task/1", False),
        (("system/Task.read",), "GET", "/Task?status=x", True),
        (("system/Task.read",), "GET", "/Patient/1", False),
        (("system/Task.u",), "PUT", "/Task/1", True),
        (("system/Task.u",), "PUT", "/Task?identifier=x", True),
        (("system/Task.u",), "POST", "/Task", False),
        (("system/Task.rs",), "GET", "/Task?_include=Task:patient", True),
        (("system/Task.s",), "GET", "/Task?status=x", True),
        (("system/Task.rs",), "GET", "/Patient?_revinclude=Task:patient", False),
        (("system/Task.r",), "POST", "/Task/_search", False),
        (("system/*.rs",), "GET", "/Task?_include=Task:patient", True),
        (("system/*.rs",), "POST", "/Task/_search", True),
        (("system/*.rs",), "POST", "", True),
        (("system/*.rs",), "POST", "/Task", False),
        (("system/Task.rus",), "POST", "", True),
        (ALL, "POST", "", True),
        (("system/*.cruds",), "POST", "", True),
        (("system/Task.r",), "GET", "/metadata", True),
        (("system/Task.r",), "POST", "/$validate", True),
        (None, "POST", "", True),
        (None, "DELETE", "/Task/1", True),
        ((), "GET", "/Task/1", False),
    ],
)
def test_a_request_is_judged_by_the_scopes(office, scopes, method, address, allowed):
    with office.app.test_request_context(f"/fhir{address}", method=method):
        g.principal = Principal("recipient", "lakeside-services", tenant="north", scopes=scopes)
        if allowed:
            require_scopes()
            return
        with pytest.raises(Problem) as refused:
            require_scopes()
    assert refused.value.status == 403
    assert 'error="insufficient_scope"' in refused.value.headers["WWW-Authenticate"]


def test_it_is_at_the_door(software):
    token = software.ask(scope="system/Task.rs").json["access_token"]
    answer = software.office.client.get("/fhir/AuditEvent", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
