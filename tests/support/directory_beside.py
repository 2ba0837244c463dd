"""A small directory of 211, for what partners read of it: hidden and confidential entries among the rest."""

from typing import Any

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.records import Record
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

TERMS = Terms("test", "feed.json", "CA", "America/Toronto")
HIDDEN = ("Zqhiddenorg", "Zqhiddenservice", "Zqhiddenplace", "Zqconfidential", "Zqwithheldphone", "Zqclosed")
"""Words that nobody may read in any way."""


def organization(key: str, name: str, **more: Any) -> Record:
    return Record("organization", key, {"name": name, "description": "Help.", **more}, "feed.json")


def place(key: str, owner: str, name: str, latitude: float, longitude: float, **more: Any) -> Record:
    address = {"address_1": f"{key} Elm Street", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}
    where = {"latitude": latitude, "longitude": longitude}
    data = {"organization_id": owner, "location_type": "physical", "name": name, "addresses": [address], **where}
    return Record("location", key, {**data, **more}, "feed.json")


def service(key: str, owner: str, name: str, *terms: tuple[str, str], **more: Any) -> Record:
    attributes = [{"taxonomy_term": {"code": code, "name": words, "taxonomy": "211hsis"}} for code, words in terms]
    data = {"organization_id": owner, "name": name, "description": "Groceries.", "status": "active"}
    data |= {"attributes": attributes, "phones": [{"number": "705-555-0100", "type": "voice"}]}
    return Record("service", key, {**data, **more}, "feed.json")


def at(service_key: str, place_key: str, **more: Any) -> Record:
    data = {"service_id": service_key, "location_id": place_key, **more}
    return Record("service_at_location", f"{service_key}-{place_key}", data, "feed.json")


FOOD, HOUSING = ("BD-1800.2000", "Food Pantries"), ("BH-1800", "Emergency Shelter")
SENIORS = ("YB-8000", "Older Adults")


def feed() -> list[Record]:
    """Two organizations with four services at three places, and what must not be seen."""
    contact = {"name": "Alex Tremblay", "title": "Intake worker", "email": "alex@hub.test"}
    hidden_address = {"address_1": "9 Zqconfidential Road", "city": "Sudbury", "withheld": "confidential"}
    return [
        organization("hub", "North End Hub", website="https://hub.test"),
        organization("kitchen", "Café Étoile", alternate_name="Star Kitchen"),
        organization("gone", "Zqhiddenorg", restrictions=["exclude-website"]),
        organization("bare", "Nobody's Home"),
        place("p1", "hub", "North Site", 46.49, -81.01),
        place("p2", "hub", "Lake Site", 46.60, -81.01, contacts=[{"name": "Sam Okoro"}]),
        place("p3", "kitchen", "South Site", 43.65, -79.38),
        place("p4", "hub", "Zqhiddenplace", 46.49, -81.01, restrictions=["exclude-directory"],
              contacts=[{"name": "Zqhiddenperson"}]),
        place("p5", "kitchen", "Safe house", 46.4901, -81.0101, addresses=[hidden_address]),
        service("s1", "hub", "Food bank", FOOD, SENIORS, contacts=[contact]),
        service("s2", "hub", "Hot meals", FOOD, capacities=[
            {"available": 0, "updated": "2026-02-01", "unit": {"name": "places"}},
        ]),
        service("s3", "kitchen", "Beds for a night", HOUSING),
        service("s4", "kitchen", "Good Food Box", FOOD, phones=[
            {"number": "705-555-0111", "type": "voice"},
            {"number": "705-555-0199", "description": "Zqwithheldphone", "withheld": "confidential"},
        ]),
        service("s5", "gone", "Of the hidden", FOOD),
        service("s6", "hub", "Zqhiddenservice", FOOD, restrictions=["exclude-website"]),
        service("s7", "hub", "Zqclosed", FOOD, status="defunct"),
        at("s1", "p1"), at("s1", "p4"), at("s2", "p2"), at("s3", "p3"), at("s4", "p3"), at("s4", "p5"), at("s5", "p1"),
        at("s6", "p1"), at("s7", "p2"),
    ]  # fmt: skip


def load(
    database: Database, clock: Clock, tenant: str, records: list[Record] | None = None, source: str = "211"
) -> None:
    """Import it."""
    run_import(database, clock, Plan(tenant, source, TERMS, processes=0), feed() if records is None else records)
