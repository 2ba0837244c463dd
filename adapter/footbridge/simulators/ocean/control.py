"""``/control``: the simulator by JSON, for tests in any language. Answers are JSON; errors are ``{"error": text}``.

Reading: ``GET state``, ``referrals``, ``referrals/REF``, ``messages``, ``messages/ID``, ``arrivals``, ``mails``.
Acting: ``POST sites``, ``listings``, ``referrals``, ``referrals/REF/ACTION``, ``resend``, ``clock``, ``rates``,
``habits``, ``outage``, ``tokens/expire``. Members are those of the Python API.
"""

import inspect
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

import orjson
from flask import Blueprint, Response, request

from footbridge.errors import FootbridgeError, NotFoundError
from footbridge.i18n import _
from footbridge.simulators.ocean.control_body import (
    Body,
    Invalid,
    Kinds,
    body_of,
    check_allowed,
    length_of,
    receiver_of,
    shape_of,
)
from footbridge.simulators.ocean.faults import Rates
from footbridge.simulators.ocean.habits import Habits
from footbridge.simulators.ocean.local_only import is_foreign
from footbridge.simulators.ocean.ocean import Ocean
from footbridge.simulators.ocean.page_actions import check_choices
from footbridge.simulators.ocean.receivers import HttpReceiver
from footbridge.simulators.ocean.state import Arrival, Message, Referral

if TYPE_CHECKING:
    from collections.abc import Callable

_SITE: Kinds = {
    "number": str, "name": str, "mail": str, "version": str, "client_id": str, "client_secret": str, "informed": bool,
    "receiver": dict,
}  # fmt: skip


def control_of(ocean: Ocean) -> Blueprint:
    """The blueprint of one simulator."""
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    _add_reading(blueprint, ocean)
    _add_set_up(blueprint, ocean)
    _add_acting(blueprint, ocean)

    @blueprint.before_request
    def check() -> Response | None:
        return _answer({"error": _("This request comes from another site.")}, 403) if is_foreign(request) else None

    @blueprint.errorhandler(FootbridgeError)
    def refused(error: FootbridgeError) -> Response:
        return _answer({"error": str(error)}, 404 if isinstance(error, NotFoundError) else 400)

    @blueprint.errorhandler(Invalid)
    def invalid(error: Invalid) -> Response:
        return _answer({"error": str(error)}, 400)

    return blueprint


def _answer(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, content_type="application/json")


def _add_reading(blueprint: Blueprint, ocean: Ocean) -> None:
    @blueprint.get("/state")
    def state() -> Response:
        counts = {
            side: {name: len(refs) for name, refs in ocean.folders(side).items()} for side in ("received", "sent")
        }
        waiting = sum(one.state == "queued" for one in ocean.messages())
        return _answer({"now": ocean.now(), "folders": counts, "queued": waiting, "mails": len(ocean.mails())})

    @blueprint.get("/referrals")
    def referrals() -> Response:
        with ocean.ledger.lock:
            return _answer([referral_of(one) for one in ocean.ledger.referrals.values()])

    @blueprint.get("/referrals/<ref>")
    def referral(ref: str) -> Response:
        found = ocean.referral(ref)
        return _answer(referral_of(found) | {"history": [asdict(step) for step in found.history]})

    @blueprint.get("/messages")
    def messages() -> Response:
        return _answer([message_of(one) for one in ocean.messages(request.args.get("referral"))])

    @blueprint.get("/messages/<id_>")
    def message(id_: str) -> Response:
        found = ocean.ledger.messages.get(id_)
        if found is None:
            raise NotFoundError(_("Ocean has no message {name}.", name=id_))
        return Response(found.body, content_type="application/fhir+json")

    @blueprint.get("/arrivals")
    def arrivals() -> Response:
        return _answer([arrival_of(one) for one in ocean.arrivals(request.args.get("referral"))])

    @blueprint.get("/mails")
    def mails() -> Response:
        return _answer([asdict(one) for one in ocean.mails()])


def _add_set_up(blueprint: Blueprint, ocean: Ocean) -> None:
    @blueprint.post("/sites")
    def sites() -> Response:
        body = body_of(_SITE)
        if not body.get("number") or body.get("version", "0.11") not in {"0.10", "0.11"}:
            raise Invalid(_("A site needs a number, as text; its version is 0.10 or 0.11."))
        receiver = body.pop("receiver", None)
        post = HttpReceiver(**receiver_of(receiver), clock=ocean.ledger.clock) if receiver is not None else None
        site = ocean.add_site(body.pop("number"), receiver=post, **body)
        return _answer({"number": site.number, "client_id": site.client_id, "client_secret": site.client_secret}, 201)

    @blueprint.post("/listings")
    def listings() -> Response:
        body = body_of({"site": str, "title": str, "external_service": str, "reference": str, "categories": list})
        return _answer(asdict(ocean.add_listing(body.pop("site", ""), **body)), 201)

    @blueprint.post("/rates")
    def rates() -> Response:
        body = body_of({one.name: float for one in fields(Rates)})
        if not all(0 <= rate <= 1 for rate in body.values()):
            raise Invalid(_("A rate is a number from 0 to 1."))
        ocean.faults.rates = replace(ocean.faults.rates, **body)
        return _answer(asdict(ocean.faults.rates))

    @blueprint.post("/habits")
    def habits() -> Response:
        body = body_of({one.name: object for one in fields(Habits)})
        if "shape" in body:
            body["shape"] = shape_of(body["shape"])
        check_allowed(Habits, body)
        for name, value in body.items():
            setattr(ocean.habits, name, value)
        return _answer(asdict(ocean.habits))


def _add_acting(blueprint: Blueprint, ocean: Ocean) -> None:
    users = ocean.users
    actions: dict[str, tuple[Kinds, Callable[..., object]]] = {
        "cancel": ({}, users.cancel),
        "reply": ({"text": str}, users.reply),
        "reopen": ({}, users.reopen),
        "change": ({"note": str}, users.change),
        "status": ({"status": str, "reason": str}, users.set_status),
        "book": ({"days": int, "confirmed": bool}, users.book),
        "ask": ({"text": str}, users.ask),
        "forward": ({"listing": str}, users.forward),
        "emit": ({"event": str, "to": str}, ocean.emit),
    }

    @blueprint.post("/referrals")
    def refer() -> Response:
        body = body_of({"listing": str, "need": str, "form": str, "language": str, "count": int})
        listing, count = body.pop("listing", None), body.pop("count", 1)
        if not 1 <= count <= 10_000:
            raise Invalid(_("count is a number from 1 to 10,000."))
        check_choices(body)
        return _answer([ocean.refer(ocean.generator.draft(**body), listing=listing) for _one in range(count)], 201)

    @blueprint.post("/referrals/<ref>/<action>")
    def act(ref: str, action: str) -> Response:
        if action not in actions:
            raise NotFoundError(_("{name} is not an action; known are {known}.", name=action, known=", ".join(actions)))
        known, method = actions[action]
        body = body_of(known)
        try:
            inspect.signature(method).bind(ref, **body)
        except TypeError as error:
            raise Invalid(_("{name} needs {known}.", name=action, known=", ".join(sorted(known)))) from error
        method(ref, **body)
        return _answer(referral_of(ocean.referral(ref)))

    @blueprint.post("/resend")
    def resend() -> Response:
        body = body_of({"referrals": list, "as_new": bool})
        return _answer({"queued": ocean.resend(map(str, body.get("referrals", ())), as_new=body.get("as_new", False))})

    @blueprint.post("/clock")
    def clock() -> Response:
        return _answer({"tried": ocean.advance(length_of(body_of({"seconds": float}))), "now": ocean.now()})

    @blueprint.post("/outage")
    def outage() -> Response:
        ocean.outage(length_of(body_of({"seconds": float})))
        return _answer({"until": ocean.faults.down_until})

    @blueprint.post("/tokens/expire")
    def expire() -> Response:
        ocean.tokens.expire()
        return _answer({})


def referral_of(one: Referral) -> Body:
    """A referral as JSON."""
    return {
        "ref": one.ref, "listing": one.listing, "created": one.created, "received": one.folder.received,
        "sent": one.folder.sent, "replaces": one.replaces, "replaced_by": one.replaced_by,
    }  # fmt: skip


def message_of(one: Message) -> Body:
    """A message from Ocean as JSON, without its body."""
    return {
        "id": one.id, "ref": one.ref, "site": one.site, "event": one.event, "time": one.time, "state": one.state,
        "due": one.due, "tries": [asdict(each) for each in one.tries],
    }  # fmt: skip


def arrival_of(one: Arrival) -> Body:
    """A message to Ocean as JSON, without its body."""
    return {
        "time": one.time, "site": one.site, "ref": one.ref, "event": one.event, "status": one.status,
        "findings": one.findings, "repeated": one.repeated,
    }  # fmt: skip
