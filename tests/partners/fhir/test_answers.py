"""Which of our errors an answer becomes, and what its message may say."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.partners.fhir.responses import Answer, StaleVersion, optional_resource, require_success, retry_after

PRIVATE = "Ada Okafor, 555-0123"
OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"Ada Okafor, 555-0123"},{"code":"Ada Okafor"}]}'


def raised(status: int, *, if_match: bool = False, body: bytes = OUTCOME, **headers: str) -> PartnerError:
    with pytest.raises(PartnerError) as caught:
        require_success(Answer(status, headers, body), "the update of a Task", if_match=if_match)
    return caught.value


@pytest.mark.parametrize("status", [408, 409, 423, 425, 429, 500, 502, 503, 504])
def test_worth_another_try(status: int) -> None:
    error = raised(status)
    assert isinstance(error, PartnerUnavailable)
    assert error.status == status


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 405, 410, 412, 415, 422, 501])
def test_for_a_person_to_look_at(status: int) -> None:
    error = raised(status)
    assert isinstance(error, PartnerRefused)
    assert not isinstance(error, StaleVersion)
    assert error.status == status


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_under_if_match_is_a_stale_version(status: int) -> None:
    assert isinstance(raised(status, if_match=True), StaleVersion)


@given(st.integers(300, 599), st.booleans())
def test_no_message_carries_what_the_partner_wrote(status: int, if_match: bool) -> None:
    message = str(raised(status, if_match=if_match))
    assert "Ada" not in message
    assert str(status) in message


def test_the_issue_codes_of_an_outcome_are_kept() -> None:
    assert "with status 422 (its code: invalid)." in str(raised(422))


@given(st.binary(max_size=60))
def test_any_body_becomes_an_error_of_ours_or_a_resource(body: bytes) -> None:
    try:
        found = optional_resource(Answer(200, {"Content-Type": "application/fhir+json"}, body), "the read of a Task")
    except PartnerError:
        return
    assert found is None or isinstance(found["resourceType"], str)


def test_broken_json_may_be_better_next_time_but_html_never_is() -> None:
    with pytest.raises(PartnerUnavailable):
        optional_resource(Answer(200, {"Content-Type": "application/fhir+json"}, b'{"resourceType":"Ta'), "a read")
    with pytest.raises(PartnerRefused):
        optional_resource(Answer(200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"), "a read")
    with pytest.raises(PartnerRefused):
        optional_resource(Answer(200, {"Content-Type": "application/json"}, b'{"ok":true}'), "a read")


def test_retry_after_in_seconds() -> None:
    assert raised(429, **{"Retry-After": "120"}).retry_after == 120.0
    assert raised(503).retry_after is None


def test_retry_after_as_a_date_is_measured_on_the_partners_own_clock() -> None:
    now = datetime(2031, 1, 1, 12, tzinfo=UTC)
    headers = {
        "Date": format_datetime(now, usegmt=True),
        "Retry-After": format_datetime(now + timedelta(minutes=2), usegmt=True),
    }
    assert retry_after(headers) == 120.0


@given(st.text(max_size=30))
def test_any_retry_after_is_a_wait_of_a_day_at_most_or_none(value: str) -> None:
    wait = retry_after({"Retry-After": value})
    assert wait is None or 0 <= wait <= 86_400
