"""Finds comments in JSON text, so that what follows them can still be looked at."""

import re

from footbridge.validation.reading.document import MOST_ISSUES, Place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text: str) -> tuple[str, list[Place]]:
    """The text with blanks in place of comments (so that places stay), and where the first of them stood."""
    places: list[Place] = []
    line, counted = 1, 0

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == '"':
            return found
        if len(places) < MOST_ISSUES:
            nonlocal line, counted
            line, counted = line + text.count("\n", counted, match.start()), match.start()
            places.append(Place(line, match.start() - text.rfind("\n", 0, match.start())))
        return re.sub(r"[^\n]", " ", found)

    return _TOKEN.sub(blank, text), places
