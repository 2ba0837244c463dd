"""Every column of every form of tables, in ten ways of writing them: what became of each cell.

The columns are those that the standards and vendors' exports are known to have (``forms.json``), not those that our
readers know. Each cell has a value of its own (``cells``), which is looked for in the services, in the stored records
and in the report (``trace``): it is kept, or a finding says by which rule it was changed or left out. ``fates.json``
records the columns that are not kept as they are, by rule; what is private stands nowhere.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from directory.fields.cells import Cells
from directory.fields.files import WAYS, write
from directory.fields.tables import FORMS
from directory.fields.trace import Trace
from sqlalchemy import select

from footbridge.directory.export import services as services_of
from footbridge.directory.findings import findings
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_record
from footbridge.store.tenants import add_tenant

HERE = Path(__file__).parent
FATES = json.loads((HERE / "fates.json").read_text("utf-8"))
OWN = ReadOptions(mapping=HERE / "own-mapping.json")


def take_in(database, clock, source, opened):
    """Imports an opened source; gives its summary, what is shown, what is stored, and the findings."""
    terms = Terms(opened.format, source, "CA", "America/Toronto")
    summary = run_import(database, clock, Plan("north", source, terms, processes=0), opened.records)
    with database.read() as connection:
        current = {source: current_imports(connection, "north")[source]}
        services = list(services_of(connection, "north", current))
        rows = connection.execute(select(directory_record.c.data).where(directory_record.c.source == source))
        stored = [json.loads(data) for (data,) in rows]
        return summary, services, stored, list(findings(connection, "north", source, current[source]))


def _fates(form, trace, cells, findings):
    """By column: what became of its cells; an empty text for one that is nowhere."""
    fates = defaultdict(set)
    for cell in cells.made:
        column = f"{cell.table}: {cell.column}"
        if cell.sought is None or cell.column in FORMS[form]["decides"]:
            continue
        if re.search(FORMS[form]["private"], cell.column):
            assert not trace.stands(cell), f"{column} is private, and stands somewhere"
            fates[column].add("private" if any(one.rule.startswith("privacy.") for one in findings) else "")
        else:
            fates[column].add(trace.of(cell))
    return {column: sorted(found) for column, found in fates.items()}


@pytest.mark.parametrize("form", FORMS)
def test_of_each_column_every_cell_is_kept_or_a_finding_says_by_which_rule_it_is_not(
    sqlite_database, clock, tmp_path, form
):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    unexplained, fates = {}, {}
    for way in WAYS:
        cells = Cells()
        path = write(tmp_path / way, form, way, cells)
        options = OWN if form == "own-mapping" else ReadOptions()
        summary, services, stored, lines = take_in(sqlite_database, clock, way, open_path(path, None, options))
        assert summary.kept == len(services) == (2 if form == "own-mapping" else 1), way
        assert summary.read == summary.kept + summary.dropped, way
        fates[way] = _fates(form, Trace(services, lines, stored), cells, lines)
        unexplained |= {f"{way}: {column}": found for column, found in fates[way].items() if "" in found}
    assert unexplained == {}
    assert {column: found for column, found in fates["01-plain"].items() if found != ["kept"]} == FATES[form]
