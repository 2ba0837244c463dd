"""Asks a terminology server whether a value set has a code: ``ValueSet/$validate-code``.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html. What leaves is a code and its system, nothing
of the resource around it.
"""

from typing import Any

import requests

from footbridge.logs import get_logger

_log = get_logger("footbridge.partners.terminology")


class TerminologyClient:
    """One terminology server; threads may share it. A ``footbridge.validation.valuesets.TerminologyService``."""

    def __init__(self, base_url: str, *, timeout_seconds: float = 10.0) -> None:
        self._url = base_url.rstrip("/") + "/ValueSet/$validate-code"
        self._timeout = timeout_seconds

    def validate_code(self, value_set: str, system: str | None, code: str, version: str | None) -> bool | None:
        """Whether the value set has the code; None where the server cannot say or does not answer. Never raises."""
        query = {"url": value_set, "code": code}
        if system:
            query["system"] = system
        else:
            query["inferSystem"] = "true"
        if version and system:
            query["systemVersion"] = version
        try:
            response = requests.get(
                self._url, params=query, timeout=self._timeout, headers={"Accept": "application/fhir+json"}
            )
            answer = response.json() if response.ok else None
        except (requests.RequestException, ValueError) as error:
            _log.warning("terminology_unanswered", reason=type(error).__name__)
            return None
        return _result(answer)


def _result(parameters: Any) -> bool | None:  # noqa: ANN401 - an answer is any JSON
    """The ``result`` of a Parameters resource."""
    rows = parameters.get("parameter") if isinstance(parameters, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("name") == "result" and isinstance(row.get("valueBoolean"), bool):
            return bool(row["valueBoolean"])
    return None
