"""What goes out to Ocean of one referral: the state that it should see, the messages that say so, and their ids.

Ids are made of what is said and of how many messages were sent before, so that a message that is repeated, because
nobody knows whether it arrived, has the ids that it had: Ocean can recognize it.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from footbridge.partners.inbound import ActingPerson
from footbridge.partners.ocean.echo import DECLINED, tokens_of
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.told import Told
from footbridge.partners.ocean.translate.answers import ENDED, Answer, Envelope, State, build
from footbridge.partners.ocean.translate.tables import table
from footbridge.partners.outgoing import Outgoing, ReferralState
from footbridge.store.holds import HoldRow
from footbridge.uris import own_uri

OURSELVES: Final = ActingPerson("Footbridge (automatic)", "system")
"""Who acts where no person did: routing, a timer."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Our address for messages, the site's FHIR base, and whose referral it is (tenant/partner/reference)."""

    endpoint: str
    fhir_base: str
    about: str


def state_of(outgoing: Outgoing, told: Told, *, revoked: bool, categories: tuple[str, ...] = ()) -> State:
    """The referral as the clinic should see it now.

    Args:
        outgoing: the referral.
        told: what Ocean was told.
        revoked: whether Ocean's sender has cancelled it.
        categories: of needs that a person put right.
    """
    mine = outgoing.referral
    task, previous = _tasks(mine, told)
    return State(
        status="requested" if mine.status == "draft" else mine.status,
        reason=mine.reason,
        revoked=revoked,
        task=task,
        previous_task=previous,
        appointment=mine.appointment,
        appointment_id=None if mine.appointment is None else _name(f"appointment/{task}"),
        outcome=_outcome(mine) if mine.status in ENDED else None,
        categories=categories,
    )


def put_right(holds: Iterable[HoldRow]) -> tuple[str, ...]:
    """Categories of the needs whose guess a person put right (``confirm-needs``), in the order of the needs."""
    decisions = [row.decision for row in holds if row.reason == "needs" and row.decision is not None]
    rows = [one for decision in decisions for one in decision.get("needs", ())]
    return tuple(dict.fromkeys(one["category"] for one in rows if one["category"] not in {one["guess"], "none"}))


def in_words_of(answer: Answer, version: str) -> Answer | None:
    """The answer in the events that a version of the guide has; None where it has none for that.

    v0.10.0 has no event for corrections (``mappings/ocean/answers.json``, ``events``): unproven.
    """
    named = table("answers")["events"].get(version, {}).get(answer.event)
    if named is None:
        return answer
    event = named["appointment" if answer.appointment else "task" if answer.task else "request"]
    return replace(answer, event=event) if event else None


def may_be_refused(answer: Answer, status: int | None) -> bool:
    """Whether what follows goes on where Ocean refuses this answer with this status of HTTP: of a correction.

    What tells of the credential or of the target (401, 403) holds for every message.
    """
    is_lost: bool = table("answers")["corrections"]["refusedIsLost"]
    return is_lost and answer.is_correction and status not in {None, 401, 403}


def _outcome(mine: ReferralState) -> str | None:
    """What came of it, in words, each thing once."""
    words = [one.text or (one.code and (one.code.display or one.code.code)) for one in mine.outputs]
    return "; ".join(dict.fromkeys(word for word in words if word)) or None


def _tasks(mine: ReferralState, told: Told) -> tuple[str, str | None]:
    """The Task that Ocean has or gets. Another try here is no new Task there, unless Ocean was told of a decline."""
    before = told.state
    if before is None or before.task is None:
        return mine.key, None
    if before.status in DECLINED and mine.key != before.task:
        return mine.key, before.task
    return before.task, before.previous_task


def acting(outgoing: Outgoing) -> ActingPerson:
    """Who acted on our side; a person of the clinic is never named as the author of our answer."""
    by = outgoing.by
    return OURSELVES if by is None or by.role == "requester" or not by.name else by


def message_for(
    answer: Answer, received: OceanMessage, sender: Sender, told: Told, *, by: ActingPerson, at: datetime
) -> dict[str, Any]:
    """The message of an answer, ready to be sent."""
    said = orjson.dumps(_plain(answer), option=orjson.OPT_SORT_KEYS).decode()
    name = f"{sender.about}/{told.count}/{said}"
    envelope = Envelope(
        bundle_id=_name(f"bundle/{name}"),
        header_id=_name(f"header/{name}"),
        at=at,
        by=by,
        endpoint=sender.endpoint,
        fhir_base=sender.fhir_base,
        authored=told.authored.get(answer.task) if answer.task else None,
    )
    return build(answer, received, envelope)


def after(told: Told, answer: Answer, at: datetime) -> Told:
    """What Ocean was told, with this answer."""
    start = None if answer.appointment is None else answer.appointment.start
    others = tokens_of(answer.text, start) | ({answer.focus_id} if answer.focus_id else set())
    return told.sent(at, task=answer.task, status=answer.task_status, others=others)


def forwarded(told: Told, to: str) -> Told:
    """Ocean was told to pass the referral on."""
    return replace(told, forwarded=to)


def name_of(*parts: str) -> str:
    """An id that is the same for the same parts, a UUID."""
    return _name("/".join(parts))


def _name(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{own_uri('ocean/')}{text}"))


def _plain(answer: Answer) -> Mapping[str, Any]:
    return {name: getattr(answer, name) for name in Answer.__dataclass_fields__ if name != "lossy"}
