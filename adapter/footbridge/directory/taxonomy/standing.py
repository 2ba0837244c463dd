"""How each phrase of a text stands: is it given, is it beside what is given, or does it never count?

``Reading`` looks at the roles (``does not provide``, ``for people who``, ``proof of``), at the sentence in which a
phrase stands, at lists of services (under ``Services:``), and at what a sentence names first.
"""

from typing import Final

from footbridge.directory.taxonomy.phrases import Found
from footbridge.directory.taxonomy.roles import GIVEN, Role
from footbridge.directory.taxonomy.words import HARD, SOFT

LIST_GAP: Final = 3
"""Words between two members of a list that one marker is about: ``no food, housing or other shelter``."""
IN_LIST: Final = -1
"""Number of the sentence of a member of a list of services."""

_BREAKS: Final = HARD | SOFT


class Reading:
    """The phrases of one text in their order, each with its statement and its clause."""

    def __init__(self, words: list[str], found: list[Found]) -> None:
        self._words = words
        self._found = found
        self._starts: list[int] = []  # the first word of the statement of each phrase
        self._clauses: list[int] = []
        self.sentences: list[int] = []
        """The number of the sentence of each phrase, or ``IN_LIST``.

        A list of services begins with a phrase that the table says so of, where it opens a sentence. It ends with an
        empty line, or with another phrase of the table that opens one and has a colon (``Who: ...``).
        """
        self._place()

    def _place(self) -> None:
        words = self._words
        breaks = [place for place, word in enumerate(words) if word in _BREAKS]
        passed = start = number = clause = 0
        listed = False
        for row in self._found:
            while passed < len(breaks) and breaks[passed] < row.start:
                at = breaks[passed]
                clause += 1
                passed += 1
                if words[at] in HARD:
                    number += 1
                    listed = listed and start != at
                    start = at + 1
            if start == row.start and (row.phrase.lists or (row.end < len(words) and words[row.end] == ":")):
                listed = row.phrase.lists
            self._starts.append(start)
            self._clauses.append(clause)
            self.sentences.append(IN_LIST if listed else number)

    def standings(self, *, name: bool) -> list[int]:
        """How each phrase stands: ``GIVEN``, ``BESIDE``, ``NEVER`` or ``DENIED``.

        Args:
            name: whether the text is a name.
        """
        standing = [GIVEN] * len(self._found)
        for place, row in enumerate(self._found):
            role = row.phrase.role
            if role is None or (name and not role.in_name) or (role.opening and self._starts[place] != row.start):
                continue
            if role.after:
                self._after(place, role, standing)
            if role.before:
                self._before(place, role, standing)
        return standing

    def heads(self, within: int) -> set[Found]:
        """The phrases that stand where a sentence names what is given.

        That is within so many words after its beginning or after a word of offers, and on along a list.
        """
        heading: set[Found] = set()
        until, start = within, 0
        for row, its_start in zip(self._found, self._starts, strict=True):
            if its_start != start:
                start, until = its_start, its_start + within
            if row.phrase.offers:
                until = row.end + within
            elif row.phrase.categories and row.start <= until:
                heading.add(row)
                until = max(until, row.end + LIST_GAP)
        return heading

    def _after(self, place: int, role: Role, standing: list[int]) -> None:
        """What a marker reaches: within its words, and on along a list."""
        start, clause = self._starts[place], self._clauses[place]
        reach = self._found[place].end + role.after
        for later in range(place + 1, len(self._found)):
            row = self._found[later]
            if row.start >= reach or self._starts[later] != start or (role.clause and self._clauses[later] != clause):
                return
            if row.phrase.ends or (row.phrase.offers and role.until_offer):
                return
            if row.phrase.categories:
                standing[later] = max(standing[later], role.counts)
                reach = max(reach, row.end + LIST_GAP)

    def _before(self, place: int, role: Role, standing: list[int]) -> None:
        """As ``_after``, back from the marker; a comma before it ends it: ``free meals, donations welcome``."""
        first, start, clause = self._found[place].start, self._starts[place], self._clauses[place]
        reach = first - role.before
        if start == first or self._words[first - 1] in SOFT:
            return
        for earlier in range(place - 1, -1, -1):
            row = self._found[earlier]
            if row.end <= reach or self._starts[earlier] != start or (role.clause and self._clauses[earlier] != clause):
                return
            if row.phrase.ends or (row.phrase.offers and role.until_offer):
                return
            if row.phrase.categories:
                standing[earlier] = max(standing[earlier], role.counts)
                reach = min(reach, row.start - LIST_GAP)
