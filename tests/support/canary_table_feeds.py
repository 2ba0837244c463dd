"""Feeds of tables (``canary_feeds``): vendors' columns, a mapping of one's own, HSDS in tables of several versions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support import canary_hsds, canary_tables
from support.canary_feeds import Feed
from support.canary_tables import Row, columns_of, holds, items_of, row_of

from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.column_mapping import ColumnMapping, RecordSpec, TableSpec, load, shipped


def icarol(folder: Path) -> Feed:
    return _vendor(folder, "icarol", {"TaxonomyLevelName": "Program", "AgencyStatus": "Active", "ParentAgency": "Org"})


def visionlink(folder: Path) -> Feed:
    return _vendor(folder, "visionlink", {})


def wellsky(folder: Path) -> Feed:
    return _vendor(folder, "wellsky", {})


def _vendor(folder: Path, name: str, usual: Row) -> Feed:
    """For each flag of each table of a vendor: rows in all of its tables, in which this flag alone is set."""
    mapping = next(one for one in shipped() if one.name == name)
    feed = Feed("csv")
    for table, rows in _rows(feed, mapping, usual).items():
        canary_tables.write(folder / f"{table}.csv", rows)
    return feed.path(folder, "csv")


def _rows(feed: Feed, mapping: ColumnMapping, usual: Row) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {table.name: [] for table in mapping.tables}
    number = 0
    for table in mapping.tables:
        for more, secret, stays in _ways(table):
            number += 1
            for other in mapping.tables:
                begin = len(feed.canaries.about)
                row, numbers = row_of(feed.canaries, other, f"[{more}]")
                notes = {name for record in other.records for name in record.notes}
                hidden = (set(secret) if other is table else set()) | notes | _always(other)
                feed.secret |= {numbers[column] for column in hidden & numbers.keys()}
                if other is table and stays in numbers:
                    feed.public.add(numbers[stays])
                made[other.name].append(_ids(other, number) | row | usual | (more if other is table else {}))
                assert len(feed.canaries.about) > begin
    return made


def _always(table: TableSpec) -> set[str]:
    """Columns that are never shown."""
    items = [item for record in table.records for _, item in items_of(record)]
    return {name for item in items if isinstance(item.withheld, str) for name in columns_of(item)}


def _ways(table: TableSpec) -> Iterator[tuple[Row, set[str], str]]:
    """The cells that hide something, the columns that are hidden by them, and a column that stays."""
    for record in table.records:
        when: Row = {}
        for condition in record.when:
            when |= holds(condition)
        for flag in (*record.restrictions, *record.withheld):
            said = holds(flag)
            if getattr(flag, "restriction", "") != "no-referral" and "inactive" not in str(said):
                yield when | said, set(columns_of(record)), ""
        for _, item in items_of(record):
            if isinstance(item.withheld, str) or item.each:
                continue
            for flag in item.withheld:
                for one in item.repeat or [""]:
                    cells = {name.replace("{}", one): said for name, said in holds(flag).items()}
                    columns = columns_of(item.model_copy(update={"repeat": [one]} if one else {}))
                    own = {
                        name for name, member in columns.items() if member in {"number", "name", "email", "address_1"}
                    }
                    yield when | cells, own, _text_of(record)


def _text_of(record: RecordSpec) -> str:
    found = record.members.get("description")
    return found if isinstance(found, str) and record.kind == "service" else ""


def _ids(table: TableSpec, number: int) -> Row:
    """Cells that name records: the same number in each table."""
    row: Row = dict.fromkeys(table.recognise, "")
    for record in table.records:
        named = [record.id, *(value for member, value in record.members.items() if member.endswith("_id"))]
        for value in named:
            if value is not None:
                row |= dict.fromkeys(canary_tables.named(value), str(number))
        row |= dict.fromkeys(record.of.values(), str(number))
    return row


OWN = {
    "name": "own",
    "source": "A table of one's own",
    "tables": [
        {
            "name": "services",
            "recognise": ["No", "Nom"],
            "records": [
                {
                    "kind": "location",
                    "id": "No",
                    "members": {"name": "Lieu", "latitude": "Lat", "longitude": "Long", "transportation": "Bus"},
                    "lists": {
                        "addresses": [
                            {
                                "members": {"address_1": "Rue", "city": "Ville", "postal_code": "Code postal"},
                                "withheld": [{"column": "Adresse secrète", "is": "true"}],
                            }
                        ]
                    },
                },
                {
                    "kind": "service",
                    "id": "No",
                    "members": {"name": "Nom", "description": "Texte", "email": "Courriel", "url": "Site"},
                    "lists": {
                        "phones": [
                            {
                                "members": {"number": "Tel", "description": "Genre"},
                                "withheld": [{"column": "Tel caché", "matches": "oui|x"}],
                            }
                        ],
                        "contacts": [
                            {
                                "members": {"name": "Personne", "email": "Son courriel", "title": "Titre"},
                                "withheld": "internal",
                            }
                        ],
                    },
                    "restrictions": [
                        {"column": "Publier", "is": "false", "restriction": "exclude-website"},
                        {"column": "Etat", "in": ["supprimé"], "restriction": "deleted"},
                    ],
                    "notes": ["Notes"],
                },
                {
                    "kind": "service_at_location",
                    "members": {"service_id": "No", "location_id": "No"},
                    "needs": ["service_id", "location_id"],
                },
            ],
        }
    ],
}


def own_csv(folder: Path) -> Feed:
    return _own(folder, "services.csv")


def own_map(folder: Path) -> Feed:
    """The same rows as features of a map (GeoJSON)."""
    return _own(folder, "services.geojson")


def _own(folder: Path, name: str) -> Feed:
    (folder / "own.json").write_text(json.dumps(OWN), "utf-8")
    mapping = load(folder / "own.json")
    feed = Feed("csv")
    rows = _rows(feed, mapping, {})["services"]
    place = folder / name
    (canary_tables.write if name.endswith("csv") else canary_tables.write_json)(place, rows)
    feed.records = lambda: open_path(place, "csv", ReadOptions(mapping=folder / "own.json")).records
    return feed


PARENTS = {"phone": "service", "contact": "organization", "address": "location", "language": "service"}


def hsds_tables(folder: Path) -> Feed:
    """A table for each type of child under each of its names (2.x, 3.x, the UK's), a row of it for some of the marks."""
    feed = Feed("hsds-tabular")
    tables: dict[str, list[dict[str, Any]]] = {
        "services": [],
        "organizations": [],
        "locations": [],
        "services_at_location": [],
    }
    marks, number = canary_hsds.MARKS, 0
    for name, rule in canary_hsds.TABLE["tables"].items():
        kind = rule.get("type")
        if kind is None or kind in {"metadata", "attribute", "service_taxonomy", "unit"} or "lookup" in rule:
            continue
        for flag in (marks[number % len(marks)], marks[(number * 7 + 3) % len(marks)]):
            number += 1
            parent = PARENTS.get(kind, "location" if kind == "accessibility" else "service")
            begin = len(feed.canaries.about)
            row = canary_hsds.planted(feed.canaries, kind, name, aliases=False, depth=0) | canary_hsds.flag(*flag)
            feed.hide(begin, f"{name} {flag}")
            tables.setdefault(name, []).append({"id": f"c{number}", f"{parent}_id": f"{parent[0]}{number}", **row})
            tables["organizations"].append({"id": f"o{number}", "name": "Org"})
            tables["services"].append(
                {"id": f"s{number}", "organization_id": f"o{number}", "name": f"Service {number}"}
            )
            tables["locations"].append({"id": f"l{number}", "organization_id": f"o{number}", "name": "Place"})
            link = {"id": f"x{number}", "service_id": f"s{number}", "location_id": f"l{number}"}
            tables["services_at_location"].append(link)
    for name, rows in tables.items():
        canary_tables.write(folder / f"{name}.csv", rows)
    return feed.path(folder, "hsds-tabular")
