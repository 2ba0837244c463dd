"""Drafts of prescriptions: their writer's alone, over in time, and gone with the person, the writer or a click."""

from datetime import timedelta

import pytest

from footbridge.errors import NotFoundError
from footbridge.jobs.retention import Retention
from footbridge.store import drafts, users
from footbridge.store.patient_ids import person_of
from footbridge.store.person_data import held_on
from footbridge.store.person_erasure import Order, erase_held
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import add_tenant


@pytest.fixture
def people(database, clock):
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
        made = [
            users.new_user("north", f"{name}@north.example", name, "prescriber", None, clock.now())
            for name in ("ann", "bob")
        ]
        for one in made:
            users.add_user(connection, one)
    return made


def begin(database, clock, user, **typed):
    with database.write() as connection:
        return drafts.new_draft(
            connection, "north", user.id, {name: [text] for name, text in typed.items()}, clock.now()
        )


def mine(database, clock, user):
    with database.read() as connection:
        return [one.typed for one in drafts.drafts_of(connection, "north", user.id, clock.now())]


def test_a_draft_is_its_writers_alone_and_ends_in_time(database, clock, people):
    ann, bob = people
    draft = begin(database, clock, ann, family="Ünlü \U0001f331")
    assert mine(database, clock, ann) == [{"family": ["Ünlü \U0001f331"]}]
    assert mine(database, clock, bob) == []
    with database.read() as connection, pytest.raises(NotFoundError):
        drafts.draft_of(connection, "north", bob.id, draft.id, clock.now())
    clock.advance(drafts.LIFE - timedelta(minutes=1))
    assert mine(database, clock, ann) != []
    clock.advance(timedelta(minutes=2))
    assert mine(database, clock, ann) == []
    Retention(database, clock, timedelta(days=30)).purge_if_due()
    with database.write() as connection:
        assert drafts.purge_drafts(connection, clock.now()) == 0


def test_what_was_sent_holds_nothing_any_more_and_cannot_be_changed(database, clock, people):
    draft = begin(database, clock, people[0], family="Lindqvist")
    with database.write() as connection:
        drafts.mark_sent(connection, "north", draft.id, "rx-1")
        assert not drafts.save_draft(connection, draft, {"family": ["X"]}, None, None, clock.now())
        found = drafts.draft_of(connection, "north", people[0].id, draft.id, clock.now())
    assert (found.typed, found.prescription) == ({}, "rx-1")
    assert mine(database, clock, people[0]) == []


def test_drafts_go_with_the_person_and_with_their_writer(database, clock, people):
    ann, bob = people
    by_person, by_number, other, bobs = (begin(database, clock, one, family="X") for one in (ann, ann, ann, bob))
    now = clock.now()
    with database.write() as connection:
        person = person_of(connection, "north", [("urn:hcn", "123")])
        drafts.save_draft(connection, by_person, {"a": ["1"]}, person, None, now)
        drafts.save_draft(connection, by_number, {"a": ["2"]}, None, "123", now)
        drafts.save_draft(connection, other, {"a": ["3"]}, None, "456", now)
        erase_held(Scope(connection, "north", now), held_on(connection, "north", person), Order("request", "root"))
    assert mine(database, clock, ann) == [{"a": ["3"]}]
    with database.write() as connection:
        users.remove_user(connection, ann)
    assert mine(database, clock, ann) == []
    assert len(mine(database, clock, bob)) == 1
    assert bobs.user == bob.id
