"""How each phrase of a text stands: is it given, is it beside what is given, or does it never count?

``Reading`` looks at the roles (``does not provide``, ``for people who``, ``proof of``), at the sentence in which a
phrase stands, at lists of services (under ``Services:``), and at what a sentence names first.
"""

from typing import Final

from footbridge.directory.taxonomy.phrases import Found
from footbridge.directory.taxonomy.roles import BESIDE, GIVEN, Role
from footbridge.directory.taxonomy.words import HARD, SOFT

LIST_GAP: Final = 3
"""Words between two members of a list that one marker is about: ``no food, housing or other shelter``."""
IN_LIST: Final = -1
"""Number of the sentence of a member of a list of services."""

_BREAKS: Final = HARD | SOFT
_LINES: Final = frozenset("\n•")
_LINE_ENDS: Final[tuple[list[str], ...]] = ([], ["\n"], ["\u2022"])  # what follows the last word of a line
_BARS: Final = SOFT - {":"}  # what a role does not reach back over


class Reading:
    """The phrases of one text in their order, each with its statement and its clause."""

    def __init__(self, words: list[str], found: list[Found], *, name: bool, head: int) -> None:
        """Read a text.

        Args:
            words: of the text, folded.
            found: its phrases in their order.
            name: whether the text is a name, where ``for seniors`` is what the service is.
            head: words after the beginning of a sentence, or after a word of offers, that name what is given.
        """
        self._words = words
        self._found = found
        self._starts: list[int] = []  # the first word of the statement of each phrase
        self._clauses: list[int] = []
        self.sentences: list[int] = []
        """The number of the sentence of each phrase, or ``IN_LIST``.

        A list of services begins with a phrase that the table says so of, where it opens a sentence. It ends with an
        empty line that no bullet follows, or with another phrase of the table that opens one and has a colon
        (``Who: ...``); without a colon of its own with its sentence, unless lines follow. A bullet that has no more
        than a phrase is one too.
        """
        self.standings = [GIVEN] * len(found)
        """How each phrase stands: ``GIVEN``, ``BESIDE``, ``NEVER`` or ``DENIED``."""
        self.heads: list[bool] = []
        """Whether each phrase stands where a sentence names what is given, or on along a list of such."""
        marked = [(place, role) for place, row in enumerate(found) if (role := row[2].role)]
        if name:
            marked = [(place, role) for place, role in marked if role.in_name]
        if marked or not name:
            self._place(head)
        for place, role in marked:
            if not role.opening or self._starts[place] == found[place][0]:
                if role.after:
                    self._after(place, role)
                if role.before:
                    self._before(place, role)

    def _place(self, head: int) -> None:
        words = self._words
        starts, clauses, sentences, heads = self._starts, self._clauses, self.sentences, self.heads
        breaks = [place for place, word in enumerate(words) if word in _BREAKS]
        breaks.append(len(words))
        passed = start = number = 0
        at, until = breaks[0], head
        listing = opened = lists = False
        for first, end, phrase in self._found:
            while at < first:
                passed += 1
                if words[at] in HARD:
                    number += 1
                    start, until, listing, opened = at + 1, at + 1 + head, False, False
                at = breaks[passed]
            if phrase.offers:
                until = end + head
                lists = lists or phrase.lists
                opened = opened or start == first
            elif phrase.categories and (first <= until or (listing and words[first - 1] in SOFT)):
                until, listing = max(until, end + LIST_GAP), True
            starts.append(start)
            clauses.append(passed)
            sentences.append(IN_LIST if opened or (phrase.gives and start == first) else number)
            heads.append(listing and first <= until)
        if lists or "\u2022" in words:
            self._list(breaks)

    def _list(self, breaks: list[int]) -> None:
        """Tell what stands in a list of services, or in one below a line as ``Bring:``."""
        words, found = self._words, self._found
        passed = start = 0
        listed = colon = fresh = blank = False  # fresh: nothing of the list was read yet
        barred = GIVEN  # how bullets stand below such a line
        for place, (first, end, phrase) in enumerate(found):
            while (at := breaks[passed]) < first:
                passed += 1
                if words[at] in HARD:
                    listed = listed and (start == at or colon or words[at] in _LINES)
                    blank = blank or (start == at and words[at] == "\n")
                    start = at + 1
            bullet = start > 0 and words[start - 1] == "\u2022"
            if blank:
                listed, barred, blank = listed and (fresh or bullet), barred if bullet else GIVEN, False
            if start == first and (phrase.lists or words[end : end + 1] == [":"]):
                listed, colon, barred = phrase.lists, ":" in words[end - 1 : end + 1], GIVEN
                fresh = listed
            if phrase.role and (start == first or end == at) and words[at : at + 1] == [":"]:
                barred = phrase.role.counts if phrase.role.counts > BESIDE else GIVEN
            fresh = fresh and not phrase.categories
            if listed or (bullet and start == first and not barred and words[end : end + 1] in _LINE_ENDS):
                self.sentences[place], self.heads[place] = IN_LIST, True
            elif barred and bullet:
                self.standings[place] = barred

    def _after(self, place: int, role: Role) -> None:
        """What a marker reaches: within its words, and on along a list."""
        start, clause = self._starts[place], self._clauses[place]
        reach = self._found[place][1] + role.after
        for later in range(place + 1, len(self._found)):
            first, end, phrase = self._found[later]
            if first >= reach or self._starts[later] != start or (role.clause and self._clauses[later] != clause):
                return
            if phrase.ends or (phrase.offers and role.until_offer):
                return
            if phrase.categories:
                if role.keeps.issuperset(phrase.categories):
                    self.heads[later] = True
                else:
                    self.standings[later] = max(self.standings[later], role.counts)
                reach = max(reach, end + LIST_GAP)

    def _before(self, place: int, role: Role) -> None:
        """As ``_after``, back from the marker; a comma before it ends it: ``free meals, donations welcome``."""
        marker, start, clause = self._found[place][0], self._starts[place], self._clauses[place]
        reach = marker - role.before
        if start == marker or (self._words[marker - 1] in _BARS and not role.led_by):
            return
        if role.led_by and self._words[start] not in role.led_by:
            return
        for earlier in range(place - 1, -1, -1):
            first, end, phrase = self._found[earlier]
            if end <= reach or self._starts[earlier] != start or (role.clause and self._clauses[earlier] != clause):
                return
            if phrase.ends or (phrase.offers and role.until_offer):
                return
            if phrase.categories:
                self.standings[earlier] = max(self.standings[earlier], role.counts)
                reach = min(reach, first - LIST_GAP)
