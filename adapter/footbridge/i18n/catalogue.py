"""The compiled catalogues, read when a language other than English is spoken for the first time.

The ``.mo`` file is made of the ``.po`` beside it by ``scripts/catalogue.py compile``; the format is that of GNU gettext
(https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html).
"""

import functools
import gettext
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from footbridge.data import folder
from footbridge.i18n.languages import Language
from footbridge.i18n.typography import french

DOMAIN = "footbridge"


@functools.cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The messages of a language. Raises FileNotFoundError when the installation lacks them."""
    compiled = folder("locale").joinpath(language, "LC_MESSAGES", f"{DOMAIN}.mo")
    with compiled.open("rb") as file:
        return _Typeset(file)


class _Typeset(gettext.GNUTranslations):
    """French with its spaces, however a translator typed them."""

    def gettext(self, message: str) -> str:
        """As the class above it."""
        return french(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """As the class above it."""
        return french(super().ngettext(msgid1, msgid2, n))


def locale_folder() -> Path:
    """The folder of the catalogues as a path, as ``gettext.bindtextdomain`` needs it."""
    return Path(str(folder("locale")))


class _French(Formatter):
    """Writes numbers as French does: a non-breaking space between thousands, a comma before decimals."""

    def format_field(self, value: Any, format_spec: str) -> Any:  # noqa: ANN401 - Formatter's signature
        """As ``format``, but for a number that the message wants written for people."""
        written = format(value, format_spec)
        if not format_spec or not isinstance(value, int | float):
            return written
        return written.replace(",", "\u00a0").replace(".", ",")


FORMATTERS: Mapping[Language, Formatter] = {"fr": _French()}
"""How fields are written in each language but English."""
