"""The directory beside the form: services for the needs that are ticked, with why, how far and whether open."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from footbridge.directory.asking import Asker
from footbridge.directory.lookup import find_service
from footbridge.directory.model import ServiceDocument
from footbridge.directory.partners import partners_of
from footbridge.directory.search import Query
from footbridge.directory.search.reasons import capacity_label
from footbridge.i18n import current
from footbridge.store.drafts import Typed
from footbridge.store.engine import Database
from footbridge.store.partners import list_partners
from footbridge.web.portal.prescribing.document import CHOSEN

SHOWN = 8
LOOKED = "looked"
"""The draft's mark that the directory was asked."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Hit:
    """One service as the page shows it; ``open`` None: nobody knows."""

    id: str
    name: str
    organization: str | None
    why: list[str]
    distance: float | None
    open: bool | None
    capacity: str | None
    verified: str | None
    can_refer: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the directory answered: how many match, the first of them, and how the place was understood."""

    total: int
    hits: list[Hit]
    place: str | None


def ask(asker: Asker, tenant: str, typed: Typed, at: datetime, zone: tzinfo) -> Answer:
    """Ask for what the form says: needs, words, place; for a referral only services that take some."""

    def text(name: str) -> str:
        return next(iter(typed.get(name, ())), "").strip()[:_LONGEST]

    query = Query(
        words=text("q"),
        needs=tuple(typed.get("category", ())),
        near=text("near") or text("postal") or text("city") or None,
        open_at=at if typed.get("open_now") else None,
        zone=zone,
        can_refer=True if text("kind") in {"warm-connection", "navigator"} else None,
        limit=SHOWN,
    )
    found = asker.ask(tenant, query)
    place = None if found.place is None else found.place["text"]
    named = place.get(current()) if isinstance(place, dict) else place
    return Answer(found.total, [_hit(one) for one in found.services], named)


def chosen(database: Database, tenant: str, typed: Typed) -> ServiceDocument | None:
    """The service of the directory that the draft names; None where it names none, or it is there no more."""
    named = next(iter(typed.get(CHOSEN, ())), "")
    if not named:
        return None
    with database.read() as connection:
        return find_service(connection, tenant, named)


def takes_referrals(database: Database, tenant: str, service: ServiceDocument) -> bool:
    """Whether a partner of the tenant receives referrals for a service of the directory."""
    with database.read() as connection:
        known = {one.name: one for one in list_partners(connection, tenant)}
        return bool(partners_of(connection, tenant, service, known))


def _hit(row: Any) -> Hit:  # noqa: ANN401 - a service of directory.search, a dict
    state = row["capacity"]["state"]
    return Hit(
        id=row["id"],
        name=row["name"],
        organization=row["organization"],
        why=[one[current()] for one in row["why"]],
        distance=row["distanceKm"],
        open=row["open"],
        capacity=None if state == "unknown" else capacity_label(state)[current()],
        verified=row["verified"],
        can_refer=row["canRefer"],
    )
