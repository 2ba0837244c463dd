"""``footbridge validate --watch``: what changes is validated again, until Ctrl-C.

``watchfiles`` asks the system (inotify, FSEvents, ReadDirectoryChanges), or polls where WATCHFILES_FORCE_POLLING is
set, as for a network folder. Of a file its folder is watched, since editors put a new file in the place of the old one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from footbridge.cli.ending import ended_by_signals
from footbridge.errors import ConfigurationError, FootbridgeError
from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import Checked, Item, documents, files
from footbridge.validation.bulk.inputs import SUFFIXES, kind

QUIET_MS = 50  # a change is told when nothing more has changed for so long
LONGEST_MS = 300  # and after this at the latest
TURN_MS = 150  # each of two watchers is asked in turn


@dataclass(frozen=True)
class Work:
    """What is done with the files.

    Attributes:
        load: reads the definitions, at the start and when one of them changes; gives what checks one document.
        fails: whether what was found makes the exit code 1.
        write: writes the report of one round.
        quiet: no notes.
    """

    load: Callable[[], Callable[[Item], Checked]]
    fails: Callable[[Checked], bool]
    write: Callable[[Iterable[Checked]], None]
    quiet: bool = False


class Watched:
    """The files and folders that were named, and the exit code that each file below them gave last."""

    def __init__(self, paths: Iterable[str], definitions: Iterable[str]) -> None:
        """Raises ConfigurationError for a path that is not there."""
        self._paths = [Path(path) for path in paths]
        self._definitions = [Path(path) for path in definitions]
        for path in self._paths:
            if not path.exists():
                raise ConfigurationError(_("{path}: there is no such file or folder to watch.", path=path))
        self.codes: dict[Path, int] = {}

    @property
    def exit_code(self) -> int:
        """2 where something could not be read or loaded, 1 where a file fails, else 0."""
        return max(self.codes.values(), default=0)

    def rounds(self, turn: Callable[[], None]) -> Iterator[tuple[list[Path], bool]]:
        """The files that changed, in order, and whether a definition did; first all of them, then without end.

        ``turn`` is called several times a second and may raise.
        """
        changes = _changes([*self._paths, *self._definitions], turn)
        next(changes)
        yield [], True
        for changed in changes:
            plain = {path.parent.resolve() / path.name for path in changed}
            defined = any(_is_in(path, place) for path in plain for place in self._definitions)
            meant = sorted({one for path in plain for one in self._meant(path)})
            if meant or defined:
                yield meant, defined

    def all_files(self) -> list[Path]:
        """Every file that is there now; an empty folder may get some later."""
        return list(dict.fromkeys(one for path in self._paths for one in _files(path)))

    def _meant(self, changed: Path) -> Iterator[Path]:
        """A changed file under the name by which it was given; of a folder that is new, its files."""
        for path in self._paths:
            place = path.resolve()
            if not path.is_dir():
                if changed in {place, path.parent.resolve() / path.name}:
                    yield path
            elif place in changed.parents:
                inner = changed.relative_to(place)
                if any(part.startswith(".") for part in inner.parts):
                    continue
                if changed.is_dir():
                    yield from _files(path / inner)
                elif kind(changed) in SUFFIXES:
                    yield path / inner


def watch(watched: Watched, work: Work) -> int:
    """Validate all, then what changes; gives the exit code of the state at Ctrl-C."""
    check = None
    try:
        with ended_by_signals() as ending:
            for changed, defined in watched.rounds(ending.check):
                if defined or check is None:
                    check = _loaded(work, watched)
                    changed = watched.all_files()  # noqa: PLW2901 - a definition is about all of them
                if check is not None:
                    work.write(_results(changed, watched, work, check))
                if not work.quiet:
                    _tell(watched)
    except KeyboardInterrupt:
        click.echo(err=True)
    return watched.exit_code


_LOADING = Path()
"""Stands for the definitions among the codes."""


def _loaded(work: Work, watched: Watched) -> Callable[[Item], Checked] | None:
    watched.codes.pop(_LOADING, None)
    try:
        return work.load()
    except FootbridgeError as error:
        click.echo(_("Error: {error}", error=str(error)), err=True)
        watched.codes[_LOADING] = 2
        return None


def _results(
    changed: Iterable[Path], watched: Watched, work: Work, check: Callable[[Item], Checked]
) -> Iterator[Checked]:
    """What is found in the files that are still there; their exit codes are noted on the way."""
    for path in [path for path in watched.codes if path != _LOADING and not path.is_file()]:
        del watched.codes[path]
    for path in changed:
        if not path.is_file():
            continue
        watched.codes[path] = 0
        try:
            for item in documents([str(path)]):
                checked = check(item)
                watched.codes[path] |= work.fails(checked)
                yield checked
        except ConfigurationError as error:
            click.echo(_("Error: {error}", error=str(error)), err=True)
            watched.codes[path] = 2


def _tell(watched: Watched) -> None:
    codes = [code for path, code in watched.codes.items() if path != _LOADING]
    note = _n(
        "Watching {count} file; failing: {failing}. Ctrl-C ends.",
        "Watching {count} files; failing: {failing}. Ctrl-C ends.",
        len(codes),
        failing=sum(code > 0 for code in codes),
    )
    click.echo(note, err=True)


def _files(path: Path) -> Iterator[Path]:
    try:
        yield from files(str(path))
    except ConfigurationError:  # a folder without any
        return


def _is_in(path: Path, place: Path) -> bool:
    return path == place.resolve() or place.resolve() in path.parents


def _changes(places: Iterable[Path], turn: Callable[[], None]) -> Iterator[set[Path]]:
    """What changes in the folders, with all below them, and in the folders of the files; first what is there to see."""
    from watchfiles import watch as changed_in  # noqa: PLC0415 - slow to import, and seldom needed

    places = list(places)
    folders = {place for place in places if place.is_dir()}
    parents = {
        one for place in places if not place.is_dir() for one in (place.resolve().parent, place.parent.resolve())
    }
    watchers = [
        changed_in(
            *some, recursive=recursive, watch_filter=None, step=QUIET_MS, debounce=LONGEST_MS, rust_timeout=TURN_MS,
            yield_on_timeout=True,
        )
        for some, recursive in ((folders, True), (parents, False))
        if some
    ]  # fmt: skip
    yield set().union(*(_paths(next(watcher)) for watcher in watchers))  # from here on nothing is missed
    while True:
        for watcher in watchers:
            turn()
            if changed := _paths(next(watcher)):
                yield changed


def _paths(changed: Iterable[tuple[object, str]]) -> set[Path]:
    return {Path(name) for _kind, name in changed}
