"""What bytes are read as a prescription, and what the caller is told when they are not."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footbridge.errors import PrescriptionError
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.reading import MAX_ISSUES, examine, read


def faults(raw, **options):
    with pytest.raises(PrescriptionError) as refused:
        read(raw, **options)
    return {(issue.rule.removeprefix("prescription."), issue.pointer): issue for issue in refused.value.issues}


def test_bytes_text_and_dict_are_read_alike(small):
    text = json.dumps(small)
    assert read(text) == read(text.encode()) == read(small)
    assert isinstance(read(small), Prescription)


def test_text_is_kept_byte_for_byte(changed):
    words = "  «Où ça?»\n\t🌱 e\u0301 \u00a0"
    assert read(changed({"/inTheirWords": [{"text": words}]})).in_their_words[0].text == words


def test_escaped_surrogate_pairs_are_one_character(small):
    text = json.dumps(small).replace("Three meals", "\\ud83c\\udf31 meals")
    assert read(text).goals[0].description.startswith("🌱")


@pytest.mark.parametrize("member", ["birthDate", "safeToContact"])
def test_python_names_of_members_are_unknown(changed, member):
    snake = {"birthDate": "birth_date", "safeToContact": "safe_to_contact"}[member]
    document = changed({f"/client/{member}": True, f"/client/{snake}": "1980-01-31"})
    assert repr(member) in faults(document)["unknown-member", f"/client/{snake}"].message


def test_line_and_column_of_a_syntax_fault():
    issue = faults(b'{\n  "kind": ,\n}')["not-json", ""]
    assert (issue.line, issue.column) == (2, 11)


def test_line_and_column_of_a_foreign_encoding():
    issue = faults('{\n "kind": "é"}'.encode("latin-1"))["encoding", ""]
    assert (issue.line, issue.column) == (2, 11)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_are_named(small, encoding):
    assert ("encoding", "") in faults(json.dumps(small).encode(encoding))


def test_size_is_checked_before_anything_else():
    assert ("too-large", "") in faults(b"\xff" * 10_000_000)
    assert ("too-large", "") in faults("é" * 600, limit=1_000)
    assert ("too-large", "") in faults({"notes": "x" * 2_000}, limit=1_000)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"notes":[{"a":['])
def test_deep_nesting_is_refused(opening):
    assert ("too-deep", "") in faults(opening * 10_000)


def test_brackets_in_strings_are_no_depth(changed):
    assert read(changed({"/notes": [{"text": "[{" * 500 + '"\\'}]})).notes[0].text.endswith('"\\')


def test_a_document_of_too_many_values_is_refused():
    assert ("too-large", "") in faults('{"notes":[' + "0," * 50_000 + "0]}")


def test_more_faults_than_anyone_reads_are_cut_off():
    issues = examine(json.dumps({f"member{number}": 0 for number in range(2_000)})).issues
    assert len(issues) == MAX_ISSUES + 1
    assert issues[-1].rule == "prescription.more"


def test_a_dict_that_is_no_json_is_refused(small):
    circle = dict(small)
    circle["notes"] = circle
    deep = []
    for _ in range(5_000):
        deep = [deep]
    assert ("not-json", "") in faults(circle)
    assert ("not-json", "") in faults({**small, "notes": {1, 2}})
    assert ("too-deep", "") in faults({**small, "notes": deep})
    assert ("number", "/notes") in faults({**small, "notes": float("nan")})


@pytest.mark.parametrize("raw", ["[]", '"x"', "3", "null", "true", "NaN"])
def test_the_whole_is_an_object(raw):
    assert list(faults(raw)) == [("not-object", "")]


def test_a_member_given_twice_is_found_at_any_depth(small):
    text = json.dumps(small).replace('"family": "Sample"', '"family": "A", "family": "B"')
    assert list(faults(text)) == [("repeated-member", "/client/name/family")]


def test_faulty_items_do_not_make_the_list_too_short(changed):
    assert list(faults(changed({"/needs/0": {"category": "stress"}}))) == [("missing", "/needs/0/statement")]


def test_an_unknown_member_hides_what_is_in_it(changed):
    assert list(faults(changed({"/neds": [None, {"a": None}]}))) == [("unknown-member", "/neds")]


def test_names_that_cannot_be_repeated_are_not(changed):
    found = faults(changed({"/client/" + "x" * 65: 1, "/client/a\u0007": 2, "/client/\ud800": 3}))
    assert {pointer for _, pointer in found} == {"/client"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/client/birthDate", "Secretfolk"),
        ("/client/name/family", "Secretfolk\u0000"),
        ("/client/gender", "Secretfolk"),
        ("/client/contacts", [{"system": "phone", "value": "Secretfolk\u0001", "use": "Secretfolk"}]),
        ("/needs/0/code", {"system": "Secretfolk", "code": " Secretfolk"}),
        ("/language", "Secretfolk_"),
        ("/authored", "Secretfolk"),
    ],
)
def test_no_sentence_repeats_a_value(changed, pointer, value):
    for issue in faults(changed({pointer: value})).values():
        assert "Secretfolk" not in issue.message


def test_every_fault_at_once(changed):
    document = changed({"/kind": "x", "/goals/0/due": "2026-02-30", "/needs/0/statement": "", "/extra": 1})
    assert set(faults(document)) == {
        ("not-listed", "/kind"),
        ("date", "/goals/0/due"),
        ("empty", "/needs/0/statement"),
        ("unknown-member", "/extra"),
    }


def test_what_can_be_read_is_read_beside_stand_ins(changed):
    reading = examine(changed({"/needs/0/statement": 3, "/client/gender": "x", "/authored": "today"}))
    assert reading.prescription is not None
    assert reading.prescription.kind == "warm-connection"
    assert reading.doubtful == {"needs", "client", "authored"}
    assert reading.is_stand_in("/needs/0/category")
    assert not reading.is_stand_in("/needs/1/category")


@pytest.mark.parametrize(
    "value",
    ["2026-11-03", "2026-11-03T10:15:00", "2026-11-03T10:15Z", "2026-11-03 10:15:00Z", "2026-11-03T10:15:00+0500",
     "1700000000", "2026-11-03T24:00:00Z", "2026-11-03T10:15:60Z", "2026-11-03T10:15:00.1234567Z",
     "9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00Z", "2026-11-03T10:15:00+15:00", "٢٠٢٦-11-03T10:15:00Z",
     "2026-11-03T10:15:00Z\n"],
)  # fmt: skip
def test_what_is_no_instant(changed, value):
    assert list(faults(changed({"/authored": value}))) == [("instant", "/authored")]


@given(st.binary(max_size=200))
@settings(max_examples=150)
def test_no_bytes_bring_the_reader_down(raw):
    assert examine(raw).issues


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_value_anywhere_is_read_or_refused_at_its_place(example_documents, data):
    documents = st.integers(0, len(example_documents) - 1)
    document = json.loads(json.dumps(example_documents[data.draw(documents)]))
    member = data.draw(st.sampled_from(sorted(document)))
    document[member] = data.draw(_ANY_JSON)
    for issue in examine(document).issues:
        assert issue.pointer is not None
        assert issue.pointer == "" or issue.pointer.split("/")[1] == member
