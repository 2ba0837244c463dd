"""Clients whose every word and identifier is found nowhere else, and where to look for them afterwards."""

import copy
from typing import Any

from sqlalchemy import text
from support.spine import HCN, prescribed

from footbridge.store.engine import Database, file_of, files_of
from footbridge.store.tables import metadata

Json = dict[str, Any]
NUMBERS = {"one": "9876543217", "other": "1234567897"}
PHONES = {"one": "+1 416 555 0199", "other": "+1 416 555 0133"}
SHARED = {
    "organization": {"name": "Riverside", "identifiers": [{"system": "urn:footbridge:test:org", "value": "rfht"}]}
}
_FREE = ("family", "text", "statement", "description", "contactNote", "line")


def canary(who: str, number: int = 0, what: str = "") -> str:
    """A word of one person, long enough to be no accident."""
    return f"zq{who}{what}{number}qz"


def document(who: str, number: int, **changes: Any) -> Json:
    """A prescription for one of two persons: all free text, all identifiers and the phone are that person's alone.

    Practice, doctor and service are the same for both.
    """
    made = prescribed(**changes)
    made = _planted(made, lambda what: f"{canary(who, number, what)} words")
    made["client"]["name"]["given"] = [canary(who, number, "given")]
    made["identifier"]["value"] = canary(who, number, "order")
    made["journey"]["value"] = canary(who, number, "journey")
    made["client"]["identifiers"] = [
        {"system": HCN, "value": NUMBERS[who]},
        {"system": "urn:footbridge:test:chart", "value": canary(who, 0, "chart")},
    ]
    made["client"]["contacts"] = [
        {"system": "phone", "value": PHONES[who]},
        {"system": "email", "value": f"{canary(who, number, 'mail')}@clients.invalid"},
    ]
    made["requester"] = {"role": "clinician", "name": {"family": "Tremblay", "given": ["Louis"]}, **SHARED}
    if "service" in made:
        made["service"] = {**made["service"], "description": "Good Food Box"}
    return made


def _planted(value: Any, word: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _planted(one, word, key) for key, one in copy.deepcopy(value).items()}
    if isinstance(value, list):
        return [_planted(one, word, name) for one in value]
    return word(name) if name in _FREE and isinstance(value, str) else value


def traces(database: Database, who: str) -> list[str]:
    """Where anything of a person is found: the files of SQLite, the rows of PostgreSQL."""
    needles = [f"zq{who}".encode(), NUMBERS[who].encode(), PHONES[who].encode()]
    if database.is_sqlite:
        path = file_of(str(database.engine.url))
        assert path is not None
        files = [one for one in files_of(path) if one.is_file()]
        return [f"{one.name}: {needle!r}" for one in files for needle in needles if needle in one.read_bytes()]
    found = []
    with database.read() as connection:
        for name in metadata.tables:
            rows = " ".join(str(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {name}")))
            found += [f"{name}: {needle!r}" for needle in needles if needle in rows.encode()]
    return found
