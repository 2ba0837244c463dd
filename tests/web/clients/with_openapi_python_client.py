"""Carries the examples out with the client that openapi-python-client makes: ``FOLDER BASE TOKEN EXAMPLES``."""

import json
import sys
from pathlib import Path

folder, base, token, examples = sys.argv[1:]
sys.path.insert(0, folder)

from footbridge_api import AuthenticatedClient, models  # noqa: E402
from footbridge_api.api.events import (  # noqa: E402
    cancel_prescription,
    list_waiting,
    read_changes,
    read_timeline,
    send_event,
)
from footbridge_api.api.prescriptions import (  # noqa: E402
    list_prescriptions,
    read_bundle,
    read_prescription,
    submit_prescription,
)
from footbridge_api.types import UNSET  # noqa: E402

KINDS = {
    "route": models.Routing,
    "split": models.Splitting,
    "answer": models.Answering,
    "prohibit-contact": models.Deciding,
}
client = AuthenticatedClient(base_url=base, token=token)
made = {"read": {}, "events": 0, "sent": []}


def send(identity, event, **members):
    """Send an event, as the class of its kind."""
    body = KINDS.get(event, models.Moving).from_dict({"event": event, **members})
    state = send_event.sync(identity, client=client, body=body)
    assert isinstance(state, models.Prescription), state
    made["sent"].append(event)
    return state


def steps(identity, number):
    """What is sent about an example: every kind of event is among it."""
    state = read_prescription.sync(identity, client=client)
    allowed = [str(event) for event in state.referrals[0].allowed]
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
        body = models.Cancellation(reason="Not wanted any more.")
        assert isinstance(cancel_prescription.sync(identity, client=client, body=body), models.Prescription)


for number, path in enumerate(sorted(Path(examples).glob("[0-9]*.json")), start=1):
    document = models.PrescriptionDocument.from_dict(json.loads(path.read_text()))
    receipt = submit_prescription.sync(client=client, body=document, idempotency_key=path.stem)
    assert isinstance(receipt, models.Receipt), receipt
    assert submit_prescription.sync(client=client, body=document, idempotency_key=path.stem).id == receipt.id
    made["read"][path.stem] = read_prescription.sync(receipt.id, client=client).prescription.to_dict()
    assert read_bundle.sync(receipt.id, client=client).entry
    steps(receipt.id, number)
    made["events"] += len(read_timeline.sync(receipt.id, client=client).events)

cursor, changes = UNSET, 0
while (page := read_changes.sync(client=client, since=cursor, limit=100)).changes:
    cursor, changes = page.next_, changes + len(page.changes)
made["changes"] = changes
cursor, listed = UNSET, 0
while True:
    page = list_prescriptions.sync(client=client, limit=9, cursor=cursor)
    listed += len(page.prescriptions)
    cursor = page.next_
    if cursor is None:
        break
made["listed"] = listed
made["waiting"] = len(list_waiting.sync(client=client).waiting)
missing = read_prescription.sync_detailed("7d4d2f3e-0000-4000-8000-000000000000", client=client)
made["missing"] = int(missing.status_code)
sys.stdout.write(json.dumps(made, default=str))
