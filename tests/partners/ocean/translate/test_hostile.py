"""A message that is made to be slow is refused, or translated in the time that any message takes."""

import time
from typing import Any

import pytest
from support.ocean_messages import add_service_request, encoded, item, resource

from footbridge.partners.ocean.diff import changes
from footbridge.partners.ocean.message import UnreadableMessage, read_message

MANY = 3_000


def _form(*items: Any) -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "form")["item"] = list(items)
    return bundle


def _note(text: str) -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "request")["note"] = [{"text": text}]
    return bundle


def _telecoms() -> dict[str, Any]:
    bundle = add_service_request()
    for name in ("patient", "role", "practitioner"):
        resource(bundle, name)["telecom"] = [{"value": f"{number:010}"} for number in range(MANY)]
    return bundle


def _requests() -> dict[str, Any]:
    bundle = add_service_request()
    bundle["entry"] += [
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "id": f"r{number}",
                "replaces": [{"reference": f"r{number + 1}"}],
            }
        }
        for number in range(900)
    ]
    return bundle


HOSTILE = {
    "reasons": _form(*(item("rfr", f"reason {number}") for number in range(MANY))),
    "chart": _form(*(item("prob", f"problem {number}", hidden=True) for number in range(MANY))),
    "comments": _note("<!--" * 50_000),
    "comments that end": _note("<!--" * 50_000 + "-->"),
    "signs": _note("<" * 200_000),
    "tags": _note("<b>" * 50_000),
    "headings": _note("<b>x:</b>" * 5_000),
    "entities": _note("&lt;" * 50_000),
    "telecoms": _telecoms(),
    "requests": _requests(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_message_takes_long(translated: Any, name: str) -> None:
    began = time.process_time()
    made = translated(HOSTILE[name])
    message = read_message(encoded(HOSTILE[name]))
    assert changes(message, message) == ()
    assert made.document["needs"]
    assert time.process_time() - began < 10  # a quadratic one takes minutes


@pytest.mark.parametrize("member", ["telecom", "entry"])
def test_more_than_any_message_has_is_refused(member: str) -> None:
    bundle = add_service_request()
    if member == "entry":
        bundle["entry"] += [{"resource": {"resourceType": "Condition"}}] * 1_000
    else:
        resource(bundle, "patient")["telecom"] = [{}] * 60_000
    with pytest.raises(UnreadableMessage) as caught:
        read_message(encoded(bundle))
    assert caught.value.reason == "too-large"
