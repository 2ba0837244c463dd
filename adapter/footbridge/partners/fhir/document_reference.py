"""A document that came with a referral, as a DocumentReference with its content in it, made at the moment of sending.

https://hl7.org/fhir/R4/documentreference.html: the content is ``attachment.data``, so that whoever may read the
resource needs no second address and no second credential. It is stored nowhere else on our side but where it was
fetched to, and goes from there some days after the referral ended.
"""

import base64
from typing import Final

from footbridge.mapping.draft import own_identifier_system
from footbridge.model.clock import utc_instant
from footbridge.partners.fhir.server import Resource
from footbridge.partners.outgoing import Outgoing
from footbridge.store import ocean_documents
from footbridge.store.resource_rows import Scope

TYPE: Final = "DocumentReference"


def document_of(scope: Scope, identity: str, outgoing: Outgoing) -> Resource | None:
    """The document under our own references; None where there is none of that id with a content."""
    row = ocean_documents.find(scope.connection, scope.tenant, identity)
    if row is None or row.content is None or row.prescription != outgoing.prescription:
        return None
    made: Resource = {
        "resourceType": TYPE,
        "id": identity,
        "identifier": [{"system": own_identifier_system(), "value": identity}],
        "status": "current",
        "docStatus": "final",
        "subject": {"reference": outgoing.records["patient"]},
        "date": utc_instant(row.created),
        "description": row.title,
        "content": [
            {
                "attachment": {
                    "contentType": row.media_type,
                    "data": base64.b64encode(row.content).decode(),
                    "title": row.title,
                }
            }
        ],
    }
    if outgoing.referral.order is not None:
        made["context"] = {"related": [{"reference": f"ServiceRequest/{outgoing.referral.order}"}]}
    return made
