"""The directory beside a form: services for the needs that are ticked, with all that a person asks before choosing.

When it is open, phone, cost, who can come, languages, places, how far, why it fits, how fresh that is; and whether a
referral would reach it: its own word that it accepts referrals is none, where no partner receives them for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from footbridge.directory.asking import Asker
from footbridge.directory.importing.assembly import documents
from footbridge.directory.lookup import find_service
from footbridge.directory.model import ServiceDocument
from footbridge.directory.partners import partners_of
from footbridge.directory.search import Query
from footbridge.directory.sources import current_imports
from footbridge.i18n import current
from footbridge.store.drafts import Typed
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, list_partners
from footbridge.web.portal.listed import ListedService, shown_each
from footbridge.web.portal.prescribing.document import CHOSEN

SHOWN = 8
LOOKED = "looked"
"""The draft's mark that the directory was asked."""
_LONGEST = 500
_SAID_ELSEWHERE = frozenset({"can-refer", "open"})
"""Reasons that the hit says in other words: whether a referral reaches it, and whether it is open."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One service as the page shows it.

    Attributes:
        id: of the service.
        facts: what is known of it.
        why: reasons why it fits.
        distance: kilometres; None where no place is known.
        open: None when nobody knows.
        can_refer: whether it says that it takes referrals.
        takers: the partners that receive referrals for it here, name and title, those that are asked first first.
    """

    id: str
    facts: ListedService
    why: Sequence[str]
    distance: float | None
    open: bool | None
    can_refer: bool
    takers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the directory answered: how many match, the first of them, and how the place was understood."""

    total: int
    hits: Sequence[Hit]
    place: str | None


def ask(  # noqa: PLR0913, PLR0917 - who asks whom for what, when
    database: Database, asker: Asker, tenant: str, typed: Typed, at: datetime, zone: tzinfo, by: str = ""
) -> Answer:
    """Ask for what the form says: needs, words, place; for a referral only services that take some.

    ``by`` is the user: what one asks again within minutes is counted once where it finds nothing.
    """

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
    found = asker.ask(tenant, query, by)
    with database.read() as connection:
        known = {one.name: one for one in list_partners(connection, tenant)}
        facts = shown_each(connection, tenant, _documents(connection, tenant, found.services), known)
    hits = [_hit(one, facts[one["id"]], known) for one in found.services if one["id"] in facts]
    return Answer(found.total, hits, None if found.place is None else found.place["name"])


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


def _documents(connection: Connection, tenant: str, rows: Sequence[Any]) -> list[ServiceDocument]:
    """The services of a page, as their sources have them now."""
    numbers = current_imports(connection, tenant)
    found: dict[str, ServiceDocument] = {}
    for source in {one["source"] for one in rows} & numbers.keys():
        ids = [one["id"] for one in rows if one["source"] == source]
        found |= documents(connection, tenant, source, numbers[source], ids)
    return list(found.values())


def _hit(row: Any, facts: ListedService, known: Mapping[str, Partner]) -> Hit:  # noqa: ANN401 - of directory.search
    return Hit(
        id=row["id"],
        facts=facts,
        why=[one[current()] for one in row["why"] if one["code"] not in _SAID_ELSEWHERE],
        distance=row["distanceKm"],
        open=row["open"],
        can_refer=row["canRefer"],
        takers=[(name, known[name].title) for name in facts.partners],
    )
