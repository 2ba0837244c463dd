"""What a person can do with a referral now, and what each form says to the workflow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from footbridge.i18n import _, spoken
from footbridge.model.holds import hold_kinds
from footbridge.model.prescription import Client, Consent
from footbridge.model.principals import Principal
from footbridge.partners.ports import AppointmentTime, Output
from footbridge.referrals.by_hand import Agreed, HandedOver, NeedFound, Noted, Said, Settled, TakenOn, Written
from footbridge.referrals.command import Command, NewPart
from footbridge.referrals.decisions import ACTIONS as DECISIONS
from footbridge.referrals.follow_ups import FollowUpSaid
from footbridge.referrals.phone_answer import PhoneAnswer
from footbridge.security.access import may
from footbridge.web.portal import forms, words
from footbridge.web.portal.appointment_form import start_of
from footbridge.web.portal.forms import Field
from footbridge.web.portal.look import Look
from footbridge.web.portal.outcome_form import outputs_of, reported_of
from footbridge.web.portal.pages import zone

IN_PARTS = "parts"
"""The standing of a referral that was split."""

SAYS: Mapping[str, type[Said]] = {
    "note": Noted,
    "message": Written,
    "schedule": Agreed,
    "hand-over": HandedOver,
    "add-need": NeedFound,
    "phone-answer": PhoneAnswer,
    "take-on": TakenOn,
    "settle": Settled,
}
"""What each value of ``says`` in ``mappings/portal.json`` writes."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done now.

    Attributes:
        name: a key of ``actions`` in ``mappings/portal.json``.
        title: what its button says.
        plain: it needs no form.
        primary: it is what most people come for.
        danger: it cannot be taken back.
        message: the number of the message that it is about; None for most.
    """

    name: str
    title: str
    plain: bool
    primary: bool
    danger: bool
    message: int | None = None


def row_of(name: str) -> Mapping[str, Any]:
    """The row of an action; raises KeyError for one that is not there."""
    found: Mapping[str, Any] = words.table()["actions"][name]
    return found


def possible(seen: Look, who: Principal) -> list[Action]:
    """What this person can do with the referral now, in the order of the table."""
    found = []
    blocked = {event for hold in seen.holds for event in hold_kinds()[hold.reason].blocks}
    not_here = _not_here(seen)
    undelivered = [row for row in seen.waits if row.message is not None]
    for name, row in words.table()["actions"].items():
        if "message" in row:
            if undelivered and may(who, f"message.{row['message']}"):
                still = [one for one in undelivered if one.why == "not-delivered" or row["message"] == "retry"]
                found += [_action(name, row, who, seen, one.message) for one in still[:1]]
        elif row.get("event") in blocked or name in not_here:
            continue
        elif row["event"] in seen.allowed if "event" in row else SAYS[row["says"]] in seen.writes:
            found.append(_action(name, row, who, seen))
    return found


def _not_here(seen: Look) -> set[str]:
    """What the lifecycle allows, and makes no sense to a person here."""
    found = set()
    if seen.row.partner is None and seen.row.machine == "referral":  # no service could have said it
        found |= {"accept", "reject"}
    if seen.row.state.standing == IN_PARTS:  # it goes as its parts go: each is answered by itself
        found |= {"accept", "reject", "start", "hold", "resume", "phone-answer", "schedule"}
    if seen.next_try is not None and not (seen.follow_up and seen.follow_up[1]):  # the next try is on another day
        found.add("not-reached")
    return found


def title_of(name: str, who: Principal, seen: Look) -> str:
    """What the button of an action says to this person: a navigator records what a service said, where one is asked."""
    row = row_of(name)
    if "again" in row and not seen.document.client.safe_to_contact:
        return words.said(row["again"])
    has_service = seen.row.partner is not None
    own = row.get(who.role) if has_service or who.role != "navigator" else row.get("nobody")
    return words.said(own or row["title"])


def command_of(name: str, fields: Sequence[Field], referral: str, today: date) -> Command:
    """The command that a form sends."""
    event = row_of(name)["event"]
    reason = forms.texts(fields, "reason")
    match name:
        case "reject":
            why = words.word(forms.texts(fields, "why"))
            said = (
                reason if forms.texts(fields, "why") == "other-reason" else f"{why}. {reason}" if reason else f"{why}."
            )
            return Command(event, referral, reason=said)
        case "route" | "forward":
            partner, _space, listed = (forms.texts(fields, "partner") or "").partition(" ")
            return Command(event, referral, reason=reason, partner=partner, listed=listed or None)
        case "hand-back":
            other = forms.texts(fields, "suggested")
            more = [] if other is None else [spoken(_("It suggests: {service}", service=other))]
            return Command(event, referral, reason="\n".join([reason or "", *more]))
        case "complete":
            return Command(event, referral, outputs=outputs_of(fields))
        case "report-back":
            return Command(event, referral, reported=reported_of(fields))
        case "split":
            return Command(event, referral, parts=_parts(fields))
        case "answer":
            goals = sorted(forms.numbered(fields, "goal").items())
            happened = forms.texts(fields, "happened")
            return Command(event, referral, reason=reason, happened=happened, goals=goals, said=_said(fields))
        case "replace":
            what, whom = forms.texts(fields, "description"), forms.texts(fields, "partner")
            return Command(event, reason=reason, partner=whom, description=what)
        case "confirm-consent":
            return Command(event, consent=_consent(fields, today))
        case "confirm-records":
            return Command(event, client=_client(fields))
        case "confirm-needs":
            return Command(event, needs=sorted(forms.numbered(fields, "need").items()))
        case _:
            about = None if event in DECISIONS else referral  # a decision is about the prescription
            return Command(event, about, reason=reason)


def said_of(name: str, fields: Sequence[Field]) -> Said:
    """What a form writes."""

    def text(field: str) -> str:
        return forms.texts(fields, field) or ""

    makers: Mapping[str, Callable[[], Said]] = {
        "note": lambda: Noted(text("text")),
        "message": lambda: Written(text("text")),
        "schedule": lambda: Agreed(
            AppointmentTime(start_of(text("day"), text("time"), zone()), location=forms.texts(fields, "place"))
        ),
        "hand-over": lambda: HandedOver(text("by"), text("to"), text("welcome") == "yes"),
        "add-need": lambda: NeedFound(text("category"), text("statement")),
        "take-on": TakenOn,
        "settle": lambda: Settled(forms.texts(fields, "how")),
        "phone-answer": lambda: _phone_answer(text("said"), text("why"), text("words"), text("who")),
    }
    return makers[row_of(name)["says"]]()


def _phone_answer(said: str, why: str, more: str, who: str) -> PhoneAnswer:
    """What a service said by phone, as the workflow calls it."""
    known = {"service-accepts": "accepted", "service-declines": "rejected", "service-did-it": "completed"}
    status = known.get(said, "not-reached")
    reason = None
    if status == "rejected":
        reason = more if why == "other-reason" else " ".join(filter(None, (f"{words.word(why)}.", more)))
    outputs = (Output(text=more),) if status == "completed" and more else ()
    return PhoneAnswer(status, reason, outputs, who or None)


def _action(name: str, row: Mapping[str, Any], who: Principal, seen: Look, message: int | None = None) -> Action:
    return Action(
        name,
        title_of(name, who, seen),
        bool(row.get("plain")),
        bool(row.get("primary")),
        bool(row.get("danger")),
        message,
    )


def _said(fields: Sequence[Field]) -> FollowUpSaid:
    """What the person said; every answer of the form is in the record."""
    barriers = forms.by_name(fields)["barriers"].values
    satisfied, more = forms.texts(fields, "satisfaction"), forms.texts(fields, "reason")
    return FollowUpSaid(forms.texts(fields, "happened"), barriers, satisfied, more)


def _parts(fields: Sequence[Field]) -> list[NewPart]:
    texts, about = forms.numbered(fields, "description"), forms.numbered(fields, "category")
    partners = forms.numbered(fields, "partner")
    return [
        NewPart(texts.get(place, ""), about.get(place, ""), partners.get(place))
        for place in sorted(texts.keys() | about.keys() | partners.keys())
    ]


def _consent(fields: Sequence[Field], today: date) -> Consent:
    known = forms.by_name(fields)
    until = forms.texts(fields, "until")
    return Consent.model_validate_json(
        _json(
            {
                "status": "given",
                "basis": "express",
                "how": known["how"].value,
                "given": known["given"].value or today.isoformat(),
                "scope": list(dict.fromkeys(known["scope"].values)),
                "until": until,
            }
        )
    )


def _client(fields: Sequence[Field]) -> Client:
    phone = forms.texts(fields, "phone")
    return Client.model_validate_json(
        _json(
            {
                "name": {"given": [forms.texts(fields, "given")], "family": forms.texts(fields, "family")},
                "birthDate": forms.texts(fields, "born"),
                "contacts": [{"system": "phone", "value": phone}] if phone else None,
            }
        )
    )


def _json(members: Mapping[str, Any]) -> bytes:

    return orjson.dumps({name: value for name, value in members.items() if value is not None})


def _agreed(fields: Sequence[Field]) -> Agreed:
    day, time = (forms.texts(fields, name) or "" for name in ("day", "time"))
    return Agreed(AppointmentTime(start_of(day, time, zone()), location=forms.texts(fields, "place")))
