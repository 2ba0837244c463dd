"""Writes a new migration: ``python -m footbridge.store.migrations 0002 "Keep the audit trail"``.

Compares the tables with the migrations so far, on a SQLite file that is thrown away, and drafts the steps between
them. Read the draft, then set ``HEAD`` in ``footbridge/store/migrate.py``.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from footbridge.store.engine import open_database
from footbridge.store.migrate import alembic_config


def draft(revision: str, message: str) -> None:
    """Write ``versions/<revision>_<message>.py``."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'draft.sqlite3'}")
        config = alembic_config()
        try:
            with database.write() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                command.revision(config, message, autogenerate=True, rev_id=revision)
        finally:
            database.dispose()


if __name__ == "__main__":
    draft(sys.argv[1], sys.argv[2])
