"""Partners on the network ``spool``, beside partners with a FHIR server, around one clinic."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from partners.spool.network import EVERYTHING, FOLDERS, SpoolNetwork
from sqlalchemy import select
from support.spine import Json, World, everything, prescribed

from footbridge.partners.networks import MAKERS, register_network
from footbridge.store.tables import prescription

LETTER = b"%PDF-1.7 a letter"


def spool(tenant, partner, around):
    return SpoolNetwork(Path(partner.base_url))


def without_messages(tenant, partner, around):
    return SpoolNetwork(Path(partner.base_url), EVERYTHING - {"message", "document"})


def without_documents(tenant, partner, around):
    return SpoolNetwork(Path(partner.base_url), EVERYTHING - {"document"})


class Talkative(SpoolNetwork):
    """Writes all that it is handed, whatever it is about."""

    def update(self, outgoing):
        return self._bring(outgoing)


def talkative(tenant, partner, around):
    return Talkative(Path(partner.base_url))


OURS = {
    "spool-talkative": talkative,
    "spool": spool,
    "spool-silent": without_messages,
    "spool-plain": without_documents,
}


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """All that a network needs outside its own folder."""
    for name, maker in OURS.items():
        register_network(name, maker)
    yield
    for name in OURS:
        del MAKERS[name]


@dataclass
class Folder:
    """The partner's side of a spool."""

    world: World
    name: str
    path: Path
    written: list[str] = field(default_factory=list)

    def put(self, kind: str, *, name: str | None = None, **members: Any) -> str:
        """Leave a file for us; returns its name."""
        self.world.clock.advance(dt.timedelta(seconds=1))
        name = name or f"{len(self.written):03}-{kind}.json"
        self.written.append(name)
        said = {"type": kind, "at": self.world.clock.now().isoformat(), **members}
        (self.path / "in" / name).write_text(json.dumps(said))
        return name

    def names(self, folder: str) -> list[str]:
        return sorted(file.name for file in (self.path / folder).glob("*.json"))

    def read(self, name: str, folder: str = "out") -> Json:
        found: Json = json.loads((self.path / folder / name).read_text())
        return found

    def referrals(self) -> list[Json]:
        return [self.read(name) for name in self.names("out") if not name.startswith("message-")]

    def referral(self) -> Json:
        (found,) = self.referrals()
        return found

    def messages(self) -> list[Json]:
        return [self.read(name) for name in self.names("out") if name.startswith("message-")]

    def text(self) -> str:
        return "\n".join((self.path / "out" / name).read_text() for name in self.names("out"))


class Town(World):
    """A clinic whose partners a test chooses, each on the network that it chooses."""

    folders: dict[str, Folder]
    place: Path

    def add(self, name: str, role: str, network: str) -> None:
        if network == "fhir":
            self.partner(name, role)
            return
        path = self.place / name
        for folder in FOLDERS:
            (path / folder).mkdir(parents=True)
        self.take_on(name, role, network=network, base_url=str(path))
        self.folders[name] = Folder(self, name, path)

    def turn(self, times: int = 2) -> None:
        """Time enough for every poll, and for what follows from it."""
        for _ in range(times):
            self.clock.advance(dt.timedelta(hours=1))
            self.work()

    def prescribe(self, document: Json | None = None) -> str:
        """Bring a prescription the way that the requester has; returns our id of it."""
        document = document or prescribed()
        if "desk" not in self.folders:
            found = self.submit(document).id
            self.turn()
            return found
        self.folders["desk"].put("prescription", document=document, context="thread 7")
        self.turn()
        return self.find(document["identifier"]["value"])

    def find(self, value: str) -> str | None:
        """Our id of the prescription with that identifier."""
        with self.database.read() as connection:
            query = select(prescription.c.id).where(prescription.c.identifier_value == value)
            return connection.scalar(query)

    def text_at(self, name: str) -> str:
        """All that a partner holds, as text."""
        if name in self.folders:
            return self.folders[name].text()
        server = self.servers[name]
        return json.dumps([*everything(server), *server.all("Communication")])

    def documents_at(self, name: str) -> list[bytes]:
        """The documents of the messages that a partner got."""
        if name in self.folders:
            found = [one["content"] for message in self.folders[name].messages() for one in message["documents"]]
        else:
            parts = [part for one in self.servers[name].all("Communication") for part in one["payload"]]
            found = [part["contentAttachment"]["data"] for part in parts if "contentAttachment" in part]
        return [base64.b64decode(one) for one in found]

    def details(self, prescription: str, name: str) -> list[Json]:
        return [dict(one.detail) for one in self.timeline(prescription) if one.name == name]


@pytest.fixture
def town(database, clock, tmp_path) -> Iterator[Town]:
    with Town(database, clock) as found:
        found.folders, found.place = {}, tmp_path
        yield found


def document(content: bytes = LETTER) -> Json:
    """A document as a spool has it."""
    return {"title": "letter", "type": "application/pdf", "content": base64.b64encode(content).decode()}
