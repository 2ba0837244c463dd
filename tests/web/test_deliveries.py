"""How the API shows what was not delivered: at the referral, in lists, in the worklist; to a recipient nothing."""

from datetime import timedelta

from footbridge.jobs.job import Failure
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import utc_instant
from footbridge.model.principals import Principal
from footbridge.referrals import outbox
from footbridge.referrals.delivery import OUTBOX
from footbridge.referrals.delivery_notes import About, note_failed
from footbridge.referrals.unit import open_unit
from footbridge.store.resource_rows import Scope

ALL, WAITING, CHANGES = "/api/v1/prescriptions", "/api/v1/waiting", "/api/v1/changes"
SECRET = "The partner answered with status 422: <b>Okafor</b>"
FAILURE = Failure(422, SECRET, "refused")


def fail(office, kinds=("deliver",)):
    """Let every message to a partner fail, as a worker does; returns the numbers."""
    now = office.clock.now()
    with office.database.write() as connection:
        jobs = JobQueue(connection).claim(owner="w", kinds=kinds, now=now, lease=timedelta(minutes=1), limit=9)
        for job in jobs:
            JobQueue(connection).fail(job, now=now, failure=FAILURE)
            with open_unit(Scope(connection, "north", now), job.payload["prescription"]) as unit:
                note_failed(unit, OUTBOX, About(job.kind, job.partner, job.payload.get("referral")), FAILURE.code)
    return [job.id for job in jobs]


def operate(office, change, number):
    with office.database.write() as connection:
        change(connection, office.clock, Principal("admin", name="kit", channel="command"), number)


def delivery(office, place, who="emr"):
    (referral,) = office.get(place, who=who).json["referrals"]
    return referral["delivery"]


def test_a_referral_says_how_far_its_delivery_is(both):
    place = both.taken_in()
    asked = utc_instant(both.clock.now())
    queued = {"status": "queued", "since": asked, "why": None, "text": None, "partner": "lakeside-services"}
    assert delivery(both, place) == {**queued, "update": None}
    both.later(minutes=1)
    (number,) = fail(both)
    seen = delivery(both, place)
    assert (seen["status"], seen["since"], seen["why"]) == ("failed", utc_instant(both.clock.now()), "refused")
    assert seen["text"] == "The partner's system did not accept the message."
    operate(both, outbox.drop, number)
    assert (delivery(both, place)["status"], delivery(both, place)["why"]) == ("abandoned", "dropped")
    operate(both, outbox.retry, number)
    assert delivery(both, place)["status"] == "queued"
    assert both.get(place).json["requesterDelivery"] is None, "this tenant has no record"
    names = [one["name"] for one in both.get(CHANGES).json["changes"]]
    assert names[-3:] == ["delivery-failed", "delivery-abandoned", "delivery-retried"]


def test_lists_and_the_worklist_say_it(both):
    first, second = both.taken_in(number=1), both.taken_in(number=2)

    def undelivered(who):
        """By prescription: both were taken in at one moment, so the list has them in the order of their random ids."""
        return {one["id"]: one["undelivered"] for one in both.get(ALL, who=who).json["prescriptions"]}

    ids = [place.rpartition("/")[2] for place in (first, second)]
    assert undelivered("emr") == dict.fromkeys(ids, False)
    number, other = fail(both)
    operate(both, outbox.retry, number)
    for who in ("emr", "navigator", "admin"):
        assert undelivered(who) == dict(zip(ids, (False, True), strict=True))
        (row,) = both.get(WAITING, who=who).json["waiting"]
        assert (row["prescription"]["id"], row["partner"], row["why"]) == (
            ids[1],
            "lakeside-services",
            "not-delivered",
        )
        assert row["message"] == {
            "number": other,
            "kind": "referral",
            "why": "refused",
            "text": "The partner's system did not accept the message.",
        }
        assert "outbox retry" in row["action"]
    assert delivery(both, first)["status"] == "queued"


def test_neither_a_recipient_nor_another_tenant_sees_anything_of_it_and_nobody_a_partners_text(both):
    place = both.taken_in()
    fail(both)
    assert delivery(both, place, who="lakeside") is None
    assert both.get(place, who="lakeside").json["requesterDelivery"] is None
    assert [one["undelivered"] for one in both.get(ALL, who="lakeside").json["prescriptions"]] == [None]
    seen = [one["name"] for one in both.get(CHANGES, who="lakeside").json["changes"]]
    assert not [name for name in seen if name.startswith("delivery-")]
    assert both.get(WAITING, who="lakeside").status_code == 403
    assert both.get(WAITING, who="southerner").json["waiting"] == []
    for path in (place, f"{place}/timeline", ALL, WAITING, CHANGES):
        assert "answered with status 422" not in both.get(path).text


def test_an_event_about_a_delivery_names_the_partner_that_it_went_to(both):
    both.add_requester("second-emr")
    place = both.submit(who="second-emr").headers["Location"]
    (record, service) = sorted(fail(both))
    found = [
        (one["partner"], one["detail"]["partner"], one["detail"]["partnerTitle"])
        for one in both.get(f"{place}/timeline", who="second-emr").json["events"]
        if one["name"] == "delivery-failed"
    ]
    assert sorted(found) == [
        ("lakeside-services", "lakeside-services", "Lakeside Services"),
        ("second-emr", "second-emr", "second-emr"),
    ]
    home = both.get(place, who="second-emr").json["requesterDelivery"]
    assert (home["status"], home["partner"], home["why"]) == ("failed", "second-emr", "refused")
    rows = both.get(WAITING, who="second-emr").json["waiting"]
    assert sorted((row["partner"], row["message"]["number"]) for row in rows) == [
        ("lakeside-services", service),
        ("second-emr", record),
    ]
    assert both.get(WAITING, who="emr").json["waiting"] == [], "of another requester"
