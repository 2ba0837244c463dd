"""Search by GET and by POST."""

import pytest
from support.fhir_client import BASE, TASK

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def tasks(ask):
    for status in ("requested", "accepted", "accepted"):
        ask("POST", "Task", {**TASK, "status": status})


def found(answer):
    return [entry["resource"]["status"] for entry in answer.json.get("entry", ()) if entry["search"]["mode"] == "match"]


def test_get_and_post_find_the_same(ask, tasks):
    assert found(ask("GET", "Task?status=accepted")) == ["accepted", "accepted"]
    assert found(ask("POST", "Task/_search", b"status=accepted", Content_Type=FORM)) == ["accepted", "accepted"]
    assert found(ask("POST", "Task/_search?status=accepted")) == ["accepted", "accepted"]
    assert len(found(ask("POST", "Task/_search"))) == 3
    mixed = ask("POST", "Task/_search?status=accepted", b"_count=1", Content_Type=f"{FORM}; charset=utf-8")
    assert len(found(mixed)) == 1


def test_pages_are_linked(ask, tasks):
    page, seen = ask("GET", "Task?_count=1"), []
    while True:
        seen += found(page)
        links = {link["relation"]: link["url"] for link in page.json["link"]}
        if "next" not in links:
            break
        page = ask("GET", links["next"].removeprefix(f"{BASE}/"))
    assert seen == ["requested", "accepted", "accepted"]


def test_the_format_may_stand_in_the_form(ask, tasks):
    assert ask("POST", "Task/_search", b"_format=xml", Content_Type=FORM).text.startswith("<?xml")


def test_a_parameter_that_is_not_known_is_ignored_aloud_or_refused(ask, tasks):
    lenient = ask("GET", "Task?colour=red")
    assert len(found(lenient)) == 3
    outcome = lenient.json["entry"][-1]
    assert (outcome["search"]["mode"], outcome["resource"]["issue"][0]["severity"]) == ("outcome", "warning")
    assert "colour" in outcome["resource"]["issue"][0]["details"]["text"]
    assert ask("GET", "Task?colour=red", Prefer="handling=lenient").status == 200
    strict = ask("GET", "Task?colour=red", Prefer="handling=strict")
    assert (strict.status, strict.issue["code"]) == (400, "not-supported")


@pytest.mark.parametrize(
    "query",
    [
        "_sort=nonsense",
        "_count=x",
        "_count=1&_count=2",
        "_sort=_id&_sort=-_id",
        "_cursor=x",
        "_total=some",
        "status:x=1",
    ],
)
def test_a_bad_query_is_refused(ask, query):
    assert ask("GET", f"Task?{query}").status == 400


@pytest.mark.parametrize(
    "query",
    [
        "_contained=true",
        "_containedType=container",
        "_include=Task:status",
        "_include:often=Task:focus",
        "_revinclude=*",
        "_has:Task:part-of:status=requested",
        "patient.animal.name=Rex",
        "_filter=status eq requested",
        "_text=food",
        "_list=mine",
    ],
)
def test_what_is_not_obeyed_is_named_and_with_strict_refused(ask, query):
    name = query.partition("=")[0]
    lenient = ask("GET", f"Task?{query}")
    assert lenient.status == 200
    assert name in lenient.json["entry"][-1]["resource"]["issue"][0]["details"]["text"]
    assert name not in lenient.json["link"][0]["url"]
    strict = ask("GET", f"Task?{query}", Prefer="handling=strict")
    assert (strict.status, strict.issue["code"]) == (400, "not-supported")
    assert name in strict.issue["details"]["text"]


def test_contained_resources_are_no_matches_as_who_asks_so_is_told(ask, tasks):
    assert len(ask("GET", "Task?_contained=false", Prefer="handling=strict").json["entry"]) == 3


def test_a_search_has_an_end(ask):
    assert ask("GET", "Task?" + "&".join(["status=requested"] * 100)).status == 200
    assert ask("GET", "Task?_id=" + ",".join(["1"] * 200)).status == 200
    assert ask("GET", "Task?status=" + ",".join(["requested"] * 200)).status == 200
    assert ask("GET", "Task?owner=" + ",".join(["Organization/1"] * 200)).status == 200
    assert ask("GET", "Task?authored-on=" + ",".join(["ge2026"] * 200)).status == 200
    assert ask("GET", "Task?" + "&".join(["status=requested"] * 101)).status == 400
    assert ask("GET", "Task?status=" + ",".join(["requested"] * 201)).status == 400
    assert ask("POST", "Task", TASK, If_None_Exist="status=" + ",".join(["requested"] * 201)).status == 400


@pytest.mark.parametrize(
    ("body", "content", "status"),
    [
        (b"status=accepted", "application/json", 415),
        (b"status=accepted", "", 415),
        (b"status=\xff", FORM, 400),
        (b"status=%FF", FORM, 400),
        (b"&".join([b"status=accepted"] * 101), FORM, 400),
    ],
)
def test_a_body_that_is_no_form_is_refused(ask, body, content, status):
    assert ask("POST", "Task/_search", body, Content_Type=content).status == status


def test_search_by_get_has_no_body_of_its_own_and_its_address_no_underscore(ask):
    answer = ask("GET", "Task/_search")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
