"""Utility functions: https://hl7.org/fhirpath/N1/#utility-functions. All times are those of one evaluation."""

from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Code, Frame
from footbridge.validation.fhirpath.temporal import from_datetime
from footbridge.validation.fhirpath.values import Items, result, text


@function("trace", (1, 2), style="lazy", returns="focus")
def trace(items: Items, frame: Frame, name: Code, projection: Code | None = None) -> Items:
    """Hand the items, or a projection of each, to the context's ``trace``; give the items on unchanged."""
    label = text(name.many(frame), "trace()")
    hook = frame.run.context.trace
    if hook is not None:
        shown = list(items)
        if projection is not None:
            inner = frame.inner()
            shown = []
            for inner.index, item in enumerate(items):
                inner.this = (item,)
                shown.extend(projection.many(inner))
        hook(label or "", [result(item) for item in shown])
    return items


@function("now", returns="DateTime")
def now(_: Items, frame: Frame) -> Items:
    """The time of the evaluation with its offset."""
    return (from_datetime(frame.run.moment, "DateTime"),)


@function("today", returns="Date")
def today(_: Items, frame: Frame) -> Items:
    """The date of the evaluation."""
    return (from_datetime(frame.run.moment, "Date"),)


@function("timeOfDay", returns="Time")
def time_of_day(_: Items, frame: Frame) -> Items:
    """The time of day of the evaluation."""
    return (from_datetime(frame.run.moment, "Time"),)
