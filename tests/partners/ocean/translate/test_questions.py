"""Forms that nobody mapped: questions as people write them, groups of check boxes, answers that no member holds."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ocean_messages import LISTING, add_service_request, encoded, item, resource
from support.soak import count, ran

from footbridge.data import read_json
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.message import read_message
from footbridge.partners.ocean.translate import Around, translate
from footbridge.partners.ocean.translate.questions import keys_of
from footbridge.partners.ocean.translate.tables import folded

CHECKED, UNCHECKED = {"valueBoolean": True}, {"valueBoolean": False}


def _form(*items: dict[str, Any], name: str = "seniorsDayProgram2024") -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "form")["identifier"]["value"] = name
    resource(bundle, "form")["item"] = list(items)
    resource(bundle, "request")["note"] = []
    return bundle


@pytest.mark.parametrize(
    "question",
    [
        "Reason for Referral:", "1. Reason for referral", "(a) REASON FOR REFERRAL", "Reason for referral (required)*",
        "Please describe the reason for referral:", "Reason for referral / Motif de la demande", "Motif de l\u2019aiguillage :",
        "What is the main concern?", "<b>Raison de la demande&nbsp;:</b>",
    ],
)  # fmt: skip
def test_the_reason_is_found_however_it_is_asked(translated: Any, question: str) -> None:
    made = translated(_form(item("item_7", "Alone since his wife died", text=question)))
    assert made.document["needs"][0]["statement"] == "Alone since his wife died"
    assert "notes" not in made.document


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Patient consents to referral", CHECKED), ("I confirm that the client has consented to this referral", CHECKED),
        ("Client\u2019s consent obtained?", {"valueCoding": {"code": "Y", "display": "Yes"}}), ("Consent", "Yes (verbal)"),
        ("Consentement du client :", "Oui, verbal"), ("3) Le client consent à cet aiguillage", "Oui"),
        ("Consent to share information / Consentement au partage de renseignements", "Oui"),
    ],
)  # fmt: skip
def test_a_consent_is_found_however_it_is_asked(translated: Any, question: str, answer: Any) -> None:
    made = translated(_form(item("cc", answer, text=question)))
    assert made.consent.basis == "express"
    assert made.consent.where == "form seniorsDayProgram2024, item cc"
    assert translated(_form(item("cc", answer, text=question)), consent="none").consent.basis == "missing"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Patient consents to email", CHECKED), ("Client consents to research", "Yes"), ("Consent to treatment", "Yes"),
        ("Patient consents to referral", "Yes, but not to share the diagnosis"), ("Consent form attached", "Yes"),
        ("Patient consents to referral", "See letter"),
    ],
)  # fmt: skip
def test_no_consent_is_made_of_another_question_or_of_a_condition(translated: Any, question: str, answer: Any) -> None:
    made = translated(_form(item("cc", answer, text=question)))
    assert made.consent.basis == "missing"
    assert "consent" not in made.document
    assert question in made.document["notes"][0]["text"]  # whoever decides can read it


def test_a_group_of_check_boxes_is_one_field(translated: Any) -> None:
    group = item("g", text="2. Social needs identified (check all that apply)") | {
        "item": [
            item("g1", CHECKED, text="Food insecurity"),
            item("g2", UNCHECKED, text="Housing"),
            item("g3", CHECKED, text="Transportation"),
            item("g4", "Bed bugs", text="Other"),
        ]
    }
    made = translated(_form(group, item("r", "Please help.", text="Reason for referral")))
    assert [(need.category, need.by) for need in made.needs] == [
        ("food-insecurity", "form"),
        ("transportation-insecurity", "form"),
    ]
    assert made.document["notes"] == [{"text": "Housing: No"}, {"text": "Other: Bed bugs"}]


def test_interests_may_be_check_boxes_in_a_group_in_a_group(translated: Any) -> None:
    inner = item("i", text="Activities of interest") | {"item": [item("i1", CHECKED, text="Crafts, with others")]}
    made = translated(_form(item("outer", text="Section B") | {"item": [inner, item("x", "Choir", text="Hobby")]}))
    assert made.document["interests"] == [{"text": "Crafts, with others"}]
    assert made.document["notes"] == [{"text": "Hobby: Choir"}]


def test_a_hidden_box_in_a_group_is_chart(translated: Any) -> None:
    group = item("g", text="Social needs") | {"item": [item("g1", CHECKED, text="Housing", hidden=True)]}
    made = translated(_form(group))
    assert made.chart == "Housing: Yes (hidden)"
    assert [need.category for need in made.needs] == ["sdoh-category-unspecified"]


def test_a_question_is_no_word_of_the_client(translated: Any) -> None:
    made = translated(
        _form(
            item("a", UNCHECKED, text="Risk of eviction"),
            item("b", "Walker", text="Food bank, housing or mobility aids"),
            item("c", "No", text="Food insecurity"),
        )
    )
    assert [need.category for need in made.needs] == ["sdoh-category-unspecified"]


def test_a_question_that_is_answered_with_yes_is_one(translated: Any) -> None:
    made = translated(_form(item("a", CHECKED, text="At risk of eviction")))
    assert [(need.category, need.by, need.words) for need in made.needs] == [
        ("housing-instability", "keyword", ("eviction",))
    ]


@pytest.mark.parametrize(
    ("reason", "category"),
    [
        ("Hungry at the end of the month", "food-insecurity"),
        ("Manque de nourriture à la fin du mois", "food-insecurity"),
        ("Homeless since May", "homelessness"),
        ("Caregiver is worn out", "stress"),
    ],
)
def test_one_word_of_a_client_is_a_guess_that_a_person_confirms(translated: Any, reason: str, category: str) -> None:
    made = translated(_form(item("rfr", reason)))
    assert [need.category for need in made.needs] == [category]
    assert made.confidence == read_json("mappings", "ocean", "confidence.json")["keywordWeak"] < 0.5


def test_the_name_of_what_is_asked_for_counts_last(translated: Any) -> None:
    bundle = _form()
    resource(bundle, "request")["category"] = [{"coding": [{"code": "1", "display": "FOOD_BANK_PROGRAM"}]}]
    assert [(need.category, need.by) for need in translated(bundle).needs] == [("food-insecurity", "keyword")]
    resource(bundle, "request")["note"] = [{"text": "Facing eviction"}]
    assert [need.category for need in translated(bundle).needs] == ["housing-instability"]


def test_what_may_be_anybodys_is_not_the_clients(translated: Any) -> None:
    made = translated(_form(item("p", "416 555 0177", text="Phone"), item("n", "Rui", text="Emergency contact name")))
    assert "416 555 0177" not in json.dumps(made.document["client"])
    assert made.document["notes"] == [{"text": "Phone: 416 555 0177\nEmergency contact name: Rui"}]


def test_what_is_said_beside_yes_or_no_stands_where_the_client_is_called(translated: Any) -> None:
    question = "Is it safe to contact the client?"
    made = translated(_form(item("s", "No, her partner answers the phone", text=question)))
    assert made.document["client"]["safeToContact"] is False
    assert made.document["client"]["contactNote"] == f"{question}: No, her partner answers the phone"
    made = translated(_form(item("s", "Only by text message", text=question)))
    assert "safeToContact" not in made.document["client"]
    assert made.document["client"]["contactNote"] == f"{question}: Only by text message"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Referrer's role", "Health promoter"), ("Referrer name", "Kim Lee"), ("Client name", "Odette Roy"),
        ("Interpreter required", "ASL, in person"), ("Preferred language", "Sign language of the family"),
        ("Needs identified", "A new walker"), ("Client phone number", "416 555 0150 ext 4"),
        ("Referring agency", "Choir of Elm Street"),
    ],
)  # fmt: skip
def test_an_answer_that_no_member_holds_is_a_note(translated: Any, question: str, answer: str) -> None:
    bundle = _form(item("x", answer, text=question), item("rfr", "Please help."))
    made = translated(bundle)
    assert made.errors == ()
    assert answer in json.dumps(made.document, ensure_ascii=False)


def test_a_language_that_is_known_more_exactly_is_not_doubled(translated: Any) -> None:
    bundle = _form(item("l", "Français", text="Langue préférée"))
    resource(bundle, "patient")["communication"] = [{"language": {"coding": [{"code": "fr-CA"}]}}]
    assert translated(bundle).document["client"]["languages"] == [{"code": "fr-CA", "preferred": True}]


def test_the_questions_of_the_table_are_distinct() -> None:
    table = read_json("mappings", "ocean", "questions.json")
    seen: dict[str, str] = {}
    for row in table["fields"]:
        for written in row["text"]:
            for key in keys_of(written):
                assert seen.setdefault(key, row["is"]) == row["is"], written
    assert all(key == folded(key) for key in table["needOptions"])


QUESTIONS = [
    written for row in read_json("mappings", "ocean", "questions.json")["fields"] for written in row["text"][:4]
]  # fmt: skip
ITEMS = st.recursive(
    st.builds(
        lambda question, answers: item("x", *answers, text=question),
        st.sampled_from([*QUESTIONS, "Pets", "Since", ""]),
        st.lists(
            st.sampled_from(["zq1 kettle", "zq2", "Yes", "No", "Oui, verbal"])
            | st.sampled_from([CHECKED, UNCHECKED, {"valueInteger": 4711}, {"valueCoding": {"display": "zq3 drum"}}]),
            max_size=3,
        ),
    ),
    lambda inner: st.builds(
        lambda question, rows: item("g", text=question) | {"item": rows},
        st.sampled_from([*QUESTIONS, "Section"]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=8,
)


def _answers(rows: list[dict[str, Any]]) -> list[str]:
    found = []
    for row in rows:
        for answer in row.get("answer", []):
            value = next(iter(answer.values()))
            found.append(value["display"] if isinstance(value, dict) else str(value))
        found += _answers(row.get("item", []))
    return [word for word in found if word.startswith("zq") or word == "4711"]


@pytest.mark.soak
@settings(max_examples=count(quick=40, soak=3_000), deadline=None)
@given(st.lists(ITEMS, max_size=5))
def test_no_answer_of_a_form_is_lost(rows: list[dict[str, Any]]) -> None:
    ran()
    listing = Listing.decode({"target": LISTING, "consent": "express-in-form"})
    made = translate(read_message(encoded(_form(*rows))), listing, Around())
    assert made.errors == ()
    written = json.dumps(made.document, ensure_ascii=False)
    assert [answer for answer in _answers(rows) if answer not in written] == []
