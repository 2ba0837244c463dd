"""Members of JSON that came from outside, of the type that they should have, or empty."""

from typing import Any

Object = dict[str, Any]


def list_of(value: object) -> list[Any]:
    """The value when it is a list; otherwise an empty one."""
    return value if isinstance(value, list) else []


def objects_of(value: Object, name: str) -> list[Object]:
    """The objects in a list of an object."""
    return [one for one in list_of(value.get(name)) if isinstance(one, dict)]


def object_of(value: Object, name: str) -> Object:
    """An object in an object."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def is_deeper(value: object, most: int) -> bool:
    """Whether objects and lists are nested deeper than ``most``."""
    level = [value]
    for _depth in range(most):
        level = [
            below
            for one in level
            for below in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(below, dict | list)
        ]
        if not level:
            return False
    return True
