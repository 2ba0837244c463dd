"""A simulated FHIR partner, for integrators and for our own tests and demo.

``FhirSimulator`` is the server, ``ScriptedRecipient`` somebody who works on the referrals that arrive there. Its
``actions`` and ``scripts`` say what such a recipient can do (``plan_of_text`` reads a plan that a person wrote),
``Quirks`` and ``Fault`` how the server can misbehave, ``Arrival`` what may be said of a request,
``referral_bundle`` makes a referral to try a server with.
"""

from footbridge.partners.fhir.simulator import actions, scripts
from footbridge.partners.fhir.simulator.app import RequestLog
from footbridge.partners.fhir.simulator.arrivals import Arrival
from footbridge.partners.fhir.simulator.faults import Fault, Quirks
from footbridge.partners.fhir.simulator.plan_text import duration_of_text, plan_of_text
from footbridge.partners.fhir.simulator.recipient import Done, ScriptedRecipient
from footbridge.partners.fhir.simulator.sample import referral_bundle
from footbridge.partners.fhir.simulator.server import FhirSimulator

__all__ = [
    "Arrival",
    "Done",
    "Fault",
    "FhirSimulator",
    "Quirks",
    "RequestLog",
    "ScriptedRecipient",
    "actions",
    "duration_of_text",
    "plan_of_text",
    "referral_bundle",
    "scripts",
]
