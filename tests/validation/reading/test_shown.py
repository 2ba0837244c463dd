"""Values in messages."""

from footbridge.validation import Options, Validator

TASK = {"resourceType": "Task", "status": "requested", "intent": "order", "authoredOn": "Ann Roe"}


def test_values_are_told_only_on_request():
    for wanted in (True, False):
        issues = Validator(options=Options(show_values=wanted)).check(TASK).issues
        assert any("Ann Roe" in issue.message for issue in issues) is wanted
