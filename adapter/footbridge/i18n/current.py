"""The language of the current call: a request's, by Accept-Language, or a command's, by ``--lang``.

It is a context variable: each request and each thread has its own, and English where nobody set one. What is stored or
logged never asks for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from footbridge.i18n.languages import ENGLISH, Language
from footbridge.i18n.text import in_language

_current: ContextVar[Language] = ContextVar("footbridge-language", default=ENGLISH)


def current() -> Language:
    """The language of the current call."""
    return _current.get()


def spoken(text: str) -> str:
    """A text in the language of the current call, to be shown now."""
    return in_language(text, _current.get())


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Let what is shown meanwhile be in this language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def start_speaking(language: Language) -> None:
    """Set the language until ``stop_speaking``, for what begins and ends in two functions, as a request does."""
    _current.set(language)


def stop_speaking() -> None:
    """English again."""
    _current.set(ENGLISH)
