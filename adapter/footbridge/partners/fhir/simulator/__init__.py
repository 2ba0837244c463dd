"""A simulated FHIR partner, for integrators and for our own tests and demo.

``FhirSimulator`` is the server, ``ScriptedRecipient`` somebody who works on the referrals that arrive there. Its
``actions`` and ``scripts`` say what such a recipient can do, ``Quirks`` and ``Fault`` how the server can misbehave,
``referral_bundle`` makes a referral to try a server with.
"""

from footbridge.partners.fhir.simulator import actions, scripts
from footbridge.partners.fhir.simulator.app import RequestLog
from footbridge.partners.fhir.simulator.faults import Fault, Quirks
from footbridge.partners.fhir.simulator.recipient import Done, ScriptedRecipient
from footbridge.partners.fhir.simulator.sample import referral_bundle
from footbridge.partners.fhir.simulator.server import FhirSimulator

__all__ = [
    "Done",
    "Fault",
    "FhirSimulator",
    "Quirks",
    "RequestLog",
    "ScriptedRecipient",
    "actions",
    "referral_bundle",
    "scripts",
]
