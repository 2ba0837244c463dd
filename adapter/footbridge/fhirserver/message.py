"""What comes in and what goes out, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import Headers

Pairs = tuple[tuple[str, str], ...]
"""Names and values of a query or a form, in their order, percent-decoding done."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: in capitals.
        path: under the base URL, percent-decoding done, with no slash at its start: ``Task/1``; empty for the base.
        headers: looked up without regard to capitals.
        body: the bytes, with no Content-Encoding.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header; those of one that is repeated are joined by commas (RFC 9110, section 5.2)."""
        values = self.headers.getlist(name)
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; ``body`` is a resource, or empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
