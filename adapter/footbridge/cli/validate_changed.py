"""Which files ``footbridge validate --changed`` looks at: those that git says are not as in another commit.

Committed, staged, unstaged and new files count; deleted ones and those that git ignores do not. Without a REF it is the
merge base of HEAD with the main branch, as a pull request shows it (https://git-scm.com/docs/git-merge-base); in a
repository without such a branch, HEAD.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

MAIN = ("origin/HEAD", "origin/main", "main", "origin/master", "master")


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed.

    Attributes:
        since: the commit and what it is, for a person.
        paths: absolute paths of files that are there, without symbolic links.
    """

    since: str
    paths: frozenset[Path]

    def touch(self, names: Sequence[str]) -> bool:
        """Whether one of these files, or a file in one of these folders, changed."""
        places = [Path(name).resolve() for name in names]
        return any(path == place or place in path.parents for path in self.paths for place in places)


def is_ref(name: str) -> bool:
    """Whether git knows a commit by that name here; False where this is no repository."""
    try:
        return _commit(name) is not None
    except ConfigurationError:
        return False


def changes(ref: str | None) -> Changes:
    """What changed since a commit, in the repository of the current folder.

    Raises ConfigurationError where there is no git, no repository, or no such commit.
    """
    root = Path(_git("rev-parse", "--show-toplevel").rstrip("\n"))
    commit, since = _base() if ref is None else (_commit(ref), ref)
    if commit is None:
        raise ConfigurationError(
            _(
                "--changed {ref}: git knows no such commit here. In a shallow clone, fetch it first: "
                "`git fetch origin {ref}`.",
                ref=ref,
            )
        )
    if commit == _NO_COMMIT:
        names = _git("ls-files", "-z", at=root)
    else:
        names = _git("diff", "--name-only", "--no-renames", "--no-ext-diff", "--diff-filter=d", "-z", commit, at=root)
    new = _git("ls-files", "--others", "--exclude-standard", "-z", at=root)
    places = {(root / name).resolve() for name in (names + new).split("\0") if name}
    return Changes(since, frozenset(place for place in places if place.is_file()))


_NO_COMMIT = "none"


def _base() -> tuple[str, str]:
    """The commit that a pull request would start from, and how to call it."""
    head = _commit("HEAD")
    if head is None:
        return _NO_COMMIT, _("the beginning")
    for branch in MAIN:
        if _commit(branch) is not None:
            found = _git("merge-base", "HEAD", branch, fails=True).strip()
            if found:
                return found, f"{branch} ({found[:9]})"
    return head, f"HEAD ({head[:9]})"


def _commit(name: str) -> str | None:
    if not name or name.startswith("-"):
        return None
    return _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", fails=True).strip() or None


def _git(*words: str, at: Path | None = None, fails: bool = False) -> str:
    """What git prints; with ``fails`` an empty text where it refuses. Raises ConfigurationError."""
    program = shutil.which("git")
    if program is None:
        raise ConfigurationError(_("--changed needs git, which is not installed."))
    ran = subprocess.run([program, *words], cwd=at, capture_output=True, check=False)  # noqa: S603 - our own words
    if ran.returncode and not fails:
        said = os.fsdecode(ran.stderr).strip().splitlines() or [""]
        raise ConfigurationError(_("--changed: git says: {said}", said=said[0].removeprefix("fatal: ")))
    return "" if ran.returncode else os.fsdecode(ran.stdout)
