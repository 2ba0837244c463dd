"""Rules of a user's own: loaded by file, module or entry point, run over every resource, and contained when they fail."""

import importlib
import json
import sys
import textwrap

import pytest

from footbridge.errors import ConfigurationError
from footbridge.validation import Options, Validator
from footbridge.validation.packs.own import load, rule

HEAD = "from footbridge.validation.packs.own import rule\n"
PHONE = HEAD + textwrap.dedent("""
    @rule("clinic.phone", "Patient", severity="warning", spec="https://clinic.test/rules")
    def phone(patient):
        if not patient.get("telecom"):
            yield "telecom", "The patient has no phone number."
""")
PATIENT = {"resourceType": "Patient", "active": True}


@pytest.fixture
def pack(tmp_path):
    """Write a pack; the name of its file."""

    def write(text, name="clinic_rules.py"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def found(packs, resource, **options):
    issues = Validator(packs=packs, options=Options(**options)).check(resource).issues
    return [(one.rule, one.severity, one.expression) for one in issues if one.rule.startswith(("clinic.", "pack."))]


def test_a_rule_is_asked_about_every_resource_of_its_types(pack):
    name = pack(PHONE)
    assert found([name], PATIENT) == [("clinic.phone", "warning", "Patient.telecom")]
    assert found([name], PATIENT | {"telecom": [{"value": "1"}]}) == []
    task = {"resourceType": "Task", "status": "draft", "intent": "order", "contained": [PATIENT | {"id": "p"}]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": task}, {"resource": PATIENT}]}
    assert [place for _, _, place in found([name], bundle)] == [
        "Bundle.entry[0].resource.contained[0].telecom",
        "Bundle.entry[1].resource.telecom",
    ]
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "part": [{"name": "b", "resource": PATIENT}]}],
    }
    assert [place for _, _, place in found([name], parameters)] == ["Parameters.parameter[0].part[0].resource.telecom"]


def test_an_issue_names_its_text_and_its_base(pack):
    [issue] = [one for one in Validator(packs=[pack(PHONE)]).check(PATIENT).issues if one.rule == "clinic.phone"]
    assert (issue.spec, issue.profile) == (
        "https://clinic.test/rules",
        "http://hl7.org/fhir/StructureDefinition/Patient",
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise KeyError('Ann Roe')", "KeyError, line 4"),
        ("return patient['Ann Roe']", "KeyError, line 4"),
        ("yield 'Ann Roe'", "ValueError"),
        ("yield 'telecom', 1", "TypeError"),
        ("return 7", "TypeError"),
        ("return phone(patient)", "TypeError, line 4"),
        ("import sys; sys.exit('Ann Roe')", None),
    ],
)
def test_a_rule_that_fails_is_an_issue_and_the_others_go_on(pack, body, told):
    second = "\n@rule('clinic.second')\ndef second(resource):\n    yield '', 'Second.'\n"
    name = pack(HEAD + f"@rule('clinic.first', 'Patient')\ndef phone(patient):\n    {body}\n" + second)
    if told is None:
        with pytest.raises(SystemExit):  # a rule that ends the process ends it
            Validator(packs=[name]).check(PATIENT)
        return
    issues = [one for one in Validator(packs=[name]).check(PATIENT).issues if one.rule.startswith(("pack.", "clinic."))]
    assert [(one.rule, one.severity) for one in issues] == [("pack.rule-failed", "error"), ("clinic.second", "error")]
    assert f"The rule clinic.first failed ({told})" in issues[0].message
    assert "Ann" not in issues[0].message


def test_what_was_found_before_a_failure_counts(pack):
    name = pack(HEAD + "@rule('clinic.a')\ndef a(one):\n    yield '', 'A.'\n    raise ValueError\n")
    assert [rule for rule, _, _ in found([name], PATIENT)] == ["clinic.a", "pack.rule-failed"]


def test_a_rule_cannot_change_the_resource_and_has_no_end(pack):
    name = pack(HEAD + "@rule('clinic.a')\ndef a(one):\n    one.clear()\n    while True:\n        yield '', 'A.'\n")
    resource = dict(PATIENT)
    assert len(found([name], resource, max_issues=5)) == 5
    assert resource == PATIENT


@pytest.mark.parametrize(
    "resource", [{}, [], 1, {"resourceType": 1}, {"resourceType": "Patient", "contained": [1, None, [PATIENT]]}]
)
def test_odd_documents_raise_nothing(pack, resource):
    assert Validator(packs=[pack(PHONE)]).check(json.dumps(resource)).issues


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no rule"),
        ("def f(:", "SyntaxError, line 1"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
        ("1 / 0", "ZeroDivisionError, line 1"),
        ("import sys\nsys.exit(3)", "SystemExit, line 2"),
        (HEAD + "@rule('Clinic Phone')\ndef a(one): ...", "family.name"),
        (HEAD + "@rule('binding.mine')\ndef a(one): ...", "own"),
        (HEAD + "@rule('clinic.a', 'Pacient')\ndef a(one): ...", "Pacient is no resource type"),
        (HEAD + "@rule('clinic.a', 'HumanName')\ndef a(one): ...", "HumanName is no resource type"),
        (HEAD + "@rule('clinic.a', severity='fatal')\ndef a(one): ...", "severity"),
        (HEAD + "@rule('clinic.a')\ndef a(): ...", "one argument"),
        (HEAD + "a = rule('clinic.a')(7)", "one argument"),
        (HEAD + "@rule('clinic.a')\ndef a(one): ...\n@rule('clinic.a')\ndef b(one): ...", "twice"),
    ],
)
def test_a_pack_is_checked_when_it_is_loaded(pack, text, why):
    with pytest.raises(ConfigurationError, match=why):
        load(pack(text))


def test_a_pack_that_is_not_there(tmp_path):
    for name in (str(tmp_path / "none.py"), "no_such_module_at_all"):
        with pytest.raises(ConfigurationError, match="--pack"):
            load(name)


def test_a_module_and_an_entry_point(pack, tmp_path, monkeypatch):
    pack(PHONE, "clinic_module.py")
    monkeypatch.syspath_prepend(tmp_path)
    place = tmp_path / "clinic-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(
        "[footbridge.rules]\nriverside = clinic_module\nphone = clinic_module:phone\n"
    )
    importlib.invalidate_caches()
    try:
        for name in ("clinic_module", "riverside", "phone"):
            assert [one.id for one in load(name).rules] == ["clinic.phone"]
    finally:
        sys.modules.pop("clinic_module", None)


def test_a_rule_may_be_given_in_python():
    from footbridge.validation.packs.own import Pack

    @rule("clinic.any")
    def anything(_):
        return [("", "Found.")]

    assert found([Pack("mine", (anything,))], PATIENT) == [("clinic.any", "error", "Patient")]
