"""Corrections of what stands in Ocean: ``notify-data-correction``, which moves a referral to no other folder.

The guide has it for what the receiver corrects, such as ``ServiceRequest.code`` or the client's data
(https://simplifier.net/guide/ca-on-ereferral-r4-iguide); OceanMD's own lab sends it with a new code
(https://github.com/oceanmdlabs/autorouter). Here it says:

* the category of a need, where a person put the guess right;
* end or place of an appointment whose start stays; another start is a new booking, which Ocean has to show;
* reason or outcome of a referral that has ended, where Ocean was told another one.

What was entered in error here is no correction: Ocean has no such status, and a person tells the clinic.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.mapping.terms import guide_coding
from footbridge.partners.ocean.translate.answer_values import CORRECTION, ENDED, Answer, State
from footbridge.partners.ocean.translate.tables import table
from footbridge.terminology import category


def correction(members: Mapping[str, Mapping[str, Any]]) -> Answer:
    """A correction of the client's or the referral's data: type of a resource to the members that replace its own.

    Raises:
        ValueError: a type or member that may not be corrected so (``mappings/ocean/answers.json``).
    """
    allowed: dict[str, list[str]] = table("answers")["correctable"]
    wrong = [f"{kind}.{name}" for kind, row in members.items() for name in row if name not in allowed.get(kind, ())]
    if wrong or not any(members.values()):
        raise ValueError(f"These members cannot be corrected: {', '.join(wrong) or '-'}.")
    return Answer(CORRECTION, correction=members)


def is_corrected_end(before: State | None, now: State) -> bool:
    """Whether Ocean knows that the referral ended so, and was told another reason or outcome."""
    if before is None or now.status not in ENDED or now.revoked:
        return False
    if (before.task, before.status) != (now.task, now.status):
        return False
    another_reason = now.reason is not None and before.reason is not None and now.reason != before.reason
    another_outcome = now.outcome is not None and before.outcome is not None and now.outcome != before.outcome
    return another_reason or another_outcome


def is_corrected_booking(before: State | None, now: State) -> bool:
    """Whether the appointment that Ocean shows has another end or place, and the same start."""
    if before is None or before.appointment is None or now.appointment is None:
        return False
    told, is_so = before.appointment, now.appointment
    same_booking = before.appointment_id == now.appointment_id and before.confirmed == now.confirmed
    return same_booking and told.start == is_so.start and told != is_so


def categories(before: State | None, now: State) -> Iterator[Answer]:
    """The right category of the needs, as ``ServiceRequest.code``; once for each decision."""
    told = before.categories if before else ()
    found = [row for code in now.categories if (row := category(code)) is not None]
    if now.categories == told or not found or not table("answers")["corrections"]["code"]["send"]:
        return
    coding = {**guide_coding(found[0].code), "display": found[0].display}
    yield correction(
        {"ServiceRequest": {"code": {"coding": [coding], "text": ", ".join(row.display for row in found)}}}
    )
