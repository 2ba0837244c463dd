"""What a receiving system posts back to Ocean, composed by hand from the public documents, and who receives.

An answer is the Bundle that was received, with another header, plus a Task, Appointment or Communication: the strategy
of OceanMD's own code (https://github.com/oceanmdlabs/autorouter).
"""

import copy
import json
import uuid
from datetime import UTC, datetime

from footbridge.model.clock import ManualClock
from footbridge.simulators.ocean import OceanSimulator

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
"""A Monday morning in Toronto."""


class Box:
    """A receiver that keeps what it got; ``statuses`` are its next answers, None for no answer, then 200."""

    def __init__(self, statuses=()):
        self.bodies = []
        self.statuses = list(statuses)

    def __call__(self, body):
        self.bodies.append(body)
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def bundles(self):
        return [json.loads(body) for body in self.bodies]

    @property
    def events(self):
        return [event_of(bundle) for bundle in self.bundles]

    @property
    def last(self):
        return json.loads(self.bodies[-1])


def ocean_with(box, *, version="0.11", start=START, **options):
    """An Ocean with site 1234, which receives, and 5678, which has no integration; a listing of each."""
    made = OceanSimulator(clock=ManualClock(start), **options)
    made.add_site("1234", receiver=box, version=version)
    made.add_site("5678")
    made.add_listing("1234", external_service="link-worker", reference="link_worker_program49721437")
    made.add_listing("5678", title="Seniors Centre", reference="seniors_centre10000001")
    return made


def header_of(bundle):
    return bundle["entry"][0]["resource"]


def event_of(bundle):
    return header_of(bundle)["eventCoding"]["code"]


def resources(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def task(ref, status, **more):
    """A Task as the guides want it."""
    return {
        "resourceType": "Task", "status": status, "intent": "order",
        "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-TaskOutcome", "code": "process-request"}]},
        "basedOn": [{"reference": f"urn:uuid:{ref}"}],
    } | more  # fmt: skip


def appointment(ref, *, start="2026-03-09T10:00:00-04:00", said=("accepted",), status="booked", **more):
    """An Appointment; without a start it is an instruction for booking."""
    when = {} if start is None else {"start": start}
    return {
        "resourceType": "Appointment", "status": status, "basedOn": [{"reference": f"urn:uuid:{ref}"}],
        "participant": [{"status": one} for one in said],
    } | when | more  # fmt: skip


def communication(ref, text="Please call us."):
    return {
        "resourceType": "Communication", "status": "completed", "payload": [{"contentString": text}],
        "basedOn": [{"reference": f"urn:uuid:{ref}"}],
    }  # fmt: skip


def answer(received, event, *focus, add=(), id_=None):
    """The received Bundle with another header, and with the resources in focus; ``add`` are (key, resource) more."""
    made = copy.deepcopy(received)
    keyed = [(one.get("id") or str(uuid.uuid4()), one) for one in focus]
    header = header_of(made)
    header["id"] = str(uuid.uuid4())
    header["eventCoding"] = header["eventCoding"] | {"code": event, "display": event}
    header["focus"] = [{"reference": f"urn:uuid:{key}"} for key, _one in keyed]
    added = [{"fullUrl": f"urn:uuid:{key}", "resource": {"id": key} | one} for key, one in (*keyed, *add)]
    made["entry"] = [{"fullUrl": f"urn:uuid:{header['id']}", "resource": header}, *added, *made["entry"][1:]]
    return made | {"id": id_ or str(uuid.uuid4())}


def post(ocean, bundle, site="1234"):
    """Post to ``$process-messages`` as a site; the answer."""
    return ocean.process(site, json.dumps(bundle).encode())


def say(ocean, box, ref, event, *focus, **options):
    """Answer the first message of a referral, and deliver what follows; the HTTP status."""
    first = next(one for one in box.bundles if ref in json.dumps(one))
    status = post(ocean, answer(first, event, *focus, **options)).status
    ocean.run_due()
    return status


def sent(ocean):
    """A new referral, delivered; its ref."""
    ref = ocean.refer()
    ocean.run_due()
    return ref
