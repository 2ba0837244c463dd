"""Makes the prescription of what was typed: the JSON document of ``POST /api/v1/prescriptions``.

For every value it remembers the field that it came from, so that a fault of the document stands at that field.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from footbridge.store.card_numbers import plain_number
from footbridge.store.drafts import Draft, Typed
from footbridge.store.users import User
from footbridge.uris import own_uri
from footbridge.web.portal.prescribing.fields import category_words, table

ORDER: Final = "portal-order"
CLIENT: Final = "portal-client"
STAFF: Final = "portal-user"
KNOWN: Final = "known_client"
"""Under which name a draft has the client of an earlier prescription, as JSON."""
CHOSEN: Final = "directory_id"
APART: Final = "namesakes"
"""Under which name a draft has the people who were said to be somebody else."""

# Where a fault goes whose own value has no field, or was not typed.
_FALLBACK: Final = {
    "/client/contacts": "phone", "/client/identifiers": "card", "/client/address": "line", "/client": "given",
    "/kind": "kind", "/needs": "category", "/service": "partner", "/consent": "consent", "/followUp": "follow_due",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes it, for which organization (as a document has it), and when, in their time zone."""

    user: User
    organization: dict[str, Any]
    at: datetime
    language: str


class Sheet:
    """A document that is being filled in, and the field behind each of its values."""

    def __init__(self, typed: Typed) -> None:
        """Begin with an empty one."""
        self.typed = typed
        self.document: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        """What was typed into a field; None when that is nothing."""
        found = next(iter(self.typed.get(name, ())), "")
        return found if found.strip() else None

    def texts(self, name: str) -> list[str]:
        """What was ticked."""
        return [one for one in self.typed.get(name, ()) if one.strip()]

    def lines(self, name: str) -> list[str]:
        """What was typed into a field, one entry a line."""
        return [one for one in (self.text(name) or "").split("\n") if one.strip()]

    def put(self, pointer: str, value: Any, field: str) -> None:  # noqa: ANN401 - JSON
        """Put a value at a JSON Pointer, unless it is None; a number appends to a list."""
        if value is None:
            return
        *way, last = pointer.strip("/").split("/")
        here: Any = self.document
        for step, following in zip(way, [*way, last][1:], strict=True):
            if isinstance(here, list):
                if int(step) == len(here):
                    here.append({})
                here = here[int(step)]
            else:
                here = here.setdefault(step, [] if following.isdigit() else {})
        if isinstance(here, list):
            here.append(value)
        else:
            here[last] = value
        self.places[pointer] = field

    def field_at(self, pointer: str) -> str | None:
        """The field that a pointer into the document is about; None for what nobody typed here."""
        place = pointer
        while place:
            if place in self.places:
                return self.places[place]
            place = place.rpartition("/")[0]
        inside = next((field for known, field in self.places.items() if known.startswith(f"{pointer}/")), None)
        if inside is not None:
            return inside
        return next((field for known, field in _FALLBACK.items() if pointer.startswith(known)), None)


def sheet_of(draft: Draft, author: Author) -> Sheet:
    """The document of a draft."""
    sheet = Sheet(draft.typed)
    sheet.document |= {
        "identifier": {"system": own_uri(ORDER), "value": draft.id},
        "authored": author.at.isoformat(timespec="milliseconds"),
        "language": author.language,
        "requester": _requester(author),
    }
    sheet.put("/kind", sheet.text("kind"), "kind")
    sheet.put("/priority", sheet.text("priority"), "priority")
    _client(sheet, draft)
    _needs(sheet)
    _person(sheet)
    _service(sheet)
    _consent(sheet, author)
    _afterwards(sheet)
    return sheet


def _requester(author: Author) -> dict[str, Any]:
    *given, family = author.user.name.split()
    name: dict[str, Any] = {"family": family, **({"given": given} if given else {})}
    user = author.user
    by_role = "navigator" if user.role == "navigator" else "clinician"
    found: dict[str, Any] = {"role": user.asks_as or by_role, "name": name}
    if user.profession is not None:
        found["profession"] = user.profession
    if user.phone is not None:
        found["contacts"] = [{"system": "phone", "value": user.phone}]
    return found | {
        "identifiers": [{"system": own_uri(STAFF), "value": user.id}],
        "organization": author.organization,
    }


def known_client(typed: Typed) -> dict[str, Any]:
    """The client of an earlier prescription whom the draft is for; empty for somebody new."""
    found: dict[str, Any] = json.loads(next(iter(typed.get(KNOWN, ())), "{}"))
    return found


def _client(sheet: Sheet, draft: Draft) -> None:
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


def _needs(sheet: Sheet) -> None:
    goals = 0
    for place, code in enumerate(sheet.texts("category")):
        sheet.put(f"/needs/{place}/category", code, "category")
        words = sheet.text(f"need-{code}")
        sheet.put(f"/needs/{place}/statement", words or category_words(code), f"need-{code}" if words else "category")
        goal = sheet.text(f"goal-{code}")
        if goal is not None:
            sheet.put(f"/goals/{goals}/description", goal, f"goal-{code}")
            sheet.put(f"/goals/{goals}/need", place, f"goal-{code}")
            goals += 1


def _person(sheet: Sheet) -> None:
    sheet.put("/inTheirWords/0/text", sheet.text("own_words"), "own_words")
    if sheet.text("own_words"):
        sheet.put("/inTheirWords/0/language", sheet.text("own_words_language"), "own_words_language")
    strengths = [(text, "strengths") for text in sheet.lines("strengths")]
    strengths += [(text, "gifts") for text in sheet.lines("gifts")]
    for place, (text, field) in enumerate(strengths):
        sheet.put(f"/strengths/{place}/text", text, field)
        sheet.put(f"/strengths/{place}/gift", True if field == "gifts" else None, field)
    for place, text in enumerate(sheet.lines("interests")):
        sheet.put(f"/interests/{place}/text", text, "interests")
    barriers = supports = 0
    for row in range(table()["barriers"]):
        barrier, support = sheet.text(f"barrier-{row}"), sheet.text(f"support-{row}")
        if barrier is not None:
            sheet.put(f"/barriers/{barriers}/kind", sheet.text(f"barrier_kind-{row}") or "other", f"barrier_kind-{row}")
            sheet.put(f"/barriers/{barriers}/text", barrier, f"barrier-{row}")
        if support is not None:
            kind = sheet.text(f"support_kind-{row}") or "other"
            sheet.put(f"/supports/{supports}/kind", kind, f"support_kind-{row}")
            sheet.put(f"/supports/{supports}/text", support, f"support-{row}")
            sheet.put(f"/supports/{supports}/barrier", None if barrier is None else barriers, f"support-{row}")
            first = True if sheet.texts(f"support_first-{row}") else None
            sheet.put(f"/supports/{supports}/required", first, f"support_first-{row}")
        barriers += barrier is not None
        supports += support is not None


def _service(sheet: Sheet) -> None:
    sheet.put("/service/directoryId", sheet.text(CHOSEN), "q")
    sheet.put("/service/partner", sheet.text("partner"), "partner")
    sheet.put("/service/description", sheet.text("described"), "described")
    sheet.put("/service/self", True if sheet.texts("self") else None, "self")


def _consent(sheet: Sheet, author: Author) -> None:
    status = sheet.text("consent")
    if status is None:
        return
    sheet.put("/consent/status", status, "consent")
    if status == "given":
        sheet.put("/consent/basis", sheet.text("consent_basis") or "express", "consent_basis")
        sheet.put("/consent/how", sheet.text("consent_how"), "consent_how")
        sheet.put("/consent/scope", sheet.texts("consent_scope") or None, "consent_scope")
        sheet.put("/consent/until", sheet.text("consent_until"), "consent_until")
    sheet.put("/consent/given", author.at.date().isoformat(), "consent")


def _afterwards(sheet: Sheet) -> None:
    due = sheet.text("follow_due")
    if due is not None:
        sheet.put("/followUp/due", due, "follow_due")
        sheet.put("/followUp/method", sheet.text("follow_method") or _method(sheet), "follow_method")
        for place, one in enumerate(sheet.texts("follow_questions")):
            sheet.put(f"/followUp/questions/{place}", one, "follow_questions")
    sheet.put("/instructions/text", sheet.text("instructions"), "instructions")
    if sheet.text("instructions"):
        sheet.put("/instructions/language", sheet.text("instructions_language"), "instructions_language")
    sheet.put("/notes/0/text", sheet.text("notes"), "notes")


def _method(sheet: Sheet) -> str | None:
    """As the person prefers to be reached; when nobody may reach them, at the next visit."""
    if sheet.texts("unsafe"):
        return "in-person"
    return sheet.text("prefer")
