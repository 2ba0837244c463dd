"""The files of a path, whatever holds them: one file, a folder, a zip archive, or one gzip file."""

import stat
from collections.abc import Sequence
from pathlib import Path

from footbridge.directory import archives
from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import Limits, LocalFile, Source, SourceFile, ignored, local_files
from footbridge.directory.records import Finding
from footbridge.i18n import _


def open_source(location: Path, limits: Limits | None = None) -> Source:
    """The files of a path: one file, a folder, a zip archive, or one gzip file.

    Raises:
        DirectoryError: nothing is there, it is no regular file, or it is unsafe to read; says how to correct it.
    """
    bounds = limits or Limits()
    shown = location.name or str(location)
    try:
        mode = location.stat().st_mode
    except OSError as error:
        raise DirectoryError(
            _("{shown}: there is no such file or folder, or it may not be read.", shown=shown)
        ) from error
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise DirectoryError(
            _("{shown}: is not a regular file or folder. Name a file, a folder or a zip archive.", shown=shown)
        )
    files: list[SourceFile] = []
    findings: list[Finding] = []
    nested: list[LocalFile] = []
    for file in local_files(location, bounds):
        if ignored(file.name):
            continue
        kind = archives.packing(file)
        if kind == "gzip":
            files.append(archives.GzipFile(file, bounds))
        elif kind is not None and stat.S_ISDIR(mode):
            nested += [file] if kind == "zip" else []
            findings.append(Finding("files.nested-archive", file.name, found=file.name))
        elif kind == "zip":
            packed = archives.zip_source(file, bounds)
            files.extend(packed.files)
            findings.extend(packed.findings)
        elif kind is not None:
            raise DirectoryError(
                _("{name}: this kind of archive ({kind}) is not supported. Use zip or gzip.", name=file.name, kind=kind)
            )
        else:
            files.append(file)
    if len(nested) == 1 and not files:  # of several, or beside other files, nobody knows which one counts
        packed = archives.zip_source(nested[0], bounds)
        files, findings = list(packed.files), list(packed.findings)
    if nested and not files:
        raise DirectoryError(
            _("{shown}: holds several archives and no other file. Name one of them: {names}.", shown=shown,
              names=", ".join(file.name for file in nested[:5]))
        )  # fmt: skip
    _bound(files, bounds, shown)
    return Source(tuple(files), tuple(findings))


def _bound(files: Sequence[SourceFile], limits: Limits, shown: str) -> None:
    if not files:
        raise DirectoryError(
            _("{shown}: holds no file to read. Name a file, or a folder or archive with files.", shown=shown)
        )
    for file in files:
        if (file.size or 0) > limits.file_size:
            raise DirectoryError(
                _(
                    "{name}: is larger than {file_size:,} bytes. Split it into smaller files.",
                    name=file.name,
                    file_size=limits.file_size,
                )
            )
    if sum(file.size or 0 for file in files) > limits.total_size:
        raise DirectoryError(
            _(
                "{shown}: its files are larger than {total_size:,} bytes together. Split the source.",
                shown=shown,
                total_size=limits.total_size,
            )
        )
