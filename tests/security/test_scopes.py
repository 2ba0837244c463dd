"""SMART scopes: what is granted never exceeds what is asked for, nor what the role may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.fhirserver import FhirServer, Request
from footbridge.fhirserver.offer import ALL_OF_TYPE, everything
from footbridge.fhirserver.scoped_offer import within_scopes
from footbridge.security.scopes import allows, grant, of_role, parse

TYPES = ["Task", "Patient", "Procedure", "Consent", "Communication", "Organization", "Goal"]
LETTERS = st.sets(st.sampled_from("cruds"), min_size=1).map(lambda some: "".join(one for one in "cruds" if one in some))
SCOPES = st.builds(
    "system/{}.{}".format, st.sampled_from([*TYPES, "*"]), st.one_of(LETTERS, st.sampled_from(["read", "write", "*"]))
)
OTHERS = st.sampled_from(
    ["user/Task.rs", "patient/*.read", "openid", "launch", "system/Task.sr", "system/Task.rs?status=x", "system/Foo.rs",
     "system/.rs", "system/Task.", "system/task.rs", "SYSTEM/Task.rs", "system/Task.rsrs", "system/**.rs", "x" * 5000]
)  # fmt: skip
OF_LETTER = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search-type"}
READ = {"read", "vread", "history-instance", "search-type"}
WRITTEN = {  # https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html, in words of its own
    "read": READ,
    "write": {"create", "conditional-create", "update", "conditional-update", "delete"},
    "*": ALL_OF_TYPE,
}


def meant(scope: str, type_name: str) -> set[str]:
    """What a scope allows, read again from its text."""
    place, _, what = scope.removeprefix("system/").partition(".")
    if place not in {type_name, "*"}:
        return set()
    if what in WRITTEN:
        return set(WRITTEN[what])
    letters = {
        "c": {"create", "conditional-create"},
        "r": READ - {"search-type"},
        "s": {"search-type"},
        "d": {"delete"},
    }
    return set().union(*({**letters, "u": {"update", "conditional-update"}}[letter] for letter in what))


@given(st.lists(SCOPES, max_size=4), st.sampled_from(TYPES), st.sampled_from(sorted(ALL_OF_TYPE)))
def test_scopes_allow_what_they_say(scopes, type_name, interaction):
    assert allows(scopes, type_name, interaction) == any(interaction in meant(scope, type_name) for scope in scopes)


@given(st.lists(st.one_of(SCOPES, OTHERS), max_size=6), st.sampled_from(["recipient", "requester", "navigator"]))
def test_what_is_granted_is_what_is_asked_for_as_far_as_the_role_may(asked, role):
    granted = grant(" ".join(asked), role)
    may = of_role(role)
    system = [scope for scope in asked if parse(scope) is not None]
    for type_name in TYPES:
        for letter, interaction in OF_LETTER.items():
            role_may = letter in may["*"] or letter in may.get(type_name, "")
            assert allows(granted, type_name, interaction) == (role_may and allows(system, type_name, interaction))
    assert all(parse(one) is not None for one in granted)


@given(OTHERS)
def test_what_is_no_scope_of_a_system_grants_nothing(scope):
    assert parse(scope) is None
    assert grant(scope, "recipient") == ()
    assert not allows([scope], "Task", "read")


def test_a_token_without_scopes_is_not_limited_by_them():
    assert allows(None, "Task", "delete")
    assert not allows((), "Task", "read")


def test_no_role_is_granted_what_the_table_of_writes_does_not_have():
    assert grant("system/*.cruds", "recipient") == (
        "system/*.rs", "system/Communication.crus", "system/HealthcareService.crus", "system/Observation.crus",
        "system/Organization.crus", "system/Procedure.crus", "system/Task.rus",
    )  # fmt: skip
    assert grant("system/*.cruds", "nobody") == ()


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("GET", "Task/1", ("system/Task.s",)),
        ("PUT", "Task/1", ("system/Task.rs",)),
        ("POST", "Task", ("system/Patient.cruds",)),
        ("GET", "Patient/1", ("system/Task.rs",)),
        ("GET", "Patient", ("system/Patient.r",)),
    ],
)
def test_a_server_does_not_do_what_the_scopes_leave_out(method, path, scopes):
    server = FhirServer(within_scopes(everything(TYPES), scopes), "http://localhost/fhir")  # without a store
    assert server.handle(Request(method, path, body=b"{}")).status in {403, 404, 405}
    assert within_scopes(everything(TYPES), None) == everything(TYPES)
