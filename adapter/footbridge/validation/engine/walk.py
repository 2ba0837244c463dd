"""Runs compiled plans over a resource. The hot path of the engine: no text is made, no issue built, while all is well.

``walk_type`` checks a value against its type: unknown elements, shape, primitive forms, what the type requires, the
rules of every element. ``walk_profile`` checks what a profile asks beyond the type.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.children import gather
from footbridge.validation.core.plan import Form, ProfileChild, ProfileNode, Rule, Slot, TypePlan
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules import json_shape, required, resource_id, unknown_element
from footbridge.validation.sure.asked import Asked, asked_in, holds
from footbridge.validation.sure.later import settled
from footbridge.validation.sure.members import ODD
from footbridge.validation.sure.recall import NOTHING, reported

if TYPE_CHECKING:
    from footbridge.validation.sure.places import Asking, PlaceFunctions
    from footbridge.validation.sure.recall import Coded

Json = Any


def walk_type(spot: Spot, plan: TypePlan, scope: Scope) -> None:
    """Check an object against its type, and everything in it."""
    value = spot.value
    run = scope.run
    if value.__class__ is not dict:
        run.report(json_shape.not_an_object(spot, plan.name))
        return
    if run.budget is not None:
        run.budget.spend()
    run.depth += 1
    if run.depth > run.options.max_depth:
        run.depth -= 1
        run.report(json_shape.too_deep(spot, run.options.max_depth))
        return
    certain = run.engine.certain
    left = None if certain is None else certain.type(spot, plan, scope, _walk_element)
    for key in value if left is None else left:
        _walk_element(key, value[key], spot, plan, scope)
    rules = None if left is None or certain is None else certain.rules(spot, plan, scope)
    if rules is None:
        _check_whole(spot, plan, scope)
    else:
        _run_rules(rules, spot, scope)
    run.depth -= 1


def _walk_element(key: str, child: Json, spot: Spot, plan: TypePlan, scope: Scope) -> None:
    slot, value = plan.keys.get(key), spot.value
    if slot is None:
        _odd_key(key, child, spot, plan, scope)
    elif slot.array:
        _walk_list(child, slot, spot, scope)
    elif slot.accepts is None or not slot.accepts(child) or slot.extra_key in value:
        _walk_value(child, value.get(slot.extra_key), slot, spot, None, scope)


def _check_whole(spot: Spot, plan: TypePlan, scope: Scope) -> None:
    """What the type asks of an object as a whole: what is required, and its rules."""
    value, run = spot.value, scope.run
    if len(value) < 2:
        run.report(json_shape.empty_object(spot, plan))
    for name, key, names in plan.required:
        if key not in value and names.isdisjoint(value):
            run.report(required.missing(spot, name, plan))
    if "id" in value and spot is not scope.spot:
        run.report(resource_id.element_id(spot, scope))
    _run_rules(plan.rules, spot, scope)


def _walk_list(child: Json, slot: Slot, spot: Spot, scope: Scope) -> None:
    if child.__class__ is not list:
        scope.run.report(json_shape.not_a_list(spot, slot))
        _walk_value(child, None, slot, spot, 0, scope)
        return
    if not child:
        scope.run.report(json_shape.empty_list(spot, slot))
    extras = spot.value.get(slot.extra_key)
    if extras is None:
        for at, item in enumerate(child):
            _walk_value(item, None, slot, spot, at, scope)
        return
    if extras.__class__ is not list:
        scope.run.report(json_shape.not_a_list(spot, slot, extra=True))
        extras = ()
    elif len(extras) > len(child):
        scope.run.report(json_shape.unequal_lists(spot, slot))
        child = [*child, *[None] * (len(extras) - len(child))]
    for at, item in enumerate(child):
        _walk_value(item, extras[at] if at < len(extras) else None, slot, spot, at, scope)


def _walk_value(item: Json, extra: Json, slot: Slot, parent: Spot, at: int | None, scope: Scope) -> None:
    plan = slot.plan
    form = plan.form
    if scope.run.full:
        return
    if form is None:
        here = Spot(item, slot, parent, at)
        if plan.kind == "resource":
            scope.run.engine.walk_resource(here, scope)
        else:
            walk_type(here, plan, scope)
    elif extra is None and not slot.rules:
        if not form.accepts(item):
            scope.run.report(form.faults(Spot(item, slot, parent, at), scope))
        elif plan.quick is None:
            slot.accepts = form.accepts
        elif plan.quick(item):
            _run_rules(plan.rules, Spot(item, slot, parent, at), scope)
        return
    else:
        here = Spot(item, slot, parent, at, extra)
        _walk_primitive(here, plan, form, scope)
    _run_rules(slot.rules, here, scope)


def _walk_primitive(spot: Spot, plan: TypePlan, form: Form, scope: Scope) -> None:
    """A primitive that has rules or a companion."""
    if spot.value is None:
        if spot.extra is None or json_shape.is_told_as_null(spot):
            scope.run.report(json_shape.null_value(spot))
    elif not form.accepts(spot.value):
        scope.run.report(form.faults(spot, scope))
    else:
        _run_rules(plan.rules, spot, scope)
    if spot.extra is not None:
        walk_extra(spot, scope)


def _run_rules(rules: Iterable[Rule], spot: Spot, scope: Scope) -> None:
    for rule in rules:
        found = rule.check(spot, scope)
        if found:
            scope.run.report(found)


def walk_extra(spot: Spot, scope: Scope) -> None:
    """Check the ``_name`` companion of a primitive: an object with an id and extensions."""
    extra = spot.extra
    if extra.__class__ is not dict:
        scope.run.report(json_shape.not_an_object(spot, "Element"))
        return
    plan = scope.run.engine.compiler.element_plan
    for key, child in extra.items():
        slot = plan.keys.get(key)
        if slot is None:
            scope.run.report(unknown_element.unknown(spot, key, plan))
        elif slot.array:
            _walk_list(child, slot, Spot(extra, spot.slot, spot.parent, spot.index, extra), scope)
        else:
            _walk_value(child, extra.get(slot.extra_key), slot, spot, None, scope)
    if not extra or (spot.value is None and not extra.get("extension")):
        scope.run.report(json_shape.no_value(spot))


def _odd_key(key: str, child: Json, spot: Spot, plan: TypePlan, scope: Scope) -> None:
    """A name that the type does not list: a ``_name`` companion, the resourceType, or an unknown element."""
    if key == "resourceType" and plan.kind == "resource":
        return
    slot = plan.keys.get(key[1:]) if key[:1] == "_" else None
    if slot is None or slot.plan.form is None:
        scope.run.report(unknown_element.unknown(spot, key, plan))
        return
    if slot.key in spot.value:
        if child is None:
            scope.run.report(json_shape.null_value(Spot(child, slot, spot)))
        return
    if not slot.array:
        _walk_value(None, child, slot, spot, None, scope)
    elif child.__class__ is not list:
        scope.run.report(json_shape.not_a_list(spot, slot, extra=True))
    else:
        for at, item in enumerate(child):
            _walk_value(None, item, slot, spot, at, scope)


def walk_profile(spot: Spot, node: ProfileNode, scope: Scope) -> None:
    """Check what a profile asks of a value and of everything in it."""
    run = scope.run
    if run.budget is not None:
        run.budget.spend()
    certain = run.engine.certain
    sure = None if certain is None else certain.node(spot, node, scope)
    if sure is not None:
        _walk_open(spot, node, sure, scope)
        return
    _run_rules(node.rules, spot, scope)
    if not node.children:
        return
    if spot.slot.choose is not None and spot.value is not scope.resource:
        scope = run.engine.inner_scope(spot, scope)
    for child in node.children:
        _walk_child(child, gather(spot, child.name), spot, scope)


def _walk_open(spot: Spot, node: ProfileNode, sure: "PlaceFunctions", scope: Scope) -> None:
    """Check what is not sure to be well (``footbridge.validation.sure``)."""
    value, asked = spot.value, asked_in(scope)
    if spot.parent is not None or spot is not scope.spot:
        _walk_rules(spot, node, sure, scope)
        for asking in sure.steps:
            _walk_step(asking, spot, asked, scope)
        return
    try:
        together = sure.together is not None and sure.together(value, asked) and not asked.later
    except ODD:
        together = False
    if together:
        for names, asking in sure.left:
            if names.isdisjoint(value):
                continue
            if asking.known is None or not _told(asking.known, asking.child, spot, asked, scope):
                _walk_step(asking, spot, asked, scope)
    else:
        asked.later.clear()
        _walk_rules(spot, node, sure, scope)
        for asking in sure.steps:
            if asking.known is None or not _told(asking.known, asking.child, spot, asked, scope):
                _walk_step(asking, spot, asked, scope)


def _walk_rules(spot: Spot, node: ProfileNode, sure: "PlaceFunctions", scope: Scope) -> None:
    if node.rules:
        asked = asked_in(scope)
        well = holds(sure.rules, spot.value, asked)
        if asked.later:
            well = settled(asked, (spot,), scope, sure=well)
        if not well:
            _run_rules(node.rules, spot, scope)


def _walk_step(asking: "Asking", spot: Spot, asked: Asked, scope: Scope) -> None:
    child, function = asking.child, asking.function
    try:
        well = function is not None and function(spot.value, asked)
    except ODD:
        well = False
    if asked.later:
        well = settled(asked, gather(spot, child.name), scope, sure=well)
    if not well:
        _walk_child(child, gather(spot, child.name), spot, scope)


def _told(known: "Coded", child: ProfileChild, spot: Spot, asked: Asked, scope: Scope) -> bool:
    """Whether all was reported that there is to say of an element, as it was remembered."""
    there = known.there(spot.value)
    if there is None:
        return False
    one, value = there
    said = one.said(value, asked)
    if said is NOTHING and not scope.run.full:
        return True
    if said is None:
        return one.learnt(value, scope, asked, partial(_walk_named, child, spot))
    return reported(said, scope.run)


def _walk_named(child: ProfileChild, parent: Spot, scope: Scope) -> None:
    _walk_child(child, gather(parent, child.name), parent, scope)


def _walk_child(child: ProfileChild, items: list[Spot], parent: Spot, scope: Scope) -> None:
    run = scope.run
    for rule in child.list_rules:
        found = rule.check_all(items, parent, scope)
        if found:
            run.report(found)
    slicing = child.slicing
    if slicing is not None:
        found = slicing.check_all(items, parent, scope)
        if found:
            run.report(found)
    node = child.node
    if items and not node.idle:
        for item in items:
            walk_profile(item, node, scope)
