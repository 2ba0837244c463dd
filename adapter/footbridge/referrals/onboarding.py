"""Takes a partner on, with the first poll of its Tasks; and lets it go once nothing holds it any more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from footbridge.directory.partners import unlink
from footbridge.errors import ConfigurationError, ConflictError
from footbridge.i18n import _, joined
from footbridge.jobs.job import FAILED, READY
from footbridge.jobs.queue import JobQueue
from footbridge.model.lifecycle.tables import machine
from footbridge.partners.networks import MAKERS, UNPOLLED, first_cursor, has_compartment
from footbridge.referrals.webhooks import queue_name
from footbridge.store import letters
from footbridge.store.erasure import forget_compartment
from footbridge.store.ocean_messages import forget_site
from footbridge.store.ocean_sites import remove_site
from footbridge.store.partners import Partner, add_partner, get_partner, remove_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.routes import EVERY_CATEGORY, list_routes, set_route
from footbridge.store.tables import prescription, referral
from footbridge.store.tenants import get_tenant, set_requester
from footbridge.store.users import release_users
from footbridge.terminology import categories, nearest_category
from footbridge.terminology import category as known_category

OCEAN = "ocean"
"""A site of it owns what came from it, and nothing else: it knows no other referral."""


def register_partner(connection: Connection, tenant: str, partner: Partner, now: datetime) -> Partner:
    """Add a partner and plan its first poll for now.

    Raises:
        ConflictError: the name is taken.
        NotFoundError: there is no such tenant.
        ConfigurationError: the entry is not usable.
    """
    if partner.network not in MAKERS:
        raise ConfigurationError(
            _(
                "The network {network!r} is not supported; supported: {makers}.",
                network=partner.network,
                makers=", ".join(sorted(MAKERS)),
            )
        )
    added = add_partner(connection, tenant, partner, now)
    if added.role == "requester" and added.network != OCEAN and get_tenant(connection, tenant).requester is None:
        set_requester(connection, tenant, added.name, chosen=False)  # of programs; the portal's stay its own
    if added.network not in UNPOLLED:
        JobQueue(connection).plan(
            tenant=tenant, kind="poll", subject=added.name, due=now, cursor=first_cursor(added.network, now)
        )
    return added


def unregister_partner(connection: Connection, tenant: str, name: str, now: datetime) -> int:
    """Remove a partner with its compartment, and revoke its tokens; returns how many.

    Its users sign in no more until they get another service (``store.users.release_users``).

    What it was given, and what it wrote, leaves the compartment: another partner of its name would read it. What came
    of the referrals stands with us.

    Raises:
        NotFoundError: there is no such partner.
        ConflictError: something still holds it; the message says what, and what to do about each.
    """
    partner = get_partner(connection, tenant, name)
    held = [*_routes(connection, tenant, name), *_messages(connection, tenant, name)]
    is_home = partner.role == "requester"
    held += _prescriptions(connection, tenant, name) if is_home else _referrals(connection, tenant, name)
    if held:
        raise ConflictError(_("Cannot remove partner {name}. {held}", name=name, held=joined(held)))
    if get_tenant(connection, tenant).requester == name:
        set_requester(connection, tenant, None)
    queue = JobQueue(connection)
    queue.cancel(tenant=tenant, kind="poll", subject=name)
    for waiting in (name, queue_name(name)):
        queue.forget_circuit(tenant, waiting)
    unlink(connection, tenant, name)
    forget_site(connection, tenant, name)
    remove_site(connection, tenant, name)
    letters.forget_partner(connection, tenant, name)
    if has_compartment(partner):
        forget_compartment(Scope(connection, tenant, now, compartment=name))
    release_users(connection, tenant, name)
    return remove_partner(connection, tenant, name, now)


def _routes(connection: Connection, tenant: str, name: str) -> list[str]:
    named = [category for category, names in list_routes(connection, tenant).items() if name in names]
    if not named:
        return []
    return [_("Used by routes for {named}: change them with `footbridge route set`.", named=", ".join(named))]


def _messages(connection: Connection, tenant: str, name: str) -> list[str]:
    counts = JobQueue(connection).counts(tenant=tenant, partner=name)
    number = counts[READY] + counts[FAILED]
    if not number:
        return []
    look = _("`footbridge outbox list` shows them")
    return [_("Queued messages: {number}; {look}, `footbridge outbox drop` abandons them.", number=number, look=look)]


def _referrals(connection: Connection, tenant: str, name: str) -> list[str]:
    ended = machine("referral").terminal
    there = (referral.c.tenant == tenant, referral.c.partner == name, referral.c.status.not_in(ended))
    number = connection.scalar(select(func.count()).where(*there))
    if not number:
        return []
    return [_("Open referrals: {number}; cancel them, or wait until it ends them.", number=number)]


def _prescriptions(connection: Connection, tenant: str, name: str) -> list[str]:
    named = (prescription.c.tenant == tenant, prescription.c.requester == name)
    are_open = (*named, prescription.c.status.in_(["active", "waiting"]))
    number = connection.scalar(select(func.count()).where(*are_open))
    if not number:
        return []
    return [_("Open prescriptions that report to it: {number}; wait until they end, or cancel them.", number=number)]


def change_route(connection: Connection, tenant: str, category: str, partners: Sequence[str]) -> None:
    """Set which partners are asked for a category, in this order; without one the route is removed.

    Raises ConfigurationError for an unknown category or a requester, NotFoundError for an unknown partner.
    """
    if category != EVERY_CATEGORY and known_category(category) is None:
        near = nearest_category(category)
        codes = ", ".join(known.code for known in categories())
        hint = (
            _(" Did you mean {near!r}?", near=near)
            if near
            else _(" There is {codes}; or '*' for every other.", codes=codes)
        )
        raise ConfigurationError(
            _("{category!r} is not an SDOH category of the guide.{hint}", category=category, hint=hint)
        )
    for name in partners:
        if get_partner(connection, tenant, name).role == "requester":
            raise ConfigurationError(_("{name} is a requester: a route must lead to recipients.", name=name))
    set_route(connection, tenant, category, partners)
