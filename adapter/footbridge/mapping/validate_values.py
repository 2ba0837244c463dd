"""Checks values that FHIR takes more strictly than a prescription's form does: language tags, and systems.

What is found here would make a resource invalid, so it is refused at the member that the caller wrote. What only a
validator knows (codes of HL7's code systems, HL7's own URLs) is found later, and traced back (``mapping.blame``).
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import replace

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Coding, Identifier, Prescription
from footbridge.model.prescription.people import LanguageSkill
from footbridge.model.prescription.pointers import parts_in, pointer_to
from footbridge.model.prescription.values import Part
from footbridge.terminology.languages import language_issues
from footbridge.validation.rules.uri_value import is_example_host, is_system

_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
# As the HL7 validator has it: one of two arcs is a high node of the tree, which names nothing.
_OID = re.compile(r"(?=.{14})urn:oid:[0-2](\.(0|[1-9][0-9]*))+", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
URI_SYSTEM = "urn:ietf:rfc:3986"
_URI_SPEC = "https://hl7.org/fhir/R4/datatypes.html#uri"


def value_issues(prescription: Prescription) -> Iterator[Issue]:
    """Every finding, errors and warnings, each with its JSON Pointer."""
    for path, part in parts_in(prescription):
        name, issues = _of_part(part)
        for issue in issues:
            yield replace(issue, pointer=pointer_to((*path, name)))


def _of_part(part: Part) -> tuple[str, tuple[Issue, ...]]:
    """The member that is judged in a part, and what is wrong with it."""
    values = vars(part)  # as in ``parts_in``: pydantic's own isinstance and attributes are slow
    kind = type(part)
    if kind is Identifier:
        issues = _system_issues(values["system"], of_identifier=True)
        if issues or values["system"] != URI_SYSTEM:
            return "system", issues
        return "value", _uri_issues(values["value"])
    if kind is Coding:
        return "system", _system_issues(values["system"], of_identifier=False)
    if kind is LanguageSkill:
        return "code", language_issues(values["code"])
    tag: str | None = values.get("language")
    return "language", () if tag is None else language_issues(tag)


@functools.lru_cache(maxsize=4096)
def _system_issues(system: str, *, of_identifier: bool) -> tuple[Issue, ...]:
    if of_identifier and not is_system(system):
        return (_fault("identifier-system", _("The system of an identifier starts with http:, https: or urn:.")),)
    if is_example_host(system):
        message = _("An example URL cannot be a system: use a URI of your own, such as urn:oid:2.16.840.1.113883.3.1.")
        return (_fault("example-url", message),)
    return _form_issues(system)


def _form_issues(uri: str) -> tuple[Issue, ...]:
    if uri.startswith("urn:uuid:") and not _UUID.fullmatch(uri):
        return (_fault("malformed-uri", _("The urn:uuid is not well formed: a UUID in lower case was expected.")),)
    if uri.startswith("urn:oid:") and not _OID.fullmatch(uri):
        message = _(
            "The urn:oid is not well formed, or too short to identify anything: three arcs or more were expected."
        )
        return (_fault("malformed-uri", message),)
    return ()


def _uri_issues(value: str) -> tuple[Issue, ...]:
    if not _URI.fullmatch(value):
        return (
            _fault(
                "malformed-uri", _("A value of the system {uri_system} must be an absolute URI.", uri_system=URI_SYSTEM)
            ),
        )
    return _form_issues(value)


def _fault(rule: str, message: str) -> Issue:
    return Issue(f"prescription.{rule}", "error", "value", message, spec=_URI_SPEC)
