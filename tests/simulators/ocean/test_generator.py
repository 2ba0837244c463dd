"""The referrals that clinics make: the same for a seed, of every kind, and odd in the ways of real ones."""

import json

import pytest
from support.ocean_answers import Box, ocean_with, resources

from footbridge.simulators.ocean import ReferralGenerator
from footbridge.simulators.ocean.generator import PRESCRIPTION, QUICK, texts


def drafts(count=1000, **options):
    made = ReferralGenerator(7, **options)
    return [made.draft() for _number in range(count)]


def test_the_same_seed_makes_the_same_referrals_and_another_one_others():
    assert drafts(50) == drafts(50)
    other = ReferralGenerator(8)
    assert [other.draft() for _number in range(50)] != drafts(50)


def test_every_kind_is_there():
    made = drafts()
    assert {one.form for one in made} == {QUICK, PRESCRIPTION}
    assert {one.need for one in made} == texts()["needs"].keys()
    assert {one.category for one in made} == texts()["categories"].keys()
    assert {one.language for one in made} == {"en", "fr"}
    assert {len(one.attachments) for one in made} == {0, 1, 2}
    assert {one.answers.get("consent") for one in made} >= {None, "Yes", "No", "Oui", "Non"}
    assert 100 < sum(one.sender is not None for one in made) < 200
    assert {one.priority for one in made} == {None, "routine", "urgent"}


def test_the_oddities_of_real_clinics_are_there():
    made = drafts()
    assert any(one.note is None for one in made)  # an author and a time, and no text
    assert any(one.note == "" for one in made)
    assert any(not one.answers for one in made)
    assert any(not one.clinician.family for one in made)
    assert any(one.person.birth_date is None and not one.person.given for one in made)
    for text in texts()["odd"]["texts"]:
        assert text == "" or any(text in (one.note or "") or text in one.answers.values() for one in made), text


def test_without_oddities_every_referral_says_why():
    assert all(one.note and one.answers["rfr"] and one.clinician.family for one in drafts(200, odd=0))


@pytest.mark.parametrize("version", ["0.11", "0.10"])
def test_every_one_can_be_sent_and_is_there_word_by_word(version):
    box = Box()
    ocean = ocean_with(box, version=version)
    refs = [ocean.refer() for _number in range(300)]
    ocean.run_due()
    assert len(box.bundles) == len(refs)
    for ref, bundle in zip(refs, box.bundles, strict=True):
        draft = ocean.referral(ref).draft
        (request,) = resources(bundle, "ServiceRequest")
        assert [one.get("text") for one in request.get("note", ())] == ([] if draft.note == "" else [draft.note])
        (form,) = resources(bundle, "QuestionnaireResponse")
        answers = {item["linkId"]: item["answer"][0]["valueString"] for item in form["item"] if "answer" in item}
        assert answers == draft.answers
        (patient,) = resources(bundle, "Patient")
        assert patient["name"][0]["family"] == draft.person.family


def test_no_invented_person_can_be_a_real_one():
    for one in drafts(300):
        person = one.person
        assert person.phone is None or "-555-01" in person.phone
        assert person.email is None or person.email.endswith("@example.test")
        assert person.health_card is None or person.health_card.startswith("99")
    assert "need" not in json.dumps(resources_of_one())


def resources_of_one():
    box = Box()
    ocean = ocean_with(box)
    ocean.refer(ocean.generator.draft(need="money", form=QUICK, language="en"))
    ocean.run_due()
    return [one["resource"]["resourceType"] for one in box.last["entry"]]
