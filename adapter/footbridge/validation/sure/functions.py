"""All sure functions of one engine: of types, of places in profiles, of expressions on a whole resource.

Imported when the first of them is written, so that a process that looks at one resource does not load what writes them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from footbridge.validation.fhirpath import Compiled, fhir_type
from footbridge.validation.fhirpath.parser import parse
from footbridge.validation.sure.codings import Codings
from footbridge.validation.sure.paths import NO, Paths, every
from footbridge.validation.sure.profiles import Profiles
from footbridge.validation.sure.remembered import Memory
from footbridge.validation.sure.types import Types
from footbridge.validation.sure.writer import Function, Writer

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext


class Functions:
    """Writes them, each at first use, and keeps them."""

    def __init__(self, engine: "ValidationContext") -> None:
        self.engine = engine
        self.writer = Writer()
        self.paths = Paths(self.writer, engine)
        # The answers of a server may be others the next time.
        self.memory = Memory() if engine.terminology.is_closed else None
        self.codings = Codings()
        self.types = Types(self)
        self.profiles = Profiles(self)
        self._expressions: dict[int, tuple[Compiled, Function]] = {}
        self._several: dict[tuple[str, ...], Function] = {}

    def expression(self, invariant: Compiled, kind_name: str) -> Function:
        """The function of an expression on a resource of that type, which is the one that it is always asked of."""
        found = self._expressions.get(id(invariant))
        if found is None:
            function = self._function([invariant], kind_name)
            found = self._expressions[id(invariant)] = (invariant, function)
        return found[1]

    def all_of(self, ids: tuple[str, ...], invariants: Sequence[Compiled], kind_name: str) -> Function:
        """The function of several expressions, which the ids stand for."""
        found = self._several.get(ids)
        if found is None:
            found = self._several[ids] = self._function(invariants, kind_name)
        return found

    def _function(self, invariants: Sequence[Compiled], kind_name: str) -> Function:
        kind = fhir_type(kind_name)
        true = [NO if kind is None else self.paths.verdict(parse(one.expression), "v", kind).true for one in invariants]
        return self.writer.function("rule", "v, c", [f"return v.__class__ is dict and ({every(true)})"])
