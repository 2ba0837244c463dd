"""Whether somebody new is known here already: of the same name, and not of another date of birth.

Most people have no card at hand. Taken for somebody new, a person whom nobody may contact would be called. So before a
prescription leaves, its writer says whether it is the same person; what they see is what the search would show them.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge.errors import ConflictError
from footbridge.model.prescription import Client, Prescription
from footbridge.security.worklist_search import found_by_words
from footbridge.security.worklists import about
from footbridge.store.client_names import words_of
from footbridge.store.clients import is_contact_prohibited
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.prescribing.desk import Desk, check, desk_of, store
from footbridge.web.portal.prescribing.document import APART
from footbridge.web.portal.prescribing.document_client import KNOWN
from footbridge.web.portal.prescribing.known import Found, found_of, person_of_draft, typed_of
from footbridge.web.portal.prescribing.start import PATH

ONE = f"{PATH}/<uuid:draft>"
MOST = 5

routes = Blueprint("prescribe_namesakes", __name__)


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody who may be the person of a draft, and whether nobody may contact them."""

    person: str
    found: Found
    is_unsafe: bool


def namesakes(desk: Desk, client: Client) -> list[Namesake]:
    """Who may be the client of a draft for somebody new, and was not said to be somebody else."""
    typed, here = desk.draft.typed, app_context()
    given, family = _words(client)
    if typed.get(KNOWN) or not family:
        return []
    apart = set(typed.get(APART, ()))
    with here.database.read() as connection:
        apart.add(person_of_draft(connection, desk.draft.tenant, client) or "")
        text = " ".join((*given[:1], *family))
        newest: dict[str, str] = {}
        for row in found_by_words(connection, desk.who, text, now=here.clock.now()).rows:
            if row.person not in apart:
                newest.setdefault(row.person, row.prescription)
        return _alike(connection, desk, client, newest)


def _alike(connection: Connection, desk: Desk, client: Client, newest: dict[str, str]) -> list[Namesake]:
    documents = about(connection, desk.who, list(newest.values()))
    made: list[Namesake] = []
    for person, prescription in newest.items():
        if prescription not in documents or len(made) == MOST:
            continue
        theirs = Prescription.model_validate_json(documents[prescription]).client
        if is_alike(client, theirs):
            unsafe = not theirs.safe_to_contact or is_contact_prohibited(connection, desk.draft.tenant, person)
            made.append(Namesake(person, found_of(prescription, theirs), unsafe))
    return made


def is_alike(one: Client, other: Client) -> bool:
    """The same family name, a given name in common where both have one, and no other date of birth."""
    (given, family), (their_given, their_family) = _words(one), _words(other)
    if None not in {one.birth_date, other.birth_date} and one.birth_date != other.birth_date:
        return False
    common = not given or not their_given or bool(set(given) & set(their_given))
    return bool(family) and family == their_family and common


@routes.post(f"{ONE}/same/<uuid:prescription>")
def same(draft: UUID, prescription: UUID) -> Response:
    """It is the person of this earlier prescription: what is known fills what was left empty."""
    desk, here = desk_of(draft), app_context()
    known = typed_of(here.database, here.clock, desk.who, str(prescription))
    first: dict[str, Sequence[str]] = {name: known[name] for name in (KNOWN, "unsafe") if name in known}
    return _stored(desk, {**known, **desk.draft.typed, **first})


@routes.post(f"{ONE}/apart")
def apart(draft: UUID) -> Response:
    """It is somebody else than those who were shown."""
    desk = desk_of(draft)
    rehearsal = check(desk).rehearsal
    others = [] if rehearsal is None else [one.person for one in namesakes(desk, rehearsal.prescription.client)]
    return _stored(desk, {**desk.draft.typed, APART: [*desk.draft.typed.get(APART, ()), *others]})


def _stored(desk: Desk, typed: dict[str, Sequence[str]]) -> Response:
    if desk.draft.prescription is None:
        with contextlib.suppress(ConflictError):  # it was sent meanwhile, to which this leads
            store(desk, typed)
    return door.see_other(f"{PATH}/{desk.draft.id}/check")


def _words(client: Client) -> tuple[list[str], list[str]]:
    """The given names, with the one that the person prefers, and the family name, as words."""
    name = client.name
    if name is None:
        return [], []
    return words_of(" ".join((*(name.given or ()), name.preferred or ""))), words_of(name.family or "")
