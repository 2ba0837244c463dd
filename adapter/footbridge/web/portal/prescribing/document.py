"""Makes the prescription of what was typed: the JSON document of ``POST /api/v1/prescriptions``.

The client has a room of their own, ``document_client``; the sheet remembers the field that each value came from.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from footbridge.store.drafts import Draft
from footbridge.store.users import User
from footbridge.uris import own_uri
from footbridge.web.portal.prescribing.document_client import put_client
from footbridge.web.portal.prescribing.fields import category_words, table
from footbridge.web.portal.prescribing.sheet import Sheet

ORDER: Final = "portal-order"
STAFF: Final = "portal-user"
CHOSEN: Final = "directory_id"
APART: Final = "namesakes"
"""Under which name a draft has the people who were said to be somebody else."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes it, for which organization (as a document has it), and when, in their time zone."""

    user: User
    organization: dict[str, Any]
    at: datetime
    language: str


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
    put_client(sheet, draft)
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
