"""What comes in and what goes out, as values; and checks of a query, so that nothing asked is ignored in silence."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import Headers

from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest, NotSupported

Pairs = tuple[tuple[str, str], ...]
"""Names and values of a query or a form, in their order, percent-decoding done."""
GENERAL = ("_format", "_pretty", "_summary", "_elements")
"""What any interaction may have in its query: https://hl7.org/fhir/R4/http.html#parameters. A server need not obey
``_pretty``; where a resource is the answer, ``_summary`` and ``_elements`` are (``subsetting``)."""
LONGEST = 64  # characters of a parameter's name that are repeated


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


def refuse_others(query: Pairs, known: Collection[str] = ()) -> None:
    """Raise NotSupported for a parameter besides these and the general ones, InvalidRequest for one given twice."""
    for name, _value in query:
        if name not in known and name not in GENERAL:
            supported = ", ".join((*known, *GENERAL))
            raise NotSupported(
                _("Unknown parameter '{name}'. Supported: {supported}.", name=printable(name), supported=supported)
            )
    refuse_repeated(query, (*known, *GENERAL))


def refuse_repeated(query: Pairs, once: Iterable[str]) -> None:
    """Raise InvalidRequest when one of these parameters is given more than once."""
    names = [name for name, _ in query]
    for name in once:
        if names.count(name) > 1:
            raise InvalidRequest(_("The parameter {name} may be given once only.", name=name))


def printable(name: str) -> str:
    """A name of the caller's, cut and fit to be repeated in an answer."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST])
