"""The settings as people may see them: values, where each comes from, what it means; secrets are hidden.

For `footbridge config show` and the portal.
"""

import os
import re

from pydantic import SecretStr

from footbridge.i18n.eager import _
from footbridge.settings import Settings, settings, variables

USER_INFO = r"(//[^/@:]*:)[^/@]*@"


def setting_rows() -> list[dict[str, str]]:
    """Every setting: its variable (``setting``), ``value``, ``from`` (environment or default) and ``meaning``."""
    return [_row(name) for name in Settings.model_fields]


def _row(name: str) -> dict[str, str]:
    names = variables(name)
    value = getattr(settings(), name)
    if isinstance(value, SecretStr):
        value = _without_password(value) if name == "database_url" else "***"
    return {
        "setting": names[0],
        "value": "" if value is None else re.sub(USER_INFO, r"\1***@", str(value)),
        "from": "environment" if {given.upper() for given in os.environ}.intersection(names) else "default",
        "meaning": Settings.model_fields[name].description or "",
    }


def _without_password(url: SecretStr) -> str:
    """A database URL to look at; ``***`` for one that cannot be read, since a secret may be anywhere in it."""
    from sqlalchemy import make_url  # noqa: PLC0415 - a command without a database does not wait for it
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - as above

    try:
        parsed = make_url(url.get_secret_value())
    except (ArgumentError, ValueError):
        return _("*** (this is not a database URL)")
    shown = {name: value for name, value in parsed.query.items() if "password" not in name.lower()}
    left_out = "" if len(shown) == len(parsed.query) else _(" (and a password, ***)")
    return parsed.set(query=shown).render_as_string(hide_password=True) + left_out
