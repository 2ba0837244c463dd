"""What ``footbridge validate`` does with its options: once over all documents, or again and again with ``--watch``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from footbridge.cli.progress import shown
from footbridge.cli.validate_hints import Seen
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import STDIN, Checked, Item, Setup, check_all, documents, files, read_definitions
from footbridge.validation.bulk.checked import ERRORS
from footbridge.validation.core.options import PACKS, BestPractice, Options
from footbridge.validation.reports import report
from footbridge.validation.reports.shape import Shape
from footbridge.validation.validator import Validator
from footbridge.validation.valuesets import TerminologyService

MOST_NAMED = 5  # files that a note names
SINCE_MAIN = ""  # --changed without REF


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


def run(asked: Asked) -> int:
    """Validate and report; gives the exit code. Raises ConfigurationError and click.UsageError."""
    _refuse_what_does_not_fit(asked)
    if asked.compare_hl7 is not None:
        return _compare(asked, asked.compare_hl7)
    if asked.watching:
        return _watch(asked)
    seen, setup = Seen(asked.shape), asked.setup()
    names = asked.paths if asked.changed is None else _changed(asked, asked.changed)
    results = check_all(read_items(names), setup, jobs=asked.jobs)
    _write(asked, seen.noted(results if asked.quiet else shown(results, _("resources"))))
    if not asked.quiet:
        for hint in seen.hints():
            click.echo(hint, err=True)
        if getattr(setup.terminology, "unanswered", 0):
            click.echo(
                _("Hint: {server} did not answer; codes that it was asked about are unchecked.", server=asked.tx),
                err=True,
            )
    return 1 if seen.failed else 0


def _refuse_what_does_not_fit(asked: Asked) -> None:
    if (*asked.paths, *asked.definitions).count(STDIN) > 1:
        raise click.UsageError(_("Standard input (-) can be read only once."))
    if asked.base_only and asked.profiles:
        raise click.UsageError(_("--base-only checks against no profile: leave --profile out, or --base-only."))
    if STDIN in (*asked.paths, *asked.definitions) and (asked.watching or asked.changed is not None):
        raise click.UsageError(_("--watch and --changed are about files: standard input (-) does not change."))
    if asked.compare_hl7 is not None and (
        asked.watching or asked.changed is not None or asked.base_only or asked.style not in {"text", "json"}
    ):
        raise click.UsageError(
            _("--compare-hl7 is not for --watch, --changed or --base-only, and prints text or --json.")
        )
    if asked.watching and asked.changed is not None:
        raise click.UsageError(_("--watch and --changed cannot be used together."))


def _write(asked: Asked, results: Iterable[Checked]) -> None:
    out = sys.stdout.buffer
    for text in report(asked.style, asked.shape)(results):
        out.write(text.encode(errors="backslashreplace"))
    out.flush()


def _compare(asked: Asked, jar: str) -> int:
    from footbridge.cli.validate_compare import compare  # noqa: PLC0415 - seldom used

    lines, code = compare(asked, jar)
    for line in lines:
        click.echo(line)
    return code


def _watch(asked: Asked) -> int:
    from footbridge.cli.validate_watch import Watched, Work, watch  # noqa: PLC0415 - seldom used

    def load() -> Callable[[Item], Checked]:
        return asked.setup().checker()

    work = Work(load, asked.shape.fails, lambda results: _write(asked, results), quiet=asked.quiet)
    return watch(Watched(asked.paths, asked.files_loaded), work)


def _changed(asked: Asked, ref: str) -> list[str]:
    """Those files of the paths that changed; all of them where a definition did. Raises ConfigurationError."""
    from footbridge.cli.validate_changed import changes  # noqa: PLC0415 - seldom used

    found = changes(None if ref == SINCE_MAIN else ref)
    if found.touch(asked.files_loaded):
        if not asked.quiet:
            click.echo(
                _("Note: definitions changed since {since}: all files are validated.", since=found.since), err=True
            )
        return list(asked.paths)
    names = []
    for path in asked.paths:
        try:
            names += [str(one) for one in files(path) if one.resolve() in found.paths]
        except ConfigurationError:  # a folder without any resource has none that changed
            if not Path(path).is_dir():
                raise
    if not asked.quiet:
        note = _n(
            "Note: {count} file changed since {since}.",
            "Note: {count} files changed since {since}.",
            len(names),
            since=found.since,
        )
        click.echo(note, err=True)
    return names


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
