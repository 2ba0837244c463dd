"""Tags that IANA registered stay valid for ever, deprecated and grandfathered ones too, wherever a language stands.

https://www.rfc-editor.org/rfc/rfc5646#section-3.4. The HL7 validator agrees, but for ``Resource.language``, where its
own display texts cannot have a tag such as ``i-klingon``.
"""

import pytest

from footbridge.data import read_json
from footbridge.validation import Validator

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
DEPRECATED = ["iw", "in", "ji", "jw", "mo", "sh"]
# RFC 5646, section 2.1: the grammar lists all that may be called grandfathered.
GRANDFATHERED = [
    "en-GB-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo",
    "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-BE-FR", "sgn-BE-NL", "sgn-CH-DE", "art-lojban", "cel-gaulish", "no-bok",
    "no-nyn", "zh-guoyu", "zh-hakka", "zh-min", "zh-min-nan", "zh-xiang",
]  # fmt: skip
PATIENT = {"resourceType": "Patient", "name": [{"family": "Roe"}], "gender": "female"}
PLACES = {
    "resource": lambda tag: PATIENT | {"language": tag},
    "contained": lambda tag: {
        **PATIENT, "managingOrganization": {"reference": "#o"},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Food bank", "language": tag}],
    },
    "communication": lambda tag: PATIENT | {"communication": [{"language": _concept(tag)}]},
    "attachment": lambda tag: PATIENT | {"photo": [{"contentType": "image/png", "data": "aGk=", "language": tag}]},
    "translation": lambda tag: PATIENT | {
        "name": [{"family": "Roe", "_family": {"extension": [{"url": TRANSLATION, "extension": [
            {"url": "lang", "valueCode": tag}, {"url": "content", "valueString": "Ro"}]}]}}]
    },
    "designation": lambda tag: {
        "resourceType": "CodeSystem", "url": "https://acme.org/fhir/CodeSystem/a", "status": "draft",
        "content": "complete", "concept": [{"code": "a", "designation": [{"language": tag, "value": "b"}]}],
    },
}  # fmt: skip


def _concept(tag):
    return {"coding": [{"system": "urn:ietf:bcp:47", "code": tag}]}


def _errors(resource):
    return [(issue.rule, issue.expression) for issue in Validator().validate(resource) if issue.severity == "error"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tag", [*DEPRECATED, "iw-IL", "mo-MD", "EN-GB-OED", "I-Klingon", *GRANDFATHERED])
def test_a_deprecated_or_grandfathered_tag_is_valid(tag, place):
    assert _errors(PLACES[place](tag)) == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tag", ["xx", "en-GB-oex", "fra", "zh-min-nan-", "english"])
def test_what_is_not_registered_is_not_valid(tag, place):
    assert _errors(PLACES[place](tag))


def test_every_deprecated_language_is_valid():
    table = read_json("terminology", "language-subtags.json")
    wrong = [tag for tag in table["deprecated"]["languages"] if _errors(PLACES["resource"](tag))]
    assert wrong == []
    assert {tag.lower() for tag in GRANDFATHERED} <= set(table["tags"])
