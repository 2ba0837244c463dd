"""What a message says of the client's consent. Ocean sends no Consent, and none is invented.

A field of a form that says yes is an express consent, where the listing goes by the form; a field that says no is a
refusal, whatever the listing says. An implied consent is the listing's word only; whether it is enough for a recipient
is for others to decide.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from footbridge.i18n import _
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.translate.forms import Answered, Form
from footbridge.partners.ocean.translate.tables import folded, table
from footbridge.partners.ocean.translate.values import FoundConsent

CONSENT = "consent"
_BETWEEN = re.compile(r"[,;:()/]|\s[-\u2013\u2014]\s")


def is_yes(answer: str) -> bool:
    """Whether an answer means yes, also where it says how the consent was given; more words are a condition, maybe."""
    said, rules = folded(answer), table("consent")
    if said in rules["yes"]:
        return True
    first, *rest = [part for part in _BETWEEN.split(said) if part.strip()] or [""]
    ways = {word for words in rules["how"].values() for word in words} | set(rules["beside"])
    return first.strip() in rules["yes"] and bool(rest) and ways.issuperset(" ".join(rest).split())


def is_no(answer: str) -> bool:
    """Whether an answer means no, also where more words follow it."""
    said = folded(answer)
    return any(said == word or said.startswith((f"{word} ", f"{word},", f"{word}-")) for word in table("consent")["no"])


def is_plain(answer: str) -> bool:
    """Whether an answer is yes or no, and nothing more."""
    return is_yes(answer) or folded(answer) in table("consent")["no"]


def consent_of(forms: tuple[Form, ...], listing: Listing) -> tuple[FoundConsent, dict[str, Any] | None]:
    """What is known of the consent, and the member ``consent`` of the prescription; None where it is missing."""
    rows = list(_fields(forms, listing))
    for form, row in rows:
        if any(is_no(answer) for answer in row.answers):
            return FoundConsent("refused", _place(form, row)), {"status": "refused"}
    if listing.consent.basis == "implied":
        return FoundConsent("implied", "listing"), {"status": "given", "basis": "implied"}
    if listing.consent.basis == "express-in-form":
        for form, row in rows:
            if not row.hidden and all(_accepted(answer, listing.consent.accepted) for answer in row.answers):
                return FoundConsent("express", _place(form, row)), _express(row.answers)
    return FoundConsent("missing"), None


def _fields(forms: tuple[Form, ...], listing: Listing) -> Iterator[tuple[Form, Answered]]:
    """The fields about consent: the one that the listing names, else those of the form's mapping."""
    wanted = listing.consent.link_id
    for form in forms:
        for row in form.fields:
            if row.link_id == wanted if wanted is not None else row.kind == CONSENT:
                yield form, row


def _accepted(answer: str, accepted: Collection[str]) -> bool:
    return folded(answer) in {folded(word) for word in accepted} if accepted else is_yes(answer)


def _express(answers: tuple[str, ...]) -> dict[str, Any]:
    how = table("consent")["how"]
    said = set(folded(" ".join(answers)).replace(",", " ").split())
    forms = [name for name, words in how.items() if said & set(words)]
    return {"status": "given", "basis": "express"} | ({"how": forms[0]} if len(forms) == 1 else {})


def _place(form: Form, row: Answered) -> str:
    return _("form {form}, item {item}", form=form.name or "-", item=row.link_id or "-")
