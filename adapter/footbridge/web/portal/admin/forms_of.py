"""Fields of the administration's forms, and how what was typed is taken from them."""

from collections.abc import Sequence

from flask import request

from footbridge.web.portal.choices import Option
from footbridge.web.portal.forms import Field


def field(  # noqa: PLR0913 - what a field is
    name: str,
    kind: str,
    label: str,
    options: Sequence[Option] = (),
    value: str = "",
    *,
    hint: str = "",
    of: str = "",
) -> Field:
    """One field with its value; ``kind``, ``hint`` and ``of`` as in ``forms.Field``."""
    values = [value] if value else []
    return Field(name, kind, label, required=False, options=options, values=values, hint=hint, of=of)


def typed(fields: Sequence[Field]) -> dict[str, str]:
    """What was typed, by the names of the fields, which then show it again."""
    found = {}
    for one in fields:
        text = request.form.get(one.name, "").strip()[:1000]
        one.values = [text] if text else []
        found[one.name] = text
    return found
