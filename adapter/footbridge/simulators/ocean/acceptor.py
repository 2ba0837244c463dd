"""Takes what a receiver posts to ``$process-messages``: who may, what it does to the referral, what it is answered.

Only the current target may change a referral: anyone else gets an error, and nothing changes
(https://support.cognisantmd.com/hc/en-us/articles/36860416557069). What is applied moves the referral to the folder
that the table gives, and returns to the target as an update (the echo).
"""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from footbridge.i18n import _
from footbridge.simulators.ocean import tables
from footbridge.simulators.ocean.effects import Effects
from footbridge.simulators.ocean.emitter import Emitter
from footbridge.simulators.ocean.findings import findings_of
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.reading import Posted, Refused, read
from footbridge.simulators.ocean.state import Arrival, Referral, Resource, Site, pack

_UNAVAILABLE, _LOST, _DONE = 503, 500, 200


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a message: its HTTP status, and an OperationOutcome; None for an empty body."""

    status: int
    body: Resource | None = None


class Acceptor:
    """Takes messages for a ledger."""

    def __init__(self, ledger: Ledger, emitter: Emitter, notice: Callable[[Arrival], None] | None = None) -> None:
        """``notice`` is called with each message that came, once it is answered."""
        self._ledger, self._emitter, self._notice = ledger, emitter, notice
        self._effects = Effects(ledger, emitter)

    def process(self, site: Site, body: bytes) -> Answer:
        """Take a message from a site."""
        with self._ledger.lock:
            answer, posted = self._answer(site, body)
            arrival = self._noted(site, body, answer, posted)
        if self._notice is not None:
            self._notice(arrival)
        return answer

    def _answer(self, site: Site, body: bytes) -> tuple[Answer, Posted | None]:
        faults = self._ledger.faults
        if faults.is_down(self._ledger.clock.now()) or faults.strikes(faults.rates.refuse):
            return _refusal(_UNAVAILABLE, "transient", _("Ocean is not available.")), None
        posted: Posted | None = None
        try:
            posted = read(body)
            self._apply(site, posted)
        except Refused as refused:
            return _refusal(refused.status, refused.code, refused.text), posted
        if faults.strikes(faults.rates.forget):
            return _refusal(_LOST, "exception", _("The message was taken; its answer was chosen to be lost.")), posted
        if self._ledger.habits.answer == "empty":
            return Answer(_DONE), posted
        return Answer(_DONE, _outcome("information", "informational", _("The message was taken."))), posted

    def _apply(self, site: Site, posted: Posted) -> None:
        event = tables.events().get(posted.event)
        is_off = event is not None and event.effect == "correction" and self._ledger.habits.corrections == "refuse"
        if event is None or not event.is_taken or is_off:
            raise Refused(400, "not-supported", _("Ocean does not take the event {event}.", event=posted.event))
        if site.version not in event.versions:
            raise Refused(
                400, "not-supported",
                _("The event {event} is not in v{version}, which site {site} uses.", event=event.code,
                  version=site.version, site=site.number),
            )  # fmt: skip
        referral = self._ledger.referrals.get(posted.ref or "")
        if referral is None:
            raise Refused(404, "not-found", _("Ocean does not know this referral."))
        if self._ledger.target(referral) is not site or referral.replaced_by is not None:
            raise Refused(
                self._ledger.habits.refusal, "forbidden",
                _("Only the current target may change this referral; site {site} is not.", site=site.number),
            )  # fmt: skip
        if not posted.focus:
            raise Refused(400, "required", _("MessageHeader.focus is required."))
        if "*" not in event.focus and any(one.kind not in event.focus for one in posted.focus):
            kinds = ", ".join(event.focus)
            raise Refused(400, "value", _("The focus of {event} is {kinds}.", event=event.code, kinds=kinds))
        posted.findings += findings_of(posted, referral)
        self._carry_out(referral, site, posted, event.effect)

    def _carry_out(self, referral: Referral, site: Site, posted: Posted, effect: tables.Effect) -> None:
        before = referral.folder.received
        note = self._effects.apply(referral, posted, effect)
        self._ledger.note(referral, f"site {site.number}", posted.event, before, note)
        if effect != "communication" or self._ledger.habits.echo_communications:
            self._emitter.update(referral, [one.key for one in posted.focus], by_target=True)

    def _noted(self, site: Site, body: bytes, answer: Answer, posted: Posted | None) -> Arrival:
        ledger = self._ledger
        id_ = posted.id if posted else None
        arrival = Arrival(
            ledger.clock.now(), site.number, posted.ref if posted else None, posted.event if posted else None,
            answer.status, pack(body), tuple(posted.findings) if posted else (), id_ in ledger.arrived_ids,
        )  # fmt: skip
        if id_ is not None and answer.status == _DONE:
            ledger.arrived_ids.add(id_)
        ledger.arrivals.append(arrival)
        return arrival


def _refusal(status: int, code: str, text: str) -> Answer:
    return Answer(status, _outcome("error", code, text))


def _outcome(severity: str, code: str, text: str) -> Resource:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": str(text)}],
    }


def as_json(answer: Answer) -> bytes:
    """The body of an answer."""
    return b"" if answer.body is None else orjson.dumps(answer.body)
