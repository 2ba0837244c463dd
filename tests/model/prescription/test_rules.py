"""The rules that span members: each finds what it is there for, at its place, and nothing in a good document."""

import pytest

from footbridge.model.prescription.reading import read
from footbridge.model.prescription.rules import RULES, check


def found(document):
    return {
        (issue.severity, issue.rule.removeprefix("prescription."), issue.pointer) for issue in check(read(document))
    }


def test_a_good_prescription_has_no_finding(small):
    assert found(small) == set()


PHONE = {"system": "phone", "value": "+1 416 555 0142"}
NOT_SAFE = {"/client/safeToContact": False}
SELF = {"/kind": "signpost", "/consent": ...}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"/client/name": ...}, ("error", "client-unidentified", "/client/name")),
        ({"/client/birthDate": ...}, ("error", "client-unidentified", "/client/birthDate")),
        ({"/client": {"gender": "male"}}, ("error", "client-unidentified", "/client")),
        ({"/client/name": {"preferred": "Kim"}}, ("error", "name-empty", "/client/name")),
        ({"/navigator": {"name": {}}}, ("error", "name-empty", "/navigator/name")),
        ({"/requester/name": ...}, ("error", "requester-unnamed", "/requester/name")),
        ({"/client/address": {"line": []}}, ("error", "address-empty", "/client/address")),
        (
            {"/client/identifiers": [{"system": "a:b", "value": "1"}] * 2},
            ("warning", "identifier-repeated", "/client/identifiers/1"),
        ),
        (
            {"/requester/organization/contacts": [PHONE | {"preferred": True}] * 2},
            ("error", "contact-preferred-twice", "/requester/organization/contacts/1/preferred"),
        ),
        (
            {"/client/contacts": [{"system": "email", "value": "kim at mail"}]},
            ("warning", "contact-form", "/client/contacts/0/value"),
        ),
        (
            {"/client/contacts": [{"system": "phone", "value": "ask at reception"}]},
            ("warning", "contact-form", "/client/contacts/0/value"),
        ),
        (
            {"/client/languages": [{"code": "en", "preferred": True}, {"code": "fr", "preferred": True}]},
            ("error", "language-preferred-twice", "/client/languages/1/preferred"),
        ),
        (
            {"/client/languages": [{"code": "fr-CA"}, {"code": "fr-ca"}]},
            ("error", "language-repeated", "/client/languages/1/code"),
        ),
        (
            {"/requester/organization/contacts": [{"system": "phone", "value": "+1 416 555 0100", "use": "home"}]},
            ("error", "contact-use", "/requester/organization/contacts/0/use"),
        ),
        ({"/goals/0/due": "2026-11-01"}, ("error", "before-authored", "/goals/0/due")),
        ({"/followUp/due": "2026-11-01"}, ("error", "before-authored", "/followUp/due")),
        ({"/consent/until": "2026-11-01", "/consent/given": ...}, ("error", "before-authored", "/consent/until")),
        ({"/client/birthDate": "2026-11-03"}, ("error", "after-authored", "/client/birthDate")),
        (
            {"/inTheirWords": [{"text": "x", "said": "2026-11-02T14:40:01Z"}]},
            ("error", "after-authored", "/inTheirWords/0/said"),
        ),
        (
            {"/needs/0/evidence": {"question": {"system": "a:b", "code": "c"}, "answerText": "x", "date": "2026-11-03"}},
            ("error", "after-authored", "/needs/0/evidence/date"),
        ),
        (
            {"/needs/0/evidence": {"question": {"system": "a:b", "code": "c"}}},
            ("warning", "evidence-unanswered", "/needs/0/evidence"),
        ),
        ({"/goals/0/need": 1}, ("error", "index", "/goals/0/need")),
        (
            {"/supports": [{"kind": "other", "text": "x", "barrier": 0}]},
            ("error", "index", "/supports/0/barrier"),
        ),
        ({**SELF, "/service": {"self": True, "directoryId": "7"}}, ("error", "service-contradicts", "/service/directoryId")),
        ({"/service": {"self": True}}, ("error", "self-directed-kind", "/kind")),
        ({"/followUp": ...}, ("warning", "follow-up-missing", "/followUp")),
        ({**NOT_SAFE}, ("error", "follow-up-unsafe", "/followUp/method")),
        ({**NOT_SAFE, "/followUp/method": "letter"}, ("error", "follow-up-unsafe", "/followUp/method")),
        ({**NOT_SAFE, "/followUp/method": "other"}, ("error", "follow-up-unsafe", "/followUp/method")),
        ({"/consent": ...}, ("error", "consent-missing", "/consent")),
        ({"/kind": "navigator", "/consent": ...}, ("error", "consent-missing", "/consent")),
        ({"/consent/status": "withdrawn"}, ("error", "consent-not-given", "/consent/status")),
        ({"/consent/scope": []}, ("error", "consent-scope", "/consent/scope")),
        ({"/consent/scope": ["needs", "goals"]}, ("warning", "consent-no-contact", "/consent/scope")),
        ({"/consent/basis": "implied"}, ("error", "consent-implied", "/consent/basis")),
        ({"/consent/basis": "implied", "/kind": "navigator"}, ("warning", "consent-implied", "/consent/basis")),
        ({"/consent/basis": "implied", "/jurisdiction": "us"}, ("warning", "consent-implied", "/consent/basis")),
        ({"/consent/basis": "implied", "/jurisdiction": ...}, ("error", "consent-implied", "/consent/basis")),
    ],
)  # fmt: skip
def test_each_rule_finds_its_fault(changed, changes, expected):
    findings = found(changed(changes))
    assert expected in findings
    assert {rule for _, rule, _ in findings} <= {expected[1], "contact-form", "consent-no-contact"}


def test_a_consent_cannot_end_before_it_was_given(changed):
    findings = found(changed({"/consent/given": "2026-11-02", "/consent/until": "2026-10-31"}))
    assert ("error", "consent-ends-first", "/consent/until") in findings


@pytest.mark.parametrize(
    "changes",
    [
        {**SELF},
        {**SELF, "/consent": {"status": "refused"}},
        {**SELF, "/service": {"self": True, "description": "Time outdoors"}},
        {"/kind": "signpost", "/service": {"partner": "north-end-hub"}},
        {"/client": {"identifiers": [{"system": "a:b", "value": "1"}]}},
        {"/requester": {"role": "person", "organization": {"name": "x"}}},
        {"/goals/0/due": "2026-11-02", "/followUp/due": "2026-11-02", "/consent/until": "2026-11-02"},
        {"/client/birthDate": "2026-11-02"},
        {"/authored": "2026-11-02T23:30:00-05:00", "/consent/given": "2026-11-02"},
        {**NOT_SAFE, "/followUp/method": "in-person"},
        {**NOT_SAFE, "/followUp/method": ...},
        {**NOT_SAFE, "/followUp/method": "in-person", "/consent/scope": ["needs"]},
        {"/client/contacts": [{"system": "phone", "value": "211"}, {"system": "email", "value": "kim@mail.invalid"}]},
    ],
)
def test_what_is_allowed_has_no_finding(changed, changes):
    assert found(changed(changes)) == set()


def test_rules_leave_out_what_could_not_be_read(changed):
    prescription = read(changed({"/consent": ..., "/goals/0/need": 9}))
    findings = {issue.rule for issue in check(prescription, doubtful={"consent"})}
    assert findings == {"prescription.index"}


def test_every_row_of_the_table_has_its_sentence():
    assert all((rule.find.__doc__ or "").strip() for rule in RULES)
    assert len({(rule.name, rule.severity) for rule in RULES}) == len(RULES)
