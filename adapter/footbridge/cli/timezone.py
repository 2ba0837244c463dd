"""A time zone as an option of a command: a name of the IANA database, or a word that stands for none."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from footbridge.i18n.eager import _

NONE = "none"


class Timezone(click.ParamType[str]):
    """A name such as America/Toronto, or ``none``; sources: https://www.iana.org/time-zones."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """The name as it was given."""
        text = str(value)
        try:
            if text != NONE:
                ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(_("{zone} is not a time zone. Use a name such as America/Toronto.", zone=text), param, ctx)
        return text
