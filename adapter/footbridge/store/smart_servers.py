"""Partners at whose token endpoint we log on: where it is, as whom, and what we ask for.

The secret, where there is one, is a reference (``store.credentials``); without one a key of our own signs
(``store.signing_keys``).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.credentials import check_reference
from footbridge.store.tables import smart_server as table

Algorithm = Literal["RS384", "ES384"]
DEFAULT_SCOPE: Final = "system/*.read system/*.write"
DEFAULT_CLIENT_ID: Final = "footbridge"

_GET = select(table).where(table.c.tenant == bindparam("of"), table.c.partner == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class SmartServer:
    """How we log on at a partner.

    Attributes:
        token_url: its token endpoint.
        client_id: as it registered us.
        secret: reference of a shared secret; None: our keys sign.
        algorithm: of the signature; None: ES384.
        scope: what we ask for.
    """

    token_url: str
    client_id: str = DEFAULT_CLIENT_ID
    secret: str | None = None
    algorithm: Algorithm | None = None
    scope: str = DEFAULT_SCOPE


def set_smart_server(connection: Connection, tenant: str, partner: str, server: SmartServer, now: datetime) -> None:
    """Say how we log on at a partner, in place of what was said. Raises ConfigurationError for a bare secret."""
    if server.secret is not None:
        check_reference(server.secret)
    remove_smart_server(connection, tenant, partner)
    values = {name: getattr(server, name) for name in server.__dataclass_fields__}
    connection.execute(insert(table).values(tenant=tenant, partner=partner, created=now, **values))


def remove_smart_server(connection: Connection, tenant: str, partner: str) -> bool:
    """Log on there no more; False where nothing was said of it."""
    gone = delete(table).where(table.c.tenant == tenant, table.c.partner == partner)
    return connection.execute(gone).rowcount == 1


def get_smart_server(connection: Connection, tenant: str, partner: str) -> SmartServer:
    """How we log on at a partner; raises NotFoundError."""
    row = connection.execute(_GET, {"of": tenant, "whose": partner}).one_or_none()
    if row is None:
        raise NotFoundError(_("There is no token endpoint for partner {partner}.", partner=partner))
    return _server(row)


def _server(row: Row[*tuple[Any, ...]]) -> SmartServer:
    algorithm = cast("Algorithm | None", row.algorithm)
    return SmartServer(row.token_url, row.client_id, row.secret, algorithm, row.scope)
