"""The people who use the portal: one row each, found by their e-mail address.

Removing a user ends their sessions and links in the same transaction. So does removing the partner that a service
worker works for: the account stays, without a partner, until an administrator gives it another one or removes it.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.model.prescription.people import PROFESSIONS
from footbridge.store.dialect import unless_there
from footbridge.store.drafts import drop_drafts_of
from footbridge.store.own_organization import must_be_number
from footbridge.store.tables import sign_in_link, user_account, user_session

_EMAIL = re.compile(r"[^\s@,;<>\"\x00-\x1f\x7f]{1,64}@[^\s@,;<>\"\x00-\x1f\x7f]{1,189}")
_ADD = unless_there(user_account)

MOST = 255
ASKS_AS = PROFESSIONS
"""The roles in which a user may prescribe."""


@dataclass(frozen=True, slots=True)
class User:
    """One person who signs in.

    Attributes:
        role: a role of ``users`` in ``mappings/access.json``.
        partner: of a service worker: the partner that they work for, None once it was removed; None for others.
        profession: in own words, as prescriptions and letters say it.
        phone: at which services ask them.
        asks_as: in what role they prescribe, a code of our CodeSystem ``requester-role``; None: by their role.
    """

    tenant: str
    id: str
    email: str
    name: str
    role: str
    partner: str | None
    created: datetime
    profession: str | None = None
    phone: str | None = None
    asks_as: str | None = None


def read_email(text: str) -> str:
    """An e-mail address in the form in which it is stored. Raises ConfigurationError for what is not one."""
    found = text.strip().lower()
    if not _EMAIL.fullmatch(found):
        raise ConfigurationError(_("This is not an e-mail address, such as name@example.ca."))
    return found


def add_user(connection: Connection, user: User) -> None:
    """Store a new user. Raises ConflictError when the address belongs to somebody already."""
    values = {name: getattr(user, name) for name in User.__dataclass_fields__}
    if connection.execute(_ADD[connection.dialect.name], values).rowcount == 0:
        raise ConflictError(_("There is a user with this e-mail address already."))


def new_user(tenant: str, email: str, name: str, role: str, partner: str | None, now: datetime) -> User:
    """A user under a new id. Raises ConfigurationError for an address or a name that is not usable."""
    said = " ".join(name.split())
    if not said or len(said) > 255:
        raise ConfigurationError(_("The name is required, with 255 characters at most."))
    return User(tenant, str(uuid.uuid4()), read_email(email), said, role, partner, now)


def list_users(connection: Connection, tenant: str | None = None) -> list[User]:
    """The users of a tenant, or of all, by address."""
    query = select(user_account).order_by(user_account.c.email)
    if tenant is not None:
        query = query.where(user_account.c.tenant == tenant)
    return [_user(row) for row in connection.execute(query)]


def has_users(connection: Connection) -> bool:
    """Whether there is any user."""
    return connection.execute(select(user_account.c.id).limit(1)).first() is not None


def find_user(connection: Connection, email: str) -> User | None:
    """The user of an address in the stored form; None when there is none."""
    row = connection.execute(select(user_account).where(user_account.c.email == email)).one_or_none()
    return None if row is None else _user(row)


def user_of(connection: Connection, identity: str) -> User | None:
    """The user of an id; None when there is none, or not any more."""
    row = connection.execute(select(user_account).where(user_account.c.id == identity)).one_or_none()
    return None if row is None else _user(row)


def get_user(connection: Connection, tenant: str, email: str) -> User:
    """A user of this tenant by address. Raises NotFoundError."""
    found = find_user(connection, read_email(email))
    if found is None or found.tenant != tenant:
        raise NotFoundError(_("The tenant has no user with this e-mail address."))
    return found


def set_role(connection: Connection, user: User, role: str, partner: str | None) -> None:
    """Give a user another role; the next request goes by it."""
    mine = update(user_account).where(user_account.c.id == user.id)
    connection.execute(mine.values(role=role, partner=partner))


def set_presented(connection: Connection, user: User, **said: str) -> User:
    """Say how prescriptions and letters present a user: ``profession``, ``phone``, ``asks_as``; empty removes one.

    Raises ConfigurationError for what is not usable; then nothing is stored.
    """
    wanted: dict[str, str | None] = {name: " ".join(text.split()) or None for name, text in said.items()}
    for text in filter(None, wanted.values()):
        if len(text) > MOST or not text.isprintable():
            raise ConfigurationError(_("A text has more than 255 characters, or characters that cannot be shown."))
    if wanted.get("phone"):
        must_be_number(str(wanted["phone"]))
    if wanted.get("asks_as") not in {None, *ASKS_AS}:
        raise ConfigurationError(_("Select one of: {roles}.", roles=", ".join(ASKS_AS)))
    if wanted:
        connection.execute(update(user_account).where(user_account.c.id == user.id).values(**wanted))
    return replace(user, **wanted)  # type: ignore[arg-type]  # mypy knows no ** of a dict


def remove_user(connection: Connection, user: User) -> None:
    """Remove a user; their sessions and links end at once, and their drafts are discarded."""
    _end_sessions(connection, [user.id])
    drop_drafts_of(connection, user.id)
    connection.execute(delete(user_account).where(user_account.c.id == user.id))


def release_users(connection: Connection, tenant: str, partner: str) -> int:
    """Take the partner from its users, and end their sessions and links; returns how many there are.

    Another partner that gets its name later has none of them.
    """
    theirs = (user_account.c.tenant == tenant, user_account.c.partner == partner)
    found = list(connection.scalars(select(user_account.c.id).where(*theirs)))
    _end_sessions(connection, found)
    connection.execute(update(user_account).where(*theirs).values(partner=None))
    return len(found)


def _end_sessions(connection: Connection, users: Sequence[str]) -> None:
    connection.execute(delete(user_session).where(user_session.c.user.in_(users)))
    connection.execute(delete(sign_in_link).where(sign_in_link.c.user.in_(users)))


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(**{name: getattr(row, name) for name in User.__dataclass_fields__})
