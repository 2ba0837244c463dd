"""Prescriptions, their referrals, and who the client is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from footbridge.errors import ConflictError, NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.patient_ids import person_of
from footbridge.store.prescriptions import (
    PrescriptionRecord,
    add_prescription,
    find_prescription,
    get_prescription,
    set_status,
)
from footbridge.store.referrals import (
    ReferralRecord,
    add_referral,
    find_referral,
    get_referral,
    referrals_of,
    update_referral,
)


@pytest.fixture
def record(clock: ManualClock) -> PrescriptionRecord:
    return PrescriptionRecord(
        id="a",
        requester="emr",
        identifier_system="urn:emr",
        identifier_value="1",
        kind="signpost",
        categories=("food-insecurity", "stress"),
        person="someone",
        status="active",
        authored=clock.now(),
        created=clock.now(),
        updated=clock.now(),
        document='{"kind":"signpost"}',
        fingerprint="f" * 64,
        resources={"patient": "Patient/1"},
    )


@pytest.fixture
def referral(clock: ManualClock) -> ReferralRecord:
    return ReferralRecord(
        id="r",
        prescription="a",
        parent=None,
        machine="referral",
        partner=None,
        attempt=1,
        state='{"task":"requested"}',
        status="requested",
        task="t",
        service_request="s",
        category="food-insecurity",
        due=None,
        updated=clock.now(),
    )


def test_a_prescription_is_kept(
    database: Database, north: str, south: str, record: PrescriptionRecord, clock: ManualClock
):
    with database.write() as connection:
        add_prescription(connection, north, record)
        with pytest.raises(ConflictError):
            add_prescription(connection, north, replace(record, id="b"))
        assert get_prescription(connection, north, "a") == record
        assert find_prescription(connection, north, "emr", ("urn:emr", "1")) == record
        assert find_prescription(connection, north, "emr", ("urn:emr", "2")) is None
        assert find_prescription(connection, north, "other-emr", ("urn:emr", "1")) is None
        later = clock.advance(timedelta(hours=1))
        set_status(connection, north, "a", "completed", later)
        changed = replace(record, status="completed", updated=later)
        assert get_prescription(connection, north, "a") == changed
        assert find_prescription(connection, south, "emr", ("urn:emr", "1")) is None
        for refused in (
            lambda: get_prescription(connection, south, "a"),
            lambda: set_status(connection, south, "a", "failed", later),
        ):
            with pytest.raises(NotFoundError):
                refused()
        add_prescription(connection, south, record)
        assert get_prescription(connection, north, "a") == changed


def test_a_referral_changes_only_from_the_state_that_was_seen(
    database: Database, north: str, south: str, referral: ReferralRecord, clock: ManualClock
):
    routed = replace(referral, partner="bank", state='{"task":"accepted"}', status="accepted")
    with database.write() as connection:
        add_referral(connection, north, referral)
        add_referral(connection, north, replace(referral, id="q", attempt=2, task="u", partner="bank"))
        assert get_referral(connection, north, "r") == referral
        assert find_referral(connection, north, "t") == referral
        assert [one.id for one in referrals_of(connection, north, "a")] == ["r", "q"]
        update_referral(connection, north, routed, expected=referral.state)
        assert get_referral(connection, north, "r") == routed
        with pytest.raises(ConflictError):
            update_referral(connection, north, referral, expected=referral.state)
        for refused in (
            lambda: get_referral(connection, south, "r"),
            lambda: update_referral(connection, south, referral, expected=routed.state),
        ):
            with pytest.raises(NotFoundError):
                refused()
        assert find_referral(connection, south, "t") is None
        assert referrals_of(connection, south, "a") == []
        add_referral(connection, south, referral)
        assert get_referral(connection, north, "r") == routed


def test_referrals_stand_by_try_and_then_as_they_were_made(database: Database, north: str, referral: ReferralRecord):
    with database.write() as connection:
        for number, identity in enumerate("zmabr"):
            add_referral(connection, north, replace(referral, id=identity, task=identity, attempt=1 + (number == 1)))
        assert [one.id for one in referrals_of(connection, north, referral.prescription)] == ["z", "a", "b", "r", "m"]


def test_a_person_is_known_by_any_identifier(database: Database, north: str, south: str):
    card, chart, other = ("urn:card", "1"), ("urn:chart", "1"), ("urn:chart", "2")
    with database.write() as connection:
        first = person_of(connection, north, [card])
        assert person_of(connection, north, [card, chart]) == first
        assert person_of(connection, north, [chart, card]) == first
        second = person_of(connection, north, [other])
        assert second != first
        assert person_of(connection, north, [other, card]) == second
        assert person_of(connection, north, [card, other]) == first
        assert person_of(connection, south, [card]) not in {first, second}
        assert person_of(connection, north, []) != person_of(connection, north, [])
