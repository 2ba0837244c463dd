"""What people do in Ocean's own screens: the clinic that sent a referral, and a user of the receiving site.

A clinic cancels, replies and re-opens; a user of the site accepts, books, declines, completes, forwards and asks. Each
change but a cancel and a communication sends the target an update (https://simplifier.net/guide/Ocean-Provider-Network-FHIR-Playbook).
That a re-opened referral is in the folder New again is the simulator's choice: no document says it.
"""

from datetime import timedelta

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.simulators.ocean import tables
from footbridge.simulators.ocean.effects import Effects
from footbridge.simulators.ocean.emitter import Emitter
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.resources import local_time, made, reference
from footbridge.simulators.ocean.state import Message, Referral, Resource
from footbridge.simulators.ocean.tables import Folder, folder_of_appointment, folder_of_cause

CLINIC, USER = "clinic", "user of the site"
_YEAR = 365


class Users:
    """Acts as people do. Each method raises NotFoundError for an unknown ref, ConflictError for what has ended."""

    def __init__(self, ledger: Ledger, emitter: Emitter) -> None:
        self._ledger, self._emitter = ledger, emitter
        self._effects = Effects(ledger, emitter)

    def cancel(self, ref: str) -> Message | None:
        """The clinic cancels: revoke-service-request."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            referral.folder = folder_of_cause("revoke")
            self._ledger.note(referral, CLINIC, "revoke-service-request", before)
            return self._emitter.revoke(referral)

    def reply(self, ref: str, text: str) -> Message | None:
        """The clinic writes to the site: a communication. By habit the referral leaves Awaiting Reply."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            back = referral.before_waiting
            if self._ledger.habits.reply_returns and referral.folder is folder_of_cause("communication") and back:
                referral.folder = back
            self._ledger.note(referral, CLINIC, "reply", before, text)
            return self._emitter.communication(referral, text)

    def reopen(self, ref: str) -> Message | None:
        """A declined or completed referral is opened again: a new Task, requested."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            if referral.folder.id not in {"declined", "completed"}:
                raise ConflictError(_("Only a declined or completed referral can be re-opened."))
            referral.folder = folder_of_cause("create")
            return self._changed(referral, CLINIC, before, self._emitter.task(referral, "requested"), "re-opened")

    def change(self, ref: str, note: str) -> Message | None:
        """The clinic changes the note of the referral, HTML."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            request = dict(self._emitter.own(referral))[ref]
            self._emitter.replace(referral, ref, request | {"note": [{"text": note}]})
            self._ledger.note(referral, CLINIC, "change", before)
            return self._emitter.update(referral, [ref])

    def set_status(self, ref: str, status: str, reason: str = "") -> Message | None:
        """A user of the site sets a Task status, such as accepted, rejected, completed."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            folder = tables.folder_of_status(status)
            if folder is None:
                raise ConflictError(_("Ocean does not support the Task status {status}.", status=status))
            self._effects.move(referral, folder)
            return self._changed(referral, USER, before, self._emitter.task(referral, status, reason), status)

    def book(self, ref: str, *, days: int = 7, confirmed: bool = True) -> Message | None:
        """A user of the site books an appointment in so many days, from 0 to 365."""
        if not 0 <= days <= _YEAR:
            raise ConflictError(_("An appointment is within a year."))
        with self._ledger.lock:
            referral, before = self._open(ref)
            start = self._ledger.clock.now() + timedelta(days=days)
            said = "accepted" if confirmed else "tentative"
            content: Resource = {
                "status": "booked" if confirmed else "pending",
                "start": local_time(start),
                "end": local_time(start + timedelta(minutes=30)),
                "basedOn": [reference(ref)],
                "participant": [{"status": said, "actor": {"display": "Patient"}}],
            }
            appointment = made("Appointment", content)
            folder = folder_of_appointment(appointment)
            if folder is not None:
                referral.folder = folder
            return self._changed(referral, USER, before, appointment, "booked")

    def ask(self, ref: str, text: str) -> None:
        """A user of the site writes to the clinic; the site's own system gets nothing of it."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            self._effects.move(referral, folder_of_cause("communication"))
            self._ledger.note(referral, USER, "communication", before, text)

    def forward(self, ref: str, listing: str) -> str:
        """A user of the site forwards to another listing; the new ref."""
        with self._ledger.lock:
            referral, before = self._open(ref)
            note = self._effects.forward(referral, self._ledger.listing(listing))
            self._ledger.note(referral, USER, "forward", before, note)
            self._emitter.update(referral, [ref])
            return str(referral.replaced_by)

    def _open(self, ref: str) -> tuple[Referral, str]:
        """The referral and its folder's name; raises ConflictError when it was cancelled or forwarded."""
        referral = self._ledger.referral(ref)
        ended: tuple[Folder, ...] = (folder_of_cause("revoke"), folder_of_cause("forward"))
        if referral.folder in ended:
            raise ConflictError(
                _("This referral is in {folder}: it cannot be changed.", folder=referral.folder.received)
            )
        return referral, referral.folder.received

    def _changed(self, referral: Referral, actor: str, before: str, added: Resource, event: str) -> Message | None:
        key = self._ledger.new_key()
        referral.extra[key] = added
        self._ledger.note(referral, actor, event, before)
        return self._emitter.update(referral, [key])
