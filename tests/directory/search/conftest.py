"""An empty directory, once on each database."""

import pytest
from support.directories import Directory

from footbridge.store.engine import Database


@pytest.fixture
def directory(database: Database) -> Directory:
    """The directory of a clinic."""
    return Directory(database)
