"""The URLs of a narrative's links and images: their characters, and the data of data: URLs.

https://www.rfc-editor.org/rfc/rfc3986#section-2, https://www.rfc-editor.org/rfc/rfc2397
"""

import base64
import re

_DATA = re.compile(r"data:(?P<type>[^,;]*)(?P<more>(?:;[^,;]*)*),(?P<data>.*)\Z", re.DOTALL)
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+\-]+\Z")
# Neither reserved nor unreserved; browsers send other letters encoded, so these alone are told.
_NOT_ALLOWED = re.compile(r"""[\^`{}|\\<>"]""")


def url_fault(url: str) -> str | None:
    """What is wrong with a URL; None where it is good. Other rules tell of blanks and of empty ones."""
    if not url.startswith("data:"):
        return "The URL of a link has a character that URLs cannot have." if _NOT_ALLOWED.search(url) else None
    match = _DATA.match(url)
    if match is None or not match["data"]:
        return "A data: URL has no data."
    if match["type"] and not _TYPE.match(match["type"]):
        return "A data: URL has no valid media type."
    if "base64" in match["more"]:
        try:
            base64.b64decode("".join(match["data"].split()), validate=True)
        except ValueError:
            return "The data of a data: URL are no base64."
    return None
