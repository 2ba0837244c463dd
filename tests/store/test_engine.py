"""A transaction reads one moment, and writes all or nothing."""

import pytest
from sqlalchemy import text

from footbridge.errors import ConfigurationError
from footbridge.store.engine import Database, open_database

ADD = text("INSERT INTO tenant (name, jurisdiction, created) VALUES (:name, 'us', '2026-03-02T12:00:00.000000Z')")
COUNT = text("SELECT count(*) FROM tenant")


def test_a_reader_sees_one_moment(database: Database):
    with database.read() as reader:
        assert reader.scalar(COUNT) == 0
        with database.write() as writer:
            writer.execute(ADD, {"name": "north"})
        assert reader.scalar(COUNT) == 0
    with database.read() as reader:
        assert reader.scalar(COUNT) == 1


def test_an_exception_undoes_the_transaction(database: Database):
    def half() -> None:
        with database.write() as writer:
            writer.execute(ADD, {"name": "north"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with database.read() as reader:
        assert reader.scalar(COUNT) == 0


def test_writing_follows_reading_on_the_same_pool(database: Database):
    with database.read() as reader:
        reader.scalar(COUNT)
    with database.write() as writer:
        writer.execute(ADD, {"name": "north"})


@pytest.mark.parametrize("url", ["mysql://localhost/footbridge", "not a url", "oracle://x"])
def test_other_databases_are_refused(url: str):
    with pytest.raises(ConfigurationError, match="FOOTBRIDGE_DATABASE_URL"):
        open_database(url)
