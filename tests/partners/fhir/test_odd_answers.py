"""Answers that are odd but not wrong: what was created is not created again, what can be read is read."""

import codecs
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.delivery import deliver
from footbridge.partners.fhir.polling import poll_tasks
from footbridge.partners.fhir.server import Remote

TASK = {"resourceType": "Task", "id": "t1", "status": "requested"}
NAMED = {**TASK, "identifier": [{"system": "urn:x", "value": "1"}]}
CONDITION = "identifier=urn:x|1"
ODD = {
    "empty": b"",
    "null": b"null",
    "object": b"{}",
    "list": b"[]",
    "number": b"5",
    "string": b'"created"',
    "text": b"Created",
    "xml": b'<Task xmlns="http://hl7.org/fhir"><id value="t1"/></Task>',
    "html": b"<html><body>Created</body></html>",
    "another type": b'{"resourceType":"OperationOutcome","id":"t9","meta":{"versionId":"9"}}',
    "another id": b'{"resourceType":"Task","id":"t9","meta":{"versionId":"9"}}',
    "no type": b'{"id":"t9"}',
    "type that is a list": b'{"resourceType":["Task"],"id":"t9"}',
    "meta that is a string": b'{"resourceType":"Task","id":"t1","meta":"9"}',
    "broken": b'{"resourceType":"Ta',
    "not utf-8": b'{"resourceType":"Task","id":"\xff"}',
    "deep": b"[" * 100_000,
}


def bundle(*resources: Any) -> Any:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}


@pytest.mark.parametrize("kind", ["application/fhir+json", "text/html", "application/fhir+xml", ""])
@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_write_that_says_where_it_went_succeeded(verbatim: Any, status: int, body: str, kind: str) -> None:
    data = b"" if status == 204 else ODD[body]
    verbatim.says(status, data, kind=kind, Location=f"{verbatim.base_url}/Task/t1/_history/3")
    client = FhirClient(verbatim.base_url)
    assert client.create(TASK, CONDITION) == Remote("Task", "t1", "3", created=status == 201)
    assert client.update(TASK, if_match="2").version == "3"
    assert [seen.method for seen in verbatim.seen] == ["POST", "PUT"]


@pytest.mark.parametrize("body", [one for one in ODD if one not in {"another id", "meta that is a string"}])
def test_a_write_that_does_not_say_where_is_looked_up(verbatim: Any, body: str) -> None:
    verbatim.says(201, ODD[body]).says(200, bundle(NAMED))
    assert FhirClient(verbatim.base_url).create(TASK, CONDITION).id == "t1"
    assert [seen.method for seen in verbatim.seen] == ["POST", "GET"]


@pytest.mark.parametrize("body", ODD)
def test_a_transaction_with_an_odd_answer_is_not_sent_again_where_all_of_it_arrived(verbatim: Any, body: str) -> None:
    request = {"method": "POST", "url": "Task", "ifNoneExist": CONDITION}
    sent = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:1", "resource": TASK, "request": request}]}
    verbatim.says(200, ODD[body]).says(200, bundle(NAMED))
    found = deliver(FhirClient(verbatim.base_url), sent, "transaction", look_first="never")
    assert found["urn:1"].id == "t1"
    assert [seen.method for seen in verbatim.seen] == ["POST", "GET"]


@pytest.mark.parametrize(
    "location", ["Task/t1", "/fhir/Task/t1", "BASE/Task/t1", "http://inner:8080/x/Task/t1", "Task/t1/"]
)
@pytest.mark.parametrize("header", ["Location", "Content_Location"])
@pytest.mark.parametrize("etag", ['W/"3"', '"3"', "3", ' w/"3" '])
def test_place_and_version_in_any_form(verbatim: Any, location: str, header: str, etag: str) -> None:
    verbatim.says(201, b"", ETag=etag, **{header: location.replace("BASE", verbatim.base_url)})
    assert FhirClient(verbatim.base_url).create(TASK) == Remote("Task", "t1", "3", created=True)


@pytest.mark.parametrize(
    "location", ["Task/..", "Task/../_history/1", "Patient/t1", "Task/a b", "Task", "http://[", "Task/t1?x"]
)
def test_a_location_that_is_none_is_passed_over(verbatim: Any, location: str) -> None:
    verbatim.says(201, b"", Location=location, Content_Location="Task/t1/_history/4")
    assert FhirClient(verbatim.base_url).create(TASK) == Remote("Task", "t1", "4", created=True)


@pytest.mark.parametrize("etag", ['W/"7"', '"7"', "7"])
@pytest.mark.parametrize(
    "meta", [None, {}, "x", [], 5, {"versionId": 7}, {"versionId": ""}, {"lastUpdated": "2026-01-01T00:00:00Z"}]
)
def test_a_version_that_stands_only_in_the_etag_is_kept_for_if_match(verbatim: Any, etag: str, meta: Any) -> None:
    from footbridge.partners.fhir.push import push

    task = TASK if meta is None else {**TASK, "meta": meta}
    verbatim.says(200, task, ETag=etag).says(200, TASK, ETag='W/"8"')
    remote = push(FhirClient(verbatim.base_url), "Task", "t1", lambda current: {**current, "status": "completed"})
    assert verbatim.seen[1].headers["If-Match"] == 'W/"7"'
    assert remote is not None
    assert remote.version == "8"


@pytest.mark.parametrize("version", ["a" * 65, 'a"b', "a\r\nX: y", "é", "a b", "\x00", ""])
def test_a_version_that_fits_no_header_and_no_column_counts_as_missing(verbatim: Any, version: str) -> None:
    verbatim.says(200, {**TASK, "meta": {"versionId": version}}).says(200, TASK)
    client = FhirClient(verbatim.base_url)
    assert "versionId" not in client.read("Task", "t1").get("meta", {})
    client.update(TASK, if_match=version)
    assert "If-Match" not in verbatim.seen[1].headers


ENCODINGS = {
    "byte order mark": (codecs.BOM_UTF8 + '{"x":"é"}'.encode(), "application/fhir+json"),
    "utf-16": (codecs.BOM_UTF16_LE + '{"x":"é"}'.encode("utf-16-le"), "application/fhir+json"),
    "latin-1": ('{"x":"é"}'.encode("latin-1"), "application/fhir+json; charset=ISO-8859-1"),
    "windows": ('{"x":"é"}'.encode("cp1252"), 'application/fhir+json; fhirVersion=4.0; charset="windows-1252"'),
    "utf-8 that says latin-1": ('{"x":"é"}'.encode(), "application/json;charset=iso-8859-1"),
    "charset in capitals": ('{"x":"é"}'.encode(), "application/fhir+json;charset=UTF-8"),
    "unknown charset": ('{"x":"é"}'.encode(), "application/fhir+json;charset=klingon"),
    "no kind": ('{"x":"é"}'.encode(), ""),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_json_is_read_whatever_its_bytes(verbatim: Any, name: str) -> None:
    body, kind = ENCODINGS[name]
    mark = next((m for m in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE) if body.startswith(m)), b"")
    codec = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "latin-1"
    rest = '"resourceType":"Task","id":"t1",'
    whole = body.replace("{".encode(codec), ("{" + rest).encode(codec), 1)
    verbatim.says(200, whole, kind=kind)
    assert FhirClient(verbatim.base_url).read("Task", "t1")["x"] == "é"


@pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), 127])
def test_no_control_character_comes_in(verbatim: Any, code: int) -> None:
    text = f"a{chr(code)}b"
    task = {**TASK, "statusReason": {"text": text}, text: [text], "output": [{"valueString": text}]}
    verbatim.says(200, bundle(task))
    (found,) = FhirClient(verbatim.base_url).search("Task", [])
    assert chr(code) not in repr(json.dumps(found, ensure_ascii=False))
    assert found["statusReason"]["text"] == "ab"


def test_line_ends_and_tabs_stay(verbatim: Any) -> None:
    verbatim.says(200, {**TASK, "description": "a\r\n\tb\x00"})
    assert FhirClient(verbatim.base_url).read("Task", "t1")["description"] == "a\r\n\tb"


def copy_of(version: Any, updated: str | None, status: str) -> Any:
    return {**TASK, "status": status, "meta": {"versionId": version, "lastUpdated": updated}}


OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
PAIRS = {
    "by time": (copy_of("9", OLD, "old"), copy_of("1", NEW, "new")),
    "by time in another offset": (
        copy_of("1", "2026-01-01T23:30:00+02:00", "old"),
        copy_of("1", "2026-01-01T22:00:00Z", "new"),
    ),
    "by version, not as text": (copy_of("9", OLD, "old"), copy_of("10", OLD, "new")),
    "by version without times": (copy_of("9", None, "old"), copy_of("10", None, "new")),
    "with a time": (copy_of("a", None, "old"), copy_of("b", NEW, "new")),
}


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("first", ["old", "new"])
@pytest.mark.parametrize("name", PAIRS)
def test_of_two_copies_the_newer_counts(verbatim: Any, name: str, first: str, pages: int) -> None:
    copies = PAIRS[name] if first == "old" else PAIRS[name][::-1]
    if pages == 1:
        verbatim.says(200, bundle(*copies))
    else:
        link = [{"relation": "next", "url": "?page=2"}]
        verbatim.says(200, {**bundle(copies[0]), "link": link}).says(200, bundle(copies[1]))
    (found,) = poll_tasks(FhirClient(verbatim.base_url), None).tasks
    assert found["status"] == "new"


@pytest.mark.parametrize("base", ["", "/deep/er"])
@pytest.mark.parametrize("link", ["?page=2", "Task?page=2", "/Task?page=2", "PATH/Task?page=2", "BASE/Task?page=2"])
def test_every_form_of_a_next_link(verbatim: Any, base: str, link: str) -> None:
    url = verbatim.base_url + base
    said = link.replace("BASE", url).replace("PATH", "/fhir" + base)
    verbatim.says(200, {**bundle(TASK), "link": [{"relation": "next", "url": said}]}).says(200, bundle())
    list(FhirClient(url).search("Task", []))
    assert verbatim.seen[1].path == f"/fhir{base}/Task?page=2"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 412, 422, 501])
def test_what_no_repeat_will_change_is_refused(verbatim: Any, status: int) -> None:
    verbatim.says(status, outcome("Grace Okafor"))
    with pytest.raises(PartnerRefused) as error:
        FhirClient(verbatim.base_url).create(TASK, CONDITION)
    assert error.value.status == status


@pytest.mark.parametrize("status", [408, 409, 423, 425, 429, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 01 Mar 2026 00:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 00:00:00 GMT", 0.0),
        ("-5", None),
        ("9" * 400, 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -1400", 86400.0),
        ("1e9", None),
        ("soon", None),
        ("7.5", None),
        ("", None),
        ("Sun, 99 Mar 2026", None),
    ],
)
def test_what_a_repeat_may_change_is_tried_again_when_the_partner_says(
    verbatim: Any, status: int, wait: str, seconds: float | None
) -> None:
    def answer(handler: Any) -> None:
        handler.send_response_only(status)
        for name, value in {
            "Date": "Sun, 01 Mar 2026 00:00:00 GMT",
            "Retry-After": wait,
            "Content-Length": "0",
        }.items():
            handler.send_header(name, value)
        handler.end_headers()

    verbatim.does(answer)
    with pytest.raises(PartnerUnavailable) as error:
        FhirClient(verbatim.base_url).create(TASK, CONDITION)
    assert error.value.retry_after == seconds


def outcome(text: str) -> Any:
    issue = {
        "severity": "error",
        "code": text.lower().replace(" ", "-"),
        "diagnostics": text,
        "details": {"text": text},
    }
    return {"resourceType": "OperationOutcome", "text": {"div": text}, "issue": [issue, {"code": "invariant"}]}


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 422, 429, 500, 503])
@pytest.mark.parametrize("kind", ["application/fhir+json", "text/html", "application/fhir+xml"])
def test_what_a_partner_writes_of_a_person_is_never_repeated(verbatim: Any, status: int, kind: str) -> None:
    body = outcome("Okafor") if "json" in kind else b"<html>Okafor 9876543217</html>"
    verbatim.says(status, body, kind=kind, Location="https://x.test/Patient?name=Okafor", WWW_Authenticate="Okafor")
    with capture_logs() as logs, pytest.raises(PartnerError) as error:
        FhirClient(verbatim.base_url).read("Task", "t1")
    assert "okafor" not in (str(error.value) + repr(logs)).lower()


def test_a_read_of_another_resource_is_refused(verbatim: Any) -> None:
    verbatim.says(200, {**TASK, "id": "t2"})
    with pytest.raises(PartnerRefused, match="another Task"):
        FhirClient(verbatim.base_url).read("Task", "t1")
