"""Our own keys: made once, the next one published ahead, the private part of a former one gone."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from joserfc import jws
from sqlalchemy import text

from footbridge.errors import ConfigurationError
from footbridge.security import own_keys
from footbridge.security.key_sets import read_keys
from footbridge.settings import settings
from footbridge.store.engine import open_database


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "keys"
    monkeypatch.setenv("FOOTBRIDGE_KEY_FOLDER", str(place))
    settings.cache_clear()
    yield place
    settings.cache_clear()


def kids(database, clock):
    return [key["kid"] for key in own_keys.published(database, clock.now())]


def states(database, clock):
    return [(key.algorithm, key.generation, key.state) for key in own_keys.keys(database, clock.now())]


def test_whoever_asks_first_makes_the_keys_and_all_others_get_the_same(database, clock):
    url = database.engine.url.render_as_string(hide_password=False)
    others = [open_database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: kids(one, clock), others))
    for other in others:
        other.dispose()
    assert len({tuple(one) for one in found}) == 1
    assert states(database, clock) == [
        ("ES384", 1, "active"), ("ES384", 2, "next"), ("RS384", 1, "active"), ("RS384", 2, "next"),
    ]  # fmt: skip


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_what_is_signed_verifies_with_what_is_published_before_and_after_a_rotation(database, clock, algorithm):
    def verifies(known, signer):
        signed = jws.serialize_compact({"alg": algorithm, "kid": signer.kid}, b"x", signer.key, algorithms=[algorithm])
        (key,) = [key for key in read_keys(json.dumps({"keys": known})) if key.kid == signer.kid]
        return jws.deserialize_compact(signed, key.key, algorithms=[algorithm]).payload == b"x"

    before = own_keys.published(database, clock.now())
    first = own_keys.signer(database, clock.now(), algorithm)
    assert verifies(before, first)
    own_keys.rotate(database, clock.now())
    second = own_keys.signer(database, clock.now(), algorithm)
    assert second.kid != first.kid
    assert verifies(before, second)  # whoever cached the keys before knows it
    after = own_keys.published(database, clock.now())
    assert verifies(after, first)
    assert verifies(after, second)


def test_a_rotation_deletes_the_private_part_and_a_day_later_the_key(database, clock):
    first = kids(database, clock)
    own_keys.rotate(database, clock.now())
    with database.read() as connection:
        rows = connection.execute(text("SELECT private, retired FROM signing_key")).all()
    assert [row.private is None for row in rows] == [row.retired is not None for row in rows]
    assert len(set(first) & set(kids(database, clock))) == 4
    clock.advance(timedelta(days=1))
    assert len(set(first) & set(kids(database, clock))) == 2
    own_keys.rotate(database, clock.now())
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM signing_key")) == 6
    assert [state for _, _, state in states(database, clock)] == ["retired", "active", "next"] * 2


def test_in_a_folder_no_private_key_is_in_the_database(database, clock, folder):
    signer = own_keys.signer(database, clock.now())
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(private) FROM signing_key")) == 0
    files = sorted(path.name for path in folder.iterdir())
    assert f"{signer.kid}.json" in files
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    own_keys.rotate(database, clock.now())
    assert f"{signer.kid}.json" not in {path.name for path in folder.iterdir()}
    assert own_keys.signer(database, clock.now()).kid != signer.kid


def test_a_key_that_is_not_to_be_found_is_named_and_not_quoted(database, clock, folder):
    signer = own_keys.signer(database, clock.now())
    (folder / f"{signer.kid}.json").write_text('{"kty":"EC","d":"SECRETCANARY"}')
    with pytest.raises(ConfigurationError, match=signer.kid) as error:
        own_keys.signer(database, clock.now())
    assert "SECRETCANARY" not in str(error.value)
    (folder / f"{signer.kid}.json").unlink()
    with pytest.raises(ConfigurationError, match="FOOTBRIDGE_KEY_FOLDER"):
        own_keys.signer(database, clock.now())


def test_of_rotations_at_once_each_leaves_one_active_and_one_next(database, clock):
    own_keys.keys(database, clock.now())

    def rotate(_):
        try:
            own_keys.rotate(database, clock.now())
        except own_keys.ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(rotate, range(4)))
    assert done >= 1
    found = states(database, clock)
    for algorithm in ("ES384", "RS384"):
        mine = [state for name, _, state in found if name == algorithm]
        assert mine == ["retired"] * done + ["active", "next"]
