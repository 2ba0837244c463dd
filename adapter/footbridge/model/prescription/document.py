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
        "signpost (the person goes alone), warm-connection (a referral straight to a service) or "
        "navigator (a link worker picks it up).",
        "ServiceRequest.category",
    )
    authored: Instant = member("When it was written: an instant with offset.", "ServiceRequest.authoredOn")
    language: LanguageTag = member("BCP 47; of the free text.", "language")
    jurisdiction: Jurisdiction | None = member(
        "us or ca; the tenant's default when missing.", "ServiceRequest.meta.tag", default=None
    )
    priority: Priority = member("How urgent.", "ServiceRequest.priority, Task.priority", default="routine")
    journey: Identifier | None = member(
        "Groups the prescriptions of one journey of the client.", "ServiceRequest.requisition", default=None
    )
    client: Client = member("Whom it is for.", "Patient")
    requester: Requester = member("Who asks.", "PractitionerRole, Practitioner, Organization")
    navigator: Navigator | None = member("The link worker, where one is named.", "Task.owner", default=None)
    needs: Many[Need] = Field(
        min_length=1,
        description="What it answers to.",
        json_schema_extra={"x-fhir": "Condition or Observation"},
    )
    goals: Many[Goal] = member("What shall be better.", "Goal", default=())
    in_their_words: Many[OwnWords] = member(
        "What matters to the client, in own words, kept byte for byte.", "note by the Patient", default=()
    )
    strengths: Many[Strength] = member("What helps.", "Observation", default=())
    interests: Many[Interest] = member("What the client likes.", "Observation", default=())
    barriers: Many[Barrier] = member("What stands in the way.", "Condition or Observation", default=())
    supports: Many[Support] = member("What goes with it.", "ServiceRequest, basedOn the referral", default=())
    service: Service | None = member("The help that is prescribed.", "HealthcareService, Organization", default=None)
    consent: Consent | None = member("What the client agreed to.", "Consent", default=None)
    follow_up: FollowUp | None = member("How one learns what became of it.", "Task (follow-up)", default=None)
    instructions: SaidText | None = member(
        "What the person is told: what, where, when, who will call.",
        "ServiceRequest.patientInstruction",
        default=None,
    )
    notes: Many[Note] = member("Remarks of the requester.", "ServiceRequest.note", default=())
