"""The lists of each person, the search, and that nobody learns of what is another organization's."""

import html
import json
import os
import random
import re
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.portal import House
from support.spine import prescribed

from footbridge.model.events import names_ending_consent
from footbridge.model.lifecycle.tables import machines
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.security import worklist_search, worklists
from footbridge.settings import settings
from footbridge.store import tables
from footbridge.store.prescriptions import get_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import partner
from footbridge.store.tables.prescriptions import ENDING_CONSENT, REFERRAL_ENDED
from footbridge.store.tenants import make_token
from footbridge.web.portal import worklist as worklist_page

ORDER = ["waiting", "to-answer", "overdue", "working", "follow-up", "done"]


def shown(browser, **query):
    """The referrals of a list, in order."""
    page = browser.client.get("/portal", query_string=query)
    assert page.status_code == 200
    return list(dict.fromkeys(re.findall(r'line-name" href="[^"]*/portal/referrals/([0-9a-f-]{36})"', page.text)))


def counts(browser, **query):
    text = browser.client.get("/portal", query_string=query).text
    return dict(re.findall(r'list=([a-z-]+)[^>]*>\s*<span>[^<]*</span> <span class="count">(\d+\+?)<', text))


def test_a_referral_moves_from_list_to_list(both):
    _prescription, referral = both.prescribe()
    ana, kit = both.browser("ana"), both.browser("kit")
    assert shown(kit, list="to-answer") == shown(ana, list="to-answer") == [referral]
    assert counts(kit) == dict.fromkeys(ORDER, "0") | {"to-answer": "1"}
    assert set(counts(ana)) == {"to-answer", "overdue", "working", "done"}
    ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
    assert shown(kit, list="working") == shown(ana, list="working") == [referral]
    ana.act(referral, "fail", reason="He did not come")
    assert shown(kit, list="done") == shown(kit, list="waiting") == [referral]
    assert shown(ana, list="done") == [referral]
    both.clock.advance(timedelta(days=settings().disclosure_days + 1))
    for browser, name in ((ana, "ana"), (kit, "kit")):
        browser.sign_in(name)
    assert shown(ana, list="done") == []
    assert shown(kit, list="done") == [referral]


def test_overdue_and_follow_up(both):
    _prescription, referral = both.prescribe(followUp={"due": "2026-12-14", "method": "phone"})
    both.work()
    both.clock.advance(timedelta(days=settings().response_days + 1))
    both.work()
    kit, ana = both.browser("kit"), both.browser("ana")
    assert shown(kit, list="overdue") == shown(ana, list="overdue") == [referral]
    assert shown(kit, list="to-answer") == []
    assert {"accept", "reject"} <= kit.offered(referral)
    both.clock.advance(timedelta(days=300))
    kit.sign_in("kit")
    assert shown(kit, list="follow-up") == [referral]
    kit.act(referral, "answer", happened="partly")
    assert shown(kit, list="follow-up") == []


def test_filters(both):
    _first, grief = both.prescribe()
    _second, urgent = both.prescribe("01-good-food-box", 2, priority="urgent")
    kit = both.browser("kit")
    everything = {one for name in ORDER for one in shown(kit, list=name)}
    assert everything == {grief, urgent}
    urgently = {one for name in ORDER for one in shown(kit, list=name, priority="urgent")}
    assert urgently == {urgent}
    social = {one for name in ORDER for one in shown(kit, list=name, category="social-connection")}
    assert social == {grief}
    mine = {one for name in ORDER for one in shown(kit, list=name, of=_first)}
    assert mine == {grief}
    assert {one for name in ORDER for one in shown(kit, list=name, service="lakeside-services")} == {grief}
    ana = both.browser("ana")
    ana.send(ana.get(f"/portal/referrals/{grief}"), "/do/accept")
    hers, his = (both.users[name].id for name in ("ana", "kit"))
    assert {one for name in ORDER for one in shown(kit, list=name, worker=hers)} == {grief}
    assert {one for name in ORDER for one in shown(kit, list=name, worker=his)} == set()
    assert ana.get(f"/portal?worker={his}").status_code == 400  # of another organization: not told whether they are
    assert "Kit" not in ana.get("/portal").text
    assert shown(kit, list="to-answer", category="", **{"from": "-1"})


@pytest.mark.parametrize(
    "asked", ["category=zzz", "priority=soon", "service=nobody", "worker=me", "list=all", "partner=lake"]
)
def test_a_filter_that_is_not_known_is_said(house, asked):
    """A list without its filter would look like one that has it."""
    house.prescribe()
    answer = house.browser("kit").get(f"/portal?{asked}")
    assert answer.status_code == 400
    assert asked.partition("=")[0] in answer.text
    assert "line-name" not in answer.text


def test_a_search_that_cannot_show_all_says_so_and_hides_nothing_of_the_workers_own(both, monkeypatch):
    monkeypatch.setattr(worklist_search, "MOST_LOOKED_AT", 3)
    kit = both.browser("kit")
    for number in range(4):
        both.prescribe(number=f"n{number}")
    _prescription, referral = both.prescribe(number="last")
    with both.database.write() as connection:  # the worker's own is the last that the index has
        connection.execute(
            update(tables.referral).where(tables.referral.c.id == referral).values(partner="north-end-hub")
        )
    more = "There are more than are shown here."
    assert more in kit.send(kit.get("/portal/search"), "/search", words="Lindqvist").text
    assert more in kit.send(kit.get("/portal/prescribe"), "/find", words="Lindqvist").text
    bo = both.browser("bo")
    page = bo.send(bo.get("/portal/search"), "/search", words="Lindqvist")
    assert f"/portal/referrals/{referral}" in page.text
    assert more not in page.text


@pytest.mark.parametrize("rare", [True, False])
def test_a_filter_means_the_same_of_few_and_of_many(both, monkeypatch, rare):
    """What is rare is looked up first; the lists, and how many there are in each, are the same."""
    monkeypatch.setattr(worklists, "MOST_LOOKED_UP", 2000 if rare else 0)
    _done, done = both.prescribe(number=1)
    both.prescribe(number=2)
    both.prescribe("01-good-food-box", 3, priority="urgent")
    both.prescribe(document=prescribed(consent=None), may_hold=["consent"])
    ana, kit = both.browser("ana"), both.browser("kit")
    for action in ("accept", "complete"):
        ana.act(done, action, words="Met")
    for query in ({}, {"category": "social-connection"}, {"priority": "urgent"}, {"service": "lakeside-services"},
                  {"category": "stress"}, {"category": "food-insecurity", "priority": "urgent"}):  # fmt: skip
        lists = {name: len(shown(kit, list=name, **query)) for name in ORDER}
        assert {name: int(count) for name, count in counts(kit, **query).items()} == lists, query
    social = {name: len(shown(kit, list=name, category="social-connection")) for name in ORDER}
    assert social == {"waiting": 1, "to-answer": 1, "overdue": 0, "working": 0, "follow-up": 0, "done": 1}


def test_the_index_of_what_has_ended_knows_every_end():
    ended = {status for machine in machines().values() for status in machine.terminal}
    assert ended == set(re.findall(r"'([a-z-]+)'", REFERRAL_ENDED))


def test_the_search_finds_by_name_and_identifier_and_only_what_is_theirs(both):
    prescription, referral = both.prescribe()

    def found(name, words):
        browser = both.browser(name)
        page = browser.send(browser.get("/portal/search"), "/portal/search", words=words)
        return list(dict.fromkeys(re.findall(r"/portal/referrals/([0-9a-f-]{36})", page.text)))

    for words in ("lindqvist", "LINDQVIST, arne", "Arne Lind", "RX-2026-000201"):
        assert found("kit", words) == found("doctor", words) == found("ana", words) == [referral], words
        assert found("bo", words) == [], words
    for typed in ("9000000202", "9000 000 202", "9000-000-202-AB"):
        assert found("kit", typed) == [referral], typed
    assert found("ana", "9000000202") == []  # a service worker learns nothing of a health card
    for words in ("Nobody", "%", "_", "'; --", "🌱"):
        assert found("kit", words) == []
    ana = both.browser("ana")
    ana.act(referral, "reject", why="full")
    assert found("ana", "lindqvist") == []
    assert found("bo", "lindqvist") == [both.referrals(prescription)[-1].id]


@pytest.mark.parametrize("words", ["", "  ", "x" * 201, "a\x00b"])
def test_a_search_for_nothing_is_said_at_its_field(house, words):
    kit = house.browser("kit")
    answer = kit.send(kit.get("/portal/search"), "/portal/search", words=words)
    assert answer.status_code == 422
    assert 'id="words-error"' in answer.text


def test_no_name_is_in_an_address_or_a_log(house, capsys):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    kit.send(kit.get("/portal/search"), "/portal/search", words="Lindqvist")
    for path in ("/portal", f"/portal/referrals/{referral}"):
        for link in re.findall(r'(?:href|action)="([^"]*)"', kit.get(path).text):
            assert "indqvist" not in link
    assert "indqvist" not in capsys.readouterr().err


def test_a_service_worker_sees_no_health_card(both):
    """Not even of a custodian, to whose system the card goes."""
    with both.database.write() as connection:
        connection.execute(partner.update().values(custodian=True))
    _prescription, referral = both.prescribe(consent={"status": "given", "basis": "express"})
    identifiers = re.findall(
        r"<dt>Health card \(Ontario\)</dt><dd>([^<]+)", both.browser("kit").get(f"/portal/referrals/{referral}").text
    )
    assert identifiers == ["9000000202"]
    page = both.browser("ana").get(f"/portal/referrals/{referral}")
    assert "Lindqvist" in page.text
    assert "9000000202" not in page.text


def test_the_api_gives_the_same_lists(both):
    prescription, referral = both.prescribe()
    now = both.clock.now()
    with both.database.write() as connection:
        tokens = {
            role: make_token(connection, Principal(role, partner, name=role, tenant="north"), now)
            for role, partner in (("navigator", None), ("recipient", "north-end-hub"), ("requester", None))
        }
        tokens["ana"] = make_token(
            connection, Principal("recipient", "lakeside-services", name="ana", tenant="north"), now
        )

    def asked(who, **query):
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        return both.app.test_client().get("/api/v1/worklist", query_string=query, headers=headers)

    for who in ("navigator", "requester", "ana"):
        body = asked(who).json
        assert [one["referral"] for one in body["referrals"]] == [referral], who
        assert body["counts"]["to-answer"] == 1
    assert asked("recipient").json["referrals"] == []
    assert asked("ana", list="waiting").status_code == 403
    assert asked("ana", list="x").status_code == 400
    assert (
        asked("navigator", list="done", category="stress", priority="urgent", of=prescription).json["referrals"] == []
    )
    assert asked("navigator", of="x").status_code == 400
    for number in range(3):
        both.prescribe(number=number)
    first = asked("navigator", limit=2).json
    second = asked("navigator", limit=2, cursor=first["next"]).json
    both_pages = [one["referral"] for one in first["referrals"] + second["referrals"]]
    assert len(set(both_pages)) == 4
    assert second["next"] is None
    assert asked("navigator", list="done", cursor=first["next"]).status_code == 400


def test_what_is_to_be_answered_is_in_order_of_urgency_then_of_age_page_by_page_too(both, monkeypatch):
    """Some of each priority, and one whose priority an amendment raises; alike in the portal and for a program."""
    monkeypatch.setattr(worklist_page, "PAGE", 3)
    asked = ["routine", "urgent", None, "stat", "asap", "urgent", "stat", "routine"]
    made = []
    for number, priority in enumerate(asked):
        made.append(both.prescribe(number=number, **({} if priority is None else {"priority": priority})))
        both.clock_step()
    with both.database.write() as connection:
        raised = json.loads(get_prescription(connection, "north", made[7][0]).document) | {"priority": "stat"}
        said = Amendment(message_id="1", document=json.dumps(raised).encode())
        doctor = Principal("requester", name="Dr. Tremblay", tenant="north")
        amend(Scope(connection, "north", both.clock.now()), both.app.extensions["footbridge"].intake, doctor, said)
        token = make_token(connection, Principal("navigator", name="kit", tenant="north"), both.clock.now())
        own = Principal("recipient", "lakeside-services", name="ana", tenant="north")
        anas = make_token(connection, own, both.clock.now())
    order = [made[place][1] for place in (3, 6)]
    order += [made[7][1], made[4][1], *(made[place][1] for place in (1, 5, 0, 2))]
    for name in ("kit", "ana"):
        browser = both.browser(name)
        pages = [shown(browser, list="to-answer", **{"from": first}) for first in (0, 3, 6)]
        assert [one for page in pages for one in page] == order, name
    for whose in (token, anas):
        headers, found, following = {"Authorization": f"Bearer {whose}"}, [], {}
        while following is not None:
            query = {"list": "to-answer", "limit": 3, **following}
            body = both.app.test_client().get("/api/v1/worklist", query_string=query, headers=headers).json
            found += [one["referral"] for one in body["referrals"]]
            following = None if body["next"] is None else {"cursor": body["next"]}
        assert found == order


def test_follow_ups_are_in_order_of_their_day_page_by_page(both):
    made = {day: both.prescribe(number=day, followUp={"due": f"2026-12-{day}", "method": "phone"})[1]
            for day in (20, 14, 17, 15)}  # fmt: skip
    both.work()
    both.clock.advance(timedelta(days=300))
    with both.database.write() as connection:
        token = make_token(connection, Principal("navigator", name="kit", tenant="north"), both.clock.now())
    order = [made[day] for day in sorted(made)]
    assert shown(both.browser("kit"), list="follow-up") == order
    headers = {"Authorization": f"Bearer {token}"}
    first = both.app.test_client().get("/api/v1/worklist?list=follow-up&limit=3", headers=headers).json
    path = f"/api/v1/worklist?list=follow-up&limit=3&cursor={first['next']}"
    second = both.app.test_client().get(path, headers=headers).json
    assert [one["referral"] for one in first["referrals"] + second["referrals"]] == order


def test_the_index_of_events_that_end_consent_knows_each_of_them():
    assert names_ending_consent() == set(re.findall(r"'([a-z-]+)'", ENDING_CONSENT))


@pytest.mark.soak
def test_no_request_of_one_organization_gives_a_byte_of_another(sqlite_database, clock):
    """Random addresses, forms and lists by a worker of the hub, whose organization is asked for nothing here."""
    house = House(sqlite_database, clock)
    ids = [house.prescribe(number=number) for number in range(3)]
    secrets = ["Lindqvist", "Arne", "RX-2026-000201", "9000000202", "radio on for the dog", "Lakeside", "416 555 0132"]
    bo = house.browser("bo")
    form = re.search(r'name="form_token" value="([0-9a-f]+)"', bo.get("/portal").text)[1]
    chance = random.Random(20260302)
    actions = ["accept", "reject", "message", "route", "cancel", "answer", "split", "confirm-consent", "retry-message"]
    for _number in range(100_000 if os.environ.get("FOOTBRIDGE_SOAK") else 150):
        prescription, referral = chance.choice(ids)
        identity = chance.choice([prescription, referral])
        path = chance.choice(
            [f"/portal/referrals/{identity}", f"/portal/referrals/{identity}/do/{chance.choice(actions)}", "/portal",
             "/portal/search", "/portal/account", f"/api/v1/prescriptions/{identity}"]
        )  # fmt: skip
        data = {
            "form_token": form,
            "words": chance.choice(secrets),
            "reason": "x",
            "text": "x",
            "partner": "north-end-hub",
        }
        query = {"list": chance.choice(ORDER), "of": prescription, "service": "lakeside-services"}
        is_get = chance.random() < 0.5
        answer = bo.client.get(path, query_string=query) if is_get else bo.client.post(path, data=data)
        text = html.unescape(answer.text).replace(f'value="{data["words"]}"', "")
        assert answer.status_code != 500
        assert not [one for one in secrets if one in text], (path, answer.status_code)
    assert {house.referrals(one)[0].status for one, _referral in ids} == {"requested"}
