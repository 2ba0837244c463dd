"""Suggested corrections: of members that a source knows, with what the record says now, safe in a spreadsheet."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from footbridge.directory.correction_fields import check_path, check_value, said_before
from footbridge.directory.corrections import Correction, as_csv, check_field
from footbridge.directory.errors import DirectoryError

SERVICE = {"id": "1", "native_id": "1", "source": "a", "name": "Food bank", "phones": [{"number": "705-555-0100"}]}


@pytest.mark.parametrize("field", ["phones", "assured_date", "phones[0].number", "organization.website", "description"])
def test_members_of_a_service_and_paths_into_them_are_taken(field):
    check_field(field)


@pytest.mark.parametrize(
    ("field", "said"),
    [("telephone", "Did you mean phones?"), ("feesdescription", "Did you mean fees_description?"),
     ("qqq", "such as phones"), ("", "such as phones"), ("[0]", "such as phones")],
)  # fmt: skip
def test_what_is_no_member_is_refused_with_one_that_may_be_meant(field, said):
    with pytest.raises(DirectoryError, match="is not a member of HSDS's service") as refused:
        check_field(field)
    assert said in str(refused.value)


def test_what_a_record_says_now_is_a_text_or_json():
    assert said_before(SERVICE, "name") == "Food bank"
    assert json.loads(said_before(SERVICE, "phones")) == SERVICE["phones"]
    assert said_before(SERVICE, "alert") == ""
    assert said_before(SERVICE, "phones[0].number") == "705-555-0100"
    assert said_before(SERVICE, "phones[1].number") == ""
    assert said_before(SERVICE, "organization.website") == ""


@pytest.mark.parametrize(
    "path", ["phones[0].number", "phones[1].number", "phones", "organization.website", "locations"]
)
def test_a_path_leads_to_a_member_that_is_there_or_comes_next(path):
    check_path(SERVICE, path)


@pytest.mark.parametrize(
    ("path", "said"),
    [("phones[9].number", "has 1 of phones"), ("phones.number", "Write phones[0]"), ("phones[0].nummer", "not a member"),
     ("name[0]", "not a member"), ("name.number", "not a member"), ("phones[x]", "is not a path"), ("phones.", "is not a path")],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused(path, said):
    with pytest.raises(DirectoryError) as refused:
        check_path(SERVICE, path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("field", "new"),
    [("assured_date", "2026-05-01"), ("assured_date", ""), ("status", "inactive"), ("fees_description", ""),
     ("phones[0].number", "+1 705 555 0199"), ("last_modified", "2030-01-01"), ("alert", "yesterday")],
)  # fmt: skip
def test_a_value_that_fits_is_taken(field, new):
    check_value(field, new, date(2026, 5, 1))


@pytest.mark.parametrize(
    ("field", "new", "said"),
    [("assured_date", "yesterday", "YYYY-MM-DD"), ("assured_date", "2026-13-01", "YYYY-MM-DD"),
     ("assured_date", "2026-05-02", "in the future"), ("status", "closed", "active, inactive, defunct"),
     ("name", " ", "must have one"), ("status", "", "must have one"), ("capacities[0].updated", "soon", "YYYY-MM-DD"),
     ("id", "7", "cannot be corrected"), ("organization.id", "7", "cannot be corrected"),
     ("alert", "a\x07b", "control"), ("alert", "x" * 20_001, "20,000")],
)  # fmt: skip
def test_a_value_that_no_record_can_have_is_refused(field, new, said):
    with pytest.raises(DirectoryError) as refused:
        check_value(field, new, date(2026, 5, 1))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("new", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@sum", "'@sum"),
        ("+cmd", "'+cmd"),
        ("+1 604-555-0100", "+1 604-555-0100"),
        ("-79.5", "-79.5"),
    ],
)
def test_a_cell_is_never_a_formula_and_a_number_stays(new, written):
    target = io.StringIO()
    one = Correction("i", datetime(2026, 5, 1, tzinfo=UTC), "a", "1", "Food bank", "phones", "", new, "A. Roy", None)
    as_csv([one], target)
    assert next(csv.DictReader(io.StringIO(target.getvalue())))["new"] == written
