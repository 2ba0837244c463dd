"""What the pages of one draft have in common: whose it is, what can be chosen, what stands wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from footbridge.data import read_json
from footbridge.errors import ConflictError, PrescriptionError
from footbridge.i18n import current, spoken
from footbridge.i18n.eager import _
from footbridge.model.issues import Issue
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Rehearsal
from footbridge.security.access import requester_of, require
from footbridge.store.drafts import Draft, Typed, draft_of, save_draft
from footbridge.store.own_organization import own_organization
from footbridge.store.partners import list_partners
from footbridge.store.patient_ids import find_person
from footbridge.store.tenants import Jurisdiction, get_tenant
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import zone
from footbridge.web.portal.prescribing.complete import missing
from footbridge.web.portal.prescribing.document import Author, sheet_of
from footbridge.web.portal.prescribing.fields import CONSENTS, Offered, checked, table
from footbridge.web.portal.prescribing.known import identifiers_in
from footbridge.web.portal.prescribing.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Desk:
    """One draft, and what its page needs to know of the tenant."""

    who: Principal
    draft: Draft
    offered: Offered
    law: str
    organization: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was held to every rule; ``rehearsal`` where it has no fault, ``problems`` that no field has."""

    fields: dict[str, Field]
    problems: Sequence[str]
    rehearsal: Rehearsal | None
    raw: bytes


def desk_of(identity: UUID) -> Desk:
    """The draft of the one who asks. Raises NotFoundError, ForbiddenError."""
    signed_in, here = door.signed_in(), app_context()
    require(signed_in.principal, "prescription.submit")
    user = signed_in.user
    with here.database.read() as connection:
        draft = draft_of(connection, user.tenant, user.id, str(identity), here.clock.now())
        tenant = get_tenant(connection, user.tenant)
        own = own_organization(connection, user.tenant)
        partners = list_partners(connection, user.tenant)
        requester = requester_of(connection, signed_in.principal, tenant)
    asked = sorted(((one.name, one.title) for one in partners if one.role == "recipient"), key=lambda one: one[1])
    titles = {one.name: one.title for one in partners}
    bases, law = _consent(tenant.jurisdiction)
    organization: dict[str, Any] = (
        {"name": titles.get(requester, tenant.name.replace("-", " ").title())}
        if own is None
        else own.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    )
    return Desk(signed_in.principal, draft, Offered(asked, bases), law, organization)


def store(desk: Desk, typed: Typed) -> Draft:
    """Store what was typed. Raises ConflictError when the draft was sent meanwhile."""
    here = app_context()
    now = here.clock.now()
    sheet = sheet_for(desk, typed)
    pairs = identifiers_in(typed, sheet.document)
    with here.database.write() as connection:
        person = find_person(connection, desk.draft.tenant, pairs)
        number = pairs[0][1][:255] if pairs else None
        if not save_draft(connection, desk.draft, typed, person, number, now):
            raise ConflictError(_("This prescription was sent already."))
        return draft_of(connection, desk.draft.tenant, desk.draft.user, desk.draft.id, now)


def sheet_for(desk: Desk, typed: Typed) -> Sheet:
    """The document of what was typed: written at the moment of the last change, so that a repeat says the same."""
    draft = desk.draft
    shown = Draft(draft.tenant, draft.id, draft.user, typed, draft.created, draft.updated, draft.prescription)
    at = draft.updated.astimezone(zone())
    return sheet_of(shown, Author(door.signed_in().user, desk.organization, at, current()))


def check(desk: Desk) -> Checked:
    """Hold the draft to every rule that the intake has."""
    typed = desk.draft.typed
    made = checked(desk.offered, typed)
    sheet = sheet_for(desk, typed)
    raw = orjson.dumps(sheet.document)
    problems: list[str] = []
    rehearsal = None
    try:
        rehearsal = app_context().intake.rehearse(raw, desk.who)
    except PrescriptionError as error:
        for issue in (one for one in error.issues if one.is_error):
            field = made.get(sheet.field_at(issue.pointer or "") or "")
            if field is None:
                problems.append(plain(issue, typed))
            elif field.error is None:
                field.error = plain(issue, typed)
    for name, text in missing(sheet).items():
        made[name].error = made[name].error or text
    if any(one.error for one in made.values()):
        rehearsal = None
    return Checked(made, problems, rehearsal, raw)


def plain(issue: Issue, typed: Typed) -> str:
    """What is wrong, in the words of the form: the document's own words name codes and members."""
    found = table()["faults"].get(issue.rule)
    if found is None:
        return spoken(issue.message)
    kind = table()["kinds"].get(next(iter(typed.get("kind", ())), ""))
    return words.said(found, kind="" if kind is None else words.said(kind["text"]))


def keep_sent(connection: Connection, desk: Desk, prescription: str) -> None:
    """Note in the intake's own transaction what the draft became."""
    from footbridge.store.drafts import mark_sent  # noqa: PLC0415 - beside its one use

    mark_sent(connection, desk.draft.tenant, desk.draft.id, prescription)


def _consent(jurisdiction: Jurisdiction) -> tuple[list[tuple[str, str]], str]:
    """The bases that the jurisdiction allows, and what its law says; each kind is judged when it is checked."""
    law = read_json("mappings", "consent.json")["implied"][jurisdiction]
    kinds = [kind for kind in ("warm-connection", "navigator") if law[kind] != "error"]
    names = ", ".join(words.kind(kind) for kind in kinds)
    labels = {"express": _("Express: the person said so"), "implied": _("Implied (possible for: {kinds})", kinds=names)}
    return [(one, labels[one]) for one in CONSENTS if one == "express" or kinds], spoken(_text(law["reason"]))


def _text(reason: str) -> str:
    from footbridge.i18n import Text  # noqa: PLC0415 - beside its one use

    return Text(reason)
