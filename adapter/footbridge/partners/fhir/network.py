"""The network ``fhir``: a partner with a FHIR R4 server, spoken to as ``sync`` asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from footbridge.errors import PartnerError
from footbridge.i18n import _
from footbridge.partners.fhir.capabilities import Capabilities
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.delivery import LookFirst, deliver, find_delivered
from footbridge.partners.fhir.oauth import AccessTokens
from footbridge.partners.fhir.patient_match import match_patient
from footbridge.partners.fhir.polling import poll_tasks, read_tasks, referenced
from footbridge.partners.fhir.push import push
from footbridge.partners.fhir.server import Change, PolledReports, Remote, Resource, TaskReport
from footbridge.partners.fhir.translate import task_report
from footbridge.partners.ports import Connection, Token


@dataclass(frozen=True, slots=True)
class FhirPartner:
    """How a partner is set.

    Attributes:
        name: in our configuration.
        base_url: of its FHIR server.
        delivery: one of ``footbridge.partners.fhir.delivery.SHAPES``.
        timeout: longest wait for one answer, in seconds.
        look_first: whether to search before a create.
        allow_http: take plain http to another host, as inside a closed network.
    """

    name: str
    base_url: str
    delivery: str = "transaction"
    timeout: float = 30.0
    look_first: LookFirst = "auto"
    allow_http: bool = False


class FhirNetwork:
    """A ``FhirServer`` over one FHIR server; safe to share between threads."""

    def __init__(self, partner: FhirPartner, *, token: Token | None = None) -> None:
        """Connect nothing yet; raises ConfigurationError for a base URL that is not fit for use."""
        self._partner = partner
        self._tokens = token if isinstance(token, AccessTokens) else None
        self.client = FhirClient(
            partner.base_url,
            token=token,
            timeout=partner.timeout,
            allow_http=partner.allow_http,
            partner=partner.name,
        )

    def close(self) -> None:
        """Close the pooled connections."""
        self.client.close()

    def deliver(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.deliver``, in the partner's shape."""
        return deliver(self.client, bundle, self._partner.delivery, look_first=self._partner.look_first)

    def find(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.find``."""
        return find_delivered(self.client, bundle)

    def match_patient(self, identifiers: Sequence[tuple[str, str]]) -> Remote | None:
        """As ``FhirServer.match_patient``."""
        return match_patient(self.client, identifiers)

    def push(self, type_: str, remote_id: str, change: Change) -> Remote | None:
        """As ``FhirServer.push``; ``footbridge.partners.fhir.push.our_members`` makes the usual change."""
        return push(self.client, type_, remote_id, change)

    def withdraw(self, type_: str, remote_id: str, change: Change) -> bool:
        """As ``FhirServer.withdraw``: the partner's copy stays, and says so."""
        self.push(type_, remote_id, change)
        return False

    def poll(self, cursor: datetime | None) -> PolledReports:
        """As ``FhirServer.poll``."""
        polled = poll_tasks(self.client, cursor)
        return PolledReports(tuple(map(task_report, polled.tasks)), polled.newest)

    def reports(self, remote_ids: Sequence[str]) -> tuple[TaskReport, ...]:
        """As ``FhirServer.reports``."""
        return tuple(map(task_report, read_tasks(self.client, remote_ids)))

    def referenced(self, report: TaskReport) -> tuple[Resource, ...]:
        """As ``FhirServer.referenced``."""
        return referenced(self.client, report.outputs)

    def test(self) -> Connection:
        """Log on, read the CapabilityStatement, search one Task; says which step fails."""
        failed = None if self._tokens is None else self._tokens.failed_step()
        if failed is not None:
            return Connection(reachable=failed.answered, problem=failed.problem, step=failed.step)
        try:
            declared = self.client.capabilities()
        except PartnerError as error:
            return Connection(reachable=error.status is not None, problem=str(error), step="discovery")
        problem = self._problem(declared)
        step = None if problem is None else "discovery"
        if problem is None:
            problem = self._unread()
            step = None if problem is None else "read"
        return Connection(
            reachable=True,
            problem=problem,
            version=declared.fhir_version,
            software=declared.software,
            supports=declared.supports(),
            step=step,
        )

    def _problem(self, declared: Capabilities) -> str | None:
        if declared.fhir_version and not declared.is_r4:
            return _(
                "The partner speaks FHIR {fhir_version}; Footbridge speaks R4 (4.0.1).",
                fhir_version=declared.fhir_version,
            )
        if self._partner.delivery == "transaction" and declared.transaction is False:
            return _("The partner does not declare transaction: set its delivery to resources.")
        return None

    def _unread(self) -> str | None:
        """Why no Task can be searched; None when it can."""
        try:
            next(iter(self.client.pages("Task", [("_count", "1")])))
        except PartnerError as error:
            return str(error)
        return None
