"""The pack ``terminology-hygiene``: codes that cannot be right, whatever value set they are bound to.

``footbridge.terminology.check_coding`` judges; a rule's file says which of its findings the rule tells, in words that
repeat no code. Rules that are ``guideOnly`` speak in resources of the SDOH Clinical Care guide alone: what is used in
the United States, and which code goes with which SDOH category, is asked of no other resource.
"""

import functools
import re
from typing import TYPE_CHECKING, Any, cast

from footbridge.model.issues import Issue
from footbridge.validation.core.pack import Pack
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.packs.files import GUIDE, rules_of, table

if TYPE_CHECKING:
    from footbridge.terminology import Role

NAME = "terminology-hygiene"
OF_HL7 = re.compile(r"http://(terminology\.)?hl7\.org/(?!fhir/sid/)")  # the engine's own rules know these whole
LONGEST = 500  # characters of a code with its system that are remembered
ANY_ROLE = "observation"  # takes the most codes; for elements where the role does not matter


class CodingHygiene:
    """The rules of the pack, on each Coding."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Judge the code by itself, and beside the category of its resource."""
        system, code = spot.value.get("system"), spot.value.get("code")
        if system.__class__ is not str or code.__class__ is not str or NAME not in scope.run.options.packs:
            return NONE
        if OF_HL7.match(system):
            return NONE
        guided = _is_of_guide(scope.resource)
        path = spot.parent.slot.path if spot.parent is not None else ""
        listed = _categories_of(scope.resource) if guided and path in _roles() else ()
        found = faults_of(system, code, path, guided, listed)
        return tuple(_issue(finding, spot) for finding in sorted(found)) if found else NONE


def faults_of(system: str, code: str, path: str, guided: bool, listed: tuple[str, ...]) -> frozenset[str]:
    """What is wrong with a code, by the names of the findings.

    Args:
        system: its system.
        code: the code.
        path: that of the element which holds the Coding in its type, ``Task.code``.
        guided: whether the resource claims a profile of the SDOH guide.
        listed: the SDOH categories that the resource names, ``surroundings`` has them.
    """
    if OF_HL7.match(system):
        return frozenset()
    judge = _faults if len(system) + len(code) <= LONGEST else _faults.__wrapped__
    if not guided:
        return judge(system, code, ANY_ROLE, ()) & _everywhere()
    role = _roles().get(path)
    if role is None:
        return judge(system, code, ANY_ROLE, ()) - _by_role()
    return judge(system, code, role, listed)


def surroundings(resource: Any) -> tuple[bool, tuple[str, ...]]:  # noqa: ANN401 - JSON is any value
    """Whether a resource claims a profile of the SDOH guide, and the SDOH categories that it then names."""
    guided = _is_of_guide(resource)
    return guided, _categories_of(resource) if guided else ()


@functools.lru_cache(maxsize=8192)
def _faults(system: str, code: str, role: str, listed: tuple[str, ...]) -> frozenset[str]:
    """What is wrong with a code; with several categories, only what is wrong for all of them."""
    from footbridge.terminology import check_coding  # noqa: PLC0415 - many resources have no code that asks for it

    judged = [
        {
            issue.rule.removeprefix("terminology.")
            for issue in check_coding(system, code, role=cast("Role", role), category=category)
        }
        for category in (listed or (None,))
    ]
    return frozenset(set.intersection(*judged) & _rules().keys())


def _issue(finding: str, spot: Spot) -> Issue:
    rule = _rules()[finding]
    return Issue(rule["id"], "warning", rule["code"], rule["message"], expression=str(spot), spec=rule["spec"])


def _is_of_guide(resource: Any) -> bool:  # noqa: ANN401 - JSON is any value
    meta = resource.get("meta")
    claims = meta.get("profile") if isinstance(meta, dict) else None
    for claim in claims if isinstance(claims, list) else ():
        if isinstance(claim, str) and claim.startswith(GUIDE):
            return True
    return False


def _categories_of(resource: dict[str, Any]) -> tuple[str, ...]:
    """The SDOH categories that a resource names."""
    found = resource.get("category")
    if found is None:
        return ()
    named: set[str] = set()
    known = _category_codes()
    for concept in found if isinstance(found, list) else (found,):
        codings = concept.get("coding") if isinstance(concept, dict) else None
        for coding in codings if isinstance(codings, list) else ():
            if isinstance(coding, dict):
                system, code = coding.get("system"), coding.get("code")
                if isinstance(system, str) and isinstance(code, str) and (system, code) in known:
                    named.add(code)
    return tuple(sorted(named)) if len(named) > 1 else tuple(named)


@functools.cache
def _category_codes() -> frozenset[tuple[Any, Any]]:
    from footbridge.terminology import categories  # noqa: PLC0415 - as above

    return frozenset((category.system, category.code) for category in categories())


@functools.cache
def _rules() -> dict[str, dict[str, Any]]:
    """The rules by the finding that they tell."""
    return {row["finding"]: row for row in rules_of(NAME)}


@functools.cache
def _everywhere() -> frozenset[str]:
    return frozenset(finding for finding, row in _rules().items() if not row["guideOnly"])


@functools.cache
def _by_role() -> frozenset[str]:
    """Findings that mean nothing where the element has no role."""
    return frozenset({"other-role", "other-category", "opposite-meaning"})


@functools.cache
def _roles() -> dict[str, str]:
    """Path of an element -> the role of its code."""
    roles: dict[str, str] = table("roles.json")["roles"]
    return roles


PACK = Pack(NAME, type_rules={"Coding": (CodingHygiene(),)})
