"""Which process runs an import, so that another one on the same machine knows at once that it was killed.

A process is named by the boot of its machine, its namespace, its number, and when it began (Linux:
https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html): no other has that name, in another container neither.
Elsewhere a process has no name; what it runs counts as dead when it was silent for long.
"""

import os
from pathlib import Path

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
_STATE, _STARTED = 0, 19  # places behind the command's name: state is field 3, the start is field 22
_DEAD = ("Z", "X", "x")


def this_process() -> str | None:
    """The name of this process; None where the system tells none."""
    here, started = _namespace(), _started(os.getpid())
    return None if here is None or started is None else f"{here} {os.getpid()} {started}"


def is_gone(name: str | None) -> bool:
    """Whether a process has certainly ended; False where nobody can know from here."""
    if not name or (here := _namespace()) is None:
        return False
    space, _, rest = name.rpartition(" ")[0].rpartition(" ")
    return space == here and _started(int(rest)) != name.rpartition(" ")[2]


def _namespace() -> str | None:
    """The boot of the machine and the namespace in which process numbers count."""
    try:
        return f"{_BOOT.read_text('ascii').strip()} {(_PROC / 'self/ns/pid').readlink()}"
    except (OSError, ValueError):
        return None


def _started(process: int) -> str | None:
    """When a process that runs began, in ticks since the boot; None where there is none."""
    try:
        text = (_PROC / str(process) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name of the command may hold anything
    return None if len(fields) <= _STARTED or fields[_STATE] in _DEAD else fields[_STARTED]
