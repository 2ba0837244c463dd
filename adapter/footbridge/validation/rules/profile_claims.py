"""Profiles that a resource claims, or the caller asks for (rules profile.unknown, profile.wrong-type).

A claim stands in ``meta.profile`` (https://hl7.org/fhir/R4/resource.html#Meta) and is checked like a profile that the
caller asks for; of one that no package has nothing is checked. Where another version is loaded than the one named
(https://hl7.org/fhir/R4/references.html#canonical), that one is checked, and it is said that it is not the one named.
What is not loaded is a warning of a claim, and an error of what the caller asks for.
"""

from collections.abc import Iterable
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "profiling.html"


def check(spot: Spot, claimed: Iterable[str], scope: Scope) -> None:
    """Check a resource against each profile that it claims (``claims``)."""
    engine = scope.run.engine
    for at, url in enumerate(claimed):
        if engine.compiler.profile(url) is None:
            scope.run.report(_unchecked(_place(spot, at), engine.definitions.fault(url)))
            undecided(spot, url, scope)
            continue
        if (used := engine.compiler.stand_in(url)) is not None:
            words = "The resource claims a version of a profile"
            scope.run.report(_other_version(_place(spot, at), words, used, "warning"))
            scope.run.undecided("profile.unknown", spot, f"the profile {url} is not loaded; {_told(used)} was used")
        engine.check_profile(spot, url, scope)


def _place(spot: Spot, at: int) -> str:
    return f"{spot}.meta.profile[{at}]"


def check_asked(spot: Spot, canonical: str, scope: Scope) -> None:
    """Check a resource against a profile that the caller asks for."""
    if (used := scope.run.engine.compiler.stand_in(canonical)) is not None:
        scope.run.report(_other_version(spot, f"The profile {canonical} is asked for in a version", used, "error"))
    scope.run.engine.check_profile(spot, canonical, scope)


def claims(resource: Any) -> list[str]:  # noqa: ANN401 - JSON is any value
    """The canonical URLs in ``meta.profile``."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    rows = meta.get("profile") if isinstance(meta, dict) else None
    return [url for url in rows if isinstance(url, str)] if isinstance(rows, list) else []


def _unchecked(where: str, fault: str | None) -> tuple[Issue]:
    what = "is not loaded; it is not checked." if fault is None else f"cannot be used; it is not checked. {fault}"
    return finding(
        "profile.unknown", where, f"The resource claims a profile that {what}",
        severity="warning", code="not-found", spec=SPEC,
    )  # fmt: skip


def _other_version(where: Spot | str, what: str, used: str, severity: Severity) -> tuple[Issue]:
    return finding(
        "profile.unknown", where, f"{what} that is not loaded; it is checked against {_told(used)}.",
        severity=severity, code="not-found", spec=SPEC,
    )  # fmt: skip


def _told(version: str) -> str:
    return f"version {version}" if version else "one that tells no version"


def undecided(spot: Spot, url: str, scope: Scope) -> None:
    """Note that nothing can be said about a profile, as it is not loaded or cannot be used."""
    fault = scope.run.engine.definitions.fault(url)
    why = "is not loaded" if fault is None else f"cannot be used: {fault}"
    scope.run.undecided("profile.unknown", spot, f"the profile {url} {why}")


def unknown(spot: Spot, canonical: str, fault: str | None) -> tuple[Issue]:
    """A profile that a definition or the caller asks for is not loaded, or cannot be used (``fault`` says why)."""
    why = "is not loaded, so it cannot be checked." if fault is None else f"cannot be used: {fault}"
    return finding(
        "profile.unknown", spot, f"The profile {canonical} {why}", code="not-found", spec=SPEC
    )  # fmt: skip


def wrong_type(spot: Spot, url: str, type_name: str) -> tuple[Issue]:
    """The profile constrains another type."""
    return finding(
        "profile.wrong-type", spot, f"The profile {url} is for {type_name}, which this is not.", code="structure",
        profile=url, spec=SPEC,
    )  # fmt: skip
