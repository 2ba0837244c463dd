"""Every table. Each row belongs to a tenant; each query is scoped by it.

FHIR resources belong to a compartment of the tenant besides: ours (an empty name), or that of one partner, which holds
exactly what was disclosed to it and what it wrote.

tenant, token, partner, route    who may call, whom we talk to, where a category goes
smart_client, smart_server       partners that log on with their keys, and those at which we do (module ``smart``)
access_token, used_assertion     what we gave to the former, and what may not be used again
signing_key                      our own keys
audit_event, audit_patient       who read, searched and wrote what
webhook                          where a requester is told what happens to its prescriptions
person                           the pseudonymous id of a client, by the client's own identifier
client                           what each requester knows of a person: its own pseudonym, whether contact is safe
prescription, referral, event    what was asked, how far each part of it is, and all that happened
client_name                      the words of a client's name, to find prescriptions by
hold                             what has to be decided before anything of a prescription leaves
erased_prescription              that there was one, for counts and the audit, without anything of its client
resource, search_index           FHIR resources, every version, by compartment; what is searched of the current ones
link, former_link                which resource of ours is, or was until it was erased there, which of a partner's
job, circuit                     messages to partners and work that falls due; partners that are down
inbox                            messages received from partners
network_context                  what a partner's network keeps of a referral, or of a prescription as a whole
directory, directory_search      what help there is (modules of their own)
ocean_site, ocean_listing        sites of Ocean, and what a referral to each of their listings means
ocean_token                      tokens with which sites call us
ocean_message, ocean_document    what a site sent, as it came; documents that were fetched from it
letter_setting, letter           how a service without a system gets its letters; the links that answer them
user_account, sign_in_link,      who signs in to the portal, and how
user_session, sign_in_attempt,
portal_secret
prescription_draft               what somebody has begun to write in the portal
idempotency                      keys of requests in flight, and answers kept for a repeat of the same request
"""

from footbridge.store.tables import directory, directory_search
from footbridge.store.tables.audit import audit_event, audit_patient
from footbridge.store.tables.columns import Instant, metadata
from footbridge.store.tables.drafts import prescription_draft
from footbridge.store.tables.letters import letter, letter_setting
from footbridge.store.tables.messages import NOT_DELIVERED, circuit, idempotency, inbox, job, network_context
from footbridge.store.tables.ocean import ocean_document, ocean_listing, ocean_message, ocean_site, ocean_token
from footbridge.store.tables.parties import client, partner, person, route, tenant, token, webhook
from footbridge.store.tables.prescriptions import client_name, erased_prescription, event, hold, prescription, referral
from footbridge.store.tables.resources import former_link, link, resource, search_index
from footbridge.store.tables.sessions import (
    portal_secret,
    sign_in_attempt,
    sign_in_link,
    user_account,
    user_session,
)
from footbridge.store.tables.smart import access_token, signing_key, smart_client, smart_server, used_assertion

__all__ = [
    "NOT_DELIVERED",
    "Instant",
    "access_token",
    "audit_event",
    "audit_patient",
    "circuit",
    "client",
    "client_name",
    "directory",
    "directory_search",
    "erased_prescription",
    "event",
    "former_link",
    "hold",
    "idempotency",
    "inbox",
    "job",
    "letter",
    "letter_setting",
    "link",
    "metadata",
    "network_context",
    "ocean_document",
    "ocean_listing",
    "ocean_message",
    "ocean_site",
    "ocean_token",
    "partner",
    "person",
    "portal_secret",
    "prescription",
    "prescription_draft",
    "referral",
    "resource",
    "route",
    "search_index",
    "sign_in_attempt",
    "sign_in_link",
    "signing_key",
    "smart_client",
    "smart_server",
    "tenant",
    "token",
    "used_assertion",
    "user_account",
    "user_session",
    "webhook",
]
