"""Texts travel byte for byte, with the ends of lines that their system writes: map, read back, API, delivery."""

import json

import pytest
from lxml import etree
from support.spine import prescribed

from footbridge.errors import PrescriptionError
from footbridge.mapping import MappingContext, from_bundle, to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.model.prescription.said import fingerprint
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.validation import Validator
from footbridge.validation.writing.xml_text import write_xml

TEXTS = [
    "one\r\ntwo\r\n",
    "one\rtwo",
    "\r\none",
    "a\tb",
    "a\n\rb",
    "e\u0301 \u00e9 \U0001f469\u200d\U0001f467 \u202eabc\u202c \u05e9",
]


def written(text):
    """A prescription with the text in each member that takes one."""
    document = prescribed()
    document["needs"][0]["statement"] = text
    document["goals"] = [{"description": text}]
    document["notes"] = [{"text": text}]
    document["instructions"] = {"text": text}
    document["inTheirWords"] = [{"text": text}]
    document["barriers"] = [{"kind": "other", "text": text}]
    document["client"]["name"]["family"] = text
    document["requester"]["organization"]["name"] = text
    document["service"]["description"] = text
    return document


def texts_of(value):
    """Every text of a resource but its narrative."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name != "div":
                yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was(text):
    accepted = accept(written(text))
    mapped = to_bundle(accepted.prescription, MappingContext(jurisdiction=accepted.jurisdiction))
    MappingCheck(Validator()).check(mapped.resources, mapped)
    read = from_bundle(json.loads(json.dumps(mapped.bundle))).prescription
    assert read is not None
    assert fingerprint(read) == fingerprint(accepted.prescription)
    assert read.needs[0].statement == text


@pytest.mark.parametrize("text", TEXTS)
def test_xml_keeps_a_text_too(text):
    validator = Validator()
    accepted = accept(written(text))
    mapped = to_bundle(accepted.prescription, MappingContext(jurisdiction=accepted.jurisdiction))
    for resource in mapped.resources:
        xml = write_xml(resource, validator.types)
        values = {str(value) for value in etree.fromstring(xml).xpath("//@value")}
        assert (text in values) == (text in set(texts_of(resource)))
        assert "\r" not in resource["text"]["div"]
        assert validator.check_text(xml).valid


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_delivered_as_it_was(world, text):
    receipt = world.submit(written(text))
    world.pass_time()
    assert world.counts()["failed"] == 0
    for name in ("hub", "emr"):
        order = world.order(name) if name == "hub" else world.servers[name].all("ServiceRequest")[0]
        assert order["code"]["text"] == text
    assert text in {condition["code"].get("text") for condition in world.servers["hub"].all("Condition")}
    assert world.submit(written(text)).id == receipt.id


@pytest.mark.parametrize("character", ["\u0000", "\u0008", "\u000b", "\u000c", "\u001f", "\u007f", "\u0085", "\u009f"])
def test_other_control_characters_are_refused(character):
    with pytest.raises(PrescriptionError) as refused:
        accept(written(f"a{character}b"))
    assert {issue.rule for issue in refused.value.issues} == {"prescription.control-character"}
