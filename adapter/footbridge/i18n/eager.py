"""``_`` and ``_n`` for what is shown at once: the sentence in the language of the current call, as a plain str.

For the commands alone. Everything else makes a ``Text`` (``footbridge.i18n``), which can be stored and logged.
"""

from footbridge.i18n.current import spoken
from footbridge.i18n.text import Text


def _(message: str, /, **fields: object) -> str:
    """A message in the language of the call; see ``footbridge.i18n.text``."""
    return spoken(Text(message, None, fields))


def _n(one: str, several: str, /, count: int, **fields: object) -> str:
    """A message with a number in the language of the call; see ``footbridge.i18n.text``."""
    return spoken(Text(one, several, {"count": count, **fields}))


def translated(message: str) -> str:
    """A message that is no literal where it is shown: the help of a command, the head of a column, a setting's meaning.

    ``scripts/catalogue.py`` lists where such messages come from.
    """
    return spoken(Text(message))
