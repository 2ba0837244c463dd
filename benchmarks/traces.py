"""What traces cost the intake: processor time a prescription, in this process, with traces off and on.

Off is what everybody has who does not ask for them, with the extra installed or not. On: every span is made and handed
to a collector that takes it at once. The two take turns, on SQLite. Run:
``python benchmarks/traces.py [PRESCRIPTIONS]``.
"""

import json
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from footbridge import traces
from footbridge.data import folder
from footbridge.model.clock import SystemClock
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Intake
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tenants import add_tenant

ROUND = 20  # prescriptions


def main(prescriptions: int) -> None:
    document = json.loads(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    took: dict[str, list[float]] = {"off": [], "on": []}
    with tempfile.TemporaryDirectory(prefix="footbridge-bench-") as place:
        database = open_database(f"sqlite:///{Path(place, 'traces.sqlite3')}")
        upgrade(database)
        with database.write() as connection:
            add_tenant(connection, "north", "ca", datetime.now(UTC))
        intake = Intake(database, SystemClock())
        for number in range(-2, prescriptions // ROUND):  # the first rounds fill caches
            for name, times in took.items():
                if name == "on":
                    provider = TracerProvider()
                    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
                    traces.enable(provider)
                began = time.process_time()
                for _ in range(ROUND):
                    document["identifier"]["value"] = str(uuid.uuid4())
                    with traces.request(None) if name == "on" else nullcontext():
                        intake.submit(json.dumps(document).encode(), Principal("requester", name="x", tenant="north"))
                seconds = (time.process_time() - began) / ROUND
                traces.disable()
                if number >= 0:
                    times.append(seconds)
        database.dispose()
    off, on = (statistics.median(took[name]) for name in ("off", "on"))
    print(f"traces off {off * 1000:.2f} ms, on {on * 1000:.2f} ms a prescription: ratio {on / off:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
