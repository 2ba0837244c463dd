"""Signatures of Bundles: whether one can be read and what it says of itself (rules signature.*).

https://hl7.org/fhir/R4/signatures.html. No signature is verified here: that takes the signer's certificate. Of a JSON
Web Signature (https://www.rfc-editor.org/rfc/rfc7515) the header is read.

signature.unread  it has no data or format, or one that is not read here
signature.form    the data are not what the format says
signature.time    the time in the signature is not that of ``when``
signature.key     nothing in it says whose it is
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import Row, text_of

JOSE = "application/jose"
XML = "application/signature+xml"


@dataclass(frozen=True, slots=True)
class BundleSignature:
    """The signature of a Bundle."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Read it, as far as that goes."""
        signature = spot.value.get("signature")
        if not isinstance(signature, dict):
            return ()
        where = spot.child("signature")
        return list(_faults(signature, where))


def _faults(signature: Row, where: str) -> Iterator[Issue]:
    kind, data = text_of(signature.get("sigFormat")), text_of(signature.get("data"))
    if kind is None:
        yield from _told("signature.unread", where, "The signature does not say its format.", "information")
    elif kind not in {JOSE, XML}:
        yield from _told("signature.unread", where, "Signatures of this format are not read.", "information")
        return
    if data is None:
        yield from _told("signature.unread", where, "The signature has no data.", "information")
        return
    if kind == XML:
        yield from _told("signature.unread", where, "Signatures in XML are not verified.", "information")
        return
    parts = _parts(data)
    if parts is None:
        if kind == JOSE:
            yield from _told("signature.form", where, "The data are no base64 of a JSON Web Signature.")
        return
    yield from _told("signature.unread", where, "The signature is read, and not verified.", "information")
    header = _header(parts[0])
    if header is None:
        yield from _told("signature.form", where, "The header of the signature is no JSON.")
        return
    if parts[1]:
        yield from _told("signature.form", where, "The content is signed apart, so the signature has none.", "warning")
    yield from _signed(header, signature, where)


def _signed(header: Row, signature: Row, where: str) -> Iterator[Issue]:
    """When and by whom."""
    time, stated = header.get("sigT"), signature.get("when")
    if time is None:
        yield from _told("signature.time", where, "The header does not say when it was signed.", "warning")
    elif _moment(time) is None or _moment(stated) is None:
        yield from _told("signature.time", where, "The times of the signature are not both instants.")
    elif _moment(time) != _moment(stated):
        yield from _told("signature.time", where, "The time in the header is not that of the signature.")
    chain = header.get("x5c")
    if not chain and not header.get("kid"):
        yield from _told("signature.key", where, "The header names neither a certificate nor a key.", "warning")
    elif chain and not all(isinstance(one, str) and _is_certificate(one) for one in chain):
        yield from _told("signature.key", where, "The certificate in the header cannot be read.")


def _parts(data: str) -> list[str] | None:
    """Header, payload and signature; None where the data are nothing like it."""
    try:
        text = base64.b64decode(data, validate=True).decode("ascii")
    except ValueError:
        return None
    parts = text.split(".")
    return parts if len(parts) == 3 else None


def _header(part: str) -> Row | None:
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_certificate(text: str) -> bool:
    """Whether base64 holds what a certificate starts with: a sequence in DER."""
    try:
        return base64.b64decode(text)[:1] == b"\x30"
    except ValueError:
        return False


def _moment(value: Any) -> datetime | None:  # noqa: ANN401 - JSON is any value
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec="signatures.html")
