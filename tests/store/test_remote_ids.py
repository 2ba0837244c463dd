"""Pairs of resources, ours and a partner's."""

from dataclasses import replace

import pytest

from footbridge.errors import ConflictError
from footbridge.store.engine import Database
from footbridge.store.remote_ids import Link, find_link, get_link, links_at, put_link


def test_links_are_found_from_both_sides(database: Database, north: str, south: str):
    first = Link("bank", "Task", "ours", "theirs")
    with database.write() as connection:
        put_link(connection, north, first)
        changed = replace(first, remote_version="7", state="f")
        put_link(connection, north, changed)
        other = replace(first, partner="art", remote_id="else")
        put_link(connection, north, other)
        with pytest.raises(ConflictError):
            put_link(connection, north, replace(first, id="another"))
        assert get_link(connection, north, "bank", "Task", "ours") == changed
        assert find_link(connection, north, "bank", "Task", "theirs") == changed
        assert find_link(connection, north, "art", "Task", "theirs") is None
        assert get_link(connection, north, "bank", "Patient", "ours") is None
        assert get_link(connection, north, "art", "Task", "ours") == other
        assert links_at(connection, north, "bank", [("Task", "ours"), ("Task", "none")]) == [changed]
        assert get_link(connection, south, "bank", "Task", "ours") is None
        assert find_link(connection, south, "bank", "Task", "theirs") is None
        assert links_at(connection, south, "bank", [("Task", "ours")]) == []
        put_link(connection, south, replace(first, id="another"))
        assert get_link(connection, north, "bank", "Task", "ours") == changed
