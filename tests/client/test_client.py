"""The typed client against the API as it is served."""

import copy
import threading
import time

import pytest

from footbridge.client import (
    ConflictError,
    CursorAheadError,
    FootbridgeClient,
    ForbiddenError,
    InvalidDocumentError,
    NotAllowedError,
    NotFoundError,
    UnauthorizedError,
)

NOBODY = "7d4d2f3e-0000-4000-8000-000000000000"


def numbered(document, number):
    again = copy.deepcopy(document)
    again["identifier"]["value"] += f"-{number}"
    return again


def test_a_prescription_is_followed_from_submission_to_cancellation(api, document):
    with api.client() as emr, api.client("lakeside") as service:
        receipt = emr.submit(document)
        identity = receipt["id"]
        state = emr.get(identity)
        assert state["prescription"]["needs"] == document["needs"]
        assert emr.bundle(identity)["resourceType"] == "Bundle"
        found = emr.find(**document["identifier"])
        assert found is not None
        assert found["id"] == identity
        accepted = service.send_event(identity, "accept")
        assert accepted["referrals"][0]["task"]["status"] == "accepted"
        assert emr.cancel(identity, "She moved away.")["status"] == "cancelled"
        assert [one["name"] for one in emr.timeline(identity)][:3] == ["submitted", "accept", "cancel"]
        assert emr.waiting() == []


def test_the_same_key_gives_the_same_receipt(api, document):
    with api.client() as emr:
        first = emr.submit(document, key="order-7")
        assert emr.submit(document, key="order-7") == first
        with pytest.raises(ConflictError) as caught:
            emr.submit(numbered(document, 2), key="order-7")
    assert caught.value.kind == "key-used"


def test_each_fault_has_its_pointer(api, document):
    del document["needs"][0]["statement"]
    document["client"]["birthDate"] = "yesterday"
    with api.client() as emr, pytest.raises(InvalidDocumentError) as caught:
        emr.submit(document)
    assert set(caught.value.pointers) == {"/needs/0/statement", "/client/birthDate"}
    assert all(issue.rule and issue.message for issue in caught.value.issues)
    assert caught.value.status == 422
    assert caught.value.kind == "faults"
    assert caught.value.request


def test_errors_are_typed(api, document):
    with api.client() as emr:
        identity = emr.submit(document)["id"]
        with pytest.raises(NotFoundError):
            emr.get(NOBODY)
        with pytest.raises(NotAllowedError) as caught:
            emr.send_event(identity, "complete")
        assert caught.value.reason
        assert "cancel" in caught.value.allowed
    with api.client("other") as other, pytest.raises(NotFoundError):
        other.get(identity)
    with api.client("lakeside") as service, pytest.raises(ForbiddenError):
        service.bundle(identity)
    with FootbridgeClient(api.served.base, "fb_wrong") as stranger, pytest.raises(UnauthorizedError):
        stranger.get(identity)


def test_lists_go_over_pages(api, document):
    with api.client() as emr:
        made = [emr.submit(numbered(document, number))["id"] for number in range(5)]
        assert [one["id"] for one in emr.prescriptions(limit=2)] == made
        assert [one["id"] for one in emr.prescriptions(limit=2, sort="-created")] == made[::-1]
        assert list(emr.prescriptions(status="completed")) == []


def test_changes_come_once_and_the_cursor_is_the_callers(api, document):
    with api.client() as emr:
        emr.submit(document)
        cursors = []
        first = [one["name"] for one in emr.changes(wait=0, save=cursors.append)]
        assert first == ["submitted"]
        later = emr.submit(numbered(document, 2))["id"]
        again = list(emr.changes(since=cursors[-1], wait=0, save=cursors.append))
        assert [one["prescription"]["id"] for one in again] == [later]
        with api.client("other") as other:
            assert list(other.changes(wait=0)) == []


def test_a_cursor_is_saved_only_when_its_page_was_dealt_with(api, document):
    with api.client() as emr:
        for number in range(3):
            emr.submit(numbered(document, number))
        cursors = []
        changes = emr.changes(wait=0, limit=1, save=cursors.append)
        next(changes)
        assert cursors == []
        next(changes)
        assert len(cursors) == 1
        changes.close()
        left = list(emr.changes(since=cursors[0], wait=0))
        assert len(left) == 2


def test_a_long_poll_is_answered_when_something_happens(api, document):
    with api.client() as emr, api.client() as writer:
        timer = threading.Timer(1.0, writer.submit, [document])
        started = time.monotonic()
        timer.start()
        change = next(emr.changes(wait=20))
        timer.join()
    assert change["name"] == "submitted"
    assert time.monotonic() - started < 15


def test_a_cursor_of_another_database_is_told(api, document):
    with api.client() as emr:
        for number in range(2):
            emr.submit(numbered(document, number))
        ahead = emr.change_page()["next"]
    with pytest.raises(CursorAheadError):
        raise_ahead(api, ahead)


def raise_ahead(api, cursor):
    """Ask with a number that is larger than any."""
    import base64

    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    place = text.rindex(b"2")
    larger = text[:place] + b"99" + text[place + 1 :]
    with api.client() as emr:
        emr.change_page(base64.urlsafe_b64encode(larger).decode().rstrip("="))


@pytest.mark.parametrize("url", ["http://footbridge.test", "footbridge.test", "ftp://127.0.0.1", "https://"])
def test_a_token_goes_over_https_only(url):
    with pytest.raises(ValueError, match="https"):
        FootbridgeClient(url, "fb_token")
