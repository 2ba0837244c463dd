"""A small good prescription, to change."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from footbridge.data import folder

_SMALL: dict[str, Any] = {
    "identifier": {"system": "urn:footbridge:test:order", "value": "RX-1"},
    "kind": "warm-connection",
    "authored": "2026-11-02T09:40:00-05:00",
    "language": "en",
    "jurisdiction": "ca",
    "client": {"name": {"family": "Sample", "given": ["Kim"]}, "birthDate": "1980-01-31"},
    "requester": {
        "role": "clinician",
        "name": {"family": "Tremblay", "given": ["Louis"]},
        "organization": {"name": "Riverside Family Health Team"},
    },
    "needs": [{"category": "food-insecurity", "statement": "Skips meals at the end of the month."}],
    "goals": [{"need": 0, "description": "Three meals a day.", "due": "2027-01-31"}],
    "consent": {"status": "given", "basis": "express", "how": "verbal", "given": "2026-11-02"},
    "followUp": {"due": "2026-12-01", "method": "phone"},
}


@pytest.fixture
def small() -> dict[str, Any]:
    return copy.deepcopy(_SMALL)


@pytest.fixture
def changed(small) -> Callable[..., dict[str, Any]]:
    """Sets what stands at each JSON Pointer: ``changed({"/client/gender": "F"})``; ... takes it away."""

    def change(changes: dict[str, Any]) -> dict[str, Any]:
        for pointer, value in changes.items():
            *way, last = pointer.lstrip("/").split("/")
            holder: Any = small
            for step in way:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            if isinstance(holder, list):
                holder[int(last) : int(last) + 1] = [] if value is ... else [value]
            elif value is ...:
                del holder[last]
            else:
                holder[last] = value
        return small

    return change


@pytest.fixture(scope="session")
def example_texts() -> dict[str, str]:
    """The text of every example prescription by its file name."""
    files = (entry for entry in folder("examples").iterdir() if entry.name[:2].isdigit())
    return {entry.name: entry.read_text(encoding="utf-8") for entry in files}


@pytest.fixture(scope="session")
def example_documents(example_texts) -> list[dict[str, Any]]:
    return [json.loads(text) for text in example_texts.values()]
