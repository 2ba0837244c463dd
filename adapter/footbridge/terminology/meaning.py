"""Whether a sound code means what its place says: role, category, membership, display.

A finding in a ServiceRequest, a strength recorded as a need and a need recorded as a strength are errors;
a code that the tables list under another category, or with other words, is a warning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from footbridge.i18n import _
from footbridge.model.issues import Issue, Severity
from footbridge.terminology.loaded import Loaded
from footbridge.terminology.rows import CodeRow, Role, category, code_rows, system

STRENGTHS = "protective-factor"
# Service requests and procedures draw on one hierarchy; an Observation may carry any finding.
_INTERVENTIONS = frozenset({"service-request", "procedure"})
_FINDINGS = frozenset({"condition", "goal", "observation"})
_COMPATIBLE: dict[str, frozenset[str]] = {
    "service-request": _INTERVENTIONS,
    "procedure": _INTERVENTIONS,
    "observation": _FINDINGS | {"observation-question", "observation-answer"},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code is to stand: the role of the element, the SDOH category, and who else may be asked."""

    role: Role
    category: str | None
    loaded: Loaded | None


def meaning_issues(uri: str, code: str, display: str | None, place: Place) -> Iterator[Issue]:
    """Judge a code whose form is sound."""
    rows = code_rows(uri, code)
    yield from _display_issues(rows, display)
    known = system(uri)
    if known is not None and known.roles and place.role not in known.roles:
        yield _issue(
            "system-role",
            "error",
            _("{name} is not supported as the code of a {role}.", name=known.name, role=place.role),
        )
        return
    member = _membership(uri, code, place)
    if member is False:
        text = _(
            "{code} is not in the loaded value set of {category} for a {role}.",
            code=code,
            category=place.category,
            role=place.role,
        )
        yield _issue("not-in-value-set", "warning", text)
    if not member and rows:
        yield from _table_issues(rows, code, place)


def _membership(uri: str, code: str, place: Place) -> bool | None:
    """Whether the user's own copy of the guide's value set has the code; None when nobody can say."""
    if place.loaded is None or place.category is None:
        return None
    found = category(place.category)
    link = found.value_sets.get(place.role) if found else None
    if link is None:
        return None
    names = [name for name in (link.canonical, link.oid) if name]
    known = system(uri)
    spellings = (uri, *known.aliases) if known else (uri,)
    answers = [place.loaded.member(name, spelling, code) for name in names for spelling in spellings]
    return True if True in answers else (False if False in answers else None)


def _table_issues(rows: Sequence[CodeRow], code: str, place: Place) -> Iterator[Issue]:
    allowed = _COMPATIBLE.get(place.role, frozenset({place.role}))
    if place.category == STRENGTHS and place.role == "condition":
        allowed = _FINDINGS  # a good state is listed among the goals too
    fitting = [row for row in rows if row.role in allowed]
    if not fitting:
        roles = " and ".join(sorted({row.role for row in rows}))
        text = _(
            "{code} is a code of a {roles}, but was given as that of a {role}.", code=code, roles=roles, role=place.role
        )
        yield _issue("other-role", "error", text)
        return
    listed = {row.category for row in fitting}
    if place.category is None or None in listed or place.category in listed:
        return
    names = ", ".join(sorted(name for name in listed if name))
    if _opposite(fitting, place):
        text = _(
            "{code} is listed under {names}: a strength is not a need, nor a need a strength.", code=code, names=names
        )
        yield _issue("opposite-meaning", "error", text)
    else:
        text = _(
            "{code} is listed under {names}, but was given for {category}.",
            code=code,
            names=names,
            category=place.category,
        )
        yield _issue("other-category", "warning", text)


def _opposite(fitting: Sequence[CodeRow], place: Place) -> bool:
    """Whether a known strength stands for a need, or what is only known as a need for a strength."""
    if place.category == STRENGTHS:
        return all(row.role == "condition" for row in fitting)
    return place.role == "condition" and all(row.category == STRENGTHS for row in fitting)


def _display_issues(rows: Sequence[CodeRow], display: str | None) -> Iterator[Issue]:
    """Compare a display with the known terms, leaving letter case and the semantic tag aside."""
    known = {row.display for row in rows if row.display}
    if display is None or not known or _plain(display) in {_plain(term) for term in known}:
        return
    text = _("Wrong display; expected for {code}: {known}.", code=rows[0].code, known=min(known))
    yield _issue("display", "warning", text)


def _issue(rule: str, severity: Severity, text: str) -> Issue:
    return Issue(f"terminology.{rule}", severity, "code-invalid", text)


def _plain(term: str) -> str:
    bare = re.sub(r"\s*\([a-z /]+\)\s*$", "", term.casefold())
    return re.sub(r"\s+", " ", bare).strip()
