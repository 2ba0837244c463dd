"""``POST /ocean/{site}/$process-message``: a site's message is stored as it came, then answered; a job does the work.

Whatever the message is, its site gets 200 once it is on the disk: Ocean repeats what is not answered with 20x every
hour for four days, and writes to the site's administrator each day. What cannot be read waits for a person here.
Refused are only a wrong token or site, and a body that is too large to be stored.
"""

import zlib
from typing import Final

from flask import Blueprint, Response, request

from footbridge.i18n import _
from footbridge.jobs.queue import JobQueue
from footbridge.settings import settings
from footbridge.store import ocean_messages
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.ocean.site_auth import calling_site
from footbridge.web.request_body import read_body
from footbridge.web.responses import FHIR_JSON, written

_GZIP: Final = 31  # of zlib: a gzip header is expected
_STORED: Final = (
    b'{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational",'
    b'"diagnostics":"The message is stored."}]}'
)

routes = Blueprint("ocean_messages", __name__)


@routes.post("/ocean/<site>/$process-message")
def process_message(site: str) -> Response:  # noqa: ARG001 - authentication compared it
    """Store a message; 200 once it is durable."""
    here, sender = app_context(), calling_site()
    most = settings().ocean_message_bytes
    request.max_content_length = most
    body = ocean_messages.Packed.of(_unpacked(read_body(), most))
    now = here.clock.now()
    with here.database.write() as connection:
        ocean_messages.add(connection, sender.tenant, sender.partner, body, now)
        JobQueue(connection).hasten(tenant=sender.tenant, kind="poll", subject=sender.partner, due=now)
    here.wake()
    return written(_STORED, media_type=FHIR_JSON)


def _unpacked(body: bytes, most: int) -> bytes:
    """The body without gzip; one that cannot be unpacked stays as it came, and is failed when it is read."""
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"gzip", "x-gzip"}:
        return body
    unpacker = zlib.decompressobj(_GZIP)
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error:
        return body
    if len(found) > most:
        raise Problem("too-large", _("The body is larger than the limit of {most} bytes.", most=most))
    return found if unpacker.eof else body
