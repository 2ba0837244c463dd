"""A set of ids in one block of memory: it answers as a set does."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from footbridge.directory.importing.id_set import IdSet


def _id(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()[:16]


def test_it_answers_as_a_set_while_it_grows() -> None:
    found, model = IdSet(), set[bytes]()
    for number in [*range(2_000), *range(0, 4_000, 3)]:
        assert found.add(_id(number)) == (_id(number) not in model)
        model.add(_id(number))
    assert len(found) == len(model)
    assert all((_id(number) in found) == (_id(number) in model) for number in range(5_000))
    found.clear()
    assert len(found) == 0
    assert _id(1) not in found


@given(st.lists(st.binary(min_size=1, max_size=2), max_size=80))
def test_ids_that_begin_alike_are_told_apart(ends: list[bytes]) -> None:
    """All of them have the same place at first."""
    found = IdSet()
    ids = [b"\x01" * 14 + end.rjust(2, b"\x00") for end in ends]
    assert sum(found.add(one) for one in ids) == len(set(ids)) == len(found)
    assert all(one in found for one in ids)
