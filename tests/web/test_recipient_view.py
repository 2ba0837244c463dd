"""What a recipient's token reads: its own referrals, what was disclosed to it of them, and once they are over, that."""

import pytest

from footbridge.model.principals import Principal
from footbridge.settings import settings
from footbridge.store.tenants import make_token

ALL = "/api/v1/prescriptions"
FOOD, HOUSING, VIOLENCE = "food-insecurity", "housing-instability", "intimate-partner-violence"
LAKE, HUB = "lakeside-services", "north-end-hub"


def needs(*categories):
    """A prescription's needs, each with a goal that is told by its category."""
    return {
        "needs": [{"category": one, "statement": f"Need of {one}."} for one in categories],
        "goals": [{"need": place, "description": f"Goal of {one}."} for place, one in enumerate(categories)],
        "consent": {"status": "given", "basis": "express", "how": "verbal", "given": "2026-03-01"},
        "service": {"description": "Help with all of it"},
        "authored": "2026-03-02T10:00:00Z",
        "followUp": None,
    }


def prescribed(office, *categories, **changes):
    """The address of a prescription about these categories, at Lakeside until it is split."""
    document = office.prescription("01-good-food-box", **needs(*categories) | changes)
    answer = office.submit({name: value for name, value in document.items() if value is not None})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def split(office, place, *parts):
    wanted = [{"description": f"Part {category}", "category": category, "partner": to} for category, to in parts]
    answer = office.say(place, "split", who="navigator", parts=wanted, reason="SPLIT-REASON")
    assert answer.status_code == 200, answer.text
    return answer.json["referrals"]


def found(office, who="hub", **query):
    return [one["id"] for one in office.get(ALL, who=who, **query).json["prescriptions"]]


def everything(office, place, who):
    """All that a recipient reads of a prescription, as one text."""
    paths = (place, f"{place}/timeline", ALL, "/api/v1/changes")
    return "\n".join(office.get(path, who=who).text for path in paths)


def test_a_part_shows_its_own_category_and_no_filter_tells_of_another(both):
    place = prescribed(both, FOOD, HOUSING, VIOLENCE)
    split(both, place, (FOOD, HUB), (VIOLENCE, LAKE))
    seen = both.get(place, who="hub").json
    assert [need["category"] for need in seen["prescription"]["needs"]] == seen["categories"] == [FOOD]
    assert both.get(place).json["categories"] == [FOOD, HOUSING, VIOLENCE]
    for word in (VIOLENCE, HOUSING, LAKE, "SPLIT-REASON"):
        assert word not in everything(both, place, "hub")
    identity = place.rpartition("/")[2]
    assert found(both, category=FOOD) == [identity]
    assert found(both, category=VIOLENCE) == found(both, category=HOUSING) == []
    assert found(both, partner=LAKE) == found(both, status="accepted") == []
    assert found(both, partner=HUB) == found(both, status="requested") == [identity]


def test_two_parts_at_one_partner_show_theirs_and_not_the_third(both):
    place = prescribed(both, VIOLENCE, FOOD, HOUSING)
    split(both, place, (HOUSING, HUB), (FOOD, HUB), (VIOLENCE, LAKE))
    seen = both.get(place, who="hub").json
    assert {need["category"] for need in seen["prescription"]["needs"]} == set(seen["categories"]) == {FOOD, HOUSING}
    assert [seen["prescription"]["needs"][goal["need"]]["category"] for goal in seen["prescription"]["goals"]] == [
        goal["description"].removeprefix("Goal of ").rstrip(".") for goal in seen["prescription"]["goals"]
    ]
    assert VIOLENCE not in everything(both, place, "hub")


def test_a_part_about_no_need_shows_none(both):
    place = prescribed(both, VIOLENCE)
    split(both, place, ("transportation-insecurity", HUB))
    seen = both.get(place, who="hub").json
    assert (seen["categories"], seen["prescription"]["needs"]) == (["transportation-insecurity"], [])
    assert VIOLENCE not in everything(both, place, "hub")


@pytest.mark.parametrize("how", ["later-prescription", "event", "earlier-prescription"])
def test_who_must_not_be_contacted_is_not_reachable_over_the_api(both, how):
    document = both.prescription("01-good-food-box", number=1, **needs(FOOD)) | {"followUp": None}
    document = {name: value for name, value in document.items() if value is not None}
    phone = document["client"]["contacts"][0]["value"]
    unsafe = document | {
        "identifier": document["identifier"] | {"value": "unsafe-1"},
        "authored": "2026-03-02T11:59:00Z" if how == "later-prescription" else "2026-03-02T09:00:00Z",
        "client": document["client"] | {"safeToContact": False},
    }
    if how == "earlier-prescription":
        assert both.submit(unsafe).status_code == 201
    place = both.submit(document).headers["Location"]
    if how == "later-prescription":
        assert phone in both.get(place, who="lakeside").text
        assert both.submit(unsafe).status_code == 201
    elif how == "event":
        assert both.say(place, "prohibit-contact", who="navigator").status_code == 200
    seen = both.get(place, who="lakeside").json["prescription"]["client"]
    assert seen["safeToContact"] is False
    assert not {"contacts", "address", "contactNote"} & seen.keys()
    assert phone not in everything(both, place, "lakeside")


def test_a_new_number_is_shown_as_it_is_delivered(both):
    document = both.prescription("01-good-food-box", number=1, **needs(FOOD)) | {"followUp": None}
    document = {name: value for name, value in document.items() if value is not None}
    place = both.submit(document).headers["Location"]
    contacts = [{"system": "phone", "value": "+1 416 555 0199"}]
    newer = document | {
        "identifier": document["identifier"] | {"value": "newer"},
        "authored": "2026-03-02T11:59:00Z",
        "client": document["client"] | {"contacts": contacts},
    }
    assert both.submit(newer).status_code == 201
    assert both.get(place, who="lakeside").json["prescription"]["client"]["contacts"] == contacts


KEPT = {"identifier", "kind", "authored", "language", "jurisdiction", "requester", "client", "needs"}
ENDS = {
    "declined": ("lakeside", "reject"),
    "given up": ("lakeside", "cancel"),
    "called off": ("emr", "cancel"),
    "entered in error": ("admin", "enter-in-error"),
    "consent withdrawn": ("navigator", "withdraw-consent"),
}


@pytest.mark.parametrize("end", ENDS)
def test_afterwards_it_sees_that_it_was_asked_and_when_that_ended(both, end):
    who, event = ENDS[end]
    place = prescribed(both, FOOD, VIOLENCE)
    identity = place.rpartition("/")[2]
    both.later(hours=1)
    assert both.say(place, event, who=who, reason="Grace Okafor moved.").status_code == 200
    seen = both.get(place, who="lakeside").json
    (row,) = seen["referrals"]
    status = row["task"]["status"]
    assert (row["ended"], row["allowed"], row["category"]) == ("2026-03-02T13:00:00.000Z", [], None)
    assert row["task"] == {"status": status, "statusReason": None, "businessStatus": None}
    assert (seen["status"], seen["categories"], seen["updated"]) == (status, [], row["ended"])
    assert seen["prescription"].keys() <= KEPT
    assert (seen["prescription"]["client"], seen["prescription"]["needs"]) == ({}, [])
    events = both.get(f"{place}/timeline", who="lakeside").json["events"]
    assert [one["after"] for one in events] == ["requested", status]
    assert {one["reason"] for one in events} == {None}
    text = everything(both, place, "lakeside")
    assert not [word for word in ("Okafor", FOOD, VIOLENCE, "416 555 0131", "moved") if word in text]
    assert found(both, "lakeside", status=status) == [identity]
    assert found(both, "lakeside", category=FOOD) == found(both, "lakeside", status="requested") == []


@pytest.mark.parametrize("event", ["complete", "fail"])
def test_a_service_that_did_its_work_sees_it_for_some_days(both, event):
    place = prescribed(both, FOOD)
    for one in ("accept", "start", event):
        assert both.say(place, one, who="lakeside", reason="It was so.").status_code == 200
    both.later(days=settings().disclosure_days - 1)
    assert "Need of" in both.get(place, who="lakeside").text
    assert both.get(place, who="lakeside").json["referrals"][0]["task"]["statusReason"] == "It was so."
    both.later(days=1)
    seen = both.get(place, who="lakeside")
    assert "Need of" not in seen.text
    assert "It was so." not in everything(both, place, "lakeside")
    assert seen.json["categories"] == found(both, "lakeside", category=FOOD) == []
    assert "Need of" in both.get(place).text


def test_what_happens_elsewhere_changes_nothing_of_what_a_service_reads(both):
    """Another service's work, the follow-up's answer, decisions: not even the time of a change."""
    place = prescribed(both, FOOD, followUp={"due": "2026-03-30", "method": "phone", "by": "requester"})
    both.say(place, "reject", who="lakeside", reason="No room.")
    before = everything(both, place, "lakeside")
    assert both.get(place, who="lakeside").json["referrals"][0]["due"] is None
    for who, event in (("hub", "accept"), ("hub", "start"), ("hub", "complete")):
        both.later(hours=1)
        assert both.say(place, event, who=who).status_code == 200
    assert both.say(place, "answer", happened="no", reason="ANSWER").status_code == 200
    assert both.say(place, "prohibit-contact", reason="SECRET").status_code == 200
    assert everything(both, place, "lakeside") == before
    assert found(both, "lakeside", status="completed") == found(both, "lakeside", since="2026-03-02T12:00:01Z") == []
    assert "2026-03-30" not in everything(both, place, "hub")


def test_asked_a_second_time_it_sees_the_second_referral_whole(both):
    place = prescribed(both, FOOD)
    both.say(place, "reject", who="lakeside", reason="No room.")
    both.say(place, "reject", who="hub", reason="Neither.")
    assert both.say(place, "route", who="navigator", partner=LAKE, reason="NAMES OF OTHERS").status_code == 200
    seen = both.get(place, who="lakeside").json
    assert [row["task"]["status"] for row in seen["referrals"]] == ["rejected", "requested"]
    assert (seen["status"], seen["categories"]) == ("requested", [FOOD])
    text = everything(both, place, "lakeside")
    assert not [word for word in ("No room.", "Neither.", "NAMES", HUB) if word in text]


NEVER = [
    {"event": "route", "partner": HUB},
    {"event": "route", "partner": LAKE},
    {"event": "route", "partner": "nobody"},
    {"event": "route", "partner": "north-end-hug"},
    {"event": "split", "parts": [{"description": "x", "category": FOOD, "partner": HUB}]},
    {"event": "split", "parts": [{"description": "x", "category": FOOD, "partner": "nobody"}]},
    {"event": "split", "parts": [{"description": "x", "category": "none-such", "partner": "nobody"}]},
    {"event": "reopen", "reason": "x"},
    {"event": "submit"},
    {"event": "withdraw", "reason": "x"},
    {"event": "enter-in-error"},
    {"event": "answer", "happened": "yes"},
    {"event": "answer", "goals": [{"goal": 0, "achievement": "achieved"}]},
    {"event": "answer", "goals": [{"goal": 9, "achievement": "achieved"}]},
    {"event": "complete", "which": "follow-up"},
    {"event": "accept", "which": "follow-up"},
    {"event": "allow-contact", "reason": "x"},
    {"event": "prohibit-contact"},
    {"event": "withdraw-consent"},
]


def told(answer):
    return answer.status_code, {name: value for name, value in answer.json.items() if name not in {"request", "detail"}}


@pytest.mark.parametrize("body", NEVER, ids=lambda body: "-".join(str(one) for one in body.values())[:40])
def test_what_is_never_a_recipients_is_answered_alike_whatever_is_there(office, body):
    """A partner that is known or not, a follow-up, goals, an older prohibition, another try, consent: none shows."""
    follow_up = {"due": "2026-03-30", "method": "phone", "by": "requester"}
    plain, full = (
        prescribed(office, FOOD, goals=[]),
        prescribed(office, FOOD, followUp=follow_up, identifier={"system": "urn:x", "value": "2"}),
    )
    office.say(full, "prohibit-contact", who="navigator")
    answers = [told(office.say(place, who="lakeside", **body)) for place in (plain, full)]
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["reason"]) == (409, "not-this-actor")
    for place in (plain, full):
        office.say(place, "reject", who="lakeside", reason="x")
    office.say(full, "reject", who="hub", reason="x")
    office.say(full, "withdraw-consent", who="navigator")
    declined = [told(office.say(place, who="lakeside", **body)) for place in (plain, full)]
    assert declined[0] == declined[1]
    assert declined[0][1]["reason"] == "not-this-actor"
    events = (office.say(place, "accept", who="lakeside") for place in (plain, full))
    assert len({(answer.status_code, answer.json["detail"]) for answer in events}) == 1


def test_the_names_of_partners_are_answered_in_the_same_words(office):
    place = prescribed(office, FOOD)
    known, unknown = (office.say(place, "route", who="lakeside", partner=name) for name in (HUB, "nobody"))
    assert (known.status_code, known.json["detail"]) == (unknown.status_code, unknown.json["detail"])


@pytest.mark.parametrize("said", [{"happened": "yes"}, {"happened": "no"}, {"goal": "achieved"}])
def test_an_admin_never_says_that_help_was_given(both, said):
    place = both.taken_in("01-good-food-box")
    assert "answer" not in both.get(place, who="admin").json["referrals"][0]["allowed"]
    answer = both.say(place, "answer", who="admin", **said)
    assert (answer.status_code, answer.json["reason"]) == (409, "not-this-actor")
    assert "achieved" not in {goal["achievementStatus"] for goal in both.get(place).json["goals"]}
    assert both.say(place, "answer", who="emr", **said).status_code == 200


def test_a_recipient_without_a_partner_sees_nothing(both):
    both.taken_in(service={"partner": "nobody", "description": "Circle"})
    with both.database.write() as connection:
        both.tokens["stray"] = make_token(connection, Principal("recipient", None, "stray", "north"), both.clock.now())
    assert both.get(ALL, who="stray").json["prescriptions"] == []
    assert both.get("/api/v1/changes", who="stray").json["changes"] == []


@pytest.mark.parametrize("sort", ["created", "-created", "authored", "-authored"])
def test_a_list_is_sorted_and_paged_as_asked(both, sort):
    consent = {"status": "given", "basis": "express", "how": "verbal"}
    for number, authored in enumerate(["2026-03-01", "2026-02-01", "2026-02-15", "2026-02-15"]):
        both.later(minutes=1 if number != 3 else 0)
        order = {"system": "urn:test:order", "value": str(number)}
        prescribed(both, FOOD, authored=f"{authored}T10:00:00Z", identifier=order, consent=consent)
    seen, cursor = [], {}
    while True:
        page = both.get(ALL, sort=sort, limit=1, **cursor).json
        seen += [(one[sort.removeprefix("-")], one["id"]) for one in page["prescriptions"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
        assert both.get(ALL, **cursor, sort="-created" if sort != "-created" else "created").status_code == 400
    assert len(seen) == 4
    assert seen == sorted(seen, reverse=sort.startswith("-"))


def test_those_who_ordered_list_by_partner(both):
    first, second = both.taken_in(number=1), both.taken_in("01-good-food-box", number=2)
    both.say(first, "reject", who="lakeside", reason="x")
    ids = [place.rpartition("/")[2] for place in (first, second)]
    asked = {name: found(both, "emr", partner=name) for name in (LAKE, HUB, "nobody")}
    rows = [{row["partner"] for row in both.get(place).json["referrals"]} for place in (first, second)]
    wanted = {name: {one for one, partners in zip(ids, rows, strict=True) if name in partners} for name in asked}
    assert {name: set(ones) for name, ones in asked.items()} == wanted  # both were stored at one moment
    assert both.get(ALL, partner="No Such!").status_code == 400


def test_the_status_is_in_the_words_of_who_asks(office):
    office.taken_in()
    assert office.get(ALL, status="accepted").status_code == 400
    assert office.get(ALL, who="lakeside", status="active").status_code == 400
