"""What ``footbridge validate`` does with its options: once over all documents, or again and again with ``--watch``."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from footbridge.cli.garbage import few_collections, leave_at_exit
from footbridge.cli.progress import shown
from footbridge.cli.validate_asked import Asked, read_items
from footbridge.cli.validate_hints import Seen
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import STDIN, Checked, Item, check_all, files
from footbridge.validation.reports import report

SINCE_MAIN = ""  # --changed without REF


def run(asked: Asked) -> int:
    """Validate and report; gives the exit code. Raises ConfigurationError and click.UsageError."""
    _refuse_what_does_not_fit(asked)
    leave_at_exit()
    if asked.compare_hl7 is not None:
        return _compare(asked, asked.compare_hl7)
    if asked.watching:
        return _watch(asked)
    seen, setup = Seen(asked.shape), asked.setup()
    names = asked.paths if asked.changed is None else _changed(asked, asked.changed)
    with few_collections():
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
