"""A person whom the tenant knows: found by name or identifier, and filled into a new draft.

Contacts and address are what one requester knows of a person, and stay with it: they are filled in only where the
earlier prescription is of the same requester. That nobody may contact a person holds for the whole tenant.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from footbridge.model.clock import Clock
from footbridge.model.prescription import Client, Prescription
from footbridge.model.principals import Principal
from footbridge.referrals.demographics import with_newest_client
from footbridge.referrals.unit import read_unit
from footbridge.security.access import must_see, requester_of
from footbridge.security.worklist_search import found_by_words
from footbridge.security.worklists import about
from footbridge.store.drafts import Typed
from footbridge.store.engine import Database
from footbridge.store.patient_ids import find_person
from footbridge.store.resource_rows import Scope
from footbridge.web.portal.names import full_name
from footbridge.web.portal.prescribing.document_client import KNOWN

MOST_FOUND = 20
_OF_ONE_REQUESTER = ("contacts", "address", "contactNote")


@dataclass(frozen=True, slots=True)
class Found:
    """A person, by the newest prescription for them that this user sees."""

    prescription: str
    name: str
    birth: date | None


def people(database: Database, clock: Clock, who: Principal, text: str) -> tuple[list[Found], bool]:
    """People by name or identifier, each once, the newest prescriptions first; and whether there are more."""
    with database.read() as connection:
        all_found = found_by_words(connection, who, text, now=clock.now())
        newest: dict[str, str] = {}
        for row in all_found.rows:
            newest.setdefault(row.person, row.prescription)
        chosen = list(newest.values())[:MOST_FOUND]
        documents = about(connection, who, chosen)
    found = []
    for identity in chosen:
        if identity in documents:
            client = Prescription.model_validate_json(documents[identity]).client
            found.append(found_of(identity, client))
    return found, all_found.is_cut or len(newest) > len(chosen)


def found_of(prescription: str, client: Client) -> Found:
    """A person, by a prescription and its client."""
    return Found(prescription, full_name(client.name), client.birth_date)


def person_of_draft(connection: Connection, tenant: str, client: Client) -> str | None:
    """The person whom an identifier of a client names; None for nobody."""
    return find_person(connection, tenant, [(one.system, one.value) for one in client.identifiers])


def typed_of(database: Database, clock: Clock, who: Principal, prescription: str) -> dict[str, list[str]]:
    """The fields of the client of a prescription. Raises NotFoundError for one that is not theirs to see."""
    with database.read() as connection:
        must_see(connection, who, prescription)
        unit = read_unit(Scope(connection, who.tenant, clock.now()), prescription)
        client = with_newest_client(unit).client
        same = requester_of(connection, who) == unit.prescription.requester
    return fill(client, same_requester=same)


def fill(client: Client, *, same_requester: bool) -> dict[str, list[str]]:
    """The fields that show this client."""
    known: dict[str, Any] = client.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    if not same_requester:
        known = {name: value for name, value in known.items() if name not in _OF_ONE_REQUESTER}
    name, address = known.get("name", {}), known.get("address", {})
    contacts: Sequence[dict[str, Any]] = known.get("contacts", [])
    preferred = next((one["system"] for one in contacts if one.get("preferred")), "")
    language: dict[str, Any] = next((one for one in known.get("languages", []) if one.get("preferred")), {})
    typed = {
        KNOWN: json.dumps(known, ensure_ascii=False),
        "given": " ".join(name.get("given", [])),
        "family": name.get("family", ""),
        "preferred": name.get("preferred", ""),
        "birth": known.get("birthDate", ""),
        "gender": known.get("gender", ""),
        "phone": _first(contacts, "phone"),
        "email": _first(contacts, "email"),
        "prefer": preferred if preferred in {"phone", "sms", "email"} else "",
        "unsafe": "" if client.safe_to_contact else "unsafe-to-contact",
        "contact_note": known.get("contactNote", ""),
        "tongue": language.get("code", "").partition("-")[0],
        "interpreter": "interpreter-needed" if language.get("interpreterNeeded") else "",
        "line": ", ".join(address.get("line", [])),
        "city": address.get("city", ""),
        "state": address.get("state", ""),
        "postal": address.get("postalCode", ""),
    }
    return {field: [text] for field, text in typed.items() if text}


def identifiers_in(typed: Typed, document: dict[str, Any]) -> list[tuple[str, str]]:
    """The identifiers of the client whom a draft is about, as pairs of system and value."""
    rows = document.get("client", {}).get("identifiers", []) if typed else []
    return [(one["system"], one["value"]) for one in rows]


def _first(contacts: Sequence[dict[str, Any]], system: str) -> str:
    return next((str(one["value"]) for one in contacts if one["system"] == system), "")
