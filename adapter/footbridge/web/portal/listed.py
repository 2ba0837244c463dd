"""The service of the directory that a prescription names, as a person needs it: where it is, when, and how to reach it.

It is read from the directory as it is now: whoever phones needs today's number. What may not be shown (a withheld
address, a number that is not for the public) is not in the directory's documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from babel.dates import get_day_names
from sqlalchemy import Connection

from footbridge.directory.corrections import confirmed_each, confirmed_on
from footbridge.directory.lookup import find_service
from footbridge.directory.model import ServiceDocument
from footbridge.directory.partners import partners_of, partners_of_each
from footbridge.directory.search.reasons import capacity_label
from footbridge.directory.search.values import capacity_of
from footbridge.i18n import current, dates
from footbridge.i18n.eager import _
from footbridge.i18n.language_names import language_name
from footbridge.model.prescription import ContactPoint, Prescription
from footbridge.referrals.chosen_service import directory_service
from footbridge.store.partners import Partner

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""As RFC 5545 names them, and HSDS with it."""
MOST_LINES = 7


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service of the directory.

    Attributes:
        name: of the service.
        organization: who offers it; None where its name is the same.
        address: in one line; None where there is none for the public.
        contacts: phone and e-mail.
        hours: when it is open, a line each, in the reader's language.
        cost: what it costs, in the directory's words.
        eligibility: who can come, in the directory's words.
        languages: in which it helps, by name.
        capacity: whether it has room, and since when that is known; None when nobody knows.
        verified: when it was verified last; None when nobody knows.
        partners: names of the partners that receive referrals for it.
    """

    name: str
    organization: str | None
    address: str | None
    contacts: tuple[ContactPoint, ...]
    hours: tuple[str, ...]
    cost: str | None
    eligibility: str | None
    languages: tuple[str, ...]
    capacity: str | None
    verified: date | None
    partners: tuple[str, ...]


def listed_service(
    connection: Connection, tenant: str, document: Prescription, partners: Mapping[str, Partner]
) -> ListedService | None:
    """The service that a prescription names; None where it names none, or the directory has it no more."""
    named = None if document.service is None else document.service.directory_id
    found = None if named is None else find_service(connection, tenant, named)
    if found is None:
        return None
    names = partners_of(connection, tenant, found, partners)
    return shown(found, confirmed_on(connection, tenant, found), names)


def shown_each(
    connection: Connection, tenant: str, services: Sequence[ServiceDocument], partners: Mapping[str, Partner]
) -> dict[str, ListedService]:
    """Services of the directory, by the id of each: as few statements for many as for one."""
    names = partners_of_each(connection, tenant, services, partners)
    days = confirmed_each(connection, tenant, services)
    return {one["id"]: shown(one, days[one["id"]], names[one["id"]]) for one in services}


def shown(found: ServiceDocument, verified: date | None, partners: Sequence[str]) -> ListedService:
    """A service of the directory as a page shows it."""
    organization = (found.get("organization") or {}).get("name")
    codes = [one.get("code") for one in found.get("languages") or ()]
    return ListedService(
        name=found["name"],
        organization=None if organization == found["name"] else organization,
        address=address_of(found),
        contacts=directory_service(found).contacts,
        hours=hours_of(found.get("schedules") or ()),
        cost=_("Free of charge") if found.get("is_free") else found.get("fees_description"),
        eligibility=found.get("eligibility_description"),
        languages=tuple(language_name(code, current()) for code in dict.fromkeys(codes) if code),
        capacity=room(found.get("capacities") or ()),
        verified=verified,
        partners=tuple(partners),
    )


def room(capacities: Sequence[Mapping[str, Any]]) -> str | None:
    """Whether there are places, and on which day that was said last: "waiting list (3 January 2027)"."""
    state, when = capacity_of(capacities)
    if state == "unknown":
        return None
    named = capacity_label(state)[current()]
    if not when:
        return _("{what} (nobody knows since when)", what=named)
    return _("{what} ({day})", what=named, day=dates.day(date.fromisoformat(when)))


def address_of(service: ServiceDocument) -> str | None:
    """Where it is, in one line: the first address that is one to go to."""
    for place in service.get("locations") or ():
        for one in place.get("addresses") or ():
            if one.get("address_type") == "postal":
                continue
            parts = [one.get(name) for name in ("address_1", "address_2", "city", "state_province", "postal_code")]
            said = ", ".join(str(part) for part in parts if part)
            if said:
                return said
    return None


def hours_of(schedules: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """When it is open: "Monday to Friday, 09:00 to 16:30". What is not weekly is said in the source's own words."""
    lines = []
    for one in schedules:
        said = str(one.get("description") or one.get("notes") or "")
        if said or not _is_weekly(one):
            lines.append(said)
        else:
            lines.append(_line(one))
    return tuple(line for line in dict.fromkeys(lines) if line)[:MOST_LINES]


def _is_weekly(one: Mapping[str, Any]) -> bool:
    special = one.get("valid_from") or one.get("valid_to") or one.get("bymonthday")
    every_week = one.get("freq", "WEEKLY") == "WEEKLY" and str(one.get("interval") or 1) == "1"
    return bool(one.get("opens_at")) and every_week and not special


def _line(one: Mapping[str, Any]) -> str:
    days = _days(str(one.get("byday") or ",".join(DAYS)))
    opens, closes = str(one["opens_at"])[:5], str(one.get("closes_at") or "")[:5]
    if opens == "00:00" and closes in {"00:00", "24:00", "23:59"}:
        return _("{days}, day and night", days=days)
    if not closes:
        return _("{days}, from {opens}", days=days, opens=_clock(opens))
    return _("{days}, {opens} to {closes}", days=days, opens=_clock(opens), closes=_clock(closes))


def _days(byday: str) -> str:
    """Days of the week; three or more in a row as a range."""
    names = get_day_names("wide", locale=dates.LOCALES[current()])
    places = sorted({DAYS.index(day) for day in byday.split(",") if day in DAYS})
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    parts = []
    for run in runs:
        if len(run) > 2:
            parts.append(_("{first} to {last}", first=names[run[0]], last=names[run[-1]]))
        else:
            parts += [str(names[place]) for place in run]
    return ", ".join(parts)


def _clock(text: str) -> str:
    try:
        return dates.clock(time.fromisoformat(text))
    except ValueError:
        return text
