"""Each audience has its door: who may come in, how it is refused, which headers it gets."""

import pytest

from footbridge.web.front_doors import FRONT_DOORS, door_of

DOORS = {door.name: door for door in FRONT_DOORS}
FORMS = {"public": "application/problem+json", "api": "application/problem+json", "fhir": "application/fhir+json"} | {
    "portal": "text/html"
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "public"),
        ("/apis", "public"),
        ("/fhirs/x", "public"),
        ("/api", "api"),
        ("/api/v1/changes", "api"),
        ("/fhir", "fhir"),
        ("/fhir/Patient/1", "fhir"),
        ("/portal", "portal"),
        ("/portal/nowhere", "portal"),
    ],
)
def test_an_address_belongs_to_a_door_also_where_no_route_takes_it(office, path, name):
    assert door_of(path).name == name
    answer = office.client.post(path)
    assert answer.status_code in {401, 404, 405}
    assert answer.mimetype == FORMS[name]
    for header, value in DOORS[name].headers.items():
        assert answer.headers[header] == value


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/openapi.yaml", "/api/v1/changes", "/fhir/$validate", "/nowhere"])
def test_nothing_may_be_cached_guessed_or_shown(office, path):
    headers = office.client.get(path, headers=office.as_("emr")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
