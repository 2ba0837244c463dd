"""Messages that a hosted partner writes: a Communication, or a new note on its Task, as a ``ports.Message``.

A Communication says which referral it is about by ``about`` or ``basedOn``, else by the client, where the partner has
one Task about that client only (https://hl7.org/fhir/R4/communication.html).
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from footbridge.mapping.references import local
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.ports import Document, Message
from footbridge.store.resources import ResourceStore

SENT = frozenset({"in-progress", "completed"})
"""Statuses of a Communication that says something to somebody."""


def task_of(store: ResourceStore, communication: Mapping[str, Any]) -> str | None:
    """The id of the partner's Task that a Communication is about; None where it does not say."""
    named = [*objects_in(communication.get("about")), *objects_in(communication.get("basedOn"))]
    for kind, identity in _keys(named):
        if kind == "Task":
            return identity
        tasks = store.search("Task", [("focus", f"{kind}/{identity}"), ("_sort", "-authored-on")]).matches
        if tasks:
            return tasks[0].id
    for kind, identity in _keys([] if named else [object_in(communication.get("subject"))]):
        tasks = store.search("Task", [("subject", f"{kind}/{identity}")]).matches
        if len(tasks) == 1:
            return tasks[0].id
    return None


def communication_message(communication: Mapping[str, Any], key: str, at: datetime) -> Message | None:
    """What a Communication says about the referral ``key`` of ours; None where it says nothing.

    The same words come once, however often the Communication is written.
    """
    payload = list(objects_in(communication.get("payload")))
    words = [text for part in payload if (text := text_in(part.get("contentString")))]
    documents = tuple(_documents(payload))
    if communication.get("status") not in SENT or not (words or documents):
        return None
    digest = hashlib.sha256("\0".join(words).encode())
    for document in documents:
        digest.update(document.content)
    message_id = f"Communication/{communication['id']}#{digest.hexdigest()[:32]}"
    return Message(message_id=message_id, at=at, key=key, text="\n\n".join(words), documents=documents)


def new_notes(
    before: Mapping[str, Any], after: Mapping[str, Any], key: str, version: str, at: datetime
) -> list[Message]:
    """The notes of a Task that the version before did not have, each as a message."""
    known = [note.get("text") for note in objects_in(before.get("note"))]
    fresh = [
        text for note in objects_in(after.get("note")) if (text := text_in(note.get("text"))) not in known and text
    ]
    place = f"Task/{after['id']}/_history/{version}"
    return [
        Message(message_id=f"{place}#note-{number}", at=at, key=key, text=text)
        for number, text in enumerate(dict.fromkeys(fresh))
    ]


def _keys(named: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in named:
        reference = text_in(one.get("reference")) or ""
        key = local("/".join(reference.partition("/_history/")[0].split("/")[-2:]))  # of our URLs, too
        if key is not None:
            yield key


def _documents(payload: list[dict[str, Any]]) -> Iterator[Document]:
    for part in payload:
        attachment = object_in(part.get("contentAttachment"))
        data = text_in(attachment.get("data"))
        if data is None:
            continue
        try:
            content = base64.b64decode(data)
        except (binascii.Error, ValueError):
            continue
        kind = text_in(attachment.get("contentType")) or "application/octet-stream"
        yield Document(text_in(attachment.get("title")) or "", kind, content)
