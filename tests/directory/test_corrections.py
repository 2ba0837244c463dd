"""Suggested corrections: of members that a source knows, with what the record says now, safe in a spreadsheet."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from footbridge.directory.corrections import Correction, as_csv, check_field, said_before
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
