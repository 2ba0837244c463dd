"""What refuses a prescription when it is mapped, whoever made it: categories, links, empty parts, values."""

from collections.abc import Iterator

from footbridge.i18n import _
from footbridge.mapping.results import MappingContext
from footbridge.mapping.sensitivity import revealing_texts
from footbridge.mapping.validate_values import value_issues
from footbridge.model.issues import Issue, errors
from footbridge.model.prescription import Address, PersonName, Prescription
from footbridge.terminology import category, nearest_category

_NOTHING = (PersonName(), Address())


def faults(prescription: Prescription, context: MappingContext) -> list[Issue]:
    """Every fault, with its JSON Pointer; empty when the prescription can be mapped."""
    found = [*_categories(prescription), *_links(prescription), *_empty(prescription), *_languages(prescription)]
    found += errors(value_issues(prescription))
    if context.withhold_unsafe_contact and not prescription.client.safe_to_contact:
        found += revealing_texts(prescription)
    return found


def _fault(rule: str, message: str, pointer: str, code: str = "value") -> Issue:
    return Issue(rule=f"mapping.{rule}", severity="error", code=code, message=message, pointer=pointer)


def _categories(prescription: Prescription) -> Iterator[Issue]:
    named = [(f"/needs/{index}/category", need.category) for index, need in enumerate(prescription.needs)]
    named += [
        (f"/barriers/{index}/category", barrier.category)
        for index, barrier in enumerate(prescription.barriers)
        if barrier.category is not None
    ]
    for pointer, code in named:
        if category(code) is None:
            near = nearest_category(code)
            hint = _("; did you mean {near!r}?", near=near) if near else "."
            yield _fault(
                "unknown-category", _("Not an SDOH category of the guide{hint}", hint=hint), pointer, "code-invalid"
            )


def _links(prescription: Prescription) -> Iterator[Issue]:
    for index, goal in enumerate(prescription.goals):
        if goal.need is not None and goal.need >= len(prescription.needs):
            yield _fault("no-such-need", _("There is no need at this index."), f"/goals/{index}/need")
    for index, support in enumerate(prescription.supports):
        if support.barrier is not None and support.barrier >= len(prescription.barriers):
            yield _fault("no-such-barrier", _("There is no barrier at this index."), f"/supports/{index}/barrier")


def _empty(prescription: Prescription) -> Iterator[Issue]:
    service = prescription.service
    organizations = [
        ("/requester/organization", prescription.requester.organization),
        ("/navigator/organization", prescription.navigator.organization if prescription.navigator else None),
        ("/service/organization", service.organization if service else None),
    ]
    parts: list[tuple[str, object]] = [
        ("/client/name", prescription.client.name),
        ("/client/address", prescription.client.address),
        ("/requester/name", prescription.requester.name),
        ("/navigator/name", prescription.navigator.name if prescription.navigator else None),
        *((f"{pointer}/address", one.address) for pointer, one in organizations if one is not None),
    ]
    for pointer, part in parts:
        if part in _NOTHING:
            yield _fault("empty-part", _("This part is empty: fill it in or leave it out."), pointer, "required")


def _languages(prescription: Prescription) -> Iterator[Issue]:
    seen: set[str] = set()
    for index, skill in enumerate(prescription.client.languages):
        if skill.code in seen:
            yield _fault("duplicate", _("Duplicate language."), f"/client/languages/{index}", "duplicate")
        seen.add(skill.code)
