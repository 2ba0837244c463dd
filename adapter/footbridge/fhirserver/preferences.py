"""What a caller prefers: the header Prefer (https://hl7.org/fhir/R4/http.html#ops, RFC 7240).

``return`` says what the answer to a write holds, ``handling`` what becomes of a search with parameters that are not
known. As RFC 7240 says, other preferences are ignored, and ``Preference-Applied`` names those that were obeyed.
"""

from dataclasses import dataclass
from typing import Literal

from werkzeug.http import parse_list_header, parse_options_header

from footbridge.fhirserver.message import Request

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: dict[str, Return] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the caller prefers; None where it did not say."""

    returns: Return | None = None
    strict: bool | None = None

    def applied(self) -> dict[str, str]:
        """The header that says that ``return`` was obeyed."""
        return {} if self.returns is None else {"Preference-Applied": f"return={self.returns}"}


def read_preferences(request: Request) -> Preferences:
    """The preferences of a request; of one that is repeated the first counts."""
    given: dict[str, str] = {}
    for item in parse_list_header(request.header("Prefer") or ""):
        name, _, value = parse_options_header(item)[0].partition("=")
        given.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    handling = given.get("handling")
    strict = handling == "strict" if handling in {"strict", "lenient"} else None
    return Preferences(_RETURNS.get(given.get("return", "")), strict)
