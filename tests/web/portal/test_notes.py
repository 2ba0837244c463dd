"""A note about a referral: whoever may see it reads it, and that of a service reaches the requester's system."""

import html
import json

import orjson
import pytest

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.store.partners import Partner, add_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.search import search
from footbridge.validation import Validator

NOTE = "Landlord called: plan drafted. <i>é</i> \U0001f319 \u0627\u0644\u0633\u0644\u0627\u0645"


def page_of(browser, referral):
    return html.unescape(browser.get(f"/portal/referrals/{referral}").text)


@pytest.mark.parametrize("at", ["requested", "accepted", "on-hold"])
def test_a_worker_writes_a_note_that_those_who_asked_read(house, at):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    if at != "requested":
        ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    if at == "on-hold":
        ana.act(referral, "hold", reason="Full")
    assert ana.act(referral, "note", text="").status_code == 422
    page = ana.get(f"/portal/referrals/{referral}/do/note")
    assert [ana.send(page, "/do/note", text=NOTE).status_code for _click in range(2)] == [303, 303]
    for name in ("kit", "doctor", "root", "ana"):
        text = page_of(house.browser(name), referral)
        assert text.count(NOTE) == 1
        assert "Ana (Lakeside Services) wrote a note." in text
    assert house.browser("bo").get(f"/portal/referrals/{referral}").status_code == 404
    assert "note" not in house.browser("root").offered(referral)


def test_a_note_of_the_requesters_side_is_not_for_the_service(house):
    _prescription, referral = house.prescribe()
    for name in ("kit", "doctor"):
        assert house.browser(name).act(referral, "note", text=f"{NOTE} {name}").status_code == 303
    house.work()
    assert NOTE not in page_of(house.browser("ana"), referral)
    text = page_of(house.browser("kit"), referral)
    assert f"{NOTE} kit" in text
    assert f"{NOTE} doctor" in text
    with house.database.read() as connection:
        scope = Scope(connection, "north", house.clock.now(), compartment="lakeside-services")
        assert NOTE not in json.dumps([one.resource for one in search(scope, "Task", []).matches], ensure_ascii=False)


def test_a_service_that_may_see_the_person_no_longer_writes_no_note(house):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    page = ana.get(f"/portal/referrals/{referral}/do/note")
    ana.act(referral, "reject", why="full")
    assert "note" not in ana.offered(referral)
    answer = ana.send(page, "/do/note", text=NOTE)
    assert answer.status_code == 409
    assert NOTE in html.unescape(answer.text)
    assert NOTE not in page_of(house.browser("kit"), referral)


def test_the_requesters_system_gets_the_note_with_its_copy_of_the_task(house):
    with house.database.write() as connection:
        add_partner(connection, "north", Partner("emr", "hosted", "requester", "EMR", ""), house.clock.now())
    said = json.loads(folder("examples").joinpath("02-bereavement-network.json").read_bytes())
    who = Principal("requester", "emr", name="EMR", tenant="north", channel="api")
    receipt = house.app.extensions["footbridge"].intake.submit(orjson.dumps(said), who)
    house.work()
    referral = house.referrals(receipt.id)[0].id
    ana = house.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    ana.act(referral, "note", text=NOTE)
    house.work()
    with house.database.read() as connection:
        scope = Scope(connection, "north", house.clock.now(), compartment="emr")
        tasks = [one.resource for one in search(scope, "Task", []).matches]
    (task,) = [one for one in tasks if "note" in one]
    assert [one["text"] for one in task["note"]] == [NOTE]
    assert task["note"][0]["authorString"] == "Ana"
    issues = [one for one in Validator().validate(task) if one.severity in {"error", "fatal"}]
    assert [one for one in issues if "note" in str(one.expression)] == []


def test_a_message_of_a_navigator_is_shown_in_the_services_list(house):
    _prescription, referral = house.prescribe()
    kit, ana = house.browser("kit"), house.browser("ana")
    assert "Message to read" not in ana.get("/portal?list=to-answer").text
    assert kit.act(referral, "message", text="She is away until Monday").status_code == 303
    assert "Message to read" in ana.get("/portal?list=to-answer").text
    assert "Message to read" not in house.browser("bo").get("/portal?list=to-answer").text
