"""A sentence of ours as a value: English as a str, with what it takes to say it in another language.

Formatting by ``+`` or an f-string makes a plain str of it, which stays English: put what belongs together into one
message with fields.
"""

from collections.abc import Iterable
from typing import Any, Self

from footbridge.i18n.languages import Language


class Text(str):
    """A message with its fields filled in, in English.

    Attributes:
        message: the template in English, a key of the catalogue.
        plural: the template for several, None for a message without a number.
        fields: what fills the template; a field may be a Text itself.
    """

    __slots__ = ("fields", "message", "plural")

    message: str
    plural: str | None
    fields: dict[str, Any]

    def __new__(cls, message: str, plural: str | None = None, fields: dict[str, Any] | None = None) -> Self:
        """Fill in the template. Raises KeyError for a field that it has and ``fields`` lacks."""
        filled = fields or {}
        template = message if plural is None or filled["count"] == 1 else plural
        made = super().__new__(cls, template.format(**filled) if filled else template)
        made.message, made.plural, made.fields = message, plural, filled
        return made

    def __str__(self) -> str:
        """Itself, so that ``str(error)`` of an exception that holds it loses nothing."""
        return self

    def __reduce__(self) -> tuple[type["Text"], tuple[str, str | None, dict[str, Any]]]:
        return Text, (self.message, self.plural, self.fields)


def _(message: str, /, **fields: object) -> Text:
    """A message. ``message`` is a literal, with ``{named}`` fields; without fields, braces stand for themselves."""
    return Text(message, None, fields)


def _n(one: str, several: str, /, count: int, **fields: object) -> Text:
    """A message with a number: ``one`` for 1, else ``several``; both may use ``{count}``."""
    return Text(one, several, {"count": count, **fields})


def in_language(text: str, language: Language) -> str:
    """A text in a language; a str that is no message of ours stays as it is."""
    if language == "en" or not isinstance(text, Text):
        return text
    from footbridge.i18n.catalogue import FORMATTERS, catalogue  # noqa: PLC0415 - most calls are in English, and read none

    known = catalogue(language)
    if text.plural is None:
        template = known.gettext(text.message)
    else:
        template = known.ngettext(text.message, text.plural, text.fields["count"])
    if not text.fields:
        return template
    told = {name: in_language(one, language) if isinstance(one, Text) else one for name, one in text.fields.items()}
    return FORMATTERS[language].vformat(template, (), told)


def joined(texts: Iterable[str], by: str = " ") -> Text:
    """Several texts as one, each of which is said in the language of the whole; ``by`` stands between them."""
    fields = {f"part{number}": text for number, text in enumerate(texts)}
    return Text(by.join(f"{{{name}}}" for name in fields), None, fields)
