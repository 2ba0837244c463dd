"""Makes Ocean's messages and queues them: new referrals, updates and echoes, revokes, communications, resends.

Only ``add-service-request`` is attested by a real message. The shapes of the others follow ``habits.Shape``.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import orjson

from footbridge.simulators.ocean import resources
from footbridge.simulators.ocean.bundles import Envelope, is_listing, message
from footbridge.simulators.ocean.deliveries import Deliveries
from footbridge.simulators.ocean.draft import Draft
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.resources import Keyed, made, reference
from footbridge.simulators.ocean.state import Listing, Message, Referral, Resource, Site, pack, unpack
from footbridge.simulators.ocean.tables import events, folder_of_cause, raw

ADD, UPDATE, REVOKE, INFORM = (
    "add-service-request", "notify-update-service-request", "revoke-service-request", "notify-add-service-request",
)  # fmt: skip
_FORMS = frozenset({"QuestionnaireResponse", "DocumentReference"})
_SENDER = 2  # the roles of a referral: its target, who refers, who sent it
_LASTING = frozenset({"ServiceRequest", "DocumentReference"})


class Emitter:
    """Queues messages of a ledger; every method is called with its lock held."""

    def __init__(self, ledger: Ledger, deliveries: Deliveries) -> None:
        self._ledger, self._deliveries = ledger, deliveries

    def refer(self, draft: Draft, listing: Listing, ref: str | None = None, replaces: str | None = None) -> Referral:
        """A new referral, sent to the listing's site."""
        ledger = self._ledger
        ref, now = ref or ledger.new_key(), ledger.clock.now()
        base = resources.resources_of(draft, ref, listing, now, ledger.names, ledger.new_key)
        if replaces is not None:
            identifier = {"system": ledger.names.identifier("referral"), "value": replaces}
            dict(base)[ref]["replaces"] = [{"identifier": identifier}]
        new = Referral(ref, listing.reference, draft, now, folder_of_cause("create"), pack(base), replaces=replaces)
        ledger.referrals[ref] = new
        documents = [key for key, one in base if one["resourceType"] == "DocumentReference"]
        attached = documents[1:]  # the first is the letter
        ledger.attachments |= {key: (ref, number) for number, key in enumerate(attached)}
        ledger.note(new, "clinic", ADD, "")
        self.send(new, ADD, (ref,), reason="Initial")
        for site in ledger.sites.values():
            if site.informed and site.number != listing.site:
                self.send(new, INFORM, (ref,), reason="Initial", to=site)
        return new

    def update(self, referral: Referral, changed: Sequence[str], *, by_target: bool = False) -> Message | None:
        """An update about what was changed, by its keys; the echo of the target's own change too."""
        habits = self._ledger.habits
        if not habits.echo:
            return None
        shape = habits.shape
        carried = {"all": changed, "last": changed[-1:], "none": ()}[shape.tasks]
        focus = {"request": (referral.ref,), "changed": carried or (referral.ref,), "both": (referral.ref, *carried)}
        focus_keys = tuple(
            dict.fromkeys(key for key in focus[shape.focus] if key == referral.ref or key in referral.extra)
        )
        return self.send(
            referral, UPDATE, focus_keys or (referral.ref,), reason=shape.reason,
            by_target=by_target and shape.author == "target",
        )  # fmt: skip

    def revoke(self, referral: Referral) -> Message | None:
        """The sender cancelled it."""
        shape = self._ledger.habits.shape
        more: list[Keyed] = []
        if shape.revoke_task:
            more.append((self._ledger.new_key(), self.task(referral, "cancelled")))
        reason = "Cancelled" if shape.reason else None
        return self.send(referral, REVOKE, (referral.ref,), reason=reason, more=more, lean=shape.lean)

    def communication(self, referral: Referral, text: str) -> Message | None:
        """A message of the requester."""
        shape, key = self._ledger.habits.shape, self._ledger.new_key()
        words: Resource = {"status": "completed", "payload": [{"contentString": text}]}
        words |= {"basedOn": [reference(referral.ref)]} if shape.based_on else {}
        said = made("Communication", words | {"sent": resources.local_time(self._ledger.clock.now())})
        referral.extra[key] = said
        focus = key
        if shape.communication == "task-output":
            focus = self._ledger.new_key()
            kind = {"text": "Communication"}
            output = [{"type": kind, "valueReference": reference(key)}]
            referral.extra[focus] = self.task(referral, "requested") | {"output": output, "description": text}
        elif shape.communication == "note":
            del referral.extra[key]
            focus = referral.ref
            self._change_request(referral, lambda one: one | {"note": [*one.get("note", ()), {"text": text}]})
        event: str = shape.communication_event
        if self._ledger.target(referral).version not in events()[event].versions:
            event = "send-communication-from-requester"  # in both versions
        return self.send(referral, event, (focus,), reason="Message" if shape.reason else None, lean=shape.lean)

    def send(  # noqa: PLR0913 - what a message is made of
        self,
        referral: Referral,
        event: str,
        focus: tuple[str, ...],
        *,
        reason: str | None,
        to: Site | None = None,
        more: Sequence[Keyed] = (),
        by_target: bool = False,
        lean: bool = False,
        after: timedelta = timedelta(0),
    ) -> Message | None:
        """Queue one message; None when the site has no integration, or by habit not this event."""
        ledger = self._ledger
        site, listing = to or ledger.target(referral), ledger.listings[referral.listing]
        known = events().get(event)
        is_newer = known is not None and site.version not in known.versions
        if site.post is None or (is_newer and ledger.habits.strict_events):
            return None
        entries = [*self._entries(referral, focus, lean=lean), *more]
        author = self._author(entries, listing, by_target=by_target)
        sender = author if by_target or referral.draft.sender is None else _role(entries, _SENDER)
        envelope = Envelope(
            ledger.new_key(), ledger.new_key(), event, referral.ref, ledger.stamp(referral), focus, author, sender,
            reason,
        )  # fmt: skip
        if not ledger.habits.shape.same_keys and event != ADD:
            entries, envelope = _rekeyed(entries, envelope, ledger)
        bundle = message(envelope, entries, site, listing, ledger.names, label=ledger.habits.label)
        due = ledger.clock.now() + after + ledger.faults.wait()
        queued = Message(
            envelope.id, referral.ref, site.number, event, envelope.time, pack(bundle), due=due,
            again=ledger.faults.strikes(ledger.faults.rates.duplicate),
        )  # fmt: skip
        ledger.queue(queued)
        self._deliveries.add(queued)
        return queued

    def resend(self, referral: Referral, *, as_new: bool, after: timedelta) -> Message | None:
        """Once more, as an administrator asks for in bulk."""
        shape = self._ledger.habits.shape
        event, reason = (ADD, "Initial") if as_new else (UPDATE, shape.reason)
        return self.send(referral, event, (referral.ref,), reason=reason, after=after)

    def task(self, referral: Referral, status: str, note: str = "") -> Resource:
        """A Task that Ocean itself makes."""
        coding = raw()["systems"]["taskCode"]
        content: Resource = {
            "status": status,
            "intent": "order",
            "code": {"coding": [coding]},
            "basedOn": [reference(referral.ref)],
        }
        return made("Task", content | ({"statusReason": {"text": note}} if note else {}))

    def own(self, referral: Referral) -> list[Keyed]:
        """The referral's own resources, with the status that its folder gives."""
        shape = self._ledger.habits.shape
        status = {
            "declined": shape.declined,
            "completed": shape.completed,
            "cancelled": "revoked" if shape.revoked else "active",
        }
        found: list[Keyed] = []
        for key, resource in unpack(referral.base):
            if key == referral.ref:
                resource["status"] = status.get(referral.folder.id, referral.request_status)
            found.append((key, resource))
        return found

    def replace(self, referral: Referral, key: str, resource: Resource) -> None:
        """Change one of its own resources."""
        referral.base = pack([(one, resource if one == key else old) for one, old in unpack(referral.base)])

    def _change_request(self, referral: Referral, change: Callable[[Resource], Resource]) -> None:
        old = dict(unpack(referral.base))[referral.ref]
        self.replace(referral, referral.ref, change(old))

    def _entries(self, referral: Referral, focus: tuple[str, ...], *, lean: bool) -> list[Keyed]:
        shape = self._ledger.habits.shape
        own = self.own(referral)
        added = list(referral.extra.items())
        tasks = [key for key, one in added if one["resourceType"] == "Task"]
        dropped = {"all": [], "last": tasks[:-1], "none": tasks}[shape.tasks]
        if not shape.accumulate:
            dropped = [key for key, _one in added]
        if lean:
            own = [(key, _without_forms(one)) for key, one in own if one["resourceType"] not in _FORMS]
        kept = [(key, one) for key, one in added if key in focus or key not in dropped]
        return own + [(key, {"id": key} | one if shape.ids else _without_id(one)) for key, one in kept]

    def _author(self, entries: Sequence[Keyed], listing: Listing, *, by_target: bool) -> str:
        roles = [(key, one) for key, one in entries if one["resourceType"] == "PractitionerRole"]
        found = (key for key, one in roles if is_listing(one, listing) == by_target)
        return next(found, roles[0][0])


def _role(entries: Sequence[Keyed], number: int) -> str:
    """The key of the PractitionerRole with this number."""
    return [key for key, one in entries if one["resourceType"] == "PractitionerRole"][number]


def _without_id(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "id"}


def _without_forms(resource: Resource) -> Resource:
    if resource["resourceType"] != "ServiceRequest":
        return resource
    return {name: value for name, value in resource.items() if name != "supportingInfo"}


def _rekeyed(entries: Sequence[Keyed], envelope: Envelope, ledger: Ledger) -> tuple[list[Keyed], Envelope]:
    """The same entries under new UUIDs, but for the ServiceRequest and for documents, whose URLs have them."""
    fresh = {key: ledger.new_key() for key, one in entries if one["resourceType"] not in _LASTING}
    text = orjson.dumps(list(entries)).decode()
    for old, new in fresh.items():
        text = text.replace(old, new)
    changed: list[Keyed] = [(key, one) for key, one in orjson.loads(text)]
    focus = tuple(fresh.get(key, key) for key in envelope.focus)
    return changed, replace(envelope, focus=focus, author=fresh[envelope.author], sender=fresh[envelope.sender])
