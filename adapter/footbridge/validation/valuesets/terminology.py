"""Answers what validation asks about codes: membership, existence, displays, subsumption.

It reads ValueSet and CodeSystem facts from the Registry, and asks a terminology server, if one was given, only
where those cannot decide. Safe to share between threads; answers are remembered.
"""

from typing import Protocol

from footbridge.validation.definitions.term_facts import Facts, is_supplement
from footbridge.validation.valuesets import open_systems
from footbridge.validation.valuesets.answers import DEEPEST, Answer, Imports, Why, decided
from footbridge.validation.valuesets.code_table import CodeTable
from footbridge.validation.valuesets.compose import ValueSetRules
from footbridge.validation.valuesets.service import TerminologyService

_REMEMBERED = 50_000
_LONGEST = 1000  # characters of a question that is remembered
Question = tuple[str, str | None, str, str | None]


class Definitions(Protocol):
    """Where value sets and code systems come from; a Registry is one."""

    def value_set(self, canonical: str) -> Facts | None:
        """The facts of a ValueSet."""

    def code_system(self, canonical: str) -> Facts | None:
        """The facts of a CodeSystem."""

    def supplements(self, canonical: str) -> list[Facts]:
        """The facts of the CodeSystems that supplement one."""


class Terminology:
    """Codes against the value sets and code systems of some definitions."""

    def __init__(self, definitions: Definitions, service: TerminologyService | None = None) -> None:
        self._definitions = definitions
        self._service = service
        self._tables: dict[str, CodeTable | None] = {}
        self._rules: dict[str, ValueSetRules] = {}
        self._odd: dict[tuple[str, str], bool] = {}
        self._few: dict[tuple[str, int], tuple[str, ...]] = {}
        self._answers: dict[Question, Answer] = {}

    @property
    def is_closed(self) -> bool:
        """Whether no server is asked, so that the answers stay."""
        return self._service is None

    def member(self, value_set: str, system: str | None, code: str, version: str | None = None) -> bool | None:
        """Whether a code is in a value set, None when that cannot be decided.

        Args:
            value_set: its canonical URL, with or without ``|version``.
            system: the code's system; None for a ``code``, which takes any system of the value set; empty for a
                Coding that names none, which is in no value set.
            code: the code.
            version: the code system's version that a Coding names.
        """
        return decided(self.judge(value_set, system, code, version))

    def judge(self, value_set: str, system: str | None, code: str, version: str | None = None) -> Answer:
        """``member``, with the reason where it cannot be decided."""
        question = (value_set, system, code, version)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._judged(*question)
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            if sum(len(part) for part in question if part) <= _LONGEST:
                self._answers[question] = answer
        return answer

    def _judged(self, value_set: str, system: str | None, code: str, version: str | None) -> Answer:
        answer = self.local_member(value_set, system, code, Imports())
        if answer is True and version and system and not self._has_version(system, version):
            return False
        if isinstance(answer, Why) and self._service is not None:
            told = self._service.validate_code(value_set, system, code, version)
            return answer if told is None else told
        return answer

    def _has_version(self, system: str, version: str) -> bool:
        """Whether a code system at hand is of that version, to the second number; systems not at hand may be."""
        facts = self._definitions.code_system(system)
        own = str(facts.get("version") or "") if facts else ""
        if not own or self._definitions.code_system(f"{system}|{version}") is not None:
            return True
        return own.count(".") == version.count(".") and own.rpartition(".")[0] == version.rpartition(".")[0] != ""

    def local_member(self, value_set: str, system: str | None, code: str, within: Imports) -> Answer:
        """``judge`` by the definitions alone; ``within`` holds the value sets whose imports led here.

        What one of them says is worked out once: a value set may be imported by many ways.
        """
        if value_set in within.urls:
            return Why(f"the value set {value_set} imports itself")
        if len(within.urls) >= DEEPEST:
            return Why(f"more than {DEEPEST} value sets import one another in a row")
        answer = within.told.get((value_set, system))
        if answer is None:
            rules = self._rules_of(value_set)
            if rules is None:
                return Why(f"the value set {value_set} is not at hand")
            answer = within.told[value_set, system] = rules.member(self, system, code, within.into(value_set))
        return answer

    def few(self, value_set: str, most: int) -> tuple[str, ...]:
        """The codes of a value set that has at most so many; empty where it has more, or not all can be told."""
        key = (value_set, most)
        if key not in self._few:
            rules = self._rules_of(value_set)
            listed = (None if rules is None else rules.listed(self)) or []
            there = listed if len(listed) <= 10 * most else []
            found = sorted({code for system, code in there if self.member(value_set, system, code)})
            self._few[key] = tuple(found) if len(found) <= most else ()
        return self._few[key]

    def known_code(self, system: str, code: str, version: str | None = None) -> bool | None:
        """Whether a code system has a code, None when that cannot be decided."""
        return decided(self.exists(system, code, version))

    def exists(self, system: str, code: str, version: str | None = None) -> Answer:
        """``known_code``, with the reason where it cannot be decided."""
        answer = open_systems.known(system, code)
        if answer is not None:
            return answer
        table = self.table(system, version)
        if table is None:
            return Why(f"the code system {system} is not at hand")
        if table.find(code) is not None:
            return True
        return False if table.is_complete else Why(f"not every code of {system} is at hand")

    def displays(self, system: str, code: str) -> tuple[str, ...] | None:
        """The display of a code and its other designations; None when the code is not at hand."""
        table = self.table(system)
        spelled = table.find(code) if table else None
        return table.displays(spelled) if table and spelled else None

    def wordings(self, system: str, code: str, language: str) -> tuple[str, ...]:
        """What a code may be called in a language: what is in it or in none, else in that of the system.

        A text in ``fr`` will do for ``fr-CA``, not the other way round.
        """
        table = self.table(system)
        spelled = table.find(code) if table else None
        texts = table.texts(spelled) if table and spelled else []
        found = [text for own, text in texts if own is None or own == language or language.startswith(f"{own}-")]
        return tuple(found or [text for own, text in texts if own == texts[0][0]])

    def is_circular(self, value_set: str) -> bool:
        """Whether a value set imports itself, by others or right away."""
        seen: set[str] = set()
        waiting = list(self._imports(value_set))
        while waiting:
            url = waiting.pop()
            if url == value_set:
                return True
            if url not in seen:
                seen.add(url)
                waiting += self._imports(url)
        return False

    def _imports(self, value_set: str) -> list[str]:
        compose = (self._definitions.value_set(value_set) or {}).get("compose") or {}
        return [str(url) for row in compose.get("include", ()) for url in row.get("valueSet", ())]

    def is_inactive(self, system: str, code: str) -> bool:
        """Whether a code that is at hand is not to be used any more."""
        table = self.table(system)
        spelled = table.find(code) if table else None
        return table is not None and spelled is not None and table.is_inactive(spelled)

    def is_odd(self, system: str, code: str) -> bool:
        """Whether a code that is at hand is not to be used any more, or is spelled in another way; remembered."""
        key = (system, code)
        answer = self._odd.get(key)
        if answer is None:
            answer = self.is_inactive(system, code) or self.spelled(system, code) not in (None, code)
            if len(self._odd) >= _REMEMBERED:
                self._odd.clear()
            if len(system) + len(code) <= _LONGEST:
                self._odd[key] = answer
        return answer

    def spelled(self, system: str, code: str) -> str | None:
        """A code as its system spells it; None where it is not at hand."""
        table = self.table(system)
        return table.find(code) if table is not None else None

    def all_codes(self, system: str) -> set[str] | None:
        """Every code of a system; None where not all of them are at hand."""
        table = self.table(system)
        return set(table.codes()) if table is not None and table.is_complete else None

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        """Whether a code is the same as another one or stands above it, None when that cannot be decided."""
        table = self.table(system)
        if table is None or table.find(general) is None or table.find(special) is None:
            return None
        return general == special or table.is_below(special, general)

    def table(self, system: str, version: str | None = None) -> CodeTable | None:
        """The code system's table: of that version where it is at hand, else of any."""
        if version:
            exact = self._table(f"{system}|{version}")
            if exact is not None:
                return exact
        return self._table(system)

    def _table(self, canonical: str) -> CodeTable | None:
        if canonical not in self._tables:
            facts = self._definitions.code_system(canonical)
            if facts is None:  # not remembered: any document may name anything
                return None
            self._tables[canonical] = None if is_supplement(facts) else self._made(facts)
        return self._tables[canonical]

    def _made(self, facts: Facts) -> CodeTable:
        """The table of a code system with what its supplements add."""
        version = f"|{facts['version']}" if facts.get("version") else ""
        return CodeTable(facts, self._definitions.supplements(f"{facts.get('url', '')}{version}"))

    def _rules_of(self, value_set: str) -> ValueSetRules | None:
        if value_set not in self._rules:
            facts = self._definitions.value_set(value_set)
            if facts is None:
                return None
            self._rules[value_set] = ValueSetRules(facts)
        return self._rules[value_set]
