"""The HL7 validator's catalogue of messages (``Messages.properties`` in its jars), and which of them a text utters.

The validator gives most messages with their id. Parsers give none, plurals lack their ending, and a message may hold
another one as an argument (a FHIRPath error within that of an invariant). The catalogue's own templates tell these.
The texts are read from the jar each time and are stored nowhere.
"""

import functools
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_ARGUMENT = re.compile(r"\{(\d+)(?:,[^}]*)?\}")
_PLURAL = re.compile(r"_(one|other)$")
_LEAST = 9  # characters of a template that are no argument; with less, anything would match
_DEPTH = 3  # messages within messages


def read(classpath: str) -> dict[str, str]:
    """The catalogue by id, from the jar among those of a Java class path that has it."""
    jar = next(path for path in classpath.split(":") if "org.hl7.fhir.utilities" in path)
    with zipfile.ZipFile(Path(jar)) as archive:
        lines = archive.read("Messages.properties").decode().splitlines()
    rows = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): text.strip() for key, _, text in rows}


@dataclass(frozen=True)
class Template:
    """A message of the catalogue as a pattern: how much of it is fixed, and which arguments it has."""

    id: str
    fixed: int
    anchor: str
    pattern: re.Pattern[str]
    arguments: tuple[int, ...]


def template(key: str, text: str) -> Template:
    """The pattern of a message; its longest fixed part is looked for first."""
    parts = _ARGUMENT.split(text.replace("''", "'"))
    fixed = parts[0::2]
    pattern = "".join("(.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    arguments = tuple(int(part) for part in parts[1::2])
    return Template(key, len("".join(fixed).strip()), max(fixed, key=len), re.compile(pattern, re.DOTALL), arguments)


class Catalogue:
    """Tells the ids that a message utters."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.ids = tuple(texts)
        self._known = frozenset(texts)
        rows = (template(key, text) for key, text in texts.items())
        self._templates = sorted((row for row in rows if row.fixed >= _LEAST), key=lambda row: -row.fixed)

    def utters(self, given: str | None, text: str) -> set[str]:
        """The ids in a message that the validator gave with an id, or with none."""
        known = None if given is None or "://" in given else given
        return set(self._within(known, text.strip(), 0))

    def _within(self, given: str | None, text: str, depth: int) -> Iterator[str]:
        matches = self._matches(text)
        chosen = self._chosen(given, matches)
        yield from chosen
        if depth == _DEPTH:
            return
        for row, values in matches:
            if row.id in chosen:
                for value in values.values():
                    for piece in {value, *re.split(r"; |, (?=[A-Z])|\n", value)}:
                        if len(piece) > _LEAST:
                            yield from self._within(None, piece.strip(), depth + 1)

    def _chosen(self, given: str | None, matches: list[tuple[Template, dict[int, str]]]) -> set[str]:
        """The id that was given, else that of the most telling template, with its right plural."""
        if given in self._known and given is not None:
            return {given}
        told = _PLURAL.sub("", matches[0][0].id) if matches else None
        named = {key for key in self._known if _PLURAL.sub("", key) == given}
        stem = given if named else told
        alike = named or {key for key in self._known if _PLURAL.sub("", key) == told}
        for row, values in matches:
            if row.id in alike and 0 in values and _PLURAL.search(row.id):
                return {f"{stem}_one" if values[0] == "1" else f"{stem}_other"}
        exact = {row.id for row, _ in matches if row.id in alike}
        return exact if len(exact) == 1 else alike

    @functools.lru_cache(maxsize=100_000)  # noqa: B019 - one catalogue a process
    def _matches(self, text: str) -> list[tuple[Template, dict[int, str]]]:
        return [
            (row, dict(zip(row.arguments, match.groups(), strict=True)))
            for row in self._templates
            if row.anchor in text and (match := row.pattern.fullmatch(text))
        ]
