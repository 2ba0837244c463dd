"""A stranger who works in a hosted partner's compartment: reads, searches and writes there, and nowhere else."""

from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from footbridge.fhirserver import FhirServer, Request
from footbridge.fhirserver.offer import everything
from footbridge.model.clock import Clock
from footbridge.partners.fhir.hosted_writes import HostedWrites
from footbridge.referrals.inbound import receive
from footbridge.store.engine import Database
from footbridge.store.exact_json import dumps, loads
from footbridge.store.partners import Partner
from footbridge.store.resources import ResourceStore
from footbridge.validation import Validator

Json = dict[str, Any]
BASE = "https://footbridge.test/fhir"
TYPES = [
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "Organization",
    "HealthcareService",
    "Location",
    "Condition",
    "Observation",
    "Goal",
    "Consent",
    "ServiceRequest",
    "Task",
    "Procedure",
    "Communication",
]
_VALIDATOR = Validator()


class Stranger:
    """Knows FHIR and its token, and nothing of ours."""

    def __init__(self, database: Database, tenant: str, partner: Partner, clock: Clock) -> None:
        policy = HostedWrites(tenant, partner, clock, _VALIDATOR, receive)
        store = ResourceStore(database, tenant, clock, BASE, compartment=partner.name)
        self._server = FhirServer(everything(TYPES), BASE, store, policy=policy)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Json | None]:
        """One request; the status and the resource that comes back."""
        found = {"Accept": "application/fhir+json", **{name.replace("_", "-"): one for name, one in headers.items()}}
        data = b"" if body is None else dumps(body).encode()
        if body is not None:
            found["Content-Type"] = "application/fhir+json"
        target, _, query = path.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        answer = self._server.handle(Request(method, target, pairs, Headers(found), data))
        return answer.status, loads(answer.body) if answer.body else None

    def all(self, type_: str) -> list[Json]:
        """Every current resource of a type, by search."""
        status, page = self.send("GET", f"{type_}?_count=1000")
        assert status == 200, page
        return [entry["resource"] for entry in page.get("entry", []) if entry["search"]["mode"] == "match"]

    def get(self, reference: str) -> Json | None:
        status, found = self.send("GET", reference)
        return found if status == 200 else None

    def put(self, resource: Json) -> tuple[int, Json | None]:
        version = resource.get("meta", {}).get("versionId")
        match = {"If_Match": f'W/"{version}"'} if version else {}
        return self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **match)

    def create(self, resource: Json) -> Json:
        status, made = self.send("POST", resource["resourceType"], resource)
        assert status == 201, made
        return made

    def everything_said(self) -> str:
        """All that it can read in any way: every resource in every version, as text."""
        texts = []
        for type_ in TYPES:
            for one in self.all(type_):
                _, history = self.send("GET", f"{type_}/{one['id']}/_history")
                texts.append(dumps(history))
        return "\n".join(texts)
