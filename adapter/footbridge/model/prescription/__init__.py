"""The social prescription: a typed, immutable model, from which the published JSON Schema is made.

``document`` holds the whole; ``people`` who it is about and who wrote it; ``needs`` what it answers to;
``plan`` where it goes and how one looks after it; ``values`` the small types that they share.

``reading`` takes bytes in, through ``decoding``, and says through ``faults`` what is wrong with them;
``rules`` judges what spans members; ``schema`` is the published JSON Schema. The one door that puts them and
the terminology together is ``footbridge.mapping.validate_input``.
"""

from footbridge.model.prescription.document import Kind, Prescription
from footbridge.model.prescription.needs import (
    Barrier,
    BarrierKind,
    Evidence,
    Goal,
    Interest,
    Need,
    Note,
    OwnWords,
    Strength,
    Support,
    SupportKind,
)
from footbridge.model.prescription.people import (
    Client,
    Gender,
    LanguageSkill,
    Navigator,
    OrganizationReference,
    Requester,
    RequesterRole,
)
from footbridge.model.prescription.plan import Consent, FollowUp, Service
from footbridge.model.prescription.values import (
    Address,
    Coding,
    ContactPoint,
    Identifier,
    PersonName,
    SaidText,
)

__all__ = [
    "Address",
    "Barrier",
    "BarrierKind",
    "Client",
    "Coding",
    "Consent",
    "ContactPoint",
    "Evidence",
    "FollowUp",
    "Gender",
    "Goal",
    "Identifier",
    "Interest",
    "Kind",
    "LanguageSkill",
    "Navigator",
    "Need",
    "Note",
    "OrganizationReference",
    "OwnWords",
    "PersonName",
    "Prescription",
    "Requester",
    "RequesterRole",
    "SaidText",
    "Service",
    "Strength",
    "Support",
    "SupportKind",
]
