"""Whatever the text, an expression is worked out or refused, and nothing else happens."""

import contextlib
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footbridge.validation.fhirpath import FHIRPathError, Undecided, compile, evaluate  # noqa: A004 - the library's name
from footbridge.validation.fhirpath.registry import FUNCTIONS

PATIENT = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "A", "given": ["B", "C"]}, {"given": ["D"]}],
    "birthDate": "1974-12-25",
    "telecom": [{"rank": 1, "value": "x"}],
}
PIECES = [
    "name", "given", "birthDate", "telecom", "rank", "$this", "$index", "$total", "{}", "1", "2.5", "'a'", "''", "true", "@2012", "@T10",
    "@2012-02-03T10:00:00Z", "4 'mg'", "3 days", "(", ")", ".", ",", "[", "]", "+", "-", "*", "/", "&", "|", "=", "~", "<", "and", "or",
    "implies", "is", "as", "in", "contains", "div", "mod", "%resource", "Patient", "string", "0", "-1", "99999999999",
    *[f".{name}(" for name in sorted(FUNCTIONS)],
]  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "given", "value", "extension", "id", "_given", "valueString", "resourceType", "contained", "url"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def attempt(resource, expression):
    with contextlib.suppress(FHIRPathError, Undecided):
        json.dumps(evaluate(resource, expression), default=str)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text(expression):
    attempt(PATIENT, expression)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
def test_any_row_of_pieces(expression):
    attempt(PATIENT, expression)
    attempt(None, expression)


CALLS = st.sampled_from(sorted(FUNCTIONS)).flatmap(
    lambda name: st.tuples(
        st.sampled_from(["name", "{}", "1", "'a'", "@2012", "4 'mg'", "(1 | 'a')", "birthDate", "true", "(1.5)", "descendants()"]),
        st.just(name),
        st.lists(
            st.sampled_from(["1", "'a'", "{}", "$this", "name", "-1", "99999", "true", "'hex'", "string", "4 'g'", "$this | 1"]),
            min_size=FUNCTIONS[name].least,
            max_size=min(FUNCTIONS[name].most, FUNCTIONS[name].least + 1),
        ),
    )
)  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(CALLS)
def test_any_function_on_anything(call):
    focus, name, arguments = call
    attempt(PATIENT, f"{focus}.{name}({', '.join(arguments)})")


@settings(max_examples=400, deadline=None)
@given(json_values, st.sampled_from(["Patient", "Observation", "Bundle", "Widget"]))
def test_any_json(value, kind):
    resource = {
        "resourceType": kind,
        "name": value,
        "value": value,
        "entry": value,
        "extension": value,
        "contained": value,
    }
    for expression in (
        "descendants().count()",
        "name.given.exists() or value.exists()",
        "name.distinct().count() = extension.count()",
        "extension('a').value = 1",
        "contained.id | entry.resource.id",
        "(name | extension).where($this ~ %resource.name)",
    ):
        try:
            compile(expression)(resource)
        except (FHIRPathError, Undecided):
            continue
