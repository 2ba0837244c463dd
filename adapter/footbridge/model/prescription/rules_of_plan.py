"""Rules about what is prescribed: indices into lists, the service, the follow-up."""

from collections.abc import Iterator

from footbridge.i18n import _, _n
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.pointers import Path

Finding = tuple[Path, str]


def index_out_of_range(prescription: Prescription) -> Iterator[Finding]:
    """An index leads to an entry of its list."""
    for place, goal in enumerate(prescription.goals):
        yield from _index(("goals", place, "need"), goal.need, "needs", len(prescription.needs))
    for place, support in enumerate(prescription.supports):
        yield from _index(("supports", place, "barrier"), support.barrier, "barriers", len(prescription.barriers))


def _index(path: Path, index: int | None, target: str, size: int) -> Iterator[Finding]:
    if index is not None and index >= size:
        yield (
            path,
            _n(
                "There is no such entry: '{target}' has {count} entry, counted from 0.",
                "There is no such entry: '{target}' has {count} entries, counted from 0.",
                size,
                target=target,
            ),
        )


def evidence_unanswered(prescription: Prescription) -> Iterator[Finding]:
    """A screening question has its answer."""
    for place, need in enumerate(prescription.needs):
        if need.evidence and need.evidence.answer is None and need.evidence.answer_text is None:
            yield ("needs", place, "evidence"), _("The question has no answer: give 'answer' or 'answerText'.")


def service_contradicts(prescription: Prescription) -> Iterator[Finding]:
    """Something self-directed has no service behind it."""
    service = prescription.service
    if service is None or not service.self_directed:
        return
    named = {"partner": service.partner, "directoryId": service.directory_id, "organization": service.organization}
    for member, value in named.items():
        if value is not None:
            yield (
                ("service", member),
                _("'self' means that there is no service: leave '{member}' out, or 'self'.", member=member),
            )


def self_directed_kind(prescription: Prescription) -> Iterator[Finding]:
    """Something self-directed is a signpost: there is nobody to be connected with."""
    service = prescription.service
    if service is not None and service.self_directed and prescription.kind != "signpost":
        yield (
            ("kind",),
            _("A prescription without a service ('self') must be a signpost: there is nobody to connect with."),
        )


def follow_up_missing(prescription: Prescription) -> Iterator[Finding]:
    """Somebody asks what became of it."""
    if prescription.follow_up is None:
        yield ("followUp",), _("There is no follow-up, so nobody will know whether it helped.")


def follow_up_unsafe(prescription: Prescription) -> Iterator[Finding]:
    """A client who is not safe to contact is asked in person, or by no plan at all.

    An error, not a warning: whoever does the follow-up may see nothing but its method, and call.
    """
    follow_up = prescription.follow_up
    if prescription.client.safe_to_contact or follow_up is None or follow_up.method in {None, "in-person"}:
        return
    message = _(
        "The client is not safe to contact ('safeToContact' is false), so nobody may call or "
        "write: use in-person, or leave the method out."
    )
    yield ("followUp", "method"), message
