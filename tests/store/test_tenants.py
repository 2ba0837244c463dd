"""Tenants and their tokens."""

import pytest
from sqlalchemy import select

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.store.engine import Database
from footbridge.store.tables import token as tokens
from footbridge.store.tenants import (
    add_tenant,
    find_principal,
    get_tenant,
    list_tenants,
    list_tokens,
    make_token,
    revoke_digest,
    revoke_token,
)


def test_tenants_are_added_once(database: Database, clock: ManualClock):
    with database.write() as connection:
        north = add_tenant(connection, "north", "ca", clock.now())
        with pytest.raises(ConflictError):
            add_tenant(connection, "north", "us", clock.now())
        east = add_tenant(connection, "east", "us", clock.now())
    with database.read() as connection:
        assert list_tenants(connection) == [east, north]
        assert get_tenant(connection, "north") == north
        with pytest.raises(NotFoundError):
            get_tenant(connection, "west")


@pytest.mark.parametrize("name", ["", "North", "a b", "-a", "a" * 65, "a/b"])
def test_unusable_names_are_refused(sqlite_database: Database, clock: ManualClock, name: str):
    with sqlite_database.write() as connection, pytest.raises(ConfigurationError):
        add_tenant(connection, name, "us", clock.now())


def test_a_token_names_its_caller_until_it_is_revoked(database: Database, north: str, south: str, clock: ManualClock):
    caller = Principal("requester", "emr", name="Dr. Water", tenant=north)
    with database.write() as connection:
        token = make_token(connection, caller, clock.now())
        other = make_token(connection, Principal("admin", None, name="x", tenant=south), clock.now())
        assert token.startswith("fb_")
        assert token != other
        assert find_principal(connection, token) == caller
        assert find_principal(connection, token + "x") is None
        assert token not in str(connection.execute(select(tokens)).all())
        with pytest.raises(NotFoundError):
            revoke_token(connection, south, token, clock.now())
        revoke_token(connection, north, token, clock.now())
        assert find_principal(connection, token) is None
        with pytest.raises(NotFoundError):
            revoke_token(connection, north, token, clock.now())
        assert find_principal(connection, other) is not None


def test_a_beginning_that_several_tokens_share_revokes_none(database: Database, north: str, clock: ManualClock):
    with database.write() as connection:
        for name in ("kit", "jo"):
            make_token(connection, Principal("admin", None, name=name, tenant=north), clock.now())
        row = {"tenant": north, "actor": "al", "role": "admin", "created": clock.now()}
        connection.execute(tokens.insert(), [{"digest": f"abcdef01{end}", **row} for end in ("a", "b")])
        with pytest.raises(ConflictError):
            revoke_digest(connection, north, "abcdef01", clock.now())
        with pytest.raises(NotFoundError):
            revoke_digest(connection, north, "", clock.now())
        assert all(one.revoked is None for one in list_tokens(connection, north))
        assert revoke_digest(connection, north, "abcdef01b", clock.now()).principal.name == "al"
        assert sum(one.revoked is not None for one in list_tokens(connection)) == 1
