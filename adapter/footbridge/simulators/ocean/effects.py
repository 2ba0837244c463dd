"""What a change does to a referral: its folder by the table, and what it adds to the referral's resources.

The same for a message of the receiver and for a user in Ocean. Nothing is changed before all of a message was read.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from footbridge.i18n import _
from footbridge.simulators.ocean import tables
from footbridge.simulators.ocean.emitter import Emitter
from footbridge.simulators.ocean.json_values import objects_of
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.reading import Entry, Posted, Refused, target_of
from footbridge.simulators.ocean.resources import urn
from footbridge.simulators.ocean.state import Listing, Referral, Resource, unpack
from footbridge.simulators.ocean.tables import Effect, Folder


class Effects:
    """Changes the referrals of a ledger; every method is called with its lock held."""

    def __init__(self, ledger: Ledger, emitter: Emitter) -> None:
        self._ledger, self._emitter = ledger, emitter

    def apply(self, referral: Referral, posted: Posted, effect: Effect) -> str:
        """Apply a message; a note for the history. Raises Refused, and then nothing has changed."""
        forward = _forward_of(referral, posted) if effect == "task" else None
        if forward is not None:
            new, listing = forward[0], self._listing(forward[1])
            if new.key in self._ledger.referrals:
                raise Refused(409, "duplicate", _("The new ServiceRequest has the id of another referral."))
            if not self._may_change(referral):
                return _("Ignored: the sender cancelled this referral.")
            self._add(referral, posted, without=new)
            return self.forward(referral, listing, ref=new.key, category=_category(new.resource))
        folder, note = self._folder(posted, effect)
        moves = folder is not None and self._may_change(referral, answers_revoke=folder.id == "declined")
        self._add(referral, posted)
        if effect == "correction":
            note = self._correct(referral, posted)
        if moves and folder is not None:
            self.move(referral, folder)
        elif folder is not None:
            note = _("Ignored: the sender cancelled this referral.")
        return note

    def move(self, referral: Referral, folder: Folder) -> None:
        """Put a referral into a folder; one whose statuses leave it where it is changes nothing."""
        if folder.stays:
            return
        waiting = tables.folder_of_cause("communication")
        if folder is waiting and referral.folder is not waiting:
            referral.before_waiting = referral.folder
        referral.folder = folder

    def forward(
        self, referral: Referral, listing: Listing, *, ref: str | None = None, category: tuple[str, str] | None = None
    ) -> str:
        """Forward a referral to another listing as a new one; a note for the history."""
        draft = referral.draft
        if category is not None:
            draft = replace(draft, category=category[0], category_name=category[1] or draft.category_name)
        new = self._emitter.refer(draft, listing, ref=ref, replaces=referral.ref)
        referral.folder, referral.replaced_by = tables.folder_of_cause("forward"), new.ref
        return _("Forwarded to {listing} as {ref}.", listing=listing.reference, ref=new.ref)

    def _folder(self, posted: Posted, effect: Effect) -> tuple[Folder | None, str]:
        """Where a message puts its referral, and a note; the last resource in focus decides."""
        if effect == "communication":
            return tables.folder_of_cause("communication"), ""
        found: Folder | None = None
        note = ""
        for one in posted.focus if effect in {"task", "appointment"} else ():
            if one.kind == "Task" and effect == "task":
                found = self._of_task(one.resource) or found
                note = f"Task.status {one.resource['status']}"
            elif one.kind == "Appointment":
                _check_dates(one.resource)
                placed = tables.folder_of_appointment(one.resource)
                note = _("An instruction for booking: it has no date.") if placed is None else ""
                found = placed or found
        return found, note

    def _of_task(self, task: Resource) -> Folder | None:
        status = task.get("status")
        if not isinstance(status, str):
            raise Refused(400, "required", _("Task.status is required."))
        folder = tables.folder_of_status(status)
        if folder is None and self._ledger.habits.unsupported == "refuse":
            raise Refused(422, "not-supported", _("Ocean does not support the Task status {status}.", status=status))
        return folder

    def _may_change(self, referral: Referral, *, answers_revoke: bool = False) -> bool:
        """Whether a change moves the referral; a cancelled one stays cancelled."""
        if referral.folder is not tables.folder_of_cause("revoke"):
            return True
        if self._ledger.habits.after_end == "refuse" and not answers_revoke:
            raise Refused(409, "conflict", _("The sender cancelled this referral."))
        return False

    def _listing(self, reference: str | None) -> Listing:
        found = self._ledger.listings.get(reference or "")
        if found is None:
            raise Refused(404, "not-found", _("Ocean has no listing to forward this referral to."))
        return found

    def _add(self, referral: Referral, posted: Posted, without: Entry | None = None) -> None:
        """Add what the message has and the referral lacks; what is in focus replaces what was there."""
        own = {key for key, _one in unpack(referral.base)}
        listing = self._ledger.listings[referral.listing]
        added = {
            entry.key: _stored(entry.resource, posted)
            for entry in posted.entries
            if entry.key not in own
            and entry.resource.get("id") != listing.reference
            and entry is not without
            and entry.kind != "ServiceRequest"
            and (entry in posted.focus or entry.key not in referral.extra)
        }
        referral.extra |= added

    def _correct(self, referral: Referral, posted: Posted) -> str:
        """Put what is in focus in the place of the referral's own resource of that key, or the only one of its type."""
        own: list[list[Any]] = unpack(referral.base)
        corrected = []
        for entry in posted.focus:
            alike = [key for key, one in own if one["resourceType"] == entry.kind]
            keys = [entry.key] if entry.key in alike else alike
            if len(keys) == 1:
                resource = {name: value for name, value in _stored(entry.resource, posted).items() if name != "id"}
                self._emitter.replace(referral, keys[0], resource)
                referral.extra.pop(entry.key, None)
                corrected.append(entry.kind)
        return _("Corrected: {kinds}.", kinds=", ".join(corrected) or "-")


def _forward_of(referral: Referral, posted: Posted) -> tuple[Entry, str | None] | None:
    """The new ServiceRequest of a forward, and the listing that it goes to; None for another message."""
    for entry in posted.of_kind("ServiceRequest"):
        if entry.key == referral.ref or not any(
            _names(one, referral, posted) for one in objects_of(entry.resource, "replaces")
        ):
            continue
        if entry.key not in entry.names:
            raise Refused(400, "value", _("The new ServiceRequest of a forward needs a UUID."))
        roles = [posted.find(one) for one in objects_of(entry.resource, "performer")]
        return entry, next((target_of(one.resource) for one in roles if one is not None), None)
    return None


def _names(reference: Resource, referral: Referral, posted: Posted) -> bool:
    """Whether a Reference names the referral, whichever way."""
    found = posted.find(reference)
    identifier = reference.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return (
        (found is not None and found.key == referral.ref)
        or value == referral.ref
        or (str(reference.get("reference", "")).endswith(referral.ref))
    )


def _category(request: Resource) -> tuple[str, str] | None:
    for concept in objects_of(request, "category"):
        for coding in objects_of(concept, "coding"):
            if isinstance(coding.get("code"), str):
                return coding["code"], str(coding.get("display", ""))
    return None


def _check_dates(appointment: Resource) -> None:
    start = appointment.get("start")
    if start is None:
        return
    try:
        moment = datetime.fromisoformat(str(start))
    except ValueError as error:
        raise Refused(400, "value", _("Appointment.start is not a date and time.")) from error
    if moment.tzinfo is None:
        raise Refused(400, "value", _("Appointment.start needs an offset from UTC."))


def _stored(value: Any, posted: Posted) -> Any:  # noqa: ANN401 - JSON is any value
    """The value with every Reference to an entry as ``urn:uuid:``, as Ocean writes them."""
    if isinstance(value, dict):
        made = {name: _stored(one, posted) for name, one in value.items()}
        found = posted.find(value) if isinstance(value.get("reference"), str) else None
        return made | {"reference": urn(found.key)} if found is not None else made
    return [_stored(one, posted) for one in value] if isinstance(value, list) else value
