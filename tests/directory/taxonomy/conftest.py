"""The texts of the sample directories, by set, kind and native id, without the readers of the package."""

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

Key = tuple[str, str, str]


def _plain(text: str | None) -> str:
    return re.sub(r"<[^>]+>", " ", html.unescape(html.unescape(text or "")))


def _bc211(folder: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    for agency in etree.parse(folder / "BC211_data_excerpt.xml").iter("Agency"):
        for kind, node, text in [
            ("agency", agency, "AgencyDescription"),
            *(("site", site, "SiteDescription") for site in agency.findall("Site")),
        ]:
            yield (
                ("bc211", kind, node.findtext("Key")),
                {"name": node.findtext("Name"), "description": _plain(node.findtext(text))},
            )


def _ohana(folder: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    for kind in ("service", "location", "organization"):
        with (folder / f"{kind}s.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield ("ohana", kind, row["id"]), {"name": row["name"], "description": row["description"]}


def _named(name: str, kind: str, value: Any) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Every object with an id, a name and a description, wherever it stands."""
    if isinstance(value, dict):
        if all(isinstance(value.get(member), str) for member in ("id", "name", "description")):
            yield (name, kind, value["id"]), {"name": value["name"], "description": value["description"]}
        for member, inner in value.items():
            yield from _named(name, member, inner)
    for inner in value if isinstance(value, list) else ():
        yield from _named(name, kind, inner)


def _haarrrvest(folder: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    for line in (folder / "processed_results.ndjson").read_bytes().splitlines():
        record = json.loads(line)
        number = 0
        result = record["result"]
        for part in filter(lambda part: isinstance(part, dict), result if isinstance(result, list) else [result]):
            owners = [*(part.get("organizations") or [])]
            one = part.get("organization")
            owners += one if isinstance(one, list) else [one] if isinstance(one, dict) else []
            name = owners[0].get("name") if owners else None
            found = [*(part.get("services") or [])]
            found += [service for owner in owners for service in owner.get("services") or []]
            for service in found:
                if isinstance(service, dict):
                    text = {"name": service.get("name"), "description": service.get("description")}
                    key = ("haarrrvest-cc0", "service", f"{record['id'][:16]}#{number}")
                    yield key, text | {"organization": {"name": name}}
                    number += 1


def _all(samples: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    yield from _bc211(samples / "airs" / "bc211")
    yield from _ohana(samples / "hsds" / "ohana-csv")
    service = json.loads((samples / "hsds" / "hsds-3.1-examples" / "service_full.json").read_bytes())
    yield from _named("hsds-3.1-examples", "service", service)
    mocks = samples / "hsds" / "oruk-mocks" / "V3.0-UK-Default" / "organization_list.json"
    yield from _named("oruk-mocks", "organization", json.loads(mocks.read_bytes())["contents"])
    for program in json.loads((samples / "hsds" / "icarol-json-servicenet" / "programs.json").read_bytes()):
        name = " ".join(entry["value"] for entry in program["names"])
        text = {"name": name, "description": program["description"]}
        yield ("icarol-json-servicenet", "program", str(program["id"])), text
    yield from _haarrrvest(samples / "hsds" / "haarrrvest-cc0")


@pytest.fixture(scope="session")
def sample_texts(test_data: Path) -> dict[Key, dict[str, Any]]:
    """Name and description (and organization, where the set has it) of each text of the samples."""
    found: dict[Key, dict[str, Any]] = {}
    for key, text in _all(test_data / "samples"):
        found.setdefault(key, text)
    return found
