"""Checks what a person says of an import: the name of its source, the country and the time zone of its records."""

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS

from footbridge.errors import ConfigurationError
from footbridge.i18n import _

_ZONES: Final = {"CA": "America/Toronto", "US": "America/New_York", "GB": "Europe/London"}
"""Where most people of a country live."""


def check_source(name: str) -> None:
    """Raises ConfigurationError for what is no name of a source."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise ConfigurationError(
            _("--source: use letters, digits, '.', '-' and '_', 64 at most, a letter or digit first.")
        )


def country_and_zone(country: str | None, timezone: str | None, jurisdiction: str) -> tuple[str, str]:
    """The country (ISO 3166-1) and time zone (IANA), by the jurisdiction where none is given.

    Raises ConfigurationError for what is none.
    """
    land = (country or jurisdiction).upper()
    if land not in SUPPORTED_REGIONS:
        raise ConfigurationError(
            _("--country {country}: use a country code of ISO 3166, such as CA, US or GB.", country=country)
        )
    zone = timezone or _ZONES.get(land, "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(_("--timezone {zone}: use a name such as America/Toronto.", zone=zone)) from error
    return land, zone
