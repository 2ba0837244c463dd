"""Partners, their credentials and the routes to them."""

from dataclasses import replace
from pathlib import Path

import pytest

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.store.credentials import resolve_credential
from footbridge.store.engine import Database
from footbridge.store.partners import (
    Partner,
    add_partner,
    change_partner,
    get_partner,
    list_partners,
    remove_partner,
)
from footbridge.store.remote_ids import Link, find_link, put_link
from footbridge.store.routes import candidates, list_routes, set_route
from footbridge.store.tenants import find_principal, make_token


def partner(name: str, **members) -> Partner:
    given = {"network": "fhir", "role": "recipient", "title": name.title(), "base_url": f"https://{name}.test/fhir"}
    return Partner(name=name, **{**given, **members})


def test_partners_belong_to_a_tenant(database: Database, north: str, south: str, clock: ManualClock):
    bank = partner("food-bank", credential="env:BANK", delivery="resources", guide="2.3.0", custodian=True)
    with database.write() as connection:
        added = add_partner(connection, north, bank, clock.now())
        assert added == replace(bank, namespace=f"{north}/food-bank")
        slashed = partner("art", base_url="https://art.test/fhir/")
        art = add_partner(connection, north, slashed, clock.now())
        assert art.base_url == "https://art.test/fhir"
        with pytest.raises(ConflictError):
            add_partner(connection, north, bank, clock.now())
        add_partner(connection, south, partner("food-bank"), clock.now())
    with database.read() as connection:
        assert list_partners(connection, north) == [art, added]
        assert get_partner(connection, north, "food-bank") == added
        assert get_partner(connection, south, "food-bank").credential is None
        with pytest.raises(NotFoundError):
            get_partner(connection, south, "art")


@pytest.mark.parametrize(
    "members",
    [
        {"name": "Food Bank"},
        {"base_url": "ftp://x.test"},
        {"base_url": "https://user:secret@x.test/fhir"},
        {"base_url": "x.test/fhir"},
        {"credential": "hunter2"},
        {"credential": "env:"},
    ],
)
def test_unusable_entries_are_refused(sqlite_database: Database, clock: ManualClock, members: dict):
    entry = partner(**{"name": "x", **members})
    with sqlite_database.write() as connection, pytest.raises(ConfigurationError) as caught:
        add_partner(connection, "north", entry, clock.now())
    assert "hunter2" not in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_credentials_are_found_by_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BANK_SECRET", "one")
    (tmp_path / "secret").write_text("two\n")
    assert resolve_credential("env:BANK_SECRET") == "one"
    assert resolve_credential(f"file:{tmp_path / 'secret'}") == "two"
    for absent in ("env:NOT_SET_ANYWHERE", f"file:{tmp_path / 'nothing'}", f"file:{tmp_path}", "plain"):
        with pytest.raises(ConfigurationError):
            resolve_credential(absent)


def test_routes_are_tried_in_their_order(database: Database, north: str, south: str, clock: ManualClock):
    with database.write() as connection:
        for name in ("a", "b", "c"):
            add_partner(connection, north, partner(name), clock.now())
        assert candidates(connection, north, "food-insecurity") == []
        set_route(connection, north, "food-insecurity", ["b", "a", "b"])
        set_route(connection, north, "*", ["c", "b"])
        assert candidates(connection, north, "food-insecurity") == ["b", "a", "c"]
        assert candidates(connection, north, "stress") == ["c", "b"]
        assert list_routes(connection, north) == {"*": ["c", "b"], "food-insecurity": ["b", "a"]}
        assert candidates(connection, south, "stress") == []
        assert list_routes(connection, south) == {}
        with pytest.raises(NotFoundError):
            set_route(connection, south, "stress", ["a"])
        set_route(connection, south, "stress", [])
        set_route(connection, north, "food-insecurity", [])
        assert candidates(connection, north, "food-insecurity") == ["c", "b"]


def test_a_name_that_is_taken_and_a_tenant_that_is_not_there_are_told_apart(
    database: Database, north: str, clock: ManualClock
):
    with database.write() as connection:
        add_partner(connection, north, partner("art"), clock.now())
        with pytest.raises(ConflictError, match="The partner art exists already"):
            add_partner(connection, north, partner("art"), clock.now())
        with pytest.raises(NotFoundError, match="Unknown tenant west"):
            add_partner(connection, "west", partner("art"), clock.now())


def test_a_partner_is_changed_and_removed_in_its_tenant_alone(
    database: Database, north: str, south: str, clock: ManualClock
):
    with database.write() as connection:
        for tenant in (north, south):
            add_partner(connection, tenant, partner("art"), clock.now())
            put_link(connection, tenant, Link("art", "Task", "ours", "theirs"))
            token = make_token(connection, Principal("recipient", "art", name="kit", tenant=tenant), clock.now())
        assert change_partner(connection, north, partner("art", title="Art")).title == "Art"
        assert get_partner(connection, south, "art").title == partner("art").title
        assert remove_partner(connection, north, "art", clock.now()) == 1
        assert find_link(connection, north, "art", "Task", "theirs") is None
        assert find_link(connection, south, "art", "Task", "theirs") is not None
        assert find_principal(connection, token) is not None
        for gone in (
            lambda: remove_partner(connection, north, "art", clock.now()),
            lambda: change_partner(connection, north, partner("art")),
        ):
            with pytest.raises(NotFoundError):
                gone()
