"""Options of ``footbridge tenant set`` that say who the tenant is: name, ways to reach it, address."""

from collections.abc import Callable
from typing import Any

import click

from footbridge.i18n.eager import _

_OPTIONS = (
    ("--title", _("Name of its own organization, as letters and prescriptions of the portal say it.")),
    ("--phone", _("Phone number at which services and clients ask; an empty text removes it.")),
    ("--fax", _("Fax number of the organization.")),
    ("--email", _("E-mail address of the organization.")),
    ("--street", _("Street and number of the organization.")),
    ("--city", _("City or town of the organization.")),
    ("--province", _("Province, territory or state of the organization, such as ON.")),
    ("--postal-code", _("Postal code of the organization.")),
)


def organization_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, each None where it is not given."""
    for name, text in reversed(_OPTIONS):
        command = click.option(name, help=text)(command)
    return command


def tell(tenant: str, title: str | None) -> str:
    """What is said of the organization now, in a line."""
    if title is None:
        return _("Nothing is said of the organization of {tenant}: its short name is used.", tenant=tenant)
    return _("Organization of {tenant}: {title}.", tenant=tenant, title=title)
