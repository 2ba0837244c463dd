"""Narratives in a language of the receiver: nothing but the narratives changes, and they say what they said."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.prescriptions import MINIMAL, RICH, prescription, prescriptions

from footbridge.mapping import MappingContext, from_bundle, to_bundle
from footbridge.mapping.contact import with_contact
from footbridge.mapping.narrative import language_of
from footbridge.mapping.split import Part, split_request
from footbridge.mapping.terms import label
from footbridge.model.clock import SystemClock
from footbridge.validation import Validator

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
P = "{http://www.w3.org/1999/xhtml}p"


def mapped(given_prescription, narrative=None):
    return to_bundle(given_prescription, MappingContext(narrative=narrative, withhold_unsafe_contact=False)).bundle


def resources(bundle):
    return {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}


def words(div):
    """What a person reads of each line, without its label."""
    lines = ["".join(line.itertext()) for line in etree.fromstring(div).iter(P)][1:]
    return [re.sub(r"^.*?\u00a0?: ", "", line, count=1, flags=re.DOTALL) for line in lines]


@settings(max_examples=12)
@given(prescriptions(), st.sampled_from(["en", "fr"]))
def test_only_the_narratives_change_and_the_prescription_reads_back(said, narrative):
    plain, told = mapped(said), mapped(said, narrative)
    for url, resource in resources(told).items():
        text = resource.pop("text")
        before = resources(plain)[url].pop("text")
        assert len(words(text["div"])) == len(words(before["div"]))
    assert plain == told
    assert from_bundle(mapped(said, narrative)).prescription == from_bundle(mapped(said)).prescription


@settings(max_examples=8)
@given(prescriptions(), st.sampled_from(["en", "fr"]))
def test_a_narrative_is_in_the_language_that_is_wanted(said, narrative):
    for resource in resources(mapped(said, narrative)).values():
        div = etree.fromstring(resource["text"]["div"])
        assert div.get("lang") == div.get(XML_LANG)
        assert div.get("lang").partition("-")[0] == narrative
        for span in div.iter("{http://www.w3.org/1999/xhtml}span"):
            assert span.get("lang") == span.get(XML_LANG)
            assert span.get("lang").partition("-")[0] != narrative


@pytest.mark.parametrize("language", ["en", "fr", "fr-CA"])
def test_the_language_of_the_prescription_changes_nothing(language):
    said = prescription(MINIMAL, language=language, notes=[{"text": "Walks with a stick."}])
    assert mapped(said, language[:2]) == mapped(said)


def test_an_english_prescription_in_french():
    said = prescription(MINIMAL, language="en", needs=[{"category": "food-insecurity", "statement": "No food <today>"}])
    bundle = mapped(said, "fr")
    (request,) = (one for one in resources(bundle).values() if one["resourceType"] == "ServiceRequest")
    assert request["language"] == "en"
    assert request["text"]["div"].startswith(
        '<div xmlns="http://www.w3.org/1999/xhtml" lang="fr" xml:lang="fr"><p><b>Prescription sociale</b></p>'
    )
    assert '<p>Besoin\u00a0: <span lang="en" xml:lang="en">No food &lt;today&gt;</span></p>' in request["text"]["div"]


@pytest.mark.parametrize("base", [MINIMAL, RICH])
def test_it_conforms(base):
    validator = Validator()
    for resource in resources(mapped(prescription(base, language="en"), "fr")).values():
        outcome = validator.check(resource)
        assert outcome.valid, [issue.message for issue in outcome.issues]


def test_that_nobody_may_call_is_said_and_taken_back_in_the_language_of_the_narrative():
    said = prescription(MINIMAL, language="en")
    (request,) = (one for one in resources(mapped(said, "fr")).values() if one["resourceType"] == "ServiceRequest")
    warned = with_contact(request, prohibited=True)
    assert f"<p>{label('do-not-contact', 'fr')}</p>" in warned["text"]["div"]
    assert warned["category"][-1]["text"] == label("do-not-contact", "en")
    assert with_contact(warned, prohibited=True) == warned
    assert with_contact(warned, prohibited=False) == request


def test_a_part_keeps_the_language_of_the_narrative():
    said = prescription(RICH, language="en")
    found = {one["resourceType"]: one for one in resources(mapped(said, "fr")).values() if "basedOn" not in one}
    ((order, task),) = split_request(
        found["ServiceRequest"],
        found["Task"],
        [Part(category="food-insecurity", description="A food box")],
        authored=SystemClock().now(),
    )
    for made in (order, task):
        assert language_of(made, "und") == "fr"
        assert made["language"] == "en"
        assert '<span lang="en" xml:lang="en">A food box</span>' in made["text"]["div"]


def test_the_same_prescription_gives_the_same_bundle():
    said = prescription(RICH, language="en")
    assert json.dumps(mapped(said, "fr")) == json.dumps(mapped(said, "fr"))
