"""Codings: which codes exist with which displays, and what the pack terminology-hygiene has nothing to say of.

What was found is remembered by system and code; no display of a document is kept, only those of code systems.
"""

from typing import TYPE_CHECKING, Any

from footbridge.validation.packs.terminology_hygiene import NAME, OF_HL7, CodingHygiene, faults_of
from footbridge.validation.rules.coding import KnownCode
from footbridge.validation.sure.asked import Asked

if TYPE_CHECKING:
    from footbridge.validation.sure.place import Place

Json = Any
REMEMBERED = 10_000
LONGEST = 500  # characters of a code with its system that are remembered
WHOLE = frozenset({"system", "code", "display"})
Displays = frozenset[str] | bool
Met = set[tuple[str, ...]]


class Codings:
    """What one engine has found out about codes.

    displays  (system, code, language) -> the displays, in lower case, that it may have; True for any, False where the
              rule itself is to say
    """

    def __init__(self) -> None:
        self.displays: dict[tuple[str, str, str], Displays] = {}
        self._met: dict[Any, Met] = {}
        self._count = 0

    def met(self, asked: Asked) -> Met:
        """What was met in resources of that language and those claims.

        System, code, path and display of Codings that are well; without a display, where each that has the form of
        one is well.
        """
        language = asked.language or asked.learn_language()
        asked.codings = self._met.setdefault((language, asked.guided), set())
        return asked.codings

    def meet(self, value: Json, asked: Asked, path: str) -> bool:
        """Remember a Coding that is well, where its display is one that the code system has. Always True."""
        if value.keys() != WHOLE or value["display"].__class__ is not str:
            return True
        system, code, display = value["system"], value["code"], value["display"]
        if system.__class__ is not str or code.__class__ is not str or len(system) + len(code) > LONGEST:
            return True
        known = self.displays.get((system, code, asked.language))
        free = isinstance(known, bool)
        if known is None or not (known if isinstance(known, bool) else display.casefold() in known):
            return True
        self._count += 1
        if self._count > REMEMBERED:
            self._count = 0
            self._met.clear()
            asked.codings = None
        met = asked.codings or self.met(asked)
        met.add((system, code, path) if free else (system, code, path, display))
        return True

    def quick(self, at: str, name: str, display: str) -> str:
        """Python for whether a Coding was met; ``name`` is that of these codings in generated code.

        ``display`` is Python for whether the variable ``i`` has the form of a display.
        """
        texts = [f"({key} := {at}.get({word!r})).__class__ is str" for key, word in zip("soi", _WORDS, strict=True)]
        met = f"((s, o, p) in (q := c.codings or {name}.met(c)) and {display} or (s, o, p, i) in q)"
        return f"len({at}) == 3 and {' and '.join(texts)} and {met}"


_WORDS = ("system", "code", "display")


def known_code(rule: KnownCode, place: "Place") -> str:
    """System, code and display; other codings are for the rule itself."""
    displays = place.codings.displays

    def judge(system: str, code: str, language: str, asked: Asked) -> Displays:
        """The displays, in lower case, that a code may have; True for any, False where the rule itself is to say."""
        if not asked.quiet(rule, {"system": system, "code": code}, place.slot):
            return False
        terminology = place.engine.terminology
        if terminology.known_code(system, code) is None:
            return True
        texts = frozenset(text.casefold() for text in terminology.wordings(system, code, language))
        return texts or terminology.displays(system, code) is None

    def good(value: Json, asked: Asked) -> bool:
        system, code = value.get("system"), value.get("code")
        if system.__class__ is not str or code.__class__ is not str or "version" in value:
            return asked.quiet(rule, value, place.slot)
        language = asked.language or asked.learn_language()
        found = displays.get((system, code, language))
        if found is None:
            found = judge(system, code, language, asked)
            if len(system) + len(code) <= LONGEST:
                if len(displays) >= REMEMBERED:
                    displays.clear()
                displays[system, code, language] = found
        if isinstance(found, bool):
            return found
        display = value.get("display")
        return display.__class__ is not str or display.casefold() in found

    return f"{place.const(good)}({place.at}, c)"


def tidy_code(_: CodingHygiene, place: "Place") -> str:
    """What the pack says of a code; ``p`` is the path of the element that holds the Coding."""
    if NAME not in place.engine.options.packs:
        return "True"
    of_hl7: set[str] = set()
    tidy: dict[tuple[str, str, str, bool, tuple[str, ...]], bool] = {}

    def good(value: Json, asked: Asked, path: str) -> bool:
        system, code = value.get("system"), value.get("code")
        if system.__class__ is not str or code.__class__ is not str or system in of_hl7:
            return True
        if OF_HL7.match(system):
            if len(of_hl7) < REMEMBERED and len(system) <= LONGEST:
                of_hl7.add(system)
            return True
        guided, listed = asked.guided
        key = (system, code, path, guided, listed)
        found = tidy.get(key)
        if found is None:
            found = not faults_of(system, code, path, guided, listed)
            if len(system) + len(code) <= LONGEST:
                if len(tidy) >= REMEMBERED:
                    tidy.clear()
                tidy[key] = found
        return found

    return f"{place.const(good)}({place.at}, c, p)"
