"""A signal that ends a command is never lost, not even where Python lets no exception out."""

import os
import subprocess
import sys
import textwrap

SCRIPT = """
    import os, signal, sys
    from footbridge.cli.ending import ended_by_signals

    class Held:
        def __del__(self):  # an exception in here is printed, and goes no further
            os.kill(os.getpid(), signal.SIGTERM)
            for _ in range(1000): pass

    try:
        with ended_by_signals() as ending:
            held = Held()
            del held
            print("still there", flush=True)
            for _ in range(100):
                ending.pause(0.01)
            print("lost")
    except KeyboardInterrupt:
        print("ended")
"""


def test_a_signal_that_comes_inside_a_finalizer_still_ends_the_command():
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
    )  # fmt: skip
    assert "Exception ignored" in ran.stderr, "the signal did not come inside the finalizer"
    assert ran.stdout.split("\n")[:2] == ["still there", "ended"]
