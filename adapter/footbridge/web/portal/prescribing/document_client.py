"""The client in the document of a prescription: somebody new, or somebody known with what was changed on the page.

What is known and has no field on the page (another phone, another identifier) stays.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from footbridge.store.card_numbers import plain_number
from footbridge.store.drafts import Draft, Typed
from footbridge.uris import own_uri
from footbridge.web.portal.prescribing.fields import table
from footbridge.web.portal.prescribing.sheet import Sheet

CLIENT: Final = "portal-client"
KNOWN: Final = "known_client"
"""Under which name a draft has the client of an earlier prescription, as JSON."""


def known_client(typed: Typed) -> dict[str, Any]:
    """The client of an earlier prescription whom the draft is for; empty for somebody new."""
    found: dict[str, Any] = json.loads(next(iter(typed.get(KNOWN, ())), "{}"))
    return found


def put_client(sheet: Sheet, draft: Draft) -> None:
    """Put the client at ``/client``: what is known of them, changed by what was typed."""
    known = known_client(draft.typed)
    sheet.document["client"] = {
        name: value for name, value in known.items() if name in {"identifiers", "languages", "contacts"}
    }
    client = sheet.document["client"]
    given = (sheet.text("given") or "").split()
    for place, one in enumerate(given):
        sheet.put(f"/client/name/given/{place}", one, "given")
    for member, field in (("family", "family"), ("preferred", "preferred")):
        sheet.put(f"/client/name/{member}", sheet.text(field), field)
    sheet.put("/client/birthDate", sheet.text("birth"), "birth")
    sheet.put("/client/gender", sheet.text("gender"), "gender")
    sheet.put("/client/contactNote", sheet.text("contact_note"), "contact_note")
    if sheet.texts("unsafe"):
        sheet.put("/client/safeToContact", False, "unsafe")  # noqa: FBT003 - the value of a member
    _contacts(sheet, client)
    _address(sheet, known)
    _languages(sheet, client)
    _identifiers(sheet, client, draft)
    for name in ("contacts", "languages"):
        if not client.get(name, True):
            del client[name]


def _contacts(sheet: Sheet, client: dict[str, Any]) -> None:
    """Phone and e-mail as they are on the page; other ways to reach a known person stay."""
    prefer = sheet.text("prefer")
    rows: list[dict[str, Any]] = [dict(one) for one in client.get("contacts", [])]
    for system, field in (("phone", "phone"), ("email", "email")):
        typed = sheet.text(field)
        found = next((one for one in rows if one["system"] == system), None)
        if typed is None:
            rows = [one for one in rows if one is not found]
        elif found is None:
            rows.append({"system": system, "value": typed})
        else:
            found["value"] = typed
    if prefer == "sms" and (number := sheet.text("phone")) and all(one["system"] != "sms" for one in rows):
        rows.append({"system": "sms", "value": number})
    if prefer is not None:
        for one in rows:
            one.pop("preferred", None)
        first = next((one for one in rows if one["system"] == prefer), None)
        if first is not None:
            first["preferred"] = True
    client["contacts"] = rows
    for place, one in enumerate(rows):
        sheet.places[f"/client/contacts/{place}"] = "email" if one["system"] == "email" else "phone"


def _address(sheet: Sheet, known: Mapping[str, Any]) -> None:
    before = known.get("address", {})
    line = sheet.text("line")
    if line is not None and line == ", ".join(before.get("line", [])):
        sheet.put("/client/address/line", before["line"], "line")
    else:
        sheet.put("/client/address/line", None if line is None else [line], "line")
    for member, field in (("city", "city"), ("state", "state"), ("postalCode", "postal")):
        sheet.put(f"/client/address/{member}", sheet.text(field), field)
    if "country" in before and "address" in sheet.document["client"]:
        sheet.document["client"]["address"]["country"] = before["country"]


def _languages(sheet: Sheet, client: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [dict(one) for one in client.get("languages", [])]
    wanted = sheet.text("tongue")
    if wanted is not None:
        for one in rows:
            one.pop("preferred", None)
        found = next((one for one in rows if one["code"] == wanted or one["code"].partition("-")[0] == wanted), None)
        if found is None:
            found = {"code": wanted}
            rows.insert(0, found)
        found["preferred"] = True
        found.pop("interpreterNeeded", None)
        if sheet.texts("interpreter"):
            found["interpreterNeeded"] = True
    client["languages"] = rows
    for place in range(len(rows)):
        sheet.places[f"/client/languages/{place}"] = "tongue"


def _identifiers(sheet: Sheet, client: dict[str, Any], draft: Draft) -> None:
    """Those that are known, the health card, and one of ours for somebody new: so that they are known next time."""
    rows = list(client.get("identifiers", []))
    number, of = sheet.text("card"), sheet.text("card_of")
    if number is not None:
        cards = table()["healthCards"]
        system = cards.get(of or "", next(iter(cards.values())))["system"]
        card = {"system": system, "value": plain_number(system, number)}
        if card not in rows:
            rows.insert(0, card)
        sheet.places[f"/client/identifiers/{rows.index(card)}"] = "card"
    client["identifiers"] = rows or [{"system": own_uri(CLIENT), "value": draft.id}]
