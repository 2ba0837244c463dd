"""Resolves canonical URLs to facts, over the packages in use.

The order decides: loose definitions, then packages that the user names, then the embedded default. Within that,
an unversioned canonical takes the newest version of the first package that has it. A canonical with a version
that no package in use has is looked for in the other embedded packages (``|2.3.0`` of a guide that is in use
as 3.0.0). One Registry may be shared by threads: what two of them load at once is loaded twice, to the same facts.
"""

import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from footbridge.validation.definitions.facts import Facts
from footbridge.validation.packages.embedded import EmbeddedPackage, embedded_packages
from footbridge.validation.packages.errors import PackageError
from footbridge.validation.packages.find import find_package
from footbridge.validation.packages.loose import LoosePackage
from footbridge.validation.packages.own import own_definitions
from footbridge.validation.packages.package import Entry, Package, same_version
from footbridge.validation.snapshot.generate import generate
from footbridge.validation.snapshot.tree import SnapshotError

R4 = "http://hl7.org/fhir/StructureDefinition/"

DEFAULT_PACKAGES = (
    "hl7.fhir.us.sdoh-clinicalcare#3.0.0",
    "hl7.fhir.us.core#7.0.0",
    "hl7.fhir.uv.sdc#3.0.0",
    "hl7.fhir.uv.subscriptions-backport.r4#1.1.0",
    "hl7.fhir.us.davinci-hrex#1.2.0",
    "hl7.terminology.r4#7.2.0",
    "hl7.fhir.uv.extensions.r4#5.3.0",
    "hl7.fhir.uv.tools.r4#1.1.2",
    "hl7.fhir.r4.core#4.0.1",
)


LONGEST_CANONICAL = 2000  # characters of a URL that may name a definition


class Registry:
    """Definitions by canonical URL. Make one by ``Registry.default``, share it, never change what it answers."""

    def __init__(self, packages: Sequence[Package], *, reserve: Sequence[Package] = ()) -> None:
        self.packages = tuple(packages)
        self._reserve = tuple(package for package in reserve if package not in self.packages)
        self._found: dict[tuple[str, str], Facts | None] = {}
        self._errors: dict[str, str] = {}
        self._making = threading.local()
        self._locate = functools.lru_cache(maxsize=4096)(self._located)
        self._other = functools.lru_cache(maxsize=4096)(self._named_otherwise)

    @classmethod
    def default(cls, packages: Iterable[str] = (), definitions: Iterable[Mapping[str, Any]] = ()) -> "Registry":
        """The embedded default; before it the ``packages`` named, before those loose ``definitions``.

        What the packages named depend on comes next, opened when it is needed, and last our own definitions. A package,
        named or depended on, takes the place of another version of itself in the default. Raises PackageNotFound and
        PackageError.
        """
        shipped = embedded_packages()
        names = tuple(packages)
        named = [find_package(name) for name in names]
        for package in named:
            package.index  # noqa: B018 - read now: a file that is no JSON is told before the first document
        added, others = _needed_by(named, names) if named else ((), ())
        chosen = {package.name: package for package in (*added, *named)}
        usual = [shipped[name] for name in DEFAULT_PACKAGES if name in shipped]
        usual = [package for package in usual if chosen.get(package.name, package) is package]
        loose = LoosePackage(definitions)
        in_use = dict.fromkeys([loose, *named, *usual, *added, own_definitions()])
        return cls(list(in_use), reserve=(*shipped.values(), *others))

    def structure(self, canonical: str) -> Facts | None:
        """The facts of a StructureDefinition, always with ``snapshot``; None where none is known.

        A definition whose snapshot cannot be made is None too; ``fault(canonical)`` says why.
        """
        return self._resolved("StructureDefinition", canonical, self._with_snapshot)

    def nearest(self, canonical: str) -> Facts | None:
        """``structure``, or where that version of it is not here, the newest that is."""
        return self.structure(canonical) or self.structure(canonical.partition("|")[0])

    def type(self, name: str) -> Facts | None:
        """The facts of an R4 type or resource by its name, ``Task``."""
        return self.structure(R4 + name)

    def extension(self, url: str) -> Facts | None:
        """The facts of an extension by its URL; None where it is unknown or the URL names something else."""
        facts = self.structure(url)
        return facts if facts is not None and facts.get("type") == "Extension" else None

    def value_set(self, canonical: str) -> Facts | None:
        """The facts of a ValueSet (``footbridge.validation.definitions.term_facts``)."""
        return self._resolved("ValueSet", canonical)

    def code_system(self, canonical: str) -> Facts | None:
        """The facts of a CodeSystem (``footbridge.validation.definitions.term_facts``)."""
        return self._resolved("CodeSystem", canonical)

    def supplements(self, canonical: str) -> list[Facts]:
        """The facts of the CodeSystems that supplement one; where both sides tell a version, of that version."""
        url, _, version = canonical.partition("|")
        found = []
        for package in self.packages:
            for entry in package.supplements.get(url, ()):
                wanted = entry.about.partition("|")[2]
                if not wanted or not version or same_version(version, wanted):
                    found.append(package.facts(entry))
        return found

    def resource(self, kind: str, canonical: str) -> dict[str, Any] | None:
        """A resource of another type (Questionnaire, Measure, SearchParameter), whole."""
        return self._resolved(kind, canonical)

    def fault(self, canonical: str) -> str | None:
        """Why ``structure`` answered None though something of that URL is here; None where nothing is."""
        url = canonical.partition("|")[0]
        if len(canonical) > LONGEST_CANONICAL:
            return None
        return self._errors.get(canonical) or self._errors.get(url) or self._other(url)

    def _named_otherwise(self, url: str) -> str | None:
        """What a URL names that is no StructureDefinition, as a sentence."""
        found = self._kinds.get(url)
        return None if found is None else f"It is a {found}, not a StructureDefinition."

    def entries(self, kind: str) -> Iterator[Entry]:
        """Every entry of one resource type in the packages in use, in their order."""
        for package in self.packages:
            yield from package.of_kind(kind)

    def entry(self, kind: str, canonical: str) -> Entry | None:
        """The index row that a canonical resolves to, with nothing loaded."""
        located = self._where(kind, canonical)
        return located[1] if located else None

    @functools.cached_property
    def _kinds(self) -> dict[str, str]:
        """What is no StructureDefinition, by URL: its kind; of two that of the package that comes first."""
        rows = [(url, kind) for package in self.packages for kind, url in package.index]
        return {url: kind for url, kind in reversed(rows) if kind != "StructureDefinition"}

    @functools.cached_property
    def type_names(self) -> frozenset[str]:
        """The names of all resources and types of R4."""
        rows = self.entries("StructureDefinition")
        return frozenset(row.about for row in rows if row.url == R4 + row.about and not row.role.endswith("constraint"))

    def _resolved(
        self, kind: str, canonical: str, finish: Callable[[str, Facts], Facts | None] | None = None
    ) -> Facts | None:
        key = (kind, canonical)
        try:
            return self._found[key]
        except KeyError:
            pass
        located = self._where(kind, canonical)
        if located is None:  # not remembered here: any document may name anything
            return None
        facts = self._facts(canonical, *located)
        if facts is not None and finish is not None:
            facts = finish(canonical, facts)
        return self._found.setdefault(key, facts)

    def _facts(self, canonical: str, package: Package, entry: Entry) -> Facts | None:
        """The facts of an entry; None of a definition that is malformed."""
        try:
            return package.facts(entry)
        except PackageError as error:
            if isinstance(package, EmbeddedPackage):
                raise
            self._errors[canonical] = str(error)
            return None

    def _where(self, kind: str, canonical: str) -> tuple[Package, Entry] | None:
        """``_located``, remembered; text that is too long for a canonical is not looked for."""
        return self._locate(kind, canonical) if len(canonical) <= LONGEST_CANONICAL else None

    def _located(self, kind: str, canonical: str) -> tuple[Package, Entry] | None:
        url, _, version = canonical.partition("|")
        places = (*self.packages, *self._reserve) if version else self.packages
        for package in places:
            if (entry := package.find(kind, url, version or None)) is not None:
                return package, entry
        return None

    def _with_snapshot(self, canonical: str, facts: Facts) -> Facts | None:
        if "snapshot" in facts:
            return facts
        making: set[str] = self._making.__dict__.setdefault("canonicals", set())
        if canonical in making:
            raise SnapshotError(f"{canonical} is built on itself.")
        making.add(canonical)
        try:
            return generate(facts, self.nearest)
        except SnapshotError as error:
            why = self._errors.get(str(facts.get("baseDefinition", "")))
            self._errors[canonical] = f"{error} {why}" if why else str(error)
            return None
        finally:
            making.discard(canonical)


def _needed_by(named: Sequence[Package], names: Sequence[str]) -> tuple[Sequence[Package], Sequence[Package]]:
    """What packages depend on, and further versions of it that only a canonical with a version leads to."""
    from footbridge.validation.packages.dependencies import dependencies_of, folders_of  # noqa: PLC0415 - seldom used

    needed = dependencies_of(named, folders_of(names))
    return needed.packages, needed.others
