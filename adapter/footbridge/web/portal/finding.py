"""The directory where a service is asked for a referral: the same search, and the same hits, as at prescribing.

A form with the field ``partner`` begins with it. A hit that a partner receives referrals for can be chosen, and that
partner is asked; any other hit says whom to phone. Below stand all partners, those that fit first: a tenant may have
hundreds. The words narrow both. They go by POST: a search tells of a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import request

from footbridge.directory.lookup import has_directory
from footbridge.i18n import spoken
from footbridge.i18n.eager import _
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.choices import Option
from footbridge.web.portal.forms import LENGTHS, Field
from footbridge.web.portal.look import Look
from footbridge.web.portal.prescribing import help_nearby
from footbridge.web.portal.prescribing.help_nearby import Answer

FIND: Final = "find"
"""The name of the button that searches: nothing else is done."""
PARTNER: Final = "partner"
MOST = 8
"""Partners that are shown at once; the others are behind "All services"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The search on a form, and what it found.

    Attributes:
        fields: of the search.
        answer: of the directory; None where the tenant has none.
        known: the partners that can be asked, by name.
        first, rest: partners that are not among the hits, those that fit first.
        is_narrowed: whether the words leave some of them out.
    """

    fields: Sequence[Field]
    answer: Answer | None
    known: dict[str, str]
    first: Sequence[Option]
    rest: Sequence[Option]
    is_narrowed: bool


def is_asked() -> bool:
    """Whether the form was sent to search only."""
    return FIND in request.form


def with_hit(fields: Sequence[Field]) -> None:
    """Let the field take a hit that was chosen: a partner, and the id of the service that it is asked for."""
    field = next((one for one in fields if one.name == PARTNER and one.kind == "choice"), None)
    chosen = request.form.get(PARTNER, "")
    partner, _space, listed = chosen.partition(" ")
    known = {} if field is None else dict(field.options)
    if field is not None and listed and partner in known:
        field.options = [*field.options, (chosen, known[partner])]


def finding_of(seen: Look, fields: Sequence[Field]) -> Finding | None:
    """The search of a form; None where it asks for no one service."""
    field = next((one for one in fields if one.name == PARTNER and one.kind == "choice"), None)
    if field is None:
        return None
    searched = _fields(seen)
    words, near, is_open = (one.value.strip() for one in searched)
    answer = _ask(seen, words, near, is_open)
    if answer is not None and not answer.total and near and not is_asked():  # nobody asked for that place
        searched[1].values = [""]
        answer = _ask(seen, words, "", is_open)
    field.options = [one for one in field.options if " " not in one[0]]
    known = dict(field.options)
    above = {name for hit in (answer.hits if answer else ()) for name, _title in hit.takers[:1]}
    fit = [one for one in field.options if words.casefold() in one[1].casefold()]
    left = [one for one in fit or field.options if one[0] not in above or one[0] in field.values]
    return Finding(searched, answer, known, left[:MOST], left[MOST:], len(fit) not in {0, len(known)})


def _fields(seen: Look) -> list[Field]:
    address = seen.document.client.address
    town = (address.postal_code or address.city or "") if address is not None else ""
    near = request.form.get("find_near", town)[: LENGTHS["line"]]
    words = request.form.get("find_words", "")[: LENGTHS["line"]]
    is_open = request.form.getlist("find_open")[:1]
    return [
        Field("find_words", "line", spoken(_("Words")), required=False, values=[words]),
        Field("find_near", "line", spoken(_("Near: postal code or town")), required=False, values=[near]),
        Field(
            "find_open", "checks", spoken(_("Opening hours")), required=False,
            options=[("yes", spoken(_("Open now")))], values=is_open,
        ),
    ]  # fmt: skip


def _ask(seen: Look, words: str, near: str, is_open: str) -> Answer | None:
    """The directory, about what the referral is about; only services that take referrals."""
    here, tenant = app_context(), door.signed_in().principal.tenant
    with here.database.read() as connection:
        if not has_directory(connection, tenant):
            return None
    about = [seen.row.category] if seen.row.category else [need.category for need in seen.document.needs]
    typed = {
        "q": [words], "near": [near], "category": [] if words else about, "kind": ["warm-connection"],
        **({"open_now": ["yes"]} if is_open else {}),
    }  # fmt: skip
    by = f"user/{door.signed_in().user.id}"
    return help_nearby.ask(here.database, here.asker, tenant, typed, here.clock.now(), here.asker.zone(tenant), by)
