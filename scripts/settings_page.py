"""Writes docs/reference/settings.md from ``footbridge.settings.Settings``.

Run ``python scripts/settings_page.py`` after a setting has changed; ``--check`` only says whether the page is up to
date (exit code 1 when not).
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from footbridge.settings import Settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "settings.md"
TYPES = {
    str: "text",
    SecretStr: "text, hidden",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path of a file",
}
LIMITS = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}

INTRODUCTION = """\
# Settings

<!-- Made by scripts/settings_page.py from footbridge.settings: change that, then run the script. -->

Every setting is an environment variable. `footbridge config show` prints those that hold, where each comes from, and
variables that look like a setting but are not one. A wrong value ends every command with exit code 2 and the variable's
name. Secrets of partners are not settings: a partner's entry says where its token is
(`footbridge partner add --credential env:NAME` or `file:PATH`).

| variable | value | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    return INTRODUCTION + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    cells = [f"`FOOTBRIDGE_{name.upper()}`", _value(field), _default(field), field.description or ""]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _value(field: FieldInfo) -> str:
    kinds = [kind for kind in _members(field.annotation) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    return ", ".join([*(TYPES[kind] for kind in kinds), *_limits(field)])


def _members(annotation: object) -> list[type]:
    """The types of a union, or the one type that there is, without what their values must look like."""
    several = get_origin(annotation) is Union or type(annotation).__name__ == "UnionType"
    members = list(get_args(annotation)) if several else [annotation]
    return [get_args(one)[0] if get_origin(one) is Annotated else one for one in members]


def _limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        for name, words in LIMITS.items():
            if hasattr(limit, name):
                yield words.format(getattr(limit, name))


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "a SQLite file in the platform's data folder"  # of the database, the one that depends on the machine
    return "none" if field.default is None else f"`{field.default}`"


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
