"""Fields of the administration's forms, and how what was typed is taken from them."""

from collections.abc import Sequence

from flask import request

from footbridge.web.portal.choices import Option
from footbridge.web.portal.forms import Field


def field(name: str, kind: str, label: str, options: Sequence[Option] = (), value: str = "") -> Field:
    """One field with its value; ``kind`` as in ``forms.Field``."""
    return Field(name, kind, label, required=False, options=options, values=[value] if value else [])


def typed(fields: Sequence[Field]) -> dict[str, str]:
    """What was typed, by the names of the fields, which then show it again."""
    found = {}
    for one in fields:
        text = request.form.get(one.name, "").strip()[:1000]
        one.values = [text] if text else []
        found[one.name] = text
    return found
