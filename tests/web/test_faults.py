"""What is wrong with a body is told whole, at its places, and nothing is stored."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footbridge.data import folder

EXPECTED = json.loads(folder("examples").joinpath("bad", "expected.json").read_bytes())
UNREADABLE = {"not-json", "encoding", "too-deep"}
UNREADABLE_FILES = {"bare-control-character.json"}


def is_empty(office):
    with office.database.read() as connection:
        tables = ("prescription", "resource", "job", "event", "person", "idempotency")
        return all(not connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_fault_is_told_at_its_pointer(office, name):
    answer = office.submit(folder("examples").joinpath("bad", name).read_bytes(), **{"Idempotency-Key": "k-1"})
    wanted = EXPECTED[name]["faults"]
    rules = {fault["rule"].partition(".")[2] for fault in wanted}
    unreadable = rules <= UNREADABLE or name in UNREADABLE_FILES
    assert answer.status_code == (400 if unreadable else 422), answer.text
    found = {(fault["rule"], fault["pointer"]) for fault in answer.json["errors"]}
    assert found == {(fault["rule"], fault["pointer"]) for fault in wanted}
    assert is_empty(office)


def test_a_refusal_repeats_nothing_of_what_was_sent(office):
    secret = "Zebulon Quackenbush"
    document = office.prescription(kind=secret, language=secret, authored=secret)
    document["client"] |= {"birthDate": secret, "gender": secret, "name": {"family": 7, "given": secret}}
    document["needs"][0]["category"] = secret
    answer = office.submit(document)
    assert answer.status_code == 422
    assert len(answer.json["errors"]) >= 5
    assert "Zebulon" not in answer.text


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "application/fhir+json",
        "multipart/form-data",
    ],
)
def test_another_media_type_is_refused(office, content_type):
    body = json.dumps(office.prescription())
    answer = office.client.post(
        "/api/v1/prescriptions", data=body, headers=office.as_("emr", **{"Content-Type": content_type})
    )
    assert (answer.status_code, answer.headers["Accept"]) == (415, "application/json")


def test_json_in_utf8_may_say_so(office):
    body = json.dumps(office.prescription())
    headers = office.as_("emr", **{"Content-Type": "application/json; charset=UTF-8"})
    assert office.client.post("/api/v1/prescriptions", data=body, headers=headers).status_code == 201


def test_a_packed_body_is_refused(office):
    assert office.submit(**{"Content-Encoding": "gzip"}).status_code == 415


class Unread:
    """A body that must not be read."""

    def __init__(self, size):
        self.size, self.place = size, 0

    def seek(self, offset, whence=0):
        self.place = self.size if whence == 2 else offset

    def tell(self):
        return self.place

    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = readinto = read


def test_a_body_that_is_too_large_is_not_read(office):
    answer = office.client.post(
        "/api/v1/prescriptions",
        input_stream=Unread(10_000_000),
        content_type="application/json",
        headers=office.as_("emr"),
    )
    assert (answer.status_code, answer.json["type"]) == (413, "urn:footbridge:problem/too-large")


def test_nobody_unknown_has_a_body_read(office):
    answer = office.client.post("/api/v1/prescriptions", input_stream=Unread(10))
    assert answer.status_code == 401


def test_a_body_of_too_many_values_is_refused(office):
    assert office.submit(b"[" + b"0," * 400_000 + b"0]").status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5_000]
)
@pytest.mark.parametrize(
    "path", ["", "/7d4d2f3e-0000-4000-8000-000000000000/cancel", "/7d4d2f3e-0000-4000-8000-000000000000/events"]
)
def test_hostile_bodies_are_refused(office, path, body):
    answer = office.client.post(
        f"/api/v1/prescriptions{path}", data=body, content_type="application/json", headers=office.as_("emr")
    )
    assert answer.status_code in {400, 422}
    assert answer.json["errors"]


SOME_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | SOME_JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_makes_the_app_fall_over(office, body):
    assert 400 <= office.submit(body).status_code < 500


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_a_good_prescription_makes_the_app_fall_over(office, data):
    document = office.prescription("01-good-food-box")
    places = list(_places(document))
    for where in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        target = document
        try:
            for step in where[:-1]:
                target = target[step]
            target[where[-1]] = data.draw(SOME_JSON)
        except (KeyError, IndexError, TypeError):
            continue
    assert office.submit(document).status_code < 500


def _places(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from _places(item, (*path, step))
