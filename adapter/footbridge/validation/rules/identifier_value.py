"""Identifiers: an absolute system, and a URI as value where the system says so (rules identifier.system, .uri)."""

import re
from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.uri_value import is_system

URI_SYSTEM = "urn:ietf:rfc:3986"
UUID_SPEC = "https://tools.ietf.org/html/rfc4122"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+\Z")


@dataclass(frozen=True, slots=True)
class IdentifierUri:
    """The system is absolute; with urn:ietf:rfc:3986 the value is an absolute URI too."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look at the value's form."""
        value = spot.value
        system = value.get("system")
        if isinstance(system, str) and system and not is_system(system):
            return finding(
                "identifier.system", spot, "The system of an identifier must be an absolute URL.", code="value",
                spec="datatypes.html#identifier",
            )  # fmt: skip
        if system == UUID_SPEC:
            return _by_specification(spot, value.get("value"))
        if system != URI_SYSTEM or not isinstance(value.get("value"), str):
            return NONE
        text = value["value"]
        if _ABSOLUTE.match(text) and not (text.startswith("urn:oid:") and not _is_oid(text)):
            return NONE
        return finding(
            "identifier.uri", spot, f"With the system {URI_SYSTEM} the value must be an absolute URI.", code="value",
            spec="datatypes.html#identifier",
        )  # fmt: skip


def _by_specification(spot: Spot, value: object) -> Findings:
    """The page that specifies UUIDs in place of the system of URIs."""
    bare = str(value).removeprefix("urn:uuid:")
    return finding(
        "identifier.system", spot, f"A UUID has the system {URI_SYSTEM}, and urn:uuid: before it.",
        severity="warning" if _UUID.match(bare) else "error", code="value", spec="datatypes.html#identifier",
    )  # fmt: skip


def _is_oid(text: str) -> bool:
    return re.match(r"urn:oid:[0-2](\.(0|[1-9]\d*))+\Z", text, re.ASCII) is not None
