"""Results to write."""

import pytest

from footbridge.model.issues import Issue
from footbridge.validation import Outcome, Unchecked
from footbridge.validation.bulk import Checked

ERROR = Issue(
    "profile.fixed", "error", "value", 'A <b> & "c" was expected.', expression="Task.code", profile="urn:p",
    spec="https://hl7.org/fhir/R4/task.html", line=3, column=7,
)  # fmt: skip
WARNING = Issue("binding.extensible", "warning", "code-invalid", "Not in it.", expression="Task.intent")
LEFT = Unchecked("binding.required", "Task.code", "membership of urn:v")


@pytest.fixture
def good():
    return Checked("a.json", "Task", "1", Outcome((), ()))


@pytest.fixture
def bad():
    return Checked("b.ndjson:3", "Task", None, Outcome((ERROR, WARNING), (LEFT,)))


@pytest.fixture
def odd():
    """A document that could not be read, under a name that would steer a terminal."""
    return Checked("\x1b[2Jc\ud800.json", None, None, Outcome((Issue("json.syntax", "fatal", "invalid", "No."),), ()))
