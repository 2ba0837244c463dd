"""What goes wrong in the demo, so that one sees that nothing is lost and nothing comes twice."""

from collections.abc import Callable
from datetime import UTC, datetime

from footbridge.cli.demo.stage import EMR, Stage
from footbridge.cli.demo.watch import Watch
from footbridge.partners.fhir.simulator import Fault

Incident = tuple[datetime, Callable[[], None]]


def incidents(stage: Stage, watch: Watch) -> list[Incident]:
    """When what goes wrong; each tells ``watch``."""
    hub, lakeside, emr = (stage.servers[name].faults for name in ("north-end-hub", "lakeside-services", EMR))

    def too_busy() -> None:
        lakeside.next(status=503, retry_after=120, method="POST", times=2)
        watch.incident("Lakeside Services", "will answer 503 twice")

    def answer_lost() -> None:
        hub.next(drop=True, method="POST", route="")
        watch.incident("North End Hub", "will take one referral, and its answer will be lost on the way")

    def down() -> None:
        emr.sometimes(1.0, Fault(status=503))
        watch.incident("Riverside EMR", "is down for a day")

    def up() -> None:
        emr.clear()
        watch.incident("Riverside EMR", "is back", over=True)

    return [
        (datetime(2026, 11, 2, 16, 0, tzinfo=UTC), too_busy),
        (datetime(2026, 11, 4, 18, 0, tzinfo=UTC), answer_lost),
        (datetime(2026, 11, 11, 12, 0, tzinfo=UTC), down),
        (datetime(2026, 11, 12, 12, 0, tzinfo=UTC), up),
    ]
