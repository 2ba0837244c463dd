"""What a correction names and says: a path into a service's record, what stands there now, and a value that fits it.

A path is a member of HSDS 3.1, or members and positions that lead into one: ``phones[0].number``,
``organization.website`` (https://docs.openreferral.org/en/3.1/hsds/schema_reference.html).
"""

import re
from datetime import date
from typing import Any

import orjson

from footbridge.directory.cleaning.tables import table
from footbridge.directory.errors import DirectoryError
from footbridge.directory.model import ServiceDocument
from footbridge.i18n import _

_STEP = re.compile(r"(?P<name>[a-z_]+)(?:\[(?P<position>\d{1,4})\])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST = 20_000  # signs of a value; descriptions of whole programs have a few thousand
_DATES = frozenset({"date", "datetime"})
_REQUIRED = frozenset({"name", "status"})  # of a service of HSDS 3.1


def said_before(service: ServiceDocument, field: str) -> str:
    """What the record has at a path now: a text, or JSON; empty where it says nothing, or the path is none.

    A suggestion that was stored long ago may have any path.
    """
    try:
        value = value_at(service, field)
    except DirectoryError:
        return ""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def value_at(service: ServiceDocument, field: str) -> Any:  # noqa: ANN401 - what the record has there, or None
    """The value at a path; None where the record says nothing."""
    value: Any = service
    for name, position in _steps(field):
        value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, list) and position is not None:
            value = value[position] if position < len(value) else None
    return value


def check_path(service: ServiceDocument, field: str) -> None:
    """Raise DirectoryError where a path leads to no member of HSDS, or past the end of a list of the record.

    The position after the last one is taken: it stands for one more.
    """
    _kind(field)
    value: Any = service
    for name, position in _steps(field):
        value = value.get(name) if isinstance(value, dict) else None
        if position is not None:
            count = len(value) if isinstance(value, list) else 0
            if position > count:
                raise DirectoryError(
                    _(
                        "{field}: the record has {count} of {name}, counted from 0.",
                        field=field,
                        count=count,
                        name=name,
                    )
                )
            value = value[position] if isinstance(value, list) and position < count else None
        elif isinstance(value, list) and not field.endswith(name):
            raise DirectoryError(_("{field}: {name} is a list. Write {name}[0] for the first.", field=field, name=name))


def check_value(field: str, new: str, today: date) -> None:
    """Raise DirectoryError where a member cannot have this value: dates, the status, names that must be there, ids.

    An id is the source's own, and ours here: nobody can correct it. A text has at most ``LONGEST`` signs.
    """
    if _kind(field) == "id":
        raise DirectoryError(_("{field} is an id: it cannot be corrected.", field=field))
    if len(new) > LONGEST or _CONTROL.search(new):
        raise DirectoryError(
            _(
                "{field}: write a text of at most {count:,} signs, without control characters.",
                field=field,
                count=LONGEST,
            )
        )
    if not new.strip():
        if field in _REQUIRED:
            raise DirectoryError(_("{field}: a service must have one. Write the right value.", field=field))
        return
    if _kind(field) in _DATES:
        try:
            day = date.fromisoformat(new)
        except ValueError:
            raise DirectoryError(_("{field}: write a day as YYYY-MM-DD.", field=field)) from None
        if field.endswith("assured_date") and day > today:
            raise DirectoryError(_("{field}: {day} is in the future.", field=field, day=new))
    statuses = list(table("status")["values"])
    if field == "status" and new not in statuses:
        raise DirectoryError(_("{field}: use one of {names}.", field=field, names=", ".join(statuses)))


def _kind(field: str) -> str:
    """What kind of value the member at the end of a path has. Raises DirectoryError where a step is no member."""
    rows = table("members")
    kind = "{service}"
    for name, position in _steps(field):
        object_name = kind.strip("[]{}")
        members = {**rows["objects"].get(object_name, {}), **rows["ours"].get(object_name, {})}
        if object_name == "service":
            members |= {"organization": "{organization}", "locations": "[location]"}
        if kind[0] not in "[{" or name not in members or (position is not None and members[name][0] != "["):
            raise DirectoryError(_("{field}: {name} is not a member of HSDS at this point.", field=field, name=name))
        kind = members[name]
    return kind


def _steps(field: str) -> list[tuple[str, int | None]]:
    found = []
    for part in field.split("."):
        step = _STEP.fullmatch(part)
        if step is None:
            raise DirectoryError(
                _("{field} is not a path: write it as phones, phones[0].number or organization.website.", field=field)
            )
        found.append((step["name"], None if step["position"] is None else int(step["position"])))
    return found
