"""A process that ends in a transaction leaves all of it or nothing, and the next one can write at once."""

import pytest
from sqlalchemy import text
from support.crash import crash_at, crash_when, steps_of


@pytest.fixture
def letters(database):
    with database.write() as connection:
        connection.execute(text("create table written (name varchar(1))"))
    return database


def write(database):
    with database.write() as connection:
        for name in "ab":
            connection.execute(text("insert into written values (:name)"), {"name": name})


def held(database):
    with database.read() as connection:
        return connection.execute(text("select name from written order by name")).scalars().all()


def test_every_statement_and_commit_is_a_step(letters):
    with steps_of(letters, writes_only=True) as steps:
        write(letters)
        held(letters)
    assert [step.partition(" ")[0].lower() for step in steps] == ["insert", "insert", "commit"]
    assert held(letters) == ["a", "b"]


@pytest.mark.parametrize(
    ("step", "when", "left"),
    [(1, "before", []), (1, "after", []), (2, "after", []), (3, "before", []), (3, "after", ["a", "b"])],
)
def test_all_of_it_or_nothing(letters, step, when, left):
    with crash_at(letters, step, when, writes_only=True) as crash:
        write(letters)
    assert crash.happened
    assert held(letters) == left
    write(letters)
    assert held(letters) == sorted([*left, "a", "b"])


def test_what_is_dead_writes_nothing_more(letters):
    with crash_when(letters, lambda: True) as crash:
        try:
            write(letters)
        finally:
            write(letters)
    assert crash.happened
    assert held(letters) == []


def test_where_nothing_ends_all_goes_on(letters):
    with crash_at(letters, 100) as crash:
        write(letters)
    assert not crash.happened
    assert held(letters) == ["a", "b"]
