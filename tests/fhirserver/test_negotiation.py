"""JSON and XML, both ways."""

import pytest
from support.fhir_client import JSON, TASK, XML


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json", JSON),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", XML),
        (XML, XML),
        (f"{JSON};q=0.2, {XML};q=0.7", XML),
        (f"{JSON}; fhirVersion=4.0", JSON),
        (f"{JSON}; fhirVersion=5.0, {XML}; fhirVersion=4.0;q=0.1", XML),
        (f"{JSON};q=0, {XML}", XML),
        ("application/fhir+json; charset=utf-8", JSON),
        (" ", JSON),
    ],
)
def test_the_answer_has_the_best_form_that_is_accepted(ask, accept, expected):
    headers = {} if accept is None else {"Accept": accept}
    assert ask("GET", "Task", **headers).headers["Content-Type"] == expected


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", f"{JSON}; fhirVersion=3.0", f"{JSON};q=0", "nonsense"])
def test_what_is_not_acceptable_is_406(ask, accept):
    answer = ask("GET", "Task", Accept=accept)
    assert (answer.status, answer.issue["code"]) == (406, "not-supported")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("json", JSON), ("xml", XML), ("application/fhir+xml", XML), ("application%2Ffhir%2Bxml", XML), ("text/xml", XML)],
)
def test_the_format_in_the_address_wins(ask, value, expected):
    assert ask("GET", f"Task?_format={value}", Accept=JSON).headers["Content-Type"] == expected


def test_an_unknown_format_is_406(ask):
    assert ask("GET", "Task?_format=html", Accept=JSON).status == 406
    assert ask("GET", "Task?_format=json&_format=xml").status == 400


def test_xml_in_and_out(ask):
    made = ask("POST", "Task", {**TASK, "description": "<&>"}, Content_Type=XML)
    assert (made.status, made.headers["Content-Type"]) == (201, XML)
    place = made.headers["Location"].partition("/r4/")[2].partition("/_history")[0]
    assert ask("GET", place).json["description"] == "<&>"
    assert "&lt;&amp;&gt;" in ask("GET", place, Accept=XML).text
    assert ask("GET", f"{place}/_history", Accept=XML).text.startswith("<?xml")


def test_a_refusal_has_the_form_that_is_wanted(ask):
    assert "<OperationOutcome" in ask("GET", "Task/none", Accept=XML).text
    assert "<OperationOutcome" in ask("POST", "Task", b"<Task/>", Content_Type=XML).text


@pytest.mark.parametrize(
    "body", [b"<Task", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Task xmlns='http://hl7.org/fhir'/>", b"<a/>"]
)
def test_bad_xml_is_refused(ask, body):
    assert ask("POST", "Task", body, Content_Type=XML, Accept=JSON).status == 400


@pytest.mark.parametrize(
    "content",
    ["text/plain", "application/x-www-form-urlencoded", f"{JSON}; charset=latin-1", f"{JSON}; fhirVersion=5.0"],
)
def test_other_bodies_are_415(ask, content):
    answer = ask("POST", "Task", TASK, Content_Type=content)
    assert (answer.status, answer.issue["code"]) == (415, "not-supported")
    assert answer.headers["Accept"] == f"{JSON}, {XML}"


def test_an_encoded_body_that_the_adapter_did_not_decode_is_415(ask):
    assert ask("POST", "Task", TASK, Content_Encoding="gzip").status == 415


@pytest.mark.parametrize("content", ["application/json", "application/json+fhir", f"{JSON};charset=UTF-8", ""])
def test_names_of_json_that_are_sent(ask, content):
    assert ask("POST", "Task", TASK, Content_Type=content).status == 201
