"""Checks of a query's names: nothing that a caller asks for is ignored in silence."""

from collections.abc import Collection, Iterable

from footbridge.fhirserver.message import Pairs
from footbridge.store.interaction_errors import InvalidRequest, NotSupported

GENERAL = ("_format", "_pretty", "_summary", "_elements")
"""What any interaction may have in its query: https://hl7.org/fhir/R4/http.html#parameters. A server need not obey
``_pretty``, ``_summary`` and ``_elements``."""
LONGEST = 64  # characters of a parameter's name that are repeated


def refuse_others(query: Pairs, known: Collection[str] = ()) -> None:
    """Raise NotSupported for a parameter besides these and the general ones, InvalidRequest for one given twice."""
    for name, _ in query:
        if name not in known and name not in GENERAL:
            supported = ", ".join((*known, *GENERAL))
            raise NotSupported(f"Unknown parameter '{printable(name)}'. Supported: {supported}.")
    refuse_repeated(query, (*known, *GENERAL))


def refuse_repeated(query: Pairs, once: Iterable[str]) -> None:
    """Raise InvalidRequest when one of these parameters is given more than once."""
    names = [name for name, _ in query]
    for name in once:
        if names.count(name) > 1:
            raise InvalidRequest(f"The parameter {name} may be given once only.")


def printable(name: str) -> str:
    """A name of the caller's, cut and fit to be repeated in an answer."""
    return "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST])
