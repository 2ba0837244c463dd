"""Finds comments in JSON text, so that what follows them can still be looked at."""

import re

from footbridge.validation.reading.document import Place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text: str) -> tuple[str, list[Place]]:
    """The text with blanks in place of comments (so that places stay), and where they stood."""
    places: list[Place] = []

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == '"':
            return found
        line = text.count("\n", 0, match.start()) + 1
        places.append(Place(line, match.start() - text.rfind("\n", 0, match.start())))
        return re.sub(r"[^\n]", " ", found)

    return _TOKEN.sub(blank, text), places
