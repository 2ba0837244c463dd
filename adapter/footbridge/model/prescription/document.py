"""The whole prescription, as its prescriber writes it."""

from typing import Literal

from pydantic import ConfigDict, Field

from footbridge.model.prescription.needs import (
    Barrier,
    Goal,
    Interest,
    Need,
    Note,
    OwnWords,
    Strength,
    Support,
)
from footbridge.model.prescription.people import Client, Navigator, Requester
from footbridge.model.prescription.plan import Consent, FollowUp, Service
from footbridge.model.prescription.values import Identifier, Instant, LanguageTag, Many, Part, SaidText, member

Kind = Literal["signpost", "warm-connection", "navigator"]
Jurisdiction = Literal["us", "ca"]
Priority = Literal["routine", "urgent", "asap", "stat"]


class Prescription(Part):
    """One social prescription."""

    model_config = ConfigDict(title="Social prescription")

    identifier: Identifier = member(
        "Business identifier of the order in the source system; unique within the tenant.",
        "ServiceRequest.identifier",
    )
    kind: Kind = member(
        "signpost (the client goes without a referral), warm-connection (a referral straight to a service) or "
        "navigator (a link worker picks it up).",
        "ServiceRequest.category, Task.meta.profile",
    )
    authored: Instant = member(
        "When it was written: an instant with offset.", "ServiceRequest.authoredOn, Task.authoredOn"
    )
    language: LanguageTag = member("BCP 47; of the free text.", "ServiceRequest.language")
    jurisdiction: Jurisdiction | None = member(
        "us or ca; the tenant's default when missing.", "ServiceRequest.meta.tag", default=None
    )
    priority: Priority = member("How urgent.", "ServiceRequest.priority, Task.priority", default="routine")
    journey: Identifier | None = member(
        "Groups the prescriptions of one journey of the client.",
        "ServiceRequest.requisition, Task.groupIdentifier",
        default=None,
    )
    client: Client = member("Whom it is for.", "Patient")
    requester: Requester = member("Who asks.", "ServiceRequest.requester, Task.requester")
    navigator: Navigator | None = member(
        "The link worker, where one is named.",
        "Task.owner, ServiceRequest.performer, ServiceRequest.supportingInfo",
        default=None,
    )
    needs: Many[Need] = Field(
        min_length=1,
        description="The needs that it is for.",
        json_schema_extra={"x-fhir": "ServiceRequest.reasonReference"},
    )
    goals: Many[Goal] = member(
        "What should get better.", "Goal, ServiceRequest.extension(resource-pertainsToGoal)", default=()
    )
    in_their_words: Many[OwnWords] = member(
        "What matters to the client, in own words, stored byte for byte.", "ServiceRequest.note", default=()
    )
    strengths: Many[Strength] = member("What helps.", "Observation, ServiceRequest.supportingInfo", default=())
    interests: Many[Interest] = member(
        "What the client likes.", "Observation, ServiceRequest.supportingInfo", default=()
    )
    barriers: Many[Barrier] = member(
        "What makes it difficult.", "Condition, Observation, ServiceRequest.supportingInfo", default=()
    )
    supports: Many[Support] = member("What goes with it.", "ServiceRequest.basedOn, Task.input", default=())
    service: Service | None = member(
        "The help that is prescribed.",
        "Task.owner, ServiceRequest.performer, ServiceRequest.supportingInfo, Task.input",
        default=None,
    )
    consent: Consent | None = member(
        "What the client agreed to.", "Consent, ServiceRequest.supportingInfo", default=None
    )
    follow_up: FollowUp | None = member("How the requester learns what came of it.", "Task.partOf", default=None)
    instructions: SaidText | None = member(
        "Instructions for the client: what, where, when, who will call.",
        "ServiceRequest.patientInstruction",
        default=None,
    )
    notes: Many[Note] = member("Remarks of the requester.", "ServiceRequest.note", default=())
