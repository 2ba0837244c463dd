"""What the form asks beyond the rules of the document: that somebody can be reached, and that nothing typed is dropped.

A document of the API may come from a record that knows the person already. Who writes here has them at the desk: a
referral about nobody, or about somebody whom no service can reach, is an oversight. And what stands in a field that
counts only with another one (the words of a need that is not selected) would not be sent: so it is asked about.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.i18n.eager import _
from footbridge.model.prescription.rules_of_consent import discloses
from footbridge.web.portal.prescribing.fields import table
from footbridge.web.portal.prescribing.sheet import Sheet

_FOR = {"sms": {"phone", "sms"}, "phone": {"phone", "sms"}, "email": {"email"}}
"""What must be known of the person to reach them this way."""


def missing(sheet: Sheet) -> dict[str, str]:
    """What is wrong, by the field that it stands at; the first of each field."""
    found: dict[str, str] = {}
    for name, text in (*_of_person(sheet), *_dropped(sheet)):
        found.setdefault(name, text)
    return found


def _of_person(sheet: Sheet) -> Iterator[tuple[str, str]]:
    client: Mapping[str, Any] = sheet.document["client"]
    systems = {one["system"] for one in client.get("contacts", ())}
    name = client.get("name", {})
    tells = discloses(sheet.text("kind") or "signpost")
    if tells and not (name.get("given") or name.get("family") or name.get("preferred")):
        yield "given", _("Enter the name of the person: without it, nobody knows whom this is about.")
    if sheet.texts("unsafe"):
        return
    if tells and not (systems or client.get("address") or client.get("contactNote")):
        yield (
            "phone",
            _(
                "Enter a phone number, an e-mail address or a postal address; or say under “What to consider when "
                "contacting the person” how to find them."
            ),
        )
    prefer, method = sheet.text("prefer"), sheet.text("follow_method")
    if prefer in _FOR and not _FOR[prefer] & systems:
        yield _field_of(prefer), _("The person prefers to be reached this way: enter the number or address.")
    if method in _FOR and not _FOR[method] & systems:
        yield "follow_method", _("There is no number or address for this: enter it above, or choose another way.")
    if method == "letter" and not client.get("address"):
        yield "follow_method", _("There is no number or address for this: enter it above, or choose another way.")


def _dropped(sheet: Sheet) -> Iterator[tuple[str, str]]:
    chosen = set(sheet.texts("category"))
    for code in table()["categories"]:
        for name in (f"need-{code}", f"goal-{code}"):
            if code not in chosen and sheet.text(name):
                yield name, _("You wrote this, and did not select what it is about. Select it, or delete the words.")
    for row in range(table()["barriers"]):
        for what in ("barrier", "support"):
            kinds = [f"{what}_kind-{row}", *([f"support_first-{row}"] if what == "support" else [])]
            if not sheet.text(f"{what}-{row}") and any(sheet.text(one) for one in kinds):
                yield f"{what}-{row}", _("Say it in words too, or take away what you selected.")
    if sheet.texts("interpreter") and not sheet.text("tongue") and not sheet.document["client"].get("languages"):
        yield "tongue", _("An interpreter is needed: for which language?")
    if sheet.text("follow_method") and not sheet.text("follow_due"):
        yield "follow_due", _("On which day is the person asked? Enter it, or leave the way open too.")


def _field_of(system: str) -> str:
    return "email" if system == "email" else "phone"
