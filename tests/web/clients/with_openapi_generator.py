"""Carries the examples out with the Python client that openapi-generator makes: ``FOLDER BASE TOKEN EXAMPLES``."""

import json
import sys
from pathlib import Path

folder, base, token, examples = sys.argv[1:]
sys.path.insert(0, folder)

from footbridge_api import (  # noqa: E402
    Answering,
    ApiClient,
    Cancellation,
    Configuration,
    Deciding,
    EventsApi,
    Moving,
    NewEvent,
    PrescriptionDocument,
    PrescriptionsApi,
    Routing,
    Splitting,
)
from footbridge_api.exceptions import ApiException  # noqa: E402

KINDS = {"route": Routing, "split": Splitting, "answer": Answering, "prohibit-contact": Deciding}
client = ApiClient(Configuration(host=base, access_token=token))
prescriptions, events = PrescriptionsApi(client), EventsApi(client)
made = {"read": {}, "events": 0, "sent": []}


def send(identity, event, **members):
    """Send an event, as the class of its kind."""
    body = KINDS.get(event, Moving).from_dict({"event": event, **members})
    state = events.send_event(identity, NewEvent(body))
    made["sent"].append(event)
    return state


def steps(identity, number):
    """What is sent about an example: every kind of event is among it."""
    state = prescriptions.read_prescription(identity)
    allowed = [event.value for event in state.referrals[0].allowed]
    if number % 5 == 0:
        send(identity, "prohibit-contact")
    if number == 2 and "split" in allowed:
        send(identity, "split", parts=[{"description": "A ride", "category": "transportation-insecurity"}])
    elif number == 3 and "reject" in allowed:
        for _ in range(2):  # each of the two services
            send(identity, "reject", reason="No room.")
        send(identity, "route", partner="north-end-hub")
    elif "accept" in allowed and number % 4 == 0:
        for event in ("accept", "start", "complete"):
            state = send(identity, event)
        if state.follow_up and state.follow_up.allowed:
            send(identity, "answer", happened="yes")
    else:
        events.cancel_prescription(identity, Cancellation(reason="Not wanted any more."))


for number, path in enumerate(sorted(Path(examples).glob("[0-9]*.json")), start=1):
    document = PrescriptionDocument.from_json(path.read_text())
    receipt = prescriptions.submit_prescription(document, idempotency_key=path.stem)
    assert prescriptions.submit_prescription(document, idempotency_key=path.stem).id == receipt.id
    identity = str(receipt.id)
    made["read"][path.stem] = prescriptions.read_prescription(identity).prescription
    assert prescriptions.read_bundle(identity).entry
    steps(identity, number)
    made["events"] += len(events.read_timeline(identity).events)

cursor, changes = None, 0
while (page := events.read_changes(since=cursor, limit=100)).changes:
    cursor, changes = page.next, changes + len(page.changes)
made["changes"] = changes
cursor, listed = None, 0
while True:
    page = prescriptions.list_prescriptions(limit=9, cursor=cursor)
    listed += len(page.prescriptions)
    cursor = page.next
    if cursor is None:
        break
made["listed"] = listed
made["waiting"] = len(events.list_waiting().waiting)
try:
    prescriptions.read_prescription("7d4d2f3e-0000-4000-8000-000000000000")
except ApiException as problem:
    made["missing"] = problem.status
sys.stdout.write(json.dumps(made, default=str))
