"""How many referrals the simulated Ocean emits in a second, and how many changes it takes and echoes.

A receiver inside the process takes each message at once, so what is measured is the simulator: it must not be what a
test of ten thousand referrals waits for. Printed: per second of processor time (one thread, so other work on the
machine does not count), and the ratio to the 300 referrals that it must emit.
Run: ``python -m benchmarks.ocean_simulator [REFERRALS]``.
"""

import sys
import time
from datetime import UTC, datetime

from footbridge.model.clock import ManualClock
from footbridge.simulators.ocean import OceanSimulator

WANTED = 300  # referrals a second


def main(number: int) -> None:
    """Print the figures for so many referrals."""
    ocean = OceanSimulator(clock=ManualClock(datetime(2026, 3, 2, 14, tzinfo=UTC)))
    ocean.add_site("1234", receiver=lambda _body: 200)
    ocean.add_listing("1234")
    start = time.process_time()
    refs = [ocean.refer() for _one in range(number)]
    ocean.run_due()
    emitted = number / (time.process_time() - start)
    start = time.process_time()
    for ref in refs:
        ocean.users.set_status(ref, "accepted")
    ocean.run_due()
    echoed = number / (time.process_time() - start)
    print(f"{number} referrals: {emitted:,.0f} emitted a second, {emitted / WANTED:.1f} times {WANTED}")
    print(f"{number} changes: {echoed:,.0f} echoed a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
