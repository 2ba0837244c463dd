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
