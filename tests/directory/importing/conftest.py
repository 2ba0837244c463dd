"""What the tests of imports share."""

from itertools import count

import pytest
from support.databases import _sqlite_copy


@pytest.fixture
def new_sqlite(_sqlite_template, tmp_path):
    """Gives an empty SQLite database for each block."""
    number = count()
    return lambda: _sqlite_copy(_sqlite_template, tmp_path / f"{next(number)}.sqlite3")
