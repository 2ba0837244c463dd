"""Profiles that resources claim."""

from footbridge.validation import Validator


def test_an_unknown_claim_warns_and_an_unknown_request_is_an_error(found, task):
    claimed = task | {"meta": {"profile": ["http://footbridge.test/nowhere"]}}
    assert found(claimed) == set()
    assert ("profile.unknown", "Task.meta.profile[0]") in found(claimed, severity="warning")
    assert [row.rule for row in Validator().check(claimed).unchecked] == ["profile.unknown"]
    asked = Validator().check(task, ["http://footbridge.test/nowhere"])
    assert [issue.rule for issue in asked.issues if issue.is_error] == ["profile.unknown"]


def test_a_claim_is_checked(found, profile_of, task, patient):
    profile = profile_of("Task", {"path": "Task.description", "min": 1})
    claim = {"meta": {"profile": [profile["url"]]}}
    assert found(task | claim, definitions=[profile]) == {("profile.min", "Task")}
    assert found(patient | claim, definitions=[profile]) == {("profile.wrong-type", "Patient")}


US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"


def test_a_claimed_version_that_is_not_loaded_is_a_warning_and_tells_the_version_used(found, patient):
    outcome = Validator().check(patient | {"meta": {"profile": [f"{US_CORE}|9.9.9"]}})
    [told] = [issue for issue in outcome.issues if issue.rule == "profile.unknown"]
    assert (told.severity, told.expression) == ("warning", "Patient.meta.profile[0]")
    assert "7.0.0" in told.message
    [row] = [row for row in outcome.unchecked if row.rule == "profile.unknown"]
    assert f"{US_CORE}|9.9.9" in row.why
    assert "7.0.0" in row.why
    assert "profile.min" in {issue.rule for issue in outcome.issues}, "the version that is loaded is still checked"


def test_a_version_that_is_asked_for_and_not_loaded_is_an_error(patient):
    complete = patient | {"identifier": [{"system": "https://clinic.test/mrn", "value": "1"}]}
    assert not any(issue.is_error for issue in Validator().check(complete, [US_CORE]).issues)
    outcome = Validator().check(complete, [f"{US_CORE}|9.9.9"])
    assert [issue.rule for issue in outcome.issues if issue.is_error] == ["profile.unknown"]


def test_a_version_that_is_loaded_is_not_told(patient):
    for version in ("7.0.0", "7.0", "7"):
        claimed = patient | {"meta": {"profile": [f"{US_CORE}|{version}"]}}
        outcome = Validator().check(claimed, [f"{US_CORE}|{version}"])
        assert "profile.unknown" not in {issue.rule for issue in outcome.issues} | {
            row.rule for row in outcome.unchecked
        }


def test_a_profile_that_cannot_be_used_says_why(profile_of, task):
    lost = profile_of("Task", name="lost") | {"baseDefinition": "https://clinic.test/StructureDefinition/none"}
    ring = profile_of("Task", name="ring")
    ring["baseDefinition"] = ring["url"]
    above = profile_of("Task", name="above") | {"baseDefinition": lost["url"]}
    values = {"resourceType": "ValueSet", "url": "https://clinic.test/ValueSet/a", "status": "active"}
    validator = Validator(definitions=[lost, ring, above, values])
    for url, reason in [
        (lost["url"], "Its base https://clinic.test/StructureDefinition/none is not known."),
        (f"{lost['url']}|1.0", "is not known."),
        (ring["url"], "is built on itself."),
        (above["url"], "Its base https://clinic.test/StructureDefinition/none is not known."),
        (values["url"], "It is a ValueSet"),
    ]:
        [asked] = [issue for issue in validator.check(task, [url]).issues if issue.is_error]
        assert (asked.rule, reason in asked.message) == ("profile.unknown", True), asked.message
        outcome = validator.check(task | {"meta": {"profile": [url]}})
        [claimed] = [issue for issue in outcome.issues if issue.rule == "profile.unknown"]
        assert (claimed.severity, reason in claimed.message) == ("warning", True)
        assert any(reason in row.why for row in outcome.unchecked)
