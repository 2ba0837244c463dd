"""Rules that hold for every input: what is read is a value or UnreadableMessage; nothing after that raises."""

import copy
import datetime as dt
import json
import random
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, as_v010, encoded
from support.soak import count, ran

from footbridge.errors import PrescriptionError
from footbridge.mapping.validate_input import accept
from footbridge.partners.inbound import ActingPerson
from footbridge.partners.ocean.diff import changes
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.message import UnreadableMessage, read_message
from footbridge.partners.ocean.translate import Around, translate
from footbridge.partners.ocean.translate.answers import Answer, Envelope, build

LISTING = Listing.decode({"target": ocean.LISTING, "consent": "express-in-form"})
ENVELOPE = Envelope(
    str(uuid.UUID(int=1)), str(uuid.UUID(int=2)), dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    ActingPerson("Ann", "link worker"), "https://us.invalid", ocean.BASE,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["resourceType", "entry", "resource", "eventCoding", "code", "id", "identifier"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
ODD: list[Any] = [
    None, "", "  ", 0, -1, 3.5, True, False, [], {}, [[]], [{}], [None], "x" * 12_000, "\x00\x07", "\ud7ff", "<b>", "é" * 300,
    {"reference": "#"}, {"reference": "urn:uuid:"}, {"coding": [{"code": 3}]}, "9999-99-99", "2026-01-01T00:00:00Z",
    10**30, ["a", 1], {"value": {"value": {}}}, "MessageHeader", "Patient",
]  # fmt: skip


def _mutated(bundle: dict[str, Any], random_: random.Random) -> dict[str, Any]:
    """The Bundle with some places removed, doubled, or filled with something odd."""
    made = copy.deepcopy(bundle)
    for _number in range(random_.randint(1, 6)):
        places: list[tuple[Any, Any]] = []
        stack: list[Any] = [made]
        while stack:
            row = stack.pop()
            keys = list(row) if isinstance(row, dict) else range(len(row)) if isinstance(row, list) else ()
            for key in keys:
                places.append((row, key))
                stack.append(row[key])
        if not places:
            break
        holder, key = random_.choice(places)
        act = random_.random()
        if act < 0.3:
            del holder[key]
        elif act < 0.4 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(random_.choice(ODD))
    return made


@given(JSON)
def test_any_json_is_a_message_or_unreadable(value: Any) -> None:
    try:
        read_message(json.dumps(value).encode())
    except UnreadableMessage as error:
        assert error.reason  # noqa: PT017 - either is right


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_unreadable(body: bytes) -> None:
    try:
        read_message(body)
    except UnreadableMessage as error:
        assert error.reason  # noqa: PT017 - either is right


@pytest.mark.soak
def test_a_mutated_message_is_translated_compared_and_answered_or_names_why() -> None:
    whole, rows = add_service_request(), count(quick=120, soak=20_000)
    base = read_message(encoded(whole))
    read = answered = 0
    for number in range(rows):
        ran()
        random_ = random.Random(number)
        bundle = _mutated(whole if number % 2 else as_v010(whole), random_)
        try:
            message = read_message(json.dumps(bundle).encode())
        except UnreadableMessage:
            continue
        read += 1
        made = translate(message, LISTING, Around())
        _is_valid_or_says_why(made, number)
        for change in (*changes(base, message), *changes(message, base)):
            assert change.code
            assert change.summary
        if message.referral is not None:
            answer = Answer("notify-add-process-request", task_status="received", task=str(uuid.UUID(int=9)))
            sent = read_message(json.dumps(build(answer, message, ENVELOPE)).encode())
            assert sent.referral == message.referral, number
            answered += 1
    assert read > rows * 0.8
    assert answered > rows * 0.75


def _is_valid_or_says_why(made: Any, number: int) -> None:
    """The document passes, but for what is known of consent; else ``errors`` has the same findings."""
    try:
        accept(made.document)
        found = []
    except PrescriptionError as error:
        found = [
            issue for issue in error.issues if issue.is_error and not issue.rule.startswith("prescription.consent-")
        ]
    assert [issue.rule for issue in found] == [issue.rule for issue in made.errors], number
    if made.document.get("identifier") and made.document.get("authored"):
        assert not made.errors, (number, made.errors)


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_in_note_and_form_is_carried_without_an_error(note: str, answer: str) -> None:
    bundle = add_service_request()
    ocean.resource(bundle, "request")["note"] = [{"text": note}]
    ocean.resource(bundle, "form")["item"] = [ocean.item("rfr", answer), ocean.item("zz", answer)]
    made = translate(read_message(json.dumps(bundle).encode()), LISTING, Around())
    assert made.errors == ()
