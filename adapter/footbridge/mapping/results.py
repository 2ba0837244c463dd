"""What goes into a mapping beside the prescription, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

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
    """

    jurisdiction: Jurisdiction = "us"
    guide: Guide = "3.0.0"
    person: str | None = None
    scope: str = ""
    withhold_unsafe_contact: bool = True
    partners: Mapping[str, OrganizationReference] = field(default_factory=lambda: MappingProxyType({}))


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
    """

    bundle: Resource
    warnings: tuple[Issue, ...]
    withheld: tuple[str, ...]
    roles: Mapping[str, str]
    origins: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """FHIR as a prescription.

    Attributes:
        prescription: None when something that a prescription needs is missing; the issues say what.
        not_carried: what has no place in a prescription, what was assumed, what is missing; each with its
            FHIRPath expression.
    """

    prescription: Prescription | None
    not_carried: tuple[Issue, ...]
