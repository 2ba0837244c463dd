"""What a resource claims in ``meta.profile`` (rules profile.unknown, profile.wrong-type).

https://hl7.org/fhir/R4/resource.html#Meta. A claim is checked like a profile that the caller asks for; one that no
package has is a warning, and nothing of it is checked.
"""

from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "profiling.html"


def check(spot: Spot, scope: Scope) -> None:
    """Check a resource against each profile that it claims."""
    for at, url in enumerate(claims(spot.value)):
        if scope.run.engine.compiler.profile(url) is None:
            where = f"{spot}.meta.profile[{at}]"
            scope.run.report(_unchecked(where))
            undecided(spot, url, scope)
        else:
            scope.run.engine.check_profile(spot, url, scope)


def claims(resource: Any) -> list[str]:  # noqa: ANN401 - JSON is any value
    """The canonical URLs in ``meta.profile``."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    rows = meta.get("profile") if isinstance(meta, dict) else None
    return [url for url in rows if isinstance(url, str)] if isinstance(rows, list) else []


def _unchecked(where: str) -> tuple[Issue]:
    return finding(
        "profile.unknown", where, "The resource claims a profile that is not loaded; it is not checked.",
        severity="warning", code="not-found", spec=SPEC,
    )  # fmt: skip


def undecided(spot: Spot, url: str, scope: Scope) -> None:
    """Note that nothing can be said about a profile, as it is not loaded."""
    scope.run.undecided("profile.unknown", spot, f"the profile {url} is not loaded")


def unknown(spot: Spot, canonical: str) -> tuple[Issue]:
    """A profile that a definition or the caller asks for is not loaded."""
    return finding(
        "profile.unknown", spot, f"The profile {canonical} is not loaded, so it cannot be checked.", code="not-found",
        spec=SPEC,
    )  # fmt: skip


def wrong_type(spot: Spot, url: str, type_name: str) -> tuple[Issue]:
    """The profile constrains another type."""
    return finding(
        "profile.wrong-type", spot, f"The profile {url} is for {type_name}, which this is not.", code="structure",
        profile=url, spec=SPEC,
    )  # fmt: skip
