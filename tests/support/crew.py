"""Worker processes that are killed in the middle of anything, and replaced at once."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Self


class Crew:
    """So many processes of one script; leave its block, and none is left."""

    def __init__(self, script: Path, *words: object, size: int, log: IO[bytes]) -> None:
        """Start them.

        Args:
            script: run by this Python.
            words: what comes after it on the command line.
            size: how many work side by side.
            log: where their standard output and error go.
        """
        self._command = [sys.executable, str(script), *map(str, words)]
        self._log = log
        self.kills = 0
        self.processes = [self._start() for _ in range(size)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait(30)

    def kill_one(self) -> None:
        """``kill -9`` of one, whichever; it must not have ended by itself."""
        place = random.randrange(len(self.processes))
        victim = self.processes[place]
        assert victim.poll() is None, "a worker ended by itself"
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(30) == -signal.SIGKILL
        self.processes[place] = self._start()
        self.kills += 1

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=self._log, stderr=self._log)
