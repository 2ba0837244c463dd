"""``GET /``: people in a browser come to the portal, programs are told that nothing is there."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"])
def test_a_browser_is_led_to_the_portal(office, accept):
    answer = FlaskClient(office.app).get("/", headers={"Accept": accept})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/portal"
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/fhir+json"])
def test_a_program_gets_problem_details(office, accept):
    answer = FlaskClient(office.app).get("/", headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 404
    assert answer.content_type.startswith("application/problem+json")
