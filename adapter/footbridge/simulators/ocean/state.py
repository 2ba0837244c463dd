"""What the simulator holds: sites, listings, referrals with their history, messages of both directions, mails.

Bodies and resources are packed (compressed JSON), so that ten thousand referrals with their echoes fit into memory.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from footbridge.simulators.ocean.draft import Draft
from footbridge.simulators.ocean.tables import Folder

Resource = dict[str, Any]
Side = Literal["received", "sent"]
Version = Literal["0.11", "0.10"]
Post = Callable[[bytes], int | None]
"""Posts a body to a receiver: the HTTP status, or None when no answer came."""


def pack(value: object) -> bytes:
    """A value of JSON, or bytes as they are, compressed."""
    return zlib.compress(value if isinstance(value, bytes) else orjson.dumps(value), 1)


def unpack(packed: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """The value that was packed."""
    return orjson.loads(zlib.decompress(packed))


@dataclass(slots=True)
class Site:
    """A site of Ocean, whose listings receive referrals.

    Attributes:
        number: Ocean's, such as ``1234``.
        name: of the organization.
        mail: address of the clinical administrator.
        client_id: of the site's credentials, with which its system calls Ocean.
        client_secret: as above.
        post: the site's integration; None: nothing is sent, its users work in Ocean.
        endpoint: the Request URL of the integration, as messages name it.
        version: of the messages: 0.11 is v0.11.1, 0.10 is v0.10.0.
        informed: whether it is a third party that gets ``notify-add-service-request``.
        alert: since when its deliveries fail; None while all is well.
        mailed: when the administrator last got mail about it.
    """

    number: str
    name: str
    mail: str
    client_id: str
    client_secret: str = field(repr=False)
    post: Post | None = field(default=None, repr=False)
    endpoint: str = "https://receiver.invalid/$process-message"
    version: Version = "0.11"
    informed: bool = False
    alert: datetime | None = None
    mailed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of Ocean's directory: what a clinic refers to.

    Attributes:
        reference: a slug and eight digits, such as ``link_worker_program49721437``.
        site: number of the site that it belongs to.
        title: as a clinic sees it.
        external_service: the External Service ID that the site set; None for none.
        categories: SNOMED codes of the services that it offers.
    """

    reference: str
    site: str
    title: str
    external_service: str | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a referral's history; ``before`` and ``after`` are names of folders on the receiver's side."""

    time: datetime
    actor: str
    event: str
    before: str
    after: str
    note: str = ""


@dataclass(slots=True)
class Referral:
    """One referral.

    Attributes:
        ref: a UUID in small letters.
        listing: reference of its current target.
        draft: what the clinic wrote.
        created: when it was sent.
        folder: where it is.
        base: its own resources, packed: a list of ``[key, resource]``.
        extra: what receivers added, by key, in the order of their arrival: Tasks, Appointments, Communications.
        history: what happened to it.
        stamped: time of its last message; the next has a later one.
        before_waiting: the folder that it was in before it waited for a reply.
        replaces: the referral that it was forwarded from.
        replaced_by: the referral that it was forwarded to.
    """

    ref: str
    listing: str
    draft: Draft
    created: datetime
    folder: Folder
    base: bytes = field(repr=False)
    extra: dict[str, Resource] = field(default_factory=dict, repr=False)
    history: list[Step] = field(default_factory=list, repr=False)
    stamped: datetime | None = None
    before_waiting: Folder | None = None
    replaces: str | None = None
    replaced_by: str | None = None

    @property
    def request_status(self) -> str:
        """``ServiceRequest.status`` in its folder."""
        return self.folder.request_status

    def folder_name(self, side: Side) -> str:
        """The folder as a side names it."""
        return self.folder.received if side == "received" else self.folder.sent


@dataclass(frozen=True, slots=True)
class Try:
    """One delivery of a message: when, and the HTTP status; None when no answer came."""

    time: datetime
    status: int | None


@dataclass(slots=True)
class Message:
    """A message from Ocean to a site.

    Attributes:
        id: ``Bundle.id``.
        ref: of its referral.
        site: number of the site that it goes to.
        event: code of its event.
        time: ``Bundle.timestamp``.
        packed: its body.
        state: ``queued``, ``delivered``, or ``aborted`` after 96 hours.
        due: of the next try.
        tries: so far.
        again: whether it was chosen to be delivered twice.
    """

    id: str
    ref: str
    site: str
    event: str
    time: datetime
    packed: bytes = field(repr=False)
    state: Literal["queued", "delivered", "aborted"] = "queued"
    due: datetime | None = None
    tries: list[Try] = field(default_factory=list)
    again: bool = False

    @property
    def body(self) -> bytes:
        """The body as it is sent."""
        return zlib.decompress(self.packed)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message from a site to Ocean: ``ref`` and ``event`` as far as they could be read, ``status`` of the answer.

    ``findings`` are departures from the guides for which Ocean would not refuse it; ``repeated``: its ``Bundle.id``
    came before.
    """

    time: datetime
    site: str
    ref: str | None
    event: str | None
    status: int
    packed: bytes = field(repr=False)
    findings: tuple[str, ...] = ()
    repeated: bool = False

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return zlib.decompress(self.packed)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to a site's clinical administrator: ``first`` at the first failure, then ``daily``."""

    time: datetime
    to: str
    site: str
    kind: Literal["first", "daily"]
    text: str
