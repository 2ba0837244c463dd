"""What goes into a mapping beside the prescription, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from footbridge.i18n import Language
from footbridge.mapping.directory_service import DirectoryService
from footbridge.model.issues import Issue
from footbridge.model.prescription import OrganizationReference, Prescription

Jurisdiction = Literal["us", "ca"]
Guide = Literal["3.0.0", "2.3.0"]
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MappingContext:
    """What the mapping must know beside the prescription.

    Attributes:
        jurisdiction: for a prescription that names none.
        guide: version of the SDOH Clinical Care guide that the receiver is set to.
        person: our stable pseudonymous id of the client, so that several prescriptions share one Patient.
            None: an id of this prescription alone. Never made from a health card number: a hash of one
            can be guessed.
        scope: name of the tenant (and the partner, where ids differ per partner); part of every seed of an id.
        withhold_unsafe_contact: leave out telecom and address of a client who is not safe to contact; False
            only for the internal record.
        partners: what is known of a partner by its name; one that is missing becomes an Organization with
            that name.
        narrative: language of the narratives; None: each in the language of its resource's texts.
        directory: what is known of the service of the directory that the prescription names.
        records: role -> ``Type/id``: the id that a resource of that role and type gets, where it is known already. Of
            use for what was amended: a goal keeps its id wherever it stands now.
        taken: ids that belong to others of the prescription, so that no new resource gets one.
    """

    jurisdiction: Jurisdiction = "us"
    guide: Guide = "3.0.0"
    person: str | None = None
    scope: str = ""
    withhold_unsafe_contact: bool = True
    partners: Mapping[str, OrganizationReference] = field(default_factory=lambda: MappingProxyType({}))
    narrative: Language | None = None
    directory: DirectoryService | None = None
    records: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A prescription as FHIR.

    Attributes:
        bundle: transaction Bundle; every entry has a urn:uuid fullUrl and is a conditional create.
        warnings: what a person should know (JSON Pointers into the prescription); none refuses it.
        withheld: JSON Pointers of what was left out because the client is not safe to contact.
        roles: fullUrl by role: ``patient``, ``service-request``, ``task``, ``follow-up``, ``consent``,
            ``goal/0``, ``need/0``, ``support/0``, ...
        origins: JSON Pointer of the part that a resource was made from, by fullUrl.
        prescription, context: what was mapped.
    """

    bundle: Resource
    warnings: tuple[Issue, ...]
    withheld: tuple[str, ...]
    roles: Mapping[str, str]
    origins: Mapping[str, str]
    prescription: Prescription
    context: MappingContext

    @property
    def resources(self) -> list[Resource]:
        """The resources, in the order of the Bundle."""
        return [entry["resource"] for entry in self.bundle["entry"]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part of a prescription was read: the resource, and its place as FHIRPath."""

    type: str
    id: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Read:
    """FHIR as a prescription.

    Attributes:
        prescription: None when something that a prescription needs is missing; the issues say what.
        not_carried: what has no place in a prescription, what was assumed, what is missing; each with its
            FHIRPath expression.
        sources: the resource that plays a role, named as in ``Mapped.roles``: ``patient``, ``service-request``,
            ``task``, ``consent``, ``need/0``, ``goal/0``, ...
    """

    prescription: Prescription | None
    not_carried: tuple[Issue, ...]
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))
