"""What every table is made with: its place in ``metadata``, a moment, the columns and indexes that many have."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, Dialect, ForeignKey, Index, MetaData, String, TypeDecorator, text


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC as text of one width, so that it sorts alike on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401 - SQLAlchemy's signature
        """Write a datetime that has an offset."""
        if value is None:
            return None
        return str(value.astimezone(dt.UTC).isoformat(timespec="microseconds")).replace("+00:00", "Z")

    def process_result_value(self, value: Any, _dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401 - as above
        """Read it back, with offset zero."""
        return None if value is None else dt.datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def tenant_column() -> Column[str]:
    """Whose the row is."""
    return Column("tenant", String(64), ForeignKey("tenant.name"), nullable=False)


def compartment_column() -> Column[str]:
    """In which compartment of the tenant the row is."""
    return Column("compartment", String(64), nullable=False)  # a partner's name; empty: ours


def partial_index(name: str, columns: tuple[str, ...], condition: str) -> Index:
    """An index of the few rows that meet a condition; it serves statements that have the same words."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))
