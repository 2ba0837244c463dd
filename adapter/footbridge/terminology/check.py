"""Says what is wrong with a code that a caller supplied: form, check digit, jurisdiction, role, category.

The HL7 validator takes any SNOMED CT or LOINC code offline, so that these checks are the only ones before a
code goes out. A sound code that no table knows passes: the tables are a part of each code system.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from footbridge.i18n import Text, _
from footbridge.model.issues import Issue
from footbridge.terminology import loinc, sctid
from footbridge.terminology.codesystems import code_systems, concept
from footbridge.terminology.loaded import Loaded
from footbridge.terminology.meaning import Place, meaning_issues
from footbridge.terminology.rows import (
    SNOMED,
    Jurisdiction,
    Role,
    System,
    aliases,
    code_rows,
    retired,
    system,
)

if TYPE_CHECKING:
    from footbridge.model.prescription.values import Coding

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_CODING_SPEC = "https://hl7.org/fhir/R4/datatypes.html#Coding"
_BINDING_SPEC = "https://hl7.org/fhir/R4/terminologies.html#required"
# Roles whose element has a required binding (US Core), which a coding of another system cannot meet.
_REQUIRED_ROLES = frozenset({"condition", "service-request", "procedure"})


def check_coding(  # noqa: PLR0913 - a coding and its place, each by name
    system_uri: str,
    code: str,
    display: str | None = None,
    *,
    role: Role,
    category: str | None = None,
    jurisdiction: Jurisdiction = "us",
    loaded: Loaded | None = None,
) -> list[Issue]:
    """What is wrong with one coding; empty when nothing is.

    Args:
        system_uri: Coding.system.
        code: Coding.code.
        display: Coding.display; it is compared, and never repeated in a message.
        role: the element that it is meant for. A strength is an `observation` of `protective-factor`, or a
            `condition` where the guide's own set is followed.
        category: SDOH category code, None where there is none.
        jurisdiction: of the prescription.
        loaded: the user's own value sets and code systems, which know better than the shipped tables.
    """
    judge = _sound if len(system_uri) + len(code) <= _LONGEST else _sound.__wrapped__
    issues = list(judge(system_uri, code, jurisdiction))
    if not any(issue.is_error for issue in issues):
        issues += _existence(system_uri, code, loaded)
        issues += meaning_issues(system_uri, code, display, Place(role, category, loaded))
    return issues


def check_concept(
    codings: Sequence["Coding"],
    *,
    role: Role,
    category: str | None = None,
    jurisdiction: Jurisdiction = "us",
    loaded: Loaded | None = None,
) -> list[Issue]:
    """What is wrong with the codings of one CodeableConcept; `expression` says which (``coding[0]``).

    Where the binding is required, one coding at least must be of a system that it takes; a 211 code or an
    ICD-10-CA code may only stand beside one.
    """
    issues: list[Issue] = []
    accepted = False
    for index, coding in enumerate(codings):
        found = check_coding(
            coding.system,
            coding.code,
            coding.display,
            role=role,
            category=category,
            jurisdiction=jurisdiction,
            loaded=loaded,
        )
        issues += [replace(issue, expression=f"coding[{index}]") for issue in found]
        known = system(coding.system)
        accepted = accepted or (known is not None and role in known.roles)
    if codings and role in _REQUIRED_ROLES and not accepted:
        issues.append(_not_alone(role))
    return issues


def _not_alone(role: Role) -> Issue:
    return Issue(
        "terminology.no-accepted-system",
        "error",
        "code-invalid",
        _(
            "The binding of a {role} code is required: one coding must be of a system that it takes, "
            "such as SNOMED CT; others may be added.",
            role=role,
        ),
        expression="coding",
        spec=_BINDING_SPEC,
    )


_LONGEST = 500  # characters of a code with its system that are remembered


@functools.lru_cache(maxsize=8192)
def _sound(uri: str, code: str, jurisdiction: Jurisdiction) -> tuple[Issue, ...]:
    """Faults of the code itself, whatever it is used for."""
    if not _ABSOLUTE.fullmatch(uri):
        return (_error("system-not-absolute", _("The system of a coding must be an absolute URI."), _CODING_SPEC),)
    if meant := aliases().get(uri):
        return (
            _error(
                "system-spelling",
                _(
                    "The system of {name} is written {uri}; {why}.",
                    name=meant.name,
                    uri=meant.uri,
                    why=Text(meant.aliases[uri]),
                ),
            ),
        )
    known = system(uri)
    if known is None:
        return ()
    if (uri, code) in retired():
        instead = " or ".join(retired()[uri, code])
        return (
            _error(
                "retired", _("{name} {code} is retired; use {instead}.", name=known.name, code=code, instead=instead)
            ),
        )
    return tuple(_form_faults(known, code)) or tuple(_jurisdiction_faults(known, code, jurisdiction))


def _form_faults(known: System, code: str) -> Iterator[Issue]:
    if not re.fullmatch(known.form, code):
        yield _error(
            "code-form",
            _("Invalid code of {name}; expected {form}.", name=known.name, form=Text(known.form_text)),
            known.spec,
        )
    elif known.check == "loinc" and not loinc.is_loinc(code):
        yield _error("loinc-check-digit", _("The check digit of LOINC {code} is wrong.", code=code), known.spec)
    elif known.check == "snomed":
        found = sctid.parse(code)
        if found is None or not found.check_ok:
            yield _error(
                "snomed-check-digit", _("The check digit of SNOMED CT {code} is wrong.", code=code), known.spec
            )
        elif not found.is_concept:
            yield _error(
                "snomed-not-a-concept",
                _(
                    "SNOMED CT {code} identifies a {component}, not a concept (partition {partition}).",
                    code=code,
                    component=found.component or _("unknown component"),
                    partition=found.partition,
                ),
                known.spec,
            )


def _jurisdiction_faults(known: System, code: str, jurisdiction: Jurisdiction) -> Iterator[Issue]:
    """What may not be used where the prescription is from."""
    instead = _("use an International SNOMED CT code") if jurisdiction == "ca" else _("use a code of the US realm")
    if known.jurisdictions is not None and jurisdiction not in known.jurisdictions:
        yield _error(
            "other-jurisdiction",
            _(
                "{name} is not used in {place}; {instead}.",
                name=known.name,
                place=_PLACES[jurisdiction],
                instead=instead,
            ),
        )
    if known.uri != SNOMED:
        return
    found = sctid.parse(code)
    namespace = known.namespaces.get(found.namespace) if found else None
    if namespace is not None and jurisdiction in namespace.jurisdictions:
        return
    if jurisdiction == "us" and any(row.value_sets for row in code_rows(SNOMED, code)):
        return
    edition = namespace.edition if namespace else _("extension {namespace}", namespace=found.namespace if found else "")
    message = _(
        "SNOMED CT {code} belongs to the {edition}, which is not used in {place}",
        code=code,
        edition=edition,
        place=_PLACES[jurisdiction],
    )
    if namespace is None and jurisdiction == "us":
        text = _(
            "It is not known whether SNOMED CT {code} ({edition}) is in the US Edition.", code=code, edition=edition
        )
        yield Issue("terminology.unknown-namespace", "warning", "code-invalid", text, spec=known.spec)
    else:
        yield _error("other-jurisdiction", f"{message}; {instead}.")


_PLACES: dict[Jurisdiction, str] = {"us": _("the United States"), "ca": _("Canada")}


def _existence(uri: str, code: str, loaded: Loaded | None) -> Iterator[Issue]:
    """Whether a CodeSystem at hand, loaded or shipped, says that there is such a code."""
    known = loaded.has_code(uri, code) if loaded is not None else None
    shipped = code_systems().get(uri)
    if known is None and shipped is not None:
        known = True if concept(uri, code) else (False if shipped["content"] == "complete" else None)
    if known is False:
        yield _error("unknown-code", _("Unknown code in the code system {uri}.", uri=uri))
    elif known is None and shipped is None and system(uri) is None:
        text = _("Unknown code system {uri}: the code was not checked.", uri=uri)
        yield Issue("terminology.unknown-system", "warning", "code-invalid", text)


def _error(rule: str, message: str, spec: str | None = None) -> Issue:
    return Issue(f"terminology.{rule}", "error", "code-invalid", message, spec=spec)
