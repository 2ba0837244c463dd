"""Forms: fields by linkId or text, forms without a mapping, hidden fields, and the chart that stays behind."""

from typing import Any

import pytest
from support.ocean_messages import add_service_request, item, resource

from footbridge.partners.ocean.translate import Around


def _form(name: str, *items: dict[str, Any]) -> dict[str, Any]:
    bundle = add_service_request()
    form = resource(bundle, "form")
    form["identifier"]["value"] = name
    form["item"] = list(items)
    resource(bundle, "request")["note"] = []
    return bundle


def test_the_quick_referral_gives_the_reason_and_keeps_the_chart_apart(translated: Any) -> None:
    made = translated(
        _form(
            "quickReferral",
            item("rfr", "back pain, no food at home"),
            item("i_nmedications_n", "ASA 81 mg", text="Medications:", hidden=True),
            item("history", "Stroke 2019", text="History:"),
        )
    )
    assert made.document["needs"][0]["statement"] == "back pain, no food at home"
    assert made.chart == "Medications: ASA 81 mg (hidden)\nHistory: Stroke 2019"
    assert "ASA" not in str(made.document)
    assert "Stroke" not in str(made.document)


def test_a_form_without_a_mapping_is_read_as_questions_and_answers(translated: Any) -> None:
    made = translated(
        _form(
            "clinic_own_form",
            item("q1", "Two cats", text="Pets at home?"),
            item("q2", {"valueInteger": 3}, {"valueCoding": {"code": "x", "display": "Twice"}}),
            item("q3", "secret", hidden=True),
            item("q4"),
        )
    )
    assert made.document["notes"] == [{"text": "Pets at home?: Two cats\nq2: 3; Twice"}]
    assert made.chart == "q3: secret (hidden)"


def test_a_field_is_found_by_its_text_where_the_link_id_is_unknown(translated: Any) -> None:
    made = translated(_form("links2wellbeing", item("i77", "Lonely", text="Motif de la demande :")))
    assert made.document["needs"][0]["statement"] == "Lonely"


def test_the_listing_names_the_mapping_of_a_form_that_has_none(translated: Any) -> None:
    bundle = _form("our_form", item("what_matters", "Choir"))
    assert translated(bundle).document["notes"] == [{"text": "what_matters: Choir"}]
    assert translated(bundle, forms=["links2wellbeing"]).document["inTheirWords"] == [{"text": "Choir"}]


def test_a_mapping_of_the_users_own_comes_before_those_that_ship(translated: Any) -> None:
    own = {"name": "mine", "references": ["quickReferral"], "fields": [{"is": "own-words", "linkId": ["rfr"]}]}
    made = translated(_form("quickReferral", item("rfr", "I miss choir")), Around(forms=(own,)))
    assert made.document["inTheirWords"] == [{"text": "I miss choir"}]


def test_every_field_of_the_shipped_form_reaches_its_member(translated: Any) -> None:
    bundle = _form(
        "links2wellbeing",
        item("client_name", "Roy, Guy"),
        item("client_phone", "416 555 0199"),
        item("client_email", "guy@mail.invalid"),
        item("goals", "Out of the house twice a week"),
        item("barriers", "No car"),
        item("strengths", "Plays accordion"),
        item("supports", "Bus fare"),
        item("language", "Portuguese"),
        item("interpreter", "Yes"),
        item("contact_note", "Mornings"),
        item("notes", "Has a dog"),
        item("referrer_role", "Social worker"),
        item("referrer_phone", "416 555 0200"),
        item("referring_organization", "Choir of Elm Street"),
    )
    bundle["entry"] = [row for row in bundle["entry"] if row["resource"]["resourceType"] != "Organization"]
    resource(bundle, "patient").pop("name")
    document = translated(bundle).document
    assert document["client"]["name"] == {"family": "Roy", "given": ["Guy"]}
    assert [row["value"] for row in document["client"]["contacts"]][-2:] == ["416 555 0199", "guy@mail.invalid"]
    assert document["goals"] == [{"description": "Out of the house twice a week"}]
    assert document["barriers"] == [{"kind": "other", "text": "No car"}]
    assert document["strengths"] == [{"text": "Plays accordion"}]
    assert document["supports"] == [{"kind": "other", "text": "Bus fare"}]
    assert [row["code"] for row in document["client"]["languages"]] == ["fr", "pt"]
    assert all(row["interpreterNeeded"] for row in document["client"]["languages"])
    assert document["client"]["contactNote"] == "Mornings"
    assert document["requester"]["role"] == "clinician"  # the message's own code decides before the form
    assert document["notes"] == [{"text": "Has a dog"}, {"text": "referrer_role: Social worker"}]
    assert document["requester"]["contacts"][-1] == {"system": "phone", "value": "416 555 0200"}
    assert document["requester"]["organization"]["name"] == "Choir of Elm Street"


def test_a_phone_number_that_is_known_is_not_doubled(translated: Any) -> None:
    made = translated(_form("links2wellbeing", item("client_phone", "+1 (416) 555 0134")))
    assert [row["value"] for row in made.document["client"]["contacts"]] == ["416-555-0134", "odile@mail.invalid"]


def test_what_is_hidden_hides_what_is_in_it(translated: Any) -> None:
    group = item("g", hidden=True) | {"item": [item("inner", "in the chart")]}
    made = translated(_form("x", group))
    assert made.chart == "inner: in the chart (hidden)"


def test_the_same_words_in_note_and_form_count_once(translated: Any) -> None:
    bundle = _form("quickReferral", item("rfr", "skips meals"))
    resource(bundle, "request")["note"] = [{"text": "<b>Reason for Referral:</b> Skips meals&nbsp;"}]
    assert translated(bundle).document["needs"][0]["statement"] == "skips meals"


def test_chart_parts_of_a_note_stay_behind_and_other_headings_are_notes(translated: Any) -> None:
    bundle = _form("x")
    resource(bundle, "request")["note"] = [
        {"text": "<b>Reason for Referral:</b> Lonely<br><b>Medications:</b> ASA<br><b>Housing:</b> Rents a room"}
    ]
    made = translated(bundle)
    assert made.document["needs"][0]["statement"] == "Lonely"
    assert made.document["notes"] == [{"text": "Housing: Rents a room"}]
    assert made.chart == "Medications: ASA"


def test_a_note_with_author_and_time_but_no_text_says_nothing(translated: Any) -> None:
    bundle = _form("x")
    resource(bundle, "request")["note"] = [{"time": "2026-01-01T00:00:00Z"}, {"text": "&nbsp;<br>"}]
    made = translated(bundle)
    assert made.errors == ()
    assert "notes" not in made.document


def test_a_form_about_another_person_is_left_out(translated: Any) -> None:
    bundle = _form("quickReferral", item("rfr", "of somebody else"))
    bundle["entry"].append({"fullUrl": "urn:uuid:other", "resource": {"resourceType": "Patient"}})
    resource(bundle, "form")["subject"] = {"reference": "urn:uuid:other"}
    resource(bundle, "request")["supportingInfo"] = []
    assert "somebody else" not in str(translated(bundle).document)


@pytest.mark.parametrize("value", [None, [], {}, "x", {"answer": 3}, {"item": {"linkId": 1}}])
def test_items_of_any_form_are_read(translated: Any, value: Any) -> None:
    bundle = _form("x")
    resource(bundle, "form")["item"] = value
    assert translated(bundle).errors == ()
