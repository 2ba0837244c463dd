"""What changed between two successive Bundles of a referral, in words: Ocean's messages do not say.

OceanMD's Playbook recommends to say it (https://simplifier.net/guide/Ocean-Provider-Network-FHIR-Playbook). A change
has two texts: ``summary`` holds no value of the client and may be logged; ``text`` may hold values, and is for the
referral's timeline only. What is compared of each part is in ``shown``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from footbridge.i18n import _, _n
from footbridge.partners.ocean import shown
from footbridge.partners.ocean.loose import text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate import status_map

MOST = 10
"""Rows of one change that its text lists."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    Attributes:
        code: stable: ``status``, ``revoked``, ``reopened``, ``task``, ``forwarded``, ``target``, ``priority``,
            ``service-type``, ``note``, ``client-name``, ``client-contact``, ``client-address``, ``client-details``,
            ``requester``, ``form``, ``document``, ``appointment``, ``communication``, ``other``.
        summary: a sentence without values of the client.
        text: a sentence with the values, where they help; personal: never logged.
    """

    code: str
    summary: str
    text: str = field(repr=False)


def changes(before: OceanMessage, after: OceanMessage) -> tuple[Change, ...]:
    """What changed; nothing where both say the same. Never raises on messages that were read."""
    parts = (_status, _tasks, _target, _request, _client, _forms, _documents, _appointments, _communications, _other)
    return tuple(change for part in parts for change in part(before, after))


def _status(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.status(before), shown.status(after)
    if was == now or now is None:
        return
    if now == "revoked":
        yield _plain("revoked", _("The sender cancelled the referral in Ocean."))
    elif was == "revoked":
        yield _plain("reopened", _("The sender opened the referral again in Ocean."))
    else:
        sentence = _("The status of the referral in Ocean is now {now}; it was {was}.", now=now, was=was or "-")
        yield _plain("status", sentence)


def _tasks(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.task_status(before), shown.task_status(after)
    if was == now or now is None:
        return
    declined = was is not None and status_map.folder_of_task(was) == "declined"
    if declined and status_map.folder_of_task(now) not in {"declined", None}:
        yield _plain("reopened", _("The referral was declined, and Ocean opened it again."))
    else:
        yield _plain("task", _("The Task in Ocean is now {now}; it was {was}.", now=now, was=was or "-"))


def _target(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    if after.successor and after.successor != before.successor:
        sentence = _("The referral was forwarded: another referral replaces it.")
        yield _plain("forwarded", sentence)
    if after.target and before.target and not _same_listing(before, after):
        sentence = _("The referral is for another listing now.")
        name = after.target.reference or after.target.external or "-"
        yield Change("target", sentence, _("The referral is for another listing now: {name}.", name=name))


def _same_listing(before: OceanMessage, after: OceanMessage) -> bool:
    one, other = before.target, after.target
    if one.reference and other.reference:
        return one.reference == other.reference
    return one.external == other.external


def _request(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.priority(before), shown.priority(after)
    if was != now:
        yield _plain("priority", _("The priority is now {now}; it was {was}.", now=now or "-", was=was or "-"))
    if shown.service_types(before) != shown.service_types(after):
        names = ", ".join(shown.service_types(after)) or "-"
        sentence = _("The service type changed.")
        yield Change("service-type", sentence, _("The service type is now {names}.", names=names))
    yield from _value("note", _("The note of the referral changed."), shown.notes(before), shown.notes(after))
    sentence = _("The person or clinic that refers changed.")
    yield from _value("requester", sentence, shown.requester(before), shown.requester(after))


def _client(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.client(before), shown.client(after)
    if not was or not now:
        return
    sentences = {
        "name": ("client-name", _("The client's name changed.")),
        "telecom": ("client-contact", _("The client's contacts changed.")),
        "address": ("client-address", _("The client's address changed.")),
        "birthDate": ("client-details", _("The client's birth date changed.")),
        "gender": ("client-details", _("The client's gender changed.")),
        "identifier": ("client-details", _("The client's identifiers changed.")),
        "communication": ("client-details", _("The client's languages changed.")),
        "deceased": ("client-details", _("Whether the client is deceased changed.")),
    }
    for name, (code, sentence) in sentences.items():
        yield from _value(code, sentence, was.get(name, ""), now.get(name, ""))


def _forms(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.answers(before), shown.answers(after)
    rows = _different(was, now)
    if rows:
        sentence = _n("{count} answer of a form changed.", "{count} answers of a form changed.", len(rows))
        yield Change("form", sentence, _listed(sentence, rows))


def _documents(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.documents(before), shown.documents(after)
    new = [title for key, title in now.items() if key not in was]
    gone = [title for key, title in was.items() if key not in now]
    if new:
        sentence = _n("{count} document was added.", "{count} documents were added.", len(new))
        yield Change("document", sentence, _listed(sentence, new))
    if gone:
        sentence = _n("{count} document was removed.", "{count} documents were removed.", len(gone))
        yield Change("document", sentence, _listed(sentence, gone))


def _appointments(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was, now = shown.appointments(before), shown.appointments(after)
    for key, row in now.items():
        if row == was.get(key):
            continue
        if row.status == "cancelled":
            yield Change("appointment", _("An appointment was cancelled."), _joined_time("cancelled", row.start))
        elif key not in was:
            yield Change("appointment", _("An appointment was added."), _joined_time("added", row.start))
        else:
            yield Change("appointment", _("An appointment changed."), _joined_time("changed", row.start))
    for key in was:
        if key not in now and now:
            yield _plain("appointment", _("An appointment is no longer in the message."))


def _joined_time(what: str, start: str | None) -> str:
    time = start or "-"
    if what == "cancelled":
        return _("The appointment at {time} was cancelled.", time=time)
    return (
        _("An appointment was added: {time}.", time=time)
        if what == "added"
        else _("An appointment changed: {time}.", time=time)
    )


def _communications(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    was = shown.communications(before)
    for key, words in shown.communications(after).items():
        if key not in was:
            yield Change("communication", _("A message was sent."), _("Message: {words}", words=words or "-"))


def _other(before: OceanMessage, after: OceanMessage) -> Iterator[Change]:
    """Resources of types that no other part looks at; only their types are named."""
    was, now = shown.others(before), shown.others(after)
    types = sorted({kind for kind, _content in was ^ now})
    if types:
        names = ", ".join(types)
        yield _plain("other", _("Other data of the message changed: {names}.", names=names))


def _plain(code: str, sentence: str) -> Change:
    return Change(code, sentence, sentence)


def _value(code: str, sentence: str, was: str, now: str) -> Iterator[Change]:
    if was == now:
        return
    told = _("{sentence} Now: {now}. Before: {was}.", sentence=sentence, now=now or "-", was=was or "-")
    yield Change(code, sentence, told)


def _different(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """One line for each question whose answer is another."""
    keys = dict.fromkeys((*now, *was))
    return [f"{key}: {was.get(key) or '-'} -> {now.get(key) or '-'}" for key in keys if was.get(key) != now.get(key)]


def _listed(sentence: str, rows: list[str]) -> str:
    kept = [text(row) or "-" for row in rows[:MOST]]
    more = ["..."] if len(rows) > MOST else []
    return _("{sentence} {rows}", sentence=sentence, rows="; ".join([*kept, *more]))
