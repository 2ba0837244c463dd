"""Kinds of fault that the HL7 validator has no message id for, or one id for many: the same verdict as it gives.

``verdicts/AREA.json`` holds small resources of our own, one a line: a name, the definitions that it needs (or the name
of a file of them), and whether
the HL7 validator (6.10.4, offline; example URLs allowed where ``examples`` says so) accepts it. Those of messages with
an id are in ``messages/witnesses``. ``scripts/hl7_verdicts.py`` asks it about all of them again.
"""

import functools
import json
from pathlib import Path

import pytest

from footbridge.validation import Validator
from footbridge.validation.core.options import Options

FOLDER = Path(__file__).parent / "verdicts"
ROWS = [(path.stem, row) for path in sorted(FOLDER.glob("*.json")) for row in json.loads(path.read_text())]


@functools.cache
def validator(definitions: str, examples: bool) -> Validator:
    given = json.loads(definitions)
    if isinstance(given, str):
        given = json.loads((FOLDER / "definitions" / f"{given}.json").read_text())
    return Validator(definitions=given, options=Options(allow_example_urls=examples))


@pytest.mark.parametrize(("area", "row"), ROWS, ids=[f"{area}-{row['name']}" for area, row in ROWS])
def test_the_verdict_is_that_of_the_hl7_validator(area, row):
    outcome = validator(json.dumps(row.get("definitions", [])), row.get("examples", False)).check(row["resource"])
    assert outcome.valid is row["valid"], [issue for issue in outcome.issues if issue.is_error]
