"""The rules behind findings: how serious each is, and its words in English and French (mappings/directory/rules)."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from footbridge.data import folder, read_json
from footbridge.directory.records import Severity

Language = Literal["en", "fr"]
ORDER: Mapping[Severity, int] = {"error": 0, "warning": 1, "information": 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it finds, and what is done then, as sentences by language."""

    id: str
    severity: Severity
    text: Mapping[str, str]
    done: Mapping[str, str]


@functools.cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id."""
    found: dict[str, Rule] = {}
    for file in sorted((folder("mappings") / "directory" / "rules").iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".json"):
            continue
        for name, row in json.loads(file.read_bytes())["rules"].items():
            found[name] = Rule(name, row["severity"], {"en": row["en"], "fr": row["fr"]}, row.get("done", {}))
    return found


def rule(name: str) -> Rule:
    """The rule of a finding; raises KeyError for one that no table has."""
    return rules()[name]


@functools.cache
def _severities() -> Mapping[Severity, Mapping[Language, str]]:
    found: Mapping[Severity, Mapping[Language, str]] = read_json("mappings", "directory", "severities.json")["words"]
    return found


def severity_word(severity: Severity, language: Language) -> str:
    """How serious a finding is, as people say it (``mappings/directory/severities.json``)."""
    return _severities()[severity][language]
