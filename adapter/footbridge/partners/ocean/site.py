"""A site as the code around the messages sees it: its partner, number, listings, and how it names a referral."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from footbridge.data import read_json
from footbridge.partners.ocean.listing import Listing
from footbridge.store.ocean_sites import get_site, listings_of
from footbridge.store.partners import Partner, list_partners


@functools.cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = read_json("mappings", "ocean", "inbound.json")
    return table


def event_class(event: str) -> str | None:
    """What we do with an event: ``state``, ``revoke`` or ``message``; None: it is stored and shown."""
    found = _table()["events"].get(event)
    return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class OceanSite:
    """A site, whatever the moment."""

    tenant: str
    partner: Partner

    @property
    def state_events(self) -> list[str]:
        """Events that say how a referral is, its end by the sender among them."""
        return [event for event, kind in _table()["events"].items() if kind in {"state", "revoke"}]

    def identifier(self, referral: str) -> tuple[str, str]:
        """System and value of the business identifier of a referral's prescription."""
        return f"{self.partner.base_url}/NamingSystem/id-ereferral-reference", referral

    def at(self, connection: Connection) -> "SiteNow":
        """The site with its settings as they are now."""
        partners = {one.name: one for one in list_partners(connection, self.tenant)}
        rows = listings_of(connection, self.tenant, self.partner.name)
        listings = tuple(Listing.decode(entry) for entry in rows.values())
        number = get_site(connection, self.tenant, self.partner.name).number
        return SiteNow(self, number, listings, partners, connection)


@dataclass(frozen=True, slots=True)
class SiteNow:
    """A site with its settings, inside one transaction."""

    site: OceanSite
    number: str
    listings: tuple[Listing, ...]
    partners: Mapping[str, Partner]
    connection: Connection
