"""Every field of every form of source, marked private in every way that the form has: its value is nowhere afterwards.

The fields come from the readers' own tables, so that a new one is covered by itself. All of the database is searched,
with the words of its index, what the import said, and its log at the finest level.
"""

import logging
from pathlib import Path

import pytest
from support import canary_feeds, canary_table_feeds
from support.canaries import all_of
from support.soak import ran

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.store.tenants import add_tenant

FORMS = (
    canary_feeds.airs,
    canary_feeds.airs_cioc,
    canary_feeds.airs_elements,
    canary_feeds.hsds,
    canary_feeds.hsds_children,
    canary_feeds.icarol,
    canary_feeds.canada,
    canary_feeds.ndp,
    canary_table_feeds.icarol,
    canary_table_feeds.visionlink,
    canary_table_feeds.wellsky,
    canary_table_feeds.own_csv,
    canary_table_feeds.own_map,
    canary_table_feeds.hsds_tables,
)


@pytest.mark.soak
@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.__module__.rsplit('_', 1)[-1]}-{form.__name__}")
def test_what_is_marked_private_is_nowhere(sqlite_database, clock, tmp_path, caplog, form):
    folder = tmp_path / "feed"
    folder.mkdir()
    feed = form(folder)
    caplog.set_level(logging.DEBUG)
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    terms = Terms(feed.form, "feed", "CA", "America/Toronto")
    summary = run_import(sqlite_database, clock, Plan("north", "feed", terms, processes=0), feed.records())
    everything = all_of(Path(sqlite_database.engine.url.database)) + caplog.text + str(summary)
    found = feed.canaries.found_in(everything)
    assert feed.secret, "the feed holds no secret"
    assert feed.canaries.told(found & feed.secret) == []
    assert feed.canaries.told(feed.public - found) == []
    ran()
