"""What ``footbridge validate`` was asked: its options, what to validate with, and the documents of its paths."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import STDIN, Item, Setup, documents, files, read_definitions
from footbridge.validation.bulk.checked import ERRORS
from footbridge.validation.core.options import PACKS, BestPractice, Options
from footbridge.validation.reports.shape import Shape
from footbridge.validation.validator import Validator
from footbridge.validation.valuesets import TerminologyService

MOST_NAMED = 5  # files that a note names


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of the command, as it documents them."""

    paths: tuple[str, ...]
    profiles: tuple[str, ...]
    packages: tuple[str, ...]
    definitions: tuple[str, ...]
    style: str
    fail_on: tuple[str, ...]
    jobs: int
    quiet: bool
    show_unchecked: bool
    allow_example_urls: bool
    allow_unknown_extensions: bool
    best_practice: BestPractice
    without: tuple[str, ...]
    show_values: bool
    base_only: bool
    changed: str | None
    watching: bool
    tx: str | None
    compare_hl7: str | None
    packs: tuple[str, ...]

    @property
    def options(self) -> Options:
        """The switches of the validation."""
        return Options(
            allow_example_urls=self.allow_example_urls,
            unknown_extensions=self.allow_unknown_extensions,
            best_practice=self.best_practice,
            show_values=self.show_values,
            packs=frozenset(PACKS).difference(self.without),
            base_only=self.base_only,
        )

    @property
    def shape(self) -> Shape:
        """The form of the report."""
        return Shape(frozenset(self.fail_on) | ERRORS, quiet=self.quiet, all_unchecked=self.show_unchecked)

    def setup(self) -> Setup:
        """What to validate with; the loose definitions are read. Raises ConfigurationError."""
        if self.packages:
            from footbridge.validation.packages.dependencies import missing_dependencies  # noqa: PLC0415 - seldom used

            for gap in missing_dependencies(self.packages):
                click.echo(_("Warning: {gap}", gap=str(gap)), err=True)
        loose = _definitions(self.definitions, quiet=self.quiet)
        return Setup(self.profiles, self.packages, loose, self.options, self._server(), self.packs)

    def _server(self) -> TerminologyService | None:
        if self.tx is None:
            return None
        import platformdirs  # noqa: PLC0415 - with what it brings, slow to import

        from footbridge.partners.terminology import CachedTerminology  # noqa: PLC0415 - as above
        from footbridge.settings import settings  # noqa: PLC0415 - as above

        chosen = settings()
        folder = chosen.cache_folder or Path(platformdirs.user_cache_dir("footbridge", appauthor=False))
        return CachedTerminology(self.tx, folder, allow_http=chosen.allow_http)

    @property
    def files_loaded(self) -> tuple[str, ...]:
        """Files and folders that say what to validate with; a package of that ID is none."""
        return tuple(
            name for name in (*self.definitions, *self.packages, *self.packs) if name != STDIN and Path(name).exists()
        )


def _definitions(names: tuple[str, ...], *, quiet: bool) -> tuple[dict[str, Any], ...]:
    """The loose definitions; files of a folder that are none are told on standard error."""
    if not names:
        return ()
    skipped: list[str] = []
    loose = tuple(read_definitions(names, Validator().types, skipped.append))
    if skipped and not quiet:
        named = ", ".join([*skipped[:MOST_NAMED], *(["..."] if len(skipped) > MOST_NAMED else [])])
        note = _n(
            "Note: --definitions: {count} file is not a FHIR resource, skipped: {named}",
            "Note: --definitions: {count} files are not FHIR resources, skipped: {named}",
            len(skipped),
            named=named,
        )
        click.echo(note, err=True)
    return loose


def read_items(paths: Iterable[str]) -> Iterator[Item]:
    """The documents of the paths; a file without any is told on standard error."""
    for path in paths:
        for name in [path] if path == STDIN else map(str, files(path)):
            empty = True
            for item in documents([name]):
                empty = False
                yield item
            if empty:
                click.echo(_("Warning: {name}: the file has no resource.", name=name), err=True)
