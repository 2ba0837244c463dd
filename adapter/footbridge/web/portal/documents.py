"""A document of a referral, as a file to keep: its letter, or an attachment that a clinic's system sent with it.

Who may have it is decided as for the page of the referral (``look``), at each request. The file is never shown inside
of a page of ours: it goes as an attachment of the media type that its first bytes say, and no script of it can run. The
address holds ids of ours, and the name of the file says what it is and whose it is not. Each download is audited.
"""

import mimetypes
from uuid import UUID

from flask import Blueprint, Response

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.security import audit
from footbridge.store import ocean_documents
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.look import look

routes = Blueprint("documents", __name__)


@routes.get("/portal/referrals/<uuid:referral>/documents/<uuid:document>")
def download(referral: UUID, document: UUID) -> Response:
    """The file. Raises NotFoundError where it is not there, or not theirs to read."""
    who = door.signed_in().principal
    seen = look(who, str(referral))
    row = next((one for one in seen.documents if one.id == str(document)), None)
    if row is None or row.state != ocean_documents.STORED:
        raise NotFoundError(_("Document not found."))
    here = app_context()
    with here.database.read() as connection:
        found = ocean_documents.find(connection, who.tenant, row.id)
    if found is None or found.content is None:
        raise NotFoundError(_("Document not found."))
    call = audit.current()
    if call is not None:
        about = {"type": "DocumentReference", "resource": row.id, "prescriptions": (seen.row.prescription,)}
        here.audit.note(call, "read", **about)
    response = Response(found.content, content_type=found.media_type)
    name = f"{row.kind}-{row.id[:8]}{mimetypes.guess_extension(found.media_type) or ''}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
