"""Puts a letter into HTML: everything escaped, no script, nothing from the network."""

import functools
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from footbridge.i18n import speaking
from footbridge.i18n.eager import _
from footbridge.letters.values import Letter, Reply

STYLE = "letter.css"


def style() -> str:
    """The style sheet of letters."""
    return (files("footbridge.letters") / STYLE).read_text(encoding="utf-8")


def html_of(letter: Letter, reply: Reply | None = None, *, sheet: str | None = None, size: str = "normal") -> str:
    """The whole page.

    Args:
        letter: what it says.
        reply: how it is answered; None for what needs no answer.
        sheet: address of the style sheet; None where the page gets it another way.
        size: ``normal`` or ``small``.
    """
    with speaking(letter.language):
        return _environment().get_template("letter.html").render(letter=letter, reply=reply, sheet=sheet, size=size)


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("footbridge.letters"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_)
    return made
