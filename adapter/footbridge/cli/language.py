"""The language that a command speaks: ``--lang``, else FOOTBRIDGE_LANG, else that of the locale; help texts included.

``--lang`` is taken wherever it stands before ``--``, so that ``footbridge --help --lang fr`` and ``footbridge map
--lang fr`` do what they say. Help texts stay English in the code; ``localized`` makes a copy of a command with French
ones, when French is spoken. Click's own sentences ("Usage:", "No such option") come from the same catalogue by way of
``gettext``, which click asks (https://docs.python.org/3/library/gettext.html#gnu-gettext-api).
"""

import copy
import gettext
import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from footbridge.i18n import LANGUAGES, Language, current, language_of_tag, speaking
from footbridge.i18n.eager import translated

OPTION = "--lang"
VARIABLE = "FOOTBRIDGE_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # in the order of POSIX

Shown = TypeVar("Shown", bound=click.Command)


class LanguageTag(click.Choice[str]):
    """One of our languages, by any tag of it: ``fr-CA`` is ``fr``."""

    def __init__(self) -> None:
        super().__init__(LANGUAGES)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """The language."""
        return super().convert(language_of_tag(str(value)) or value, param, ctx)


def first(args: Sequence[str]) -> list[str]:
    """The arguments with ``--lang`` and its value, wherever they stand before ``--``, at the beginning."""
    ours: list[str] = []
    rest = list(args)
    place = 0
    while place < len(rest) and rest[place] != "--":
        if rest[place].startswith(f"{OPTION}="):
            ours.append(rest.pop(place))
        elif rest[place] == OPTION and place + 1 < len(rest):
            ours += [rest.pop(place), rest.pop(place)]
        else:
            place += 1
    return [*ours, *rest]


def language_for(args: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of a command with these arguments, as ``first`` orders them; click refuses one that is not ours."""
    given = None
    for place, one in enumerate(args):
        if one == OPTION and place + 1 < len(args):
            given = args[place + 1]
        elif one.startswith(f"{OPTION}="):
            given = one.partition("=")[2]
        if one == "--":
            break
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    tags = (given, environment.get(VARIABLE), locale)
    return next((known for tag in tags if tag and (known := language_of_tag(tag)) is not None), "en")


@contextmanager
def of_command(args: Sequence[str]) -> Iterator[None]:
    """Speak the language of a command while it runs."""
    language = language_for(args, os.environ)
    if language == "en":
        yield
        return
    with speaking(language), _click_speaks(language):
        yield


@contextmanager
def _click_speaks(language: Language) -> Iterator[None]:
    from footbridge.i18n.catalogue import DOMAIN, locale_folder  # noqa: PLC0415 - not for English

    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(locale_folder()))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def localized(command: Shown) -> Shown:
    """The command with its help, its options' and its subcommands', in the language that is spoken."""
    if current() == "en":
        return command
    shown = copy.copy(command)
    shown._help_option = None  # click keeps it, with its text, on the command  # noqa: SLF001
    shown.help = None if command.help is None else "\n\n".join(map(_paragraph, paragraphs(command.help)))
    shown.short_help = None if command.short_help is None else translated(command.short_help)
    shown.epilog = None if command.epilog is None else translated(command.epilog)
    shown.params = [_parameter(one) for one in command.params]
    if isinstance(shown, click.Group):
        shown.commands = {name: localized(one) for name, one in shown.commands.items()}
    return shown


def paragraphs(text: str) -> list[str]:
    r"""The paragraphs of a help text, each on one line; one that is not wrapped (``\b``) keeps its lines."""
    parts = inspect.cleandoc(text).partition("\f")[0].split("\n\n")
    return [part if part.startswith("\b") else " ".join(part.split()) for part in parts]


def message_of(part: str) -> str:
    r"""What there is to translate in a paragraph: of examples their heading, for commands are the same everywhere."""
    if not part.startswith("\b"):
        return part
    text = part.removeprefix("\b\n")
    return text.partition("\n")[0] if text.startswith("Example") else text


def _paragraph(part: str) -> str:
    message = message_of(part)
    return part.replace(message, translated(message), 1)


def _parameter(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option):
        return parameter
    shown = copy.copy(parameter)
    shown.help = None if parameter.help is None else translated(parameter.help)
    if isinstance(parameter.show_default, str):
        shown.show_default = translated(parameter.show_default)
    return shown
