"""Why something waits for a person, and why a message was not delivered: codes, and what each says in words.

The tables are ``mappings/waiting.json`` and ``mappings/delivery.json``; each entry has English and French.
"""

import functools
from typing import Any

from footbridge.data import read_json

LANGUAGE = "en"
"""Of the words in answers and in what commands print."""


@functools.cache
def _waiting() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "waiting.json")["why"]
    return table


@functools.cache
def _deliveries() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "delivery.json")
    return table


def waiting_codes() -> tuple[str, ...]:
    """Every reason for which something waits for a person, in the order of the table."""
    return tuple(_waiting())


def meaning_of(code: str, language: str = LANGUAGE) -> str:
    """What a reason to wait means. Raises KeyError for a code or a language that the table lacks."""
    return str(_waiting()[code]["meaning"][language])


def action_for(code: str, language: str = LANGUAGE) -> str:
    """What a person can do about it. Raises KeyError as ``meaning_of``."""
    return str(_waiting()[code]["action"][language])


def proposal_for(code: str, language: str = LANGUAGE) -> str:
    """What is proposed to a person who works in the portal. Raises KeyError as ``meaning_of``."""
    return str(_waiting()[code]["proposal"][language])


def ways_out(code: str) -> tuple[str, ...]:
    """The ways out of a reason to wait, the best first: names of ``actions`` in ``mappings/portal.json``."""
    return tuple(_waiting()[code]["ways"])


def reason_text(code: str | None, language: str = LANGUAGE) -> str | None:
    """Why a message was not delivered; None for None. Raises KeyError for a code or a language that the table lacks."""
    return None if code is None else str(_deliveries()["why"][code][language])


def carried_text(job_kind: str, language: str = LANGUAGE) -> str:
    """What a message of this kind of job brings. Raises KeyError as ``reason_text``."""
    table = _deliveries()
    return str(table["carried"][table["kinds"][job_kind]][language])
