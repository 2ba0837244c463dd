"""Why a service is among the results, in codes and in words: ``mappings/directory/search/reasons.json``."""

import functools
import re
from collections.abc import Mapping
from typing import Any

from footbridge.data import read_json

Reason = dict[str, Any]
_DECIMAL = re.compile(r"\d+\.\d+")


@functools.cache
def _table() -> dict[str, Any]:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "reasons.json")
    return read


@functools.cache
def _labels() -> dict[str, dict[str, str]]:
    return {one["code"]: one["text"] for one in read_json("terminology", "categories.json")["categories"]}


def category_label(code: str) -> Mapping[str, str]:
    """A category in English and French; its code where we have no words for it."""
    return _labels().get(code) or {"en": code, "fr": code}


def capacity_label(state: str) -> Mapping[str, str]:
    """A state of capacity in English and French."""
    found: dict[str, str] = _table()["capacity"][state]
    return found


def place_text(how: str) -> Mapping[str, str]:
    """How a place was understood, in English and French."""
    found: dict[str, str] = _table()["places"][how]
    return found


def _written(value: str | Mapping[str, str], language: str) -> str:
    """A value in a language; a number with the comma of French."""
    text = value if isinstance(value, str) else value[language]
    return text.replace(".", ",") if language == "fr" and _DECIMAL.fullmatch(text) else text


def reason(code: str, **values: str | Mapping[str, str]) -> Reason:
    """A reason with its words; a value is a text, or has one in English (``en``) and one in French (``fr``)."""
    texts = _table()["reasons"][code]
    said: Reason = {"code": code}
    for language in ("en", "fr"):
        filled = {name: _written(value, language) for name, value in values.items()}
        said[language] = texts[language].format(**filled)
    said.update({name: value for name, value in values.items() if isinstance(value, str)})
    return said
