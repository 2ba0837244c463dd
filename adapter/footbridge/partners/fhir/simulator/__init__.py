"""A simulated FHIR partner, for integrators and for our own tests and demo.

``FhirSimulator`` is the server, ``ScriptedRecipient`` somebody who works on the referrals that arrive there. ``acts``
and ``plans`` say what such a recipient can do, ``Habits`` and ``Fault`` how the server can misbehave,
``referral_bundle`` makes a referral to try a server with.
"""

from footbridge.partners.fhir.simulator import acts, plans
from footbridge.partners.fhir.simulator.app import Noted
from footbridge.partners.fhir.simulator.faults import Fault, Habits
from footbridge.partners.fhir.simulator.recipient import Done, ScriptedRecipient
from footbridge.partners.fhir.simulator.sample import referral_bundle
from footbridge.partners.fhir.simulator.server import FhirSimulator

__all__ = [
    "Done",
    "Fault",
    "FhirSimulator",
    "Habits",
    "Noted",
    "ScriptedRecipient",
    "acts",
    "plans",
    "referral_bundle",
]
