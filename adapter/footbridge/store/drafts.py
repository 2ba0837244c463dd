"""Drafts of prescriptions: stored at the server for the user who writes them, so that a closed browser loses nothing.

A draft is its writer's alone. It ends ``LIFE`` after it was last changed, when it is discarded, when its writer is
removed, and when what is held on the person whom it is about is erased. Of one that was sent only the id stays until
then, and which prescription it became: so a second click finds the first one's result.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.tables import person as persons
from footbridge.store.tables import prescription_draft as table

LIFE: Final = timedelta(days=14)
MOST: Final = 50  # drafts of one user that a page lists

Typed = Mapping[str, Sequence[str]]
"""What was typed: the texts of each field, by its name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft; ``prescription`` is the id of what it became, once it was sent."""

    tenant: str
    id: str
    user: str
    typed: Typed
    created: datetime
    updated: datetime
    prescription: str | None


def new_draft(connection: Connection, tenant: str, user: str, typed: Typed, now: datetime) -> Draft:
    """Begin one."""
    made = Draft(tenant, str(uuid.uuid4()), user, typed, now, now, None)
    row = {"tenant": tenant, "id": made.id, "user": user, "typed": json.dumps(typed), "created": now}
    connection.execute(insert(table).values(**row, updated=now, expires=now + LIFE))
    return made


def draft_of(connection: Connection, tenant: str, user: str, identity: str, now: datetime) -> Draft:
    """A user's own draft. Raises NotFoundError for one that is over, or somebody else's."""
    mine = and_(table.c.tenant == tenant, table.c.user == user, table.c.id == identity, table.c.expires > now)
    row = connection.execute(select(table).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(_("There is no such draft any more: it was discarded, or has expired."))
    return _draft(row)


def drafts_of(connection: Connection, tenant: str, user: str, now: datetime) -> list[Draft]:
    """A user's drafts that were not sent, the newest first."""
    mine = (table.c.tenant == tenant, table.c.user == user, table.c.prescription.is_(None), table.c.expires > now)
    rows = connection.execute(select(table).where(*mine).order_by(table.c.updated.desc(), table.c.id).limit(MOST))
    return [_draft(row) for row in rows]


def save_draft(
    connection: Connection, draft: Draft, typed: Typed, person: str | None, identifier: str | None, now: datetime
) -> bool:
    """Store what was typed now; False when it was sent or discarded meanwhile."""
    mine = (table.c.tenant == draft.tenant, table.c.id == draft.id, table.c.prescription.is_(None))
    values = {"typed": json.dumps(typed), "person": person, "identifier": identifier, "updated": now}
    return connection.execute(update(table).where(*mine).values(**values, expires=now + LIFE)).rowcount == 1


def mark_sent(connection: Connection, tenant: str, identity: str, prescription: str) -> None:
    """Note what became of it, and forget what was typed."""
    mine = (table.c.tenant == tenant, table.c.id == identity)
    empty: dict[str, Any] = {"typed": "{}", "person": None, "identifier": None}
    connection.execute(update(table).where(*mine).values(**empty, prescription=prescription))


def drop_draft(connection: Connection, draft: Draft) -> None:
    """Discard it."""
    connection.execute(delete(table).where(table.c.tenant == draft.tenant, table.c.id == draft.id))


def drop_drafts_of(connection: Connection, user: str) -> None:
    """Discard all of a user's."""
    connection.execute(delete(table).where(table.c.user == user))


def erase_drafts(connection: Connection, tenant: str, people: Sequence[str], prescriptions: Sequence[str]) -> None:
    """Erase those about these persons, and those that became these prescriptions. Call it while persons are known."""
    theirs = select(persons.c.value).where(persons.c.tenant == tenant, persons.c.person.in_(people))
    about = or_(table.c.person.in_(people), table.c.identifier.in_(theirs), table.c.prescription.in_(prescriptions))
    connection.execute(delete(table).where(table.c.tenant == tenant, about))


def purge_drafts(connection: Connection, now: datetime) -> int:
    """Erase what is over; returns how many that were."""
    return connection.execute(delete(table).where(table.c.expires <= now)).rowcount


def _draft(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(row.tenant, row.id, row.user, json.loads(row.typed), row.created, row.updated, row.prescription)
