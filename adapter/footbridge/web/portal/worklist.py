"""The first page: what is there to do, in lists with counts. And the search, by POST: no name is in an address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, request
from sqlalchemy import Connection, Row

from footbridge.i18n import _, current, spoken
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Prescription
from footbridge.model.principals import Principal
from footbridge.model.reasons import meaning_of
from footbridge.security.access import may, require, sees_whole, users_principal
from footbridge.security.disclosure import disclose
from footbridge.security.worklist_filters import Filters
from footbridge.security.worklist_search import found_by_words
from footbridge.security.worklists import LISTS, MOST_COUNTED, ListName, Worklist, about, lists_of
from footbridge.store.clients import is_contact_prohibited
from footbridge.store.deliveries import not_yet_there
from footbridge.store.events import newest_by_referral
from footbridge.store.partners import Partner, list_partners
from footbridge.store.referrals import split_among
from footbridge.store.users import User, list_users
from footbridge.terminology import categories
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.portal import door, words
from footbridge.web.portal.names import full_name
from footbridge.web.portal.ocean_messages import how_many as unread_messages
from footbridge.web.portal.pages import page

PAGE = 25
WROTE: Final = ("message", "question-settled")
LONGEST = 200  # characters of a search
_FILTERS: Final = ("category", "service", "priority", "worker")

routes = Blueprint("worklist", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list, as it is shown; ``is_told``: the other side wrote last, and it is still open."""

    id: str
    name: str
    needs: Sequence[str]
    service: str | None
    status: str
    priority: str
    since: datetime
    why: str | None
    message: int | None
    way: str | None = None
    due: datetime | None = None
    is_there: bool = True
    is_told: bool = False


@routes.get("/portal")
def show() -> Response:
    """One list, and how many are in the others."""
    who = door.signed_in().principal
    if not may(who, "worklist.read"):
        return door.see_other("/portal/admin" if may(who, "directory.manage") else "/portal/account")
    names = lists_of(who)
    asked = next((one for one in names if one == request.args.get("list")), None)
    first = _number(request.args.get("from"))
    now = app_context().clock.now()
    with app_context().database.read() as connection:
        partners = list_partners(connection, who.tenant) if sees_whole(who) else []
        services = [one for one in partners if one.role == "recipient"]
        people = _colleagues(connection, who)
        filters = _filters([one.name for one in services], people)
        mine = Worklist(connection, who, filters, now)
        how_many = mine.counts()
        unread = unread_messages(connection, who)
        name: ListName = asked if asked is not None else next((one for one in names if how_many[one]), names[0])
        rows = mine.listed(name, limit=first + PAGE + 1)
        if len(rows) <= first:  # what was on this page has moved on meanwhile
            first = 0
        lines = lines_of(connection, who, rows[first : first + PAGE], ways=name == "follow-up")
        sections = [(name, lines)]
        if filters.of is not None and asked is None:  # all that there is of one person
            others = {one: mine.listed(one, limit=PAGE) for one in names if how_many[one]}
            sections = [(one, lines_of(connection, who, some, ways=one == "follow-up")) for one, some in others.items()]
            rows, first = [], 0
    return page(
        "worklist.html",
        names=names,
        name=name,
        counts=how_many,
        unread=unread,
        most=MOST_COUNTED,
        sections=sections or [(name, lines)],
        whole_person=filters.of is not None and asked is None,
        filters=filters,
        narrowed=_narrowed(filters, services),
        people=[(one.id, _called(one, partners)) for one in people],
        worker=request.args.get("worker", ""),
        categories=sorted(((one.code, one.text[current()]) for one in categories()), key=lambda pair: pair[1]),
        partners=services,
        first=first,
        following=first + PAGE if len(rows) > first + PAGE else None,
        size=PAGE,
        at=now,
    )


@routes.get("/portal/search")
def ask() -> Response:
    """The form of the search."""
    require(door.signed_in().principal, "worklist.read")
    return page("search.html", lines=None, typed="", error=None, is_cut=False)


@routes.post("/portal/search")
def search() -> Response:
    """Referrals of people by name or identifier."""
    who = door.signed_in().principal
    require(who, "worklist.read")
    typed = request.form.get("words", "")
    if door.only_speaks() and not typed.strip():
        return page("search.html", lines=None, typed=typed[:LONGEST], error=None, is_cut=False)
    if not typed.strip() or len(typed) > LONGEST or any(ord(one) < 32 for one in typed):
        return page("search.html", 422, lines=None, typed=typed[:LONGEST], error=True, is_cut=False)
    with app_context().database.read() as connection:
        found = found_by_words(connection, who, typed, now=app_context().clock.now())
        lines = lines_of(connection, who, found.rows)
    return page("search.html", lines=lines, typed=typed, error=None, is_cut=found.is_cut)


def lines_of(
    connection: Connection, who: Principal, rows: Sequence[Row[*tuple[Any, ...]]], *, ways: bool = False
) -> list[Line]:
    """Rows of a list with the names that this person may see.

    ``ways``: they are follow-ups, each with its day and how the person wants to be asked.
    """
    documents = about(connection, who, [row.prescription for row in rows])
    partners = {one.name: one for one in list_partners(connection, who.tenant)}
    known = [row for row in rows if row.prescription in documents]
    split = split_among(connection, who.tenant, [row.id for row in known])
    asked = {(row.partner, row.prescription) for row in known if row.partner and row.status == "requested"}
    missing = not_yet_there(connection, who.tenant, asked) if sees_whole(who) else set()
    told = _told(connection, who, known)
    lines = [
        replace(
            _line(row, documents[row.prescription], who, partners, split),
            is_there=(row.partner, row.prescription) not in missing,
            is_told=row.id in told,
        )
        for row in known
    ]
    if not ways:
        return lines
    said = [way_to_ask(connection, who, row, documents[row.prescription]) for row in known]
    return [replace(line, way=way, due=row.due) for line, way, row in zip(lines, said, known, strict=True)]


def _told(connection: Connection, who: Principal, rows: Sequence[Row[*tuple[Any, ...]]]) -> set[str]:
    """Referrals that are open and about which the other side wrote last: a service for those who ordered."""
    found = newest_by_referral(connection, who.tenant, {row.prescription for row in rows}, WROTE)
    ours = sees_whole(who)
    still = {row.id for row in rows if row.status not in machine(getattr(row, "machine", "referral")).terminal}
    return {one for one, role in found.items() if one in still and (role == "recipient") == ours}


def way_to_ask(connection: Connection, who: Principal, row: Row[*tuple[Any, ...]], text: str) -> str:
    """How the person wants to be asked at the follow-up, with the number; for whom nobody may contact, that."""
    document = Prescription.model_validate_json(text)
    if not document.client.safe_to_contact or is_contact_prohibited(connection, who.tenant, row.person):
        return spoken(_("Do not contact: ask when you see the person."))
    method = None if document.follow_up is None else document.follow_up.method
    contacts = sorted(document.client.contacts, key=lambda one: not one.preferred)
    shown = [one for one in contacts if method in {None, one.system}][:1]
    if method is None and not shown:
        return spoken(_("No way to reach the person is known."))
    named = words.word(method or shown[0].system)
    return spoken(_("{what}: {text}", what=named, text=shown[0].value)) if shown else named


def _line(
    row: Row[*tuple[Any, ...]], text: str, who: Principal, partners: Mapping[str, Partner], split: Collection[str]
) -> Line:
    document = Prescription.model_validate_json(text)
    if not sees_whole(who):
        part = None if row.category is None else [row.category]
        document = disclose(document, role="recipient", custodian=False, categories=part)
    codes = dict.fromkeys([row.category] if row.category else [need.category for need in document.needs])
    partner = partners.get(row.partner or "")
    why = getattr(row, "why", None)
    return Line(
        id=row.id,
        name=full_name(document.client.name),
        needs=[words.category_name(code) for code in codes],
        service=None if partner is None else partner.title,
        status=words.status_of(row.status, row.partner, getattr(row, "machine", "referral"), is_split=row.id in split),
        priority=document.priority,
        since=row.since,
        why=None if why is None else meaning_of(why, current()),
        message=getattr(row, "message", None),
    )


def _colleagues(connection: Connection, who: Principal) -> list[User]:
    """Whose work this person may look for: of a service's worker those of the same service; oneself first."""
    me = door.signed_in().user
    users = list_users(connection, who.tenant)
    mine = [one for one in users if may(_as_whom(one), "worklist.read")]
    mine = [one for one in mine if sees_whole(who) or one.partner == who.partner]
    return sorted(mine, key=lambda one: (one.id != me.id, one.name.casefold()))


def _as_whom(one: User) -> Principal:
    return users_principal(one.role, one.partner, name=one.name, tenant=one.tenant)


def _called(one: User, partners: Sequence[Partner]) -> str:
    """What a user is called in a list of them: with the service that they work for."""
    if one.id == door.signed_in().user.id:
        return spoken(_("{name} (you)", name=one.name))
    service = next((known.title for known in partners if known.name == one.partner), None)
    return one.name if service is None else f"{one.name} ({service})"


def _filters(services: Sequence[str], people: Sequence[User]) -> Filters:
    """What the address asks for. Raises Problem for what is not known: a list without its filter would mislead."""
    given = {name: request.args.get(name) or None for name in (*_FILTERS, "of", "list")}
    known: Mapping[str, Collection[str]] = {
        "category": [one.code for one in categories()],
        "service": services,
        "priority": words.table()["priorities"],
        "list": LISTS,
        "worker": [one.id for one in people],
    }
    wrong = [name for name, value in given.items() if value is not None and value not in known.get(name, {value})]
    wrong += [name for name in request.args if name not in {*given, "from"}]
    if wrong:
        raise Problem("bad-request", _("The address asks for a filter that is not known: {name}.", name=wrong[0][:40]))
    worker = next((one for one in people if one.id == given["worker"]), None)
    return Filters(
        category=given["category"],
        partner=given["service"],
        priority=given["priority"],
        of=given["of"],
        worker=None if worker is None else _as_whom(worker),
    )


def _narrowed(filters: Filters, services: Sequence[Partner]) -> list[str]:
    """The filters that hold, in words."""
    titles = {one.name: one.title for one in services}
    found = [
        filters.category and words.category_name(filters.category),
        filters.partner and titles[filters.partner],
        filters.priority and words.priority(filters.priority),
        filters.worker and filters.worker.name,
    ]
    return [one for one in found if one]


def _number(given: str | None) -> int:
    return min(int(given), 10_000) if given and given.isascii() and given.isdigit() and len(given) < 6 else 0
