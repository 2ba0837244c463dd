"""What a receiver can rely on in the Bundle of a prescription."""

import pytest
from lxml import etree
from support.prescriptions import MINIMAL, RICH, document, prescription

from footbridge.errors import PrescriptionError
from footbridge.mapping import MappingContext, to_bundle
from footbridge.model.prescription import ContactPoint, OrganizationReference
from footbridge.model.prescription.schema import json_schema
from footbridge.uris import own_uri

SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"
DEFAULT = MappingContext()
TEMPORARY = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"


def made(base=MINIMAL, context=DEFAULT, **changes):
    """The mapping, and its resources by role."""
    mapped = to_bundle(prescription(base, **changes), context)
    by_url = {entry["fullUrl"]: entry["resource"] for entry in mapped.bundle["entry"]}
    return mapped, {role: by_url[url] for role, url in mapped.roles.items()}


def codes(concepts, system):
    return [one["code"] for concept in concepts for one in concept.get("coding", ()) if one["system"] == system]


@pytest.mark.parametrize(
    ("kind", "profile", "status", "intent"),
    [
        ("signpost", "SDOHCC-TaskForPatient", "ready", "proposal"),
        ("warm-connection", "SDOHCC-TaskForReferralManagement", "requested", "order"),
        ("navigator", "SDOHCC-TaskForReferralManagement", "requested", "order"),
    ],
)
def test_the_three_kinds_have_different_tasks(kind, profile, status, intent):
    _, parts = made(RICH, kind=kind)
    assert parts["task"]["meta"]["profile"] == [SDOHCC + profile]
    assert parts["task"]["status"] == status
    assert parts["service-request"]["intent"] == intent
    assert codes(parts["service-request"]["category"], own_uri("CodeSystem/prescription-kind")) == [kind]


def test_a_signpost_is_the_clients_own_and_asks_nobody_to_perform():
    mapped, parts = made(RICH, kind="signpost")
    assert parts["task"]["owner"] == {"reference": mapped.roles["patient"]}
    assert "performer" not in parts["service-request"]
    assert codes([parts["task"]["code"]], TEMPORARY) == ["make-contact"]
    [entity] = [one for one in parts["task"]["input"] if codes([one["type"]], TEMPORARY) == ["contact-entity"]]
    assert entity["valueReference"] == {"reference": mapped.roles["service"]}
    assert parts["task"]["description"] == RICH["instructions"]["text"]


def test_a_signpost_with_nobody_to_contact_is_general_information():
    _, parts = made(kind="signpost", service={"self": True, "description": "A walk in the woods"})
    assert codes([parts["task"]["code"]], TEMPORARY) == ["general-information"]
    assert parts["task"]["description"].endswith("A walk in the woods")
    assert "input" not in parts["task"]


def test_a_canadian_signpost_has_no_dishonest_code_and_says_why_it_claims_no_profile():
    mapped, parts = made(kind="signpost", jurisdiction="ca")
    assert "profile" not in parts["service-request"].get("meta", {})
    [why] = [one for one in mapped.warnings if one.profile == SDOHCC + "SDOHCC-ServiceRequest"]
    assert (why.rule, why.severity, why.pointer) == ("mapping.no-claim", "information", "")


def test_canada_claims_no_us_core_and_uses_no_us_code():
    mapped, parts = made(RICH, jurisdiction="ca")
    text = str(mapped.bundle)
    assert "us/core/StructureDefinition" not in text
    assert "1000124" not in text
    assert "icd-10-cm" not in text
    assert "meta" not in parts["patient"]
    assert parts["goal/0"]["meta"]["profile"] == [SDOHCC + "SDOHCC-Goal"]


def test_a_client_who_must_not_be_contacted_is_never_dropped():
    client = RICH["client"] | {"safeToContact": False}
    for kind in ("signpost", "warm-connection", "navigator"):
        mapped, parts = made(RICH, kind=kind, client=client)
        assert "contacting-subject-prohibited" in codes(parts["service-request"]["category"], TEMPORARY)
        flags = [one for one in parts["task"]["input"] if one.get("valueBoolean") is True]
        assert codes([one["type"] for one in flags], TEMPORARY) == ["contacting-subject-prohibited"]
        for role in ("patient", "service-request", "task", "follow-up"):
            assert "DO NOT CONTACT" in parts[role]["text"]["div"]
        assert not {"telecom", "address"} & set(parts["patient"])
        assert set(mapped.withheld) == {"/client/contacts", "/client/address"}
        assert "leave no voicemail" in str(parts["task"])


def test_a_contact_note_that_gives_the_number_away_stays_here():
    client = RICH["client"] | {"safeToContact": False, "contactNote": "Ring 416-555-0142 after four."}
    mapped, _ = made(RICH, client=client)
    assert "/client/contactNote" in mapped.withheld
    assert "555-0142" not in str(mapped.bundle)


def test_free_text_that_gives_the_number_away_is_refused_with_its_place():
    client = RICH["client"] | {"safeToContact": False}
    notes = [{"text": "Fine."}, {"text": "Her number is (416) 555 0142."}]
    with pytest.raises(PrescriptionError) as refused:
        made(RICH, client=client, notes=notes)
    assert [issue.pointer for issue in refused.value.issues] == ["/notes/1/text"]


def test_the_own_number_of_a_self_referral_stays_here_too():
    client = RICH["client"] | {"safeToContact": False}
    requester = {
        "role": "person",
        "contacts": [{"system": "sms", "value": "+15550188"}],
        "organization": {"name": "Hub"},
    }
    mapped, parts = made(RICH, client=client, requester=requester)
    assert "/requester/contacts" in mapped.withheld
    assert "telecom" not in parts["requester"]


def test_a_relative_at_the_clients_own_number_is_named_without_it():
    client = RICH["client"] | {"safeToContact": False}
    points = [{"system": "phone", "value": "+1 416 555 0142"}, {"system": "sms", "value": "+1 416 555 0177"}]
    relative = {"role": "relative", "name": {"given": ["Ann"]}, "contacts": points, "organization": {"name": "Hub"}}
    mapped, parts = made(RICH, client=client, requester=relative)
    assert [one["value"] for one in parts["requester"]["telecom"]] == ["+1 416 555 0177"]
    assert "/requester/contacts" in mapped.withheld


def test_the_internal_record_keeps_everything():
    client = RICH["client"] | {"safeToContact": False}
    mapped, parts = made(RICH, MappingContext(withhold_unsafe_contact=False), client=client)
    assert mapped.withheld == ()
    assert parts["patient"]["telecom"][1]["value"] == "+1 416 555 0142"


def test_what_the_caller_coded_is_told_from_what_stands_in():
    said = {"system": "http://snomed.info/sct", "code": "733423003"}
    _, parts = made(needs=[{"category": "food-insecurity", "statement": "Hungry.", "code": said}])
    assert parts["need/0"]["code"]["coding"] == [said | {"userSelected": True}]
    _, parts = made()
    assert [one["userSelected"] for one in parts["need/0"]["code"]["coding"]] == [False]


def test_a_taxonomy_code_stands_beside_another_never_alone():
    code = {"system": "http://211hsis.org", "code": "BD-1800.2000"}
    _, parts = made(service={"code": code, "description": "Food"})
    coded = parts["service-request"]["code"]["coding"]
    assert [one["system"] for one in coded] == ["http://211hsis.org", "http://snomed.info/sct"]


def test_a_need_that_no_code_says_is_an_observation_and_warned_about():
    mapped, parts = made(needs=[{"category": "educational-attainment", "statement": "Left school."}])
    assert parts["need/0"]["resourceType"] == "Observation"
    assert parts["need/0"]["valueString"] == "Left school."
    assert ("mapping.need-not-coded", "/needs/0") in {(one.rule, one.pointer) for one in mapped.warnings}


def test_the_older_guide_gets_no_code_that_it_lacks():
    needs = [{"category": "protective-factor", "statement": "Sings."}]
    goals = [{"need": 0, "description": "Sings more."}]
    _, parts = made(context=MappingContext(guide="2.3.0"), needs=needs, goals=goals)
    for role in ("need/0", "goal/0", "service-request"):
        assert "protective-factor" not in codes(parts[role]["category"], TEMPORARY)
        assert codes(parts[role]["category"], own_uri("CodeSystem/sdoh-category")) == ["protective-factor"]
    _, parts = made(needs=needs)
    assert codes(parts["need/0"]["category"], TEMPORARY) == ["protective-factor"]


def test_one_person_has_one_patient_across_prescriptions_and_each_tenant_its_own():
    other = {"system": "urn:footbridge:test:order", "value": "RX-2"}
    known = MappingContext(person="p-1", scope="clinic")
    assert made(context=known)[0].roles["patient"] == made(context=known, identifier=other)[0].roles["patient"]
    assert made()[0].roles["patient"] != made(identifier=other)[0].roles["patient"]
    elsewhere = MappingContext(person="p-1", scope="other")
    assert made(context=known)[0].roles["patient"] != made(context=elsewhere)[0].roles["patient"]


def test_the_patients_id_does_not_come_from_the_health_card():
    client = MINIMAL["client"] | {"identifiers": [{"system": "urn:footbridge:test:mrn", "value": "78"}]}
    assert made()[0].roles["patient"] == made(client=client)[0].roles["patient"]


def test_a_partner_is_named_from_the_configuration():
    known = OrganizationReference(name="North End Hub", contacts=(ContactPoint(system="phone", value="+1 555"),))
    context = MappingContext(partners={"hub": known})
    mapped, parts = made(context=context, service={"partner": "hub"})
    assert parts["partner"]["name"] == "North End Hub"
    assert parts["task"]["owner"] == {"reference": mapped.roles["partner"]}
    _, parts = made(service={"partner": "hub"})
    assert parts["partner"]["name"] == "hub"


def test_a_required_support_is_marked_and_based_on_the_order():
    mapped, parts = made(RICH)
    assert parts["support/0"]["basedOn"] == [{"reference": mapped.roles["service-request"]}]
    marks = [
        codes([one["type"]], own_uri("CodeSystem/support-need"))
        for one in parts["task"]["input"]
        if "support" in codes([one["type"]], own_uri("CodeSystem/task-input"))
    ]
    assert marks == [["required"], []]


def test_french_goes_into_text_and_narrative():
    _, parts = made(RICH, language="fr-CA")
    task = parts["task"]
    assert task["language"] == "fr-CA"
    assert 'lang="fr-CA" xml:lang="fr-CA"' in task["text"]["div"]
    assert task["code"]["text"] == "Donner suite à cette prescription sociale"


def test_narrative_is_escaped_and_well_formed():
    hostile = "</div><script>alert(1)</script> & \ufffe\nnext"
    _, parts = made(needs=[{"category": "stress", "statement": hostile}])
    parsed = etree.fromstring(parts["need/0"]["text"]["div"])
    assert {etree.QName(one).localname for one in parsed.iter()} <= {"div", "p", "b", "br"}


def test_every_fault_is_listed_with_its_place():
    needs = [{"category": "food-insecurty", "statement": "x"}]
    goals = [{"need": 4, "description": "y"}]
    identifiers = [{"system": "urn:oid:nonsense", "value": "1"}]
    with pytest.raises(PrescriptionError) as refused:
        made(needs=needs, goals=goals, client={"identifiers": identifiers})
    found = {issue.pointer: issue for issue in refused.value.issues}
    assert set(found) == {"/needs/0/category", "/goals/0/need", "/client/identifiers/0/system"}
    assert "food-insecurity" in found["/needs/0/category"].message


def test_origins_lead_back_to_the_prescription():
    mapped, _ = made(RICH)
    assert mapped.origins[mapped.roles["need/1"]] == "/needs/1"
    assert mapped.origins[mapped.roles["consent"]] == "/consent"
    assert mapped.origins[mapped.roles["requester"]] == "/requester"


def test_no_element_carries_the_prescription_whole():
    mapped, _ = made(RICH)
    text = str(mapped.bundle)
    assert "inTheirWords" not in text
    assert "safeToContact" not in text


def test_a_prescription_about_violence_is_labelled():
    needs = [{"category": "intimate-partner-violence", "statement": "Is afraid at home."}]
    _, parts = made(needs=needs)
    assert [one["code"] for one in parts["service-request"]["meta"]["security"]] == ["R", "SDV"]
    assert "security" not in parts["organization"].get("meta", {})
    assert document(MINIMAL) == MINIMAL


def div(mapped_part):
    return mapped_part["text"]["div"]


@pytest.mark.parametrize(
    ("language", "method", "words"),
    [
        ("fr-CA", "phone", "Par\u00a0: téléphone"),
        ("fr", "sms", "Par\u00a0: message texte"),
        ("en", "sms", "How: by text message"),
        ("en-CA", "email", "How: by e-mail"),
        ("es", "letter", "How: Letter"),
        ("fr-CA", "in-person", "Par\u00a0: En personne"),
    ],
)
def test_the_narrative_says_codes_of_the_follow_up_in_words(language, method, words):
    follow_up = {"due": "2026-12-01", "method": method, "by": "navigator", "questions": ["did-it-happen"]}
    _, parts = made(language=language, followUp=follow_up)
    text = div(parts["follow-up"])
    assert words in text
    assert ("Qui demande\u00a0: Navigateur ou navigatrice" if language[:2] == "fr" else "Who asks: Navigator") in text
    assert "did-it-happen" not in text


def test_every_way_to_ask_has_words():
    schema = json_schema()["$defs"]["FollowUp"]["properties"]["method"]["enum"]
    for method in schema:
        for language in ("en", "fr"):
            _, parts = made(language=language, followUp={"due": "2026-12-01", "method": method})
            assert f": {method}<" not in div(parts["follow-up"])


def test_the_narrative_says_a_question_in_words_where_they_are_known():
    loinc = "http://loinc.org"
    evidence = {"question": {"system": loinc, "code": "88122-7"}, "answer": {"system": loinc, "code": "LA28397-0"}}
    needs = [{"category": "food-insecurity", "statement": "x", "evidence": evidence}]
    _, parts = made(needs=needs)
    assert "88122-7" not in div(parts["evidence/0"])
    assert "we worried whether our food would run out" in div(parts["evidence/0"])
    evidence["question"]["display"] = "Nous avions peur"
    _, parts = made(needs=needs)
    assert "Nous avions peur" in div(parts["evidence/0"])


def test_the_narrative_of_a_partner_has_its_title():
    partners = {"lakeside-services": OrganizationReference(name="Lakeside Services")}
    document_ = {"service": {"partner": "lakeside-services"}, "kind": "warm-connection"}
    _, parts = made(context=MappingContext(partners=partners), **document_)
    assert "Name: Lakeside Services" in div(parts["partner"])
    assert "Name: lakeside-services" not in div(parts["partner"])


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_an_end_of_line_is_a_line_break_in_the_narrative(ending):
    _, parts = made(needs=[{"category": "stress", "statement": f"one{ending}two{ending}{ending}three"}])
    assert "one<br/>two<br/><br/>three" in div(parts["need/0"])
