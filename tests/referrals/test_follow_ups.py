"""Follow-ups: who asks, what the answer becomes, another try, something else, and what nothing meets."""

import re
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select
from support.portal import House

from footbridge.directory.search.gaps import gaps
from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.referrals.command import Command
from footbridge.referrals.commands import carry_out
from footbridge.referrals.follow_ups import FollowUpSaid
from footbridge.store.resource_rows import Scope
from footbridge.store.search import search
from footbridge.store.tables import prescription as table
from footbridge.validation import Validator

KIT = Principal("navigator", name="Kit", tenant="north")
SAID = FollowUpSaid("partly", ("economic", "geographic"), "not-right", "The evenings were too late. 🌙")


@pytest.fixture
def house(sqlite_database, clock):
    return House(sqlite_database, clock)


@pytest.fixture
def both(database, clock):
    """Once on SQLite, once on PostgreSQL."""
    return House(database, clock)


def due(house, example="01-good-food-box", **changes):
    """A prescription whose follow-up has come."""
    service = {"partner": "lakeside-services", "description": "Good Food Box"}
    prescription, referral = house.prescribe(example, service=service, **changes)
    house.work()
    house.clock.advance(timedelta(days=300))
    house.work()
    return prescription, referral


def say(house, prescription, event, who=KIT, **more):
    intake = house.app.extensions["footbridge"].intake
    return carry_out(house.database, house.clock, who, prescription, Command(event, **more), intake=intake)


def found(house, kind):
    with house.database.read() as connection:
        scope = Scope(connection, "north", house.clock.now())
        return [one.resource for one in search(scope, kind, [("_count", "100")], strict=True).matches]


def follow_ups(house, name):
    return house.browser(name).get("/portal?list=follow-up").text


def test_a_follow_up_that_is_due_is_listed_with_the_persons_way(both):
    due(both)
    for name in ("kit", "doctor"):
        assert "Text message: +1 416 555 0131" in follow_ups(both, name)
    assert "Text message" not in follow_ups(both, "ana")


def test_nobody_but_the_prescriber_follows_up_a_person_who_must_not_be_contacted(both):
    _prescription, referral = due(both)
    root = both.browser("root")
    root.act(referral, "prohibit-contact", reason="He reads her messages")
    assert "Do not contact: ask when you see the person." in follow_ups(both, "doctor")
    assert "555 0131" not in follow_ups(both, "doctor")
    for name in ("kit", "root"):
        page = follow_ups(both, name)
        assert "Marisol" not in page
        assert "No follow-up is due." in page


def test_an_answer_becomes_records_that_are_valid_and_reach_the_goals(both):
    prescription, _referral = due(both)
    say(both, prescription, "answer", happened="partly", goals=[(0, "improving")], said=SAID)
    (response,) = found(both, "QuestionnaireResponse")
    answered = [one for one in response["item"] if "answer" in one]
    answers = {one["linkId"]: [next(iter(given.values())) for given in one["answer"]] for one in answered}
    assert answers["did-it-happen"] == ["partly"]
    assert [one["code"] for one in answers["barriers"]] == ["economic", "geographic"]
    assert answers["new-needs"] == [SAID.more]
    assert [one["code"] for one in answers["satisfaction"]] == ["not-right"]
    (progress,) = [one for one in response["item"] if one["linkId"] == "goal-progress"]
    assert [one["answer"][0]["valueCoding"]["code"] for one in progress["item"]] == ["improving"]
    reference = {"reference": f"QuestionnaireResponse/{response['id']}"}
    observations = [one for one in found(both, "Observation") if one.get("derivedFrom") == [reference]]
    assert len(observations) == 3
    (goal,) = found(both, "Goal")
    assert goal["achievementStatus"]["coding"][0]["code"] == "improving"
    validator = Validator()
    assert {"not-right"} == {one["valueCodeableConcept"]["coding"][0]["code"] for one in observations
                             if "valueCodeableConcept" in one}  # fmt: skip
    for resource in (response, *observations, goal):
        issues = [one for one in validator.validate(resource) if one.severity in {"error", "fatal"}]
        assert issues == []


def test_a_code_that_no_table_has_is_refused_and_nothing_is_stored(house):
    prescription, _referral = due(house)
    for said in (FollowUpSaid(barriers=("weather",)), FollowUpSaid(satisfaction="great")):
        with pytest.raises(PrescriptionError):
            say(house, prescription, "answer", happened="yes", said=said)
    assert found(house, "QuestionnaireResponse") == []


def test_who_is_not_reached_is_asked_again_by_the_table_and_then_a_person_decides(both):
    prescription, referral = due(both)
    for days in (2, 5, 7):
        say(both, prescription, "not-reached", reason="No answer")
        assert "Marisol" not in follow_ups(both, "kit")
        both.clock.advance(timedelta(days=days, seconds=1))
        both.work()
        assert "Marisol" in follow_ups(both, "kit")
    say(both, prescription, "not-reached")
    assert "Marisol" not in follow_ups(both, "kit")
    page = both.browser("kit").get(f"/portal/referrals/{referral}").text
    assert "The person could not be reached for the follow-up." in page
    with pytest.raises(LifecycleError):
        say(both, prescription, "not-reached")


def test_what_did_not_fit_is_replaced_and_both_lead_to_each_other(both):
    prescription, referral = due(both)
    say(both, prescription, "answer", happened="partly", said=SAID)
    say(both, prescription, "replace", reason="Too late", partner="north-end-hub", description="Lunch on Mondays")
    newer = [one for one in found(both, "ServiceRequest") if "replaces" in one]
    assert len(newer) == 1
    (old,) = [one["reference"] for one in newer[0]["replaces"]]
    assert old in {f"ServiceRequest/{one['id']}" for one in found(both, "ServiceRequest")}
    assert newer[0]["code"]["text"] == "Lunch on Mondays"
    assert newer[0]["requisition"]["value"] == "RX-2026-000101"
    text = both.browser("kit").get(f"/portal/referrals/{referral}").text
    assert "prescribed something else, because this did not fit" in text
    (other,) = re.findall(r'/portal/referrals/([0-9a-f-]+)">The prescription that replaces this one', text)
    assert f'/portal/referrals/{referral}">' in both.browser("kit").get(f"/portal/referrals/{other}").text
    with pytest.raises(PrescriptionError) as refused:
        say(both, prescription, "replace", reason="x", partner="nobody")
    assert refused.value.issues[0].pointer == "/partner"
    assert both.browser("bo").get("/portal?list=to-answer").text.count("Marisol") == 1


def test_an_amendment_leaves_what_it_replaces(both):
    prescription, _referral = due(both)
    say(both, prescription, "replace", reason="Too late", partner="north-end-hub", description="Lunch on Mondays")
    (before,) = [one["replaces"] for one in found(both, "ServiceRequest") if "replaces" in one]
    with both.database.write() as connection:
        rows = select(table.c.document).where(table.c.id != prescription)
        newer = orjson.loads(connection.scalars(rows).one())
        newer["needs"][0]["statement"] = "Has had nothing since Friday."
        scope = Scope(connection, "north", both.clock.now())
        who = Principal("requester", name="Dr. Tremblay", tenant="north")
        said = Amendment(message_id="1", document=orjson.dumps(newer))
        amend(scope, both.app.extensions["footbridge"].intake, who, said)
    assert any("since Friday" in str(one) for one in found(both, "Condition") + found(both, "Observation"))
    assert [one["replaces"] for one in found(both, "ServiceRequest") if "replaces" in one] == [before]


def test_a_replacement_needs_a_reason_and_a_consent_that_holds(house):
    prescription, _referral = due(house)
    with pytest.raises(LifecycleError):
        say(house, prescription, "replace", partner="north-end-hub")
    say(house, prescription, "withdraw-consent", reason="No more")
    with pytest.raises(LifecycleError):
        say(house, prescription, "replace", reason="x", partner="north-end-hub")
    assert [one for one in found(house, "ServiceRequest") if "replaces" in one] == []


def test_a_need_that_nothing_meets_is_a_gap_without_the_person_and_a_note(house):
    prescription, referral = due(house)
    with pytest.raises(LifecycleError):
        say(house, prescription, "record-unmet-need")
    say(house, prescription, "record-unmet-need", reason="No kitchen is open in the evening.")
    with house.database.read() as connection:
        listed = gaps(connection, "north", small=1)
    assert {one.category for one in listed} >= {"food-insecurity", "financial-insecurity"}
    assert "Marisol" not in str(listed)
    page = house.browser("kit").get(f"/portal/referrals/{referral}").text
    assert "No kitchen is open in the evening." in page
    assert "No kitchen is open" not in house.browser("ana").get(f"/portal/referrals/{referral}").text


def test_the_form_does_it_all(house):
    prescription, referral = due(house)
    kit = house.browser("kit")
    done = kit.act(
        referral, "answer", happened="no", barriers=["interpersonal", "other"], satisfaction="not-right",
        goal__0="no-progress", reason="<b>Too loud</b>",
    )  # fmt: skip
    assert done.status_code == 303, done.text
    (response,) = found(house, "QuestionnaireResponse")
    assert [one["linkId"] for one in response["item"]] == [
        "did-it-happen", "barriers", "satisfaction", "new-needs", "goal-progress",
    ]  # fmt: skip
    assert kit.act(referral, "replace", reason="Too loud", partner="north-end-hub").status_code == 303
    assert kit.act(referral, "record-unmet-need", reason="Quiet places").status_code == 303
    assert house.referrals(prescription)
