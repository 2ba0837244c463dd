"""A network without FHIR: a folder in which both sides leave JSON files. It shows how small a network can be.

We write into ``out/``, the partner into ``in/``; what we have processed moves to ``done/``, what we refuse to
``failed/``, with the reasons beside it. It knows ``footbridge.partners.ports`` and the standard library.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.model.prescription import Coding
from footbridge.partners import ports
from footbridge.partners.ports import Inbound, Outcome, Outgoing, OutgoingMessage, Poll, ReferralState, Sent

Json = dict[str, Any]
EVERYTHING: frozenset[ports.Capability] = frozenset(
    {"referral", "status", "reason", "client", "output", "appointment", "message", "document", "cancellation"}
)
FOLDERS = ("in", "out", "done", "failed")
MARK = "files looked through: "


class SpoolNetwork:
    """A ``ports.Network`` over a folder."""

    polls = True

    def __init__(self, folder: Path, carries: frozenset[ports.Capability] = EVERYTHING) -> None:
        self.carries = carries
        self._folder = folder

    def deliver(self, outgoing: Outgoing) -> Sent:
        """A recipient gets a file for each referral, a requester one for each prescription."""
        place = self._place(outgoing)
        if outgoing.ended and not place.exists():
            return Sent(arrived=False)
        return self._bring(outgoing)

    def update(self, outgoing: Outgoing) -> Sent:
        """One that has ended gets its state only: nothing new of the client goes there."""
        place = self._place(outgoing)
        if outgoing.partner.role == "recipient" and not place.exists():
            return Sent(arrived=False)
        if outgoing.ended:
            said = {"state": _state(outgoing.referral), "context": outgoing.context}
            _write(place, json.loads(place.read_text()) | said)
            return Sent()
        return self._bring(outgoing)

    def send(self, message: OutgoingMessage) -> Sent:
        """A file for each message."""
        self._check()
        about = self._place(message.about)
        written = {
            "about": about.stem,
            "text": message.text,
            "from": {"name": message.sender.name, "role": message.sender.role},
            "sent": message.sent.isoformat(),
            "documents": [
                {"title": one.title, "type": one.media_type, "content": base64.b64encode(one.content).decode()}
                for one in message.documents
            ],
        }
        _write(self._folder / "out" / f"message-{message.id}.json", written)
        return Sent()

    def poll(self, cursor: str | None) -> Poll:
        """Every file of ``in/`` by name; one that cannot be read is refused here, since it says nothing."""
        self._check()
        if cursor is not None and not cursor.startswith(MARK):
            raise PartnerRefused("This cursor is none of this network's.")
        looked = int(cursor.removeprefix(MARK)) if cursor else 0
        files = sorted((self._folder / "in").glob("*.json"))
        return Poll(tuple(self._readable(files)), f"{MARK}{looked + len(files)}")

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:
        """A file does not change: it says the same, and is believed now."""
        there = (self._folder / "in" / inbound.message_id).exists()
        return [replace(inbound, confirmed=True)] if there else []

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """Move the file to where the partner looks for what became of it."""
        self._move(inbound.message_id, outcome)

    def test(self) -> ports.Connection:
        """Whether the folder is there."""
        return ports.Connection(reachable=self._folder.is_dir(), version="1", software="spool")

    def _readable(self, files: Sequence[Path]) -> Iterator[Inbound]:
        for file in files:
            try:
                yield _read(file.name, json.loads(file.read_bytes()))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self._move(file.name, Outcome("failed", f"The file cannot be read: {type(error).__name__}."))

    def _move(self, name: str, outcome: Outcome) -> None:
        file = self._folder / "in" / name
        good = outcome.code in {"applied", "ignored", "known", "echo"}
        if not good:
            why = {"code": outcome.code, "message": outcome.message, "allowed": list(outcome.allowed)}
            _write(self._folder / "failed" / f"{file.stem}.why.json", why)
        if file.exists():
            file.replace(self._folder / ("done" if good else "failed") / name)

    def _bring(self, outgoing: Outgoing) -> Sent:
        self._check()
        whole = outgoing.partner.role == "requester"
        said = _whole(outgoing) if whole else _asked(outgoing)
        times = json.loads(outgoing.context)["brought"] + 1 if outgoing.context and not whole else 1
        by = None if outgoing.by is None else {"name": outgoing.by.name, "role": outgoing.by.role}
        _write(self._place(outgoing), said | {"by": by, "context": outgoing.context})
        return Sent(context=None if whole else json.dumps({"brought": times}))

    def _place(self, outgoing: Outgoing) -> Path:
        whole = outgoing.partner.role == "requester"
        name = outgoing.document.identifier.value if whole else outgoing.referral.key
        return self._folder / "out" / f"{name}.json"

    def _check(self) -> None:
        if not all((self._folder / name).is_dir() for name in FOLDERS):
            raise PartnerUnavailable("The folder is not there.")


def _read(name: str, said: Json) -> Inbound:
    """A file in the terms of the port. Raises an error of Python where it is not as agreed."""
    at = datetime.fromisoformat(said["at"])
    if at.tzinfo is None:
        raise ValueError("a time needs its offset")
    identifier = said.get("prescription")
    common: Json = {
        "message_id": name,
        "at": at,
        "key": said.get("referral"),
        "identifier": None if identifier is None else (identifier["system"], identifier["value"]),
        "by": ports.ActingPerson(**said["by"]) if "by" in said else None,
        "context": said.get("context"),
    }
    document = json.dumps(said.get("document")).encode()
    match said["type"]:
        case "status":
            outputs = tuple(_output(one) for one in said.get("outputs", []))
            more = {key: said.get(key) for key in ("reason", "detail")}
            return ports.Report(status=said["status"], outputs=outputs, **more, **common)
        case "appointment":
            end = datetime.fromisoformat(said["end"]) if "end" in said else None
            time = ports.AppointmentTime(datetime.fromisoformat(said["start"]), end, said.get("place"))
            return ports.Appointment(time=time, **common)
        case "message":
            documents = tuple(
                ports.Document(one["title"], one["type"], base64.b64decode(one["content"], validate=True))
                for one in said.get("documents", [])
            )
            return ports.Message(text=said["text"], documents=documents, **common)
        case "prescription":
            return ports.NewPrescription(document=document, **common)
        case "amendment":
            return ports.Amendment(document=document, **common)
        case "cancellation":
            return ports.Cancellation(reason=said.get("reason"), **common)
        case other:
            raise ValueError(other)


def _output(said: Mapping[str, str]) -> ports.Output:
    code = Coding(system=said["system"], code=said["code"]) if "code" in said else None
    return ports.Output(code=code, text=said.get("text"))


def _asked(outgoing: Outgoing) -> Json:
    """What a service is asked to do, for whom."""
    document, client = outgoing.document, outgoing.document.client
    name = client.name
    return {
        "for": outgoing.partner.title,
        "client": {
            "id": outgoing.patient,
            "name": None if name is None else " ".join([*name.given, name.family or ""]).strip(),
            "identifiers": [one.value for one in client.identifiers],
            "reach": [one.value for one in client.contacts],
            "note": client.contact_note,
            "safe": client.safe_to_contact,
        },
        "needs": [{"category": one.category, "text": one.statement} for one in document.needs],
        "goals": [one.description for one in document.goals],
        "service": None if document.service is None else document.service.description,
        "asks": document.requester.organization.name,
        "state": _state(outgoing.referral),
    }


def _whole(outgoing: Outgoing) -> Json:
    """What became of a prescription."""
    return {
        "prescription": outgoing.document.identifier.value,
        "state": _state(outgoing.referral),
        "tries": [_state(one) | {"with": outgoing.titles.get(one.partner or "")} for one in outgoing.referrals],
        "goals": [{"status": status, "achieved": achieved} for status, achieved in outgoing.goals.values()],
    }


def _state(one: ReferralState) -> Json:
    time = one.appointment
    return {
        "referral": one.key,
        "status": one.status,
        "reason": one.reason,
        "order": one.order_status,
        "appointment": None if time is None else {"start": time.start.isoformat(), "place": time.location},
        "outputs": [{"code": None if out.code is None else out.code.code, "text": out.text} for out in one.outputs],
    }


def _write(place: Path, said: Json) -> None:
    """Whole or not at all."""
    unfinished = place.with_suffix(".part")
    unfinished.write_text(json.dumps(said, indent=1))
    unfinished.replace(place)
