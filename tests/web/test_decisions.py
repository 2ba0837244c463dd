"""Decisions about a client through the API, and what a service is shown of the client after them."""

import pytest

CLIENT = ("contacts", "address", "contactNote")


def client_at(office, place, who="lakeside"):
    return office.get(place, who=who).json["prescription"]["client"]


def test_contact_is_prohibited_and_allowed_again(both):
    place = both.taken_in("01-good-food-box", service={"partner": "lakeside-services", "description": "Box"})
    assert "contacts" in client_at(both, place)
    answer = both.say(place, "prohibit-contact", reason="Not while he is at home.")
    assert answer.status_code == 200, answer.text
    assert client_at(both, place)["safeToContact"] is False
    assert client_at(both, place).keys().isdisjoint(CLIENT)
    assert "contacts" in client_at(both, place, who="emr")
    assert "allow-contact" in both.get(place, who="navigator").json["referrals"][0]["allowed"]
    answer = both.say(place, "allow-contact", who="navigator", reason="She lives alone now.")
    assert answer.status_code == 200, answer.text
    assert "contacts" in client_at(both, place)
    names = [(one["name"], one["reason"]) for one in both.get(f"{place}/timeline").json["events"]]
    assert ("contact-prohibited", "Not while he is at home.") in names
    assert ("contact-allowed", "She lives alone now.") in names
    assert "at home" not in both.get(f"{place}/timeline", who="lakeside").text


@pytest.mark.parametrize(
    ("who", "event", "reason"),
    [
        ("emr", "allow-contact", "not-this-actor"),
        ("lakeside", "allow-contact", "not-this-actor"),
        ("lakeside", "prohibit-contact", "not-this-actor"),
        ("lakeside", "withdraw-consent", "not-this-actor"),
        ("navigator", "allow-contact", "not-allowed-from-here"),
    ],
)
def test_a_decision_that_is_refused_says_why_and_what_instead(office, who, event, reason):
    place = office.taken_in()
    answer = office.say(place, event, who=who, reason="Why.")
    assert (answer.status_code, answer.json["reason"]) == (409, reason)
    assert answer.json["allowed"] == office.get(place, who=who).json["referrals"][0]["allowed"]
    assert event not in answer.json["allowed"]


def test_a_decision_is_about_the_whole_prescription(office):
    place = office.taken_in()
    answer = office.say(place, "withdraw-consent", referral="x")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/referral")
    answer = office.say(place, "prohibit-contact", at="2099-01-01T00:00:00Z")
    assert (answer.status_code, answer.json["reason"]) == (409, "in-the-future")


def test_after_consent_is_withdrawn_a_service_sees_that_it_ended_and_no_client(both):
    place = both.taken_in("01-good-food-box", service={"partner": "lakeside-services", "description": "Box"})
    words = [need["statement"] for need in both.get(place).json["prescription"]["needs"]]
    assert both.say(place, "withdraw-consent").json["status"] == "cancelled"
    answer = both.get(place, who="lakeside")
    assert answer.json["referrals"][0]["task"]["status"] == "cancelled"
    assert answer.json["prescription"]["client"] == {}
    assert [word for word in words if word in answer.text] == []
    assert [need["statement"] for need in both.get(place).json["prescription"]["needs"]] == words


def test_a_service_that_declined_sees_no_client_any_more(office):
    place = office.taken_in("01-good-food-box", service={"partner": "lakeside-services", "description": "Box"})
    assert client_at(office, place) != {}
    office.say(place, "reject", who="lakeside", reason="Full.")
    assert client_at(office, place) == {}
