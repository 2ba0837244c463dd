"""What the exchange asks of a FHIR server that holds a partner's copies: over HTTP (``network``) or ours (``hosted``).

Every method may raise ``PartnerUnavailable`` (try again later) or ``PartnerRefused`` (a person has to look at it).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from footbridge.partners.ports import Connection

Resource = dict[str, Any]
"""One FHIR resource as plain JSON."""

Change = Callable[[Resource], Resource | None]
"""Maps the partner's current resource to the one that it should be; None when there is nothing to change."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a resource lives at a partner.

    Attributes:
        type: FHIR resource type.
        id: the partner's id of it.
        version: the partner's ``meta.versionId``: opaque, compared for equality only; None when it did not say.
        created: whether this call made it; False when the partner had it already.
    """

    type: str
    id: str
    version: str | None = None
    created: bool = False

    @property
    def reference(self) -> str:
        """The relative reference ``Type/id``."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True)
class TaskReport:
    """A Task as a partner's server shows it.

    Attributes:
        remote_id: the partner's id of the Task.
        version: the partner's version of it, opaque.
        status: Task.status as the partner writes it, ``received`` and ``ready`` included.
        reason_text: why, in the partner's words; None when it gave none. Personal: never logged.
        reason_coding: the codings of the reason, as FHIR Coding.
        last_updated: the partner's own time of this version; None when it did not say.
        outputs: Task.output elements as they came; references in them are the partner's.
        business_status: the partner's finer status, as text.
        identifiers: (system, value) of Task.identifier: finds our Task when the partner's id is not known yet.
    """

    remote_id: str
    version: str | None
    status: str
    reason_text: str | None = None
    reason_coding: tuple[Resource, ...] = ()
    last_updated: datetime | None = None
    outputs: tuple[Resource, ...] = ()
    business_status: str | None = None
    identifiers: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PolledReports:
    """What one poll heard.

    Attributes:
        reports: oldest first; some may have been heard before, told by ``remote_id`` and ``version``.
        cursor: give it to the next poll; None when nothing was ever heard.
    """

    reports: tuple[TaskReport, ...]
    cursor: datetime | None


class FhirServer(Protocol):
    """The server that holds one partner's copies; safe to share between threads."""

    def deliver(self, bundle: Resource) -> Mapping[str, Remote]:
        """Bring the resources of a transaction Bundle to the partner; repeating it doubles nothing.

        Returns where each entry now lives, by its ``fullUrl``. After an exception some entries may have arrived:
        deliver the same Bundle again.
        """

    def find(self, bundle: Resource) -> Mapping[str, Remote]:
        """Where those entries of a Bundle live that arrived before, by their ``fullUrl``; sends nothing new."""

    def match_patient(self, identifiers: Sequence[tuple[str, str]]) -> Remote | None:
        """The one Patient there that bears any of a person's identifiers (system, value); None when there is none.

        Nothing is written, and no URL holds an identifier. Several that differ are a PartnerRefused: nobody guesses.
        """

    def push(self, type_: str, remote_id: str, change: Change) -> Remote | None:
        """Bring one resource at the partner up to date, and keep what others wrote to it meanwhile.

        Returns the version that the partner now has, or None when nothing had to be sent.
        """

    def withdraw(self, type_: str, remote_id: str, change: Change) -> bool:
        """Take back a record that the prescription no longer has; whether the partner has none of it any more.

        Where its copy is out of our reach, the change says there that it is no longer in use.
        """

    def poll(self, cursor: datetime | None) -> PolledReports:
        """Hear of the Tasks that changed since ``cursor``; all of them when it is None."""

    def reports(self, remote_ids: Sequence[str]) -> tuple[TaskReport, ...]:
        """Read these Tasks again, by the partner's ids; one that is gone is left out."""

    def referenced(self, report: TaskReport) -> tuple[Resource, ...]:
        """Fetch what the outputs of a Task refer to, such as its Procedure; what is gone is left out."""

    def test(self) -> Connection:
        """Ask the partner what it is; never raises a PartnerError."""
