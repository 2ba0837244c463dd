"""The numbers of a person on a page: each with a word for what it is, and none twice."""

from urllib.parse import urlsplit

from footbridge.data import read_json
from footbridge.i18n import spoken
from footbridge.i18n.eager import _
from footbridge.model.prescription import Prescription
from footbridge.store.card_numbers import plain_number, plain_numbers
from footbridge.uris import own_uri
from footbridge.web.portal import words
from footbridge.web.portal.prescribing.document_client import CLIENT


def identifiers_of(document: Prescription) -> list[tuple[str, str]]:
    """The person's identifiers, each with what it is.

    A card is there once, however its number is written and under how many systems. The number of the referral, which
    some systems give as one of the person, is called that; one of our own says nothing to anybody.
    """
    cards = {row["system"]: row["text"] for row in read_json("mappings", "prescribing.json")["healthCards"].values()}
    theirs = [one for one in document.client.identifiers if one.system != own_uri(CLIENT)]
    found: dict[tuple[str, str], None] = {}
    numbers = set()
    for one in (one for one in theirs if one.system in cards):
        number = plain_number(one.system, one.value)
        numbers.add(number)
        found[_("Health card ({of})", of=words.said(cards[one.system])), number] = None
    for one in (one for one in theirs if one.system not in cards):
        if one.value == document.identifier.value or numbers & plain_numbers(one.value):
            continue
        found[_title(one.system), one.value] = None
    return [(spoken(title), value) for title, value in found]


def _title(system: str) -> str:
    if "referral" in system.rpartition("/")[2].casefold():
        return _("Number of the referral")
    host = urlsplit(system).hostname
    return _("Number at {system}", system=host) if host else _("Number in another system")
