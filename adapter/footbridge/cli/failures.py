"""What is told when a command fails: lines for standard error and an exit code, never a traceback.

Exit codes: 0 done; 1 the document or the request was refused; 2 the command could not run; 130 interrupted by Ctrl-C;
141 nobody reads the output any more (as after ``| head``).
"""

import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from footbridge.errors import (
    ConflictError,
    FootbridgeError,
    LifecycleError,
    MappingFault,
    NotFoundError,
    PrescriptionError,
)
from footbridge.i18n import spoken
from footbridge.i18n.eager import _, translated
from footbridge.model.issues import Issue

REFUSED, CANNOT_RUN, INTERRUPTED, NO_READER = 1, 2, 130, 141
_REFUSALS = (PrescriptionError, ConflictError, LifecycleError, NotFoundError)
_OURS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Failure:
    """How a failed command ends."""

    lines: tuple[str, ...]
    exit_code: int


def explain(error: BaseException) -> Failure:
    """The lines and the exit code for an exception; they hold no personal data."""
    match error:
        case KeyboardInterrupt():
            return Failure((_("Interrupted."),), INTERRUPTED)
        case BrokenPipeError():
            return Failure((), NO_READER)
        case PrescriptionError() | MappingFault():
            exit_code = REFUSED if isinstance(error, PrescriptionError) else CANNOT_RUN
            return Failure((*map(_line, error.issues), _("Error: {error}", error=str(error))), exit_code)
        case FootbridgeError():
            return Failure(
                (_("Error: {error}", error=str(error)),), REFUSED if isinstance(error, _REFUSALS) else CANNOT_RUN
            )
        case OSError():
            what = f"{error.filename}: " if error.filename is not None else ""
            return Failure((_("Error: {what}{strerror}.", what=what, strerror=reason_of(error)),), CANNOT_RUN)
        case _:
            return Failure((_of_database(error) or _of_a_bug(error),), CANNOT_RUN)


REASONS = (
    "File exists",
    "Is a directory",
    "No space left on device",
    "No such file or directory",
    "Not a directory",
    "Permission denied",
)
"""What systems say most often of a file, for the catalogue; anything else is told as the system says it."""


def reason_of(error: OSError | ValueError) -> str:
    """Why a file could not be used, in the system's words or ours."""
    said = getattr(error, "strerror", None)
    if said:
        return translated(said)
    return type(error).__name__ if isinstance(error, OSError) else _("cannot be read")


def close_output() -> None:
    """Let nothing more be written to an output that nobody reads (Python's end would try, and complain)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _line(issue: Issue) -> str:
    return line_of(issue, issue.pointer or issue.expression)


def line_of(issue: Issue, where: str | None) -> str:
    """An issue as a line: severity, place, sentence."""
    severities = {
        "fatal": _("fatal: "),
        "error": _("error: "),
        "warning": _("warning: "),
        "information": _("information: "),
    }
    place = f"{where}: " if where else ""
    return f"{severities[issue.severity]}{place}{spoken(issue.message)}"


def _of_database(error: BaseException) -> str | None:
    """The sentence for an error of the database; None for any other."""
    from sqlalchemy.exc import (  # noqa: PLC0415 - slow to import, and seldom needed
        DatabaseError,
        DBAPIError,
        InterfaceError,
        OperationalError,
        SQLAlchemyError,
    )

    if not isinstance(error, SQLAlchemyError):
        return None
    # Other kinds (a constraint, a value) quote the row that they are about.
    safe = type(error) in {OperationalError, InterfaceError, DatabaseError}
    said = str(error.orig).strip().splitlines()[:1] if safe and isinstance(error, DBAPIError) else []
    reason = said[0].rstrip(".") if said else type(error).__name__
    return _("Error: The database cannot be used: {reason}. FOOTBRIDGE_DATABASE_URL is its address.", reason=reason)


def _of_a_bug(error: BaseException) -> str:
    """The sentence for what should not happen: its kind and place in our code, not its text."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_OURS)
    ]
    place = ""
    if frames:
        file = Path(frames[-1].filename).relative_to(_OURS)
        place = _(" in {file}, line {line}", file=file, line=frames[-1].lineno)
    return _(
        "Error: Internal error: {name}{place}. `footbridge --traceback COMMAND` shows more, "
        "maybe including a person's data.",
        name=type(error).__name__,
        place=place,
    )
