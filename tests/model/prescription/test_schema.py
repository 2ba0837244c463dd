"""The published schema: current, usable by anyone's validator, and of one mind with the reader."""

import datetime as dt
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from footbridge.model.prescription.reading import examine
from footbridge.model.prescription.rules import check
from footbridge.model.prescription.schema import json_schema

ROOT = Path(__file__).parents[3]
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def _date(value):
    return bool(dt.date.fromisoformat(value)) if isinstance(value, str) else True


@FORMATS.checks("date-time", raises=ValueError)
def _instant(value):
    return bool(dt.datetime.fromisoformat(value)) if isinstance(value, str) else True


VALIDATOR = Draft202012Validator(json_schema(), format_checker=FORMATS)


@pytest.fixture(scope="module")
def page():
    path = ROOT / "scripts" / "prescription_page.py"
    spec = importlib.util.spec_from_file_location("prescription_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_published_files_are_current(page):
    again = "run: python scripts/prescription_page.py"
    assert page.SCHEMA_FILE.read_text(encoding="utf-8") == page.schema_text(), again
    assert page.PAGE_FILE.read_text(encoding="utf-8") == page.page_text(), again


def test_it_is_a_schema_and_every_member_says_where_it_goes():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    for part in [schema, *schema["$defs"].values()]:
        assert part["description"]
        for member in part.get("properties", {}).values():
            assert member["description"]
            assert member["x-fhir"]


def test_it_never_allows_null():
    assert '"null"' not in json.dumps(json_schema())


def test_examples_meet_it(example_documents):
    for document in example_documents:
        assert not list(VALIDATOR.iter_errors(document))


def test_the_sample_meets_it(test_data):
    sample = json.loads((test_data / "samples" / "prescription.json").read_bytes())
    assert not list(VALIDATOR.iter_errors(sample))
    assert not examine(sample).issues


def _patterns():
    return {name: part["pattern"] for name, part in json_schema()["$defs"].items() if "pattern" in part}


STRINGS = ["x", "a b", " ", "\n", "x\n", "\ufeff", "x\ufeff", "\u00a0x", "🌱", "x\u0085", "x\r\n", "en\n", "fr-CA",
           "a:b", "a:b\n", "a:\u2028", "http://loinc.org", "2026-11-02", "2026-11-02\n", "1799-01-01",
           "2026-11-02T09:40:00-05:00", "2026-11-02T09:40:00Z\n", "٢٠٢٦-11-02", "\u3000", "a  b", "é"]  # fmt: skip


def test_patterns_mean_the_same_to_ecmascript():
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not at hand: the patterns cannot be tried in ECMAScript")
    script = (
        "const [patterns, strings] = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "const tried = Object.fromEntries(Object.entries(patterns).map(([name, pattern]) =>"
        " [name, strings.map(string => new RegExp(pattern, 'u').test(string))]));"
        "console.log(JSON.stringify(tried));"
    )
    question = json.dumps([_patterns(), STRINGS])
    answer = subprocess.run([node, "-e", script], input=question, capture_output=True, text=True, check=True)
    ours = {name: [bool(re.search(pattern, string)) for string in STRINGS] for name, pattern in _patterns().items()}
    assert json.loads(answer.stdout) == ours


def _places(value, path=()):
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


WHOLE_CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LIKELY = st.sampled_from(
    [None, True, False, 0, 1, -1, 100, 0.5, "", " ", "x", "x" * 256, "x" * 10_001, "en", "fr_CA", "2026-12-01",
     "2026-02-30", "2026-12-01T10:00:00Z", "2026-12-01T10:00:00", "http://loinc.org", "a b", "\ufeff", "a\u0000b", [], {},
     ["x"], [{}], {"text": "x"}, "signpost", "navigator", "phone", "in-person", "person", "given", "needs"]
)  # fmt: skip
NAMES = st.sampled_from(["text", "language", "code", "self", "due", "name", "kind", "gift", "extra", "identifiers"])


def without_null(value):
    """A member that is null counts as left out, which no schema says."""
    if isinstance(value, dict):
        return {name: without_null(item) for name, item in value.items() if item is not None}
    return [without_null(item) for item in value] if isinstance(value, list) else value


def mutated(draw, documents):
    """An example with one to three values replaced, taken away or added."""
    document = json.loads(json.dumps(documents[draw(st.integers(0, len(documents) - 1))]))
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in _places(document) if place]
        path = places[draw(st.integers(0, len(places) - 1))]
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        action = draw(st.sampled_from(["replace", "replace", "take", "add"]))
        if action == "take":
            del holder[path[-1]]
        elif action == "add" and isinstance(holder, dict):
            holder[draw(NAMES)] = draw(LIKELY)
        else:
            holder[path[-1]] = draw(LIKELY | WHOLE_CHARACTERS)
        assume(document)
    return document


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_schema_and_reader_agree(example_documents, data):
    document = mutated(data.draw, example_documents)
    allowed = not list(VALIDATOR.iter_errors(without_null(document)))
    reading = examine(document)
    if allowed:
        assert not reading.issues
    elif not reading.issues:
        assert any(issue.is_error for issue in check(reading.prescription))


@pytest.mark.parametrize(
    "changes",
    [
        {"/consent": ...},
        {"/consent/status": "refused"},
        {"/consent/scope": ["contact"]},
        {"/client/birthDate": ...},
        {"/client/name": {"preferred": "Kim"}},
        {"/requester/name": ...},
        {"/service": {"self": True}},
        {"/kind": "signpost", "/service": {"self": True, "partner": "x"}},
        {"/client/safeToContact": False},
        {"/client/address": {}},
    ],
)
def test_it_says_the_rules_that_a_schema_can_say(changed, changes):
    assert list(VALIDATOR.iter_errors(changed(changes)))
