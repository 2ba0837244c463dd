"""Rows of our own signing keys: for each algorithm one that signs, the next one, and those before.

Every process reads the same rows. What a key is made of is for ``security.own_keys`` to say; here it is text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.store.tables import signing_key as table

State = Literal["next", "active", "retired"]


@dataclass(frozen=True, slots=True)
class SigningKeyRow:
    """One key.

    Attributes:
        kid: its id in the JWK Set.
        algorithm: RS384 or ES384.
        generation: 1 for the first of its algorithm; the next one is one more than the active one.
        public, private: JWK as JSON; ``private`` is None where it is in the folder of keys, or was deleted.
        created: since when it is published.
        activated, retired: from when on it signs, and from when on no longer.
    """

    kid: str
    algorithm: str
    generation: int
    public: str
    private: str | None
    created: datetime
    activated: datetime | None = None
    retired: datetime | None = None

    @property
    def state(self) -> State:
        """Whether it will sign, does, or did."""
        return "next" if self.activated is None else "active" if self.retired is None else "retired"


def list_keys(connection: Connection) -> list[SigningKeyRow]:
    """Every key: by algorithm, the oldest first."""
    return [_row(row) for row in connection.execute(select(table).order_by(table.c.algorithm, table.c.generation))]


def add_keys(connection: Connection, keys: Sequence[SigningKeyRow]) -> None:
    """Add keys. Raises ConflictError where another process was faster: one of this generation is there."""
    try:
        with connection.begin_nested():
            for key in keys:
                values = {name: getattr(key, name) for name in key.__dataclass_fields__}
                connection.execute(insert(table).values(**values))
    except IntegrityError as error:
        raise ConflictError(_("Another process changes the keys: try again."), retry_after=1) from error


def activate(connection: Connection, kid: str, now: datetime) -> None:
    """Let the next key sign. Raises ConflictError where it does already."""
    waiting = (table.c.kid == kid, table.c.activated.is_(None))
    if connection.execute(update(table).where(*waiting).values(activated=now)).rowcount == 0:
        raise ConflictError(_("Another process changes the keys: try again."), retry_after=1)


def retire(connection: Connection, kid: str, now: datetime) -> None:
    """Let a key sign no longer: its private part goes at once, its public part stays for what it signed."""
    signing = (table.c.kid == kid, table.c.retired.is_(None))
    connection.execute(update(table).where(*signing).values(retired=now, private=None))


def forget_retired(connection: Connection, before: datetime) -> list[str]:
    """Delete what was retired by then; returns the kids."""
    gone = [row.kid for row in connection.execute(select(table.c.kid).where(table.c.retired <= before))]
    connection.execute(delete(table).where(table.c.kid.in_(gone)))
    return gone


def _row(row: Row[*tuple[Any, ...]]) -> SigningKeyRow:
    return SigningKeyRow(**{name: getattr(row, name) for name in SigningKeyRow.__dataclass_fields__})
