"""The CapabilityStatement is what is routed: what it declares works, and everything else is refused."""

import itertools

import pytest
from support.fhir_client import BASE, TASK, TYPES

from footbridge.fhirserver import FhirServer, Offer
from footbridge.fhirserver.capability import FLAGS
from footbridge.fhirserver.offer import ALL_OF_SYSTEM, ALL_OF_TYPE
from footbridge.fhirserver.routes import ROUTES, template_of
from footbridge.fhirserver.server import HANDLERS
from footbridge.fhirserver.validate import validate_operation
from footbridge.store.search_parameters import parameters_of

TRIALS = {
    "read": ("GET", "Task/t", None),
    "vread": ("GET", "Task/t/_history/1", None),
    "history-instance": ("GET", "Task/t/_history", None),
    "update": ("PUT", "Task/t", {**TASK, "id": "t"}),
    "delete": ("DELETE", "Task/t", None),
    "create": ("POST", "Task", TASK),
    "search-type": ("GET", "Task", None),
    "conditional-update": (
        "PUT",
        "Task?identifier=urn:x|1",
        {**TASK, "identifier": [{"system": "urn:x", "value": "1"}]},
    ),
    "transaction": ("POST", "", {"resourceType": "Bundle", "type": "transaction"}),
    "batch": ("POST", "", {"resourceType": "Bundle", "type": "batch"}),
    "capabilities": ("GET", "metadata", None),
}
"""A request of each interaction that succeeds where it is offered, over a store with Task/t."""

OFFERS = [
    frozenset(chosen)
    for size in (0, 1, len(ALL_OF_TYPE | ALL_OF_SYSTEM) - 1, len(ALL_OF_TYPE | ALL_OF_SYSTEM))
    for chosen in itertools.combinations(sorted(ALL_OF_TYPE | ALL_OF_SYSTEM), size)
]


def declared(statement):
    """The interactions that a CapabilityStatement declares, its flags among them; of the type Task."""
    rest = statement["rest"][0]
    task = next((row for row in rest.get("resource", ()) if row["type"] == "Task"), {})
    codes = {row["code"] for row in [*rest.get("interaction", ()), *task.get("interaction", ())]}
    flags = {"conditional-create": "conditionalCreate", "conditional-update": "conditionalUpdate"}
    return codes | {flag for flag, member in flags.items() if task.get(member)} | {"capabilities"}


@pytest.mark.parametrize("offered", OFFERS, ids=lambda offered: "+".join(sorted(offered)) or "nothing")
def test_what_is_declared_works_and_the_rest_is_refused(make, offered):
    make()("PUT", "Task/t", {**TASK, "id": "t"})
    offer = Offer({"Task": offered & ALL_OF_TYPE}, offered & ALL_OF_SYSTEM)
    ask = make(offer)
    statement = make(Offer(offer.types, offer.system | {"capabilities"}))("GET", "metadata").json
    assert declared(statement) == offered | {"capabilities"}
    for interaction, (method, url, body) in TRIALS.items():
        answer = ask(method, url, body)
        if interaction in offered:
            assert answer.status < 300, (interaction, answer.text)
        else:
            assert answer.status in {404, 405, 501}, (interaction, answer.text)
            assert answer.issue["severity"] == "error"
        if interaction == "delete" and interaction in offered:
            make()("PUT", "Task/t", {**TASK, "id": "t"})


def test_every_interaction_has_a_row_a_handler_and_a_trial():
    of_table = {route.interaction for route in ROUTES}
    assert of_table == set(HANDLERS)
    assert of_table == {*TRIALS, "operation"}
    assert of_table | {"conditional-create"} == ALL_OF_TYPE | ALL_OF_SYSTEM | {"operation"}
    assert of_table - FLAGS <= ALL_OF_TYPE | ALL_OF_SYSTEM


def test_search_parameters_and_includes_are_those_of_the_search(ask):
    for row in ask("GET", "metadata").json["rest"][0]["resource"]:
        names = [parameter["name"] for parameter in row["searchParam"]]
        assert set(names) == {"_id", "_lastUpdated", *parameters_of(row["type"])}
        for included in row.get("searchInclude", ()):
            assert ask("GET", f"{row['type']}?_include={included}", Prefer="handling=strict").status == 200
        for included in row.get("searchRevInclude", ()):
            assert ask("GET", f"{row['type']}?_revinclude={included}", Prefer="handling=strict").status == 200
        for parameter in row["searchParam"]:
            value = "2026-03-02" if parameter["type"] == "date" else "x"
            assert ask("GET", f"{row['type']}?{parameter['name']}={value}", Prefer="handling=strict").status == 200


def test_types_that_are_not_offered_do_not_exist(ask):
    assert [row["type"] for row in ask("GET", "metadata").json["rest"][0]["resource"]] == list(TYPES)
    for method, url in [
        ("GET", "Observation/1"),
        ("GET", "Observation"),
        ("POST", "Observation"),
        ("PATCH", "Nonsense/1"),
    ]:
        answer = ask(method, url)
        assert (answer.status, answer.issue["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "url", "allow"),
    [
        ("PATCH", "Task/t", "DELETE, GET, HEAD, PUT"),
        ("POST", "Task/t", "DELETE, GET, HEAD, PUT"),
        ("DELETE", "Task", "GET, HEAD, POST, PUT"),
        ("OPTIONS", "Task", "GET, HEAD, POST, PUT"),
        ("PUT", "Task/t/_history/1", "GET, HEAD"),
        ("POST", "metadata", "GET, HEAD"),
        ("GET", "", "POST"),
        ("GET", "Task/$validate", "POST"),
    ],
)
def test_405_names_the_methods_that_there_are(ask, method, url, allow):
    answer = ask(method, url)
    assert (answer.status, answer.headers["Allow"], answer.issue["code"]) == (405, allow, "not-supported")


@pytest.mark.parametrize(
    "url", ["Task/1/2", "Task//", "_history", "Task/_history", "$nope", "Task/1/$validate", "metadata/x", "a" * 9000]
)
def test_where_nothing_is_there_is_404(ask, url):
    assert ask("GET", url).status == 404


def test_a_method_that_http_does_not_have_is_501(ask):
    assert ask("PROPFIND", "Task/1").status == 501


def test_modes_of_the_statement(ask):
    assert ask("GET", "metadata?mode=full").status == ask("GET", "metadata?mode=normative").status == 200
    assert ask("GET", "metadata?mode=terminology").status == 400
    assert ask("HEAD", "metadata").text == ""


def test_a_server_of_operations_only_needs_no_store(make):
    server = FhirServer(Offer(system=frozenset({"capabilities"}), operations=(validate_operation(),)), BASE)
    ask = type(make())(server)
    assert ask("GET", "metadata").json["rest"][0]["operation"][0]["name"] == "validate"
    assert ask("POST", "$validate", TASK).status == 200
    assert ask("GET", "Task/1").status == 404


def test_routes_for_a_log_hold_no_ids():
    assert template_of("Task/123/_history/4") == "Task/{id}/_history/{vid}"
    assert template_of("Task/_search") == "Task/_search"
    assert template_of("Task/$validate") == "Task/$validate"
    assert template_of("Patient/a b") == "*"
    assert template_of("") == ""
