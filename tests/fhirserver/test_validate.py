"""``$validate`` as an operation; what it finds is tested over HTTP in tests/web/fhir."""

import pytest
from support.fhir_client import JSON, TASK, XML


def errors(answer):
    return [row["extension"][0]["valueString"] for row in answer.json["issue"] if row["severity"] in {"fatal", "error"}]


@pytest.mark.parametrize("url", ["$validate", "Task/$validate"])
def test_on_the_system_and_on_a_type(ask, url):
    assert errors(ask("POST", url, TASK)) == []
    assert errors(ask("POST", url, TASK | {"status": "nonsense"})) == ["binding.required"]


def test_places_in_a_text_are_told(ask):
    answer = ask("POST", "$validate", b'{"resourceType": "Task",\n "status": "nonsense", "intent": "order"}')
    assert answer.issue["diagnostics"].startswith("line 2, column ")


def test_xml_goes_in_and_comes_out(ask):
    assert "binding.required" in ask("POST", "$validate", TASK | {"status": "nonsense"}, Content_Type=XML).text
    answer = ask("POST", "$validate", b"<Task", Content_Type=XML, Accept=JSON)
    assert (answer.status, errors(answer)) == (200, ["xml.syntax"])


def test_what_cannot_be_asked_is_refused(ask):
    assert ask("POST", "$validate?colour=red", TASK).status == 400
    assert ask("POST", "HumanName/$validate", TASK).status == 404
    assert ask("POST", "$validate", TASK, Content_Type="text/plain").status == 415
    assert ask("POST", "$everything", TASK).status == 404


def test_nothing_is_stored(ask):
    ask("POST", "Task/$validate?mode=create", TASK)
    assert ask("GET", "Task?_total=accurate").json["total"] == 0


def test_every_type_that_is_offered_declares_it(ask):
    rest = ask("GET", "metadata").json["rest"][0]
    assert all(row["operation"][0]["name"] == "validate" for row in [rest, *rest["resource"]])
