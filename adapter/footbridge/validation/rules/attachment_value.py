"""Attachments: size and hash are those of the data, and there is some content (rules attachment.*).

attachment.size     ``size`` is not the number of bytes of the data
attachment.hash     ``hash`` is not the SHA-1 of the data
attachment.content  neither data nor a URL, nor what would tell what is missing
"""

import base64
import hashlib
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

LARGEST = 10_000_000  # characters of data whose hash is worked out


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """An Attachment in itself."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare size and hash with the data."""
        value = spot.value
        found: list[Issue] = []
        if not value.keys() & {"data", "url", "contentType", "language", "_data", "_url"}:
            found += _told("attachment.content", spot, "The attachment has neither data nor a URL.", "warning")
        data, size, digest = value.get("data"), value.get("size"), value.get("hash")
        if data.__class__ is not str:
            if "url" in value and (size is not None or digest is not None):
                words = "The content is elsewhere, so size and hash are not compared with it."
                found += _told("attachment.content", spot, words, "information")
            return found
        bare = "".join(data.split())
        if size.__class__ is int and len(bare) * 3 // 4 - bare[-2:].count("=") != size:
            found += _told("attachment.size", spot, "The size is not the number of bytes of the data.")
        if digest.__class__ is str and len(bare) <= LARGEST and not _is_hash(digest, bare):
            found += _told("attachment.hash", spot, "The hash is not the SHA-1 of the data.")
        return found


def _is_hash(digest: str, data: str) -> bool:
    """Whether a hash is that of the data; data that are no base64 have none."""
    try:
        raw = base64.b64decode(data, validate=True)
    except ValueError:
        return True
    return base64.b64encode(hashlib.sha1(raw).digest()).decode() == digest  # noqa: S324 - as FHIR says


def _told(rule: str, spot: Spot, words: str, severity: Severity = "error") -> tuple[Issue]:
    return finding(rule, spot, words, severity=severity, code="value", spec="datatypes.html#attachment")
