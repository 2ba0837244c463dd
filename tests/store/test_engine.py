"""A transaction reads one moment, and writes all or nothing."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from footbridge.errors import ConfigurationError
from footbridge.store import engine
from footbridge.store.engine import Database, forget_commits, may_have_committed, open_database

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


def test_what_is_written_in_passing_is_seen_at_once_and_waits_for_no_disk(database: Database):
    level = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    with database.write() as writer:
        durable = writer.exec_driver_sql(level).scalar()
    with database.write_in_passing() as writer:
        writer.execute(ADD, {"name": "north"})
        assert writer.exec_driver_sql(level).scalar() == (1 if database.is_sqlite else "off")
    with database.read() as reader:
        assert reader.scalar(COUNT) == 1
    with database.write() as writer:
        assert writer.exec_driver_sql(level).scalar() == durable
        assert durable == 2 or not database.is_sqlite


def test_what_sqlite_puts_aside_goes_to_files_for_large_work_only(sqlite_database: Database):
    database, aside = sqlite_database, "PRAGMA temp_store"
    with database.write_much() as writer:
        writer.execute(ADD, {"name": "north"})
        assert writer.exec_driver_sql(aside).scalar() == 1
    with database.write() as writer:
        assert writer.scalar(COUNT) == 1
        assert writer.exec_driver_sql(aside).scalar() == 2


def test_a_commit_that_was_begun_is_remembered(database: Database):
    forget_commits()
    with database.read() as reader:
        reader.scalar(COUNT)
    with database.write_in_passing() as writer:
        writer.execute(ADD, {"name": "north"})
    with suppress(RuntimeError), database.write():
        raise RuntimeError
    assert not may_have_committed()
    with database.write() as writer:
        writer.execute(ADD, {"name": "south"})
    assert may_have_committed()
    with ThreadPoolExecutor(1) as another:
        assert not another.submit(may_have_committed).result()
    forget_commits()
    assert not may_have_committed()


@pytest.mark.parametrize("way", ["write", "write_in_passing"])
def test_a_writer_that_waits_in_vain_is_told_as_by_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
):
    monkeypatch.setattr(engine, "SQLITE_BUSY_MILLISECONDS", 10)
    database = open_database(f"sqlite:///{tmp_path / 'busy.sqlite3'}")
    with database.read():  # SQLite changes to its WAL
        pass
    other = sqlite3.connect(tmp_path / "busy.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="BEGIN IMMEDIATE"), getattr(database, way)():
        pass
    other.execute("COMMIT")
    with getattr(database, way)() as writer:
        assert writer.scalar(text("SELECT 1")) == 1
    other.close()
    database.dispose()
