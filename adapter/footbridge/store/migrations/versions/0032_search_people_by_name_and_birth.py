"""Search Patients and Practitioners by name, and Patients by birth date and gender.

Revision: 0032, after 0031. What is there is indexed by these parameters. What of our own compartment waits for the
index already is left to the job that writes it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from footbridge.store.exact_json import loads
from footbridge.store.indexing import index_of

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_NEW = ("name", "family", "given", "birthdate", "gender")
_AFTER = sa.text(  # the next people in the order of their keys
    "SELECT resource.tenant, compartment, type, id, last_updated, body "
    "FROM resource JOIN tenant ON tenant.name = resource.tenant "
    "WHERE type IN ('Patient', 'Practitioner') AND current AND NOT deleted AND body <> '' "
    "AND (compartment <> '' OR last_updated <= coalesce(tenant.last_indexed, '')) "
    "AND (resource.tenant, compartment, type, id) > (:tenant, :compartment, :type, :id) "
    "ORDER BY resource.tenant, compartment, type, id LIMIT 500"
)
_ADD_ENTRY = sa.text(
    "INSERT INTO search_index (tenant, compartment, moment, param, value, detail, type) "
    "VALUES (:tenant, :compartment, :moment, :param, :value, :detail, :type) ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Add what an index of today has more."""
    connection = op.get_bind()
    for people in _people(connection):
        entries = [
            {
                "tenant": one.tenant,
                "compartment": one.compartment,
                "moment": one.last_updated,
                "type": one.type,
                **entry._asdict(),
            }
            for one in people
            for entry in index_of(loads(one.body), _NEW)
        ]
        if entries:
            connection.execute(_ADD_ENTRY, entries)


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError


def _people(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    after = {"tenant": "", "compartment": "", "type": "", "id": ""}
    while rows := connection.execute(_AFTER, after).all():
        yield rows
        last = rows[-1]
        after = {"tenant": last.tenant, "compartment": last.compartment, "type": last.type, "id": last.id}
