"""What is typed into a partner's form: what is wrong at which field, and the entry that it makes.

All networks of `footbridge partner add` are here (``partner_fields``). A secret, and where one is, are never typed into
a page: our own keys sign (SMART Backend Services), or the command line says where the secret is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from footbridge.errors import ConfigurationError
from footbridge.i18n import _, spoken
from footbridge.partners.addresses import checked_base
from footbridge.partners.letter.ways import MAIL, Folder, way_of
from footbridge.settings import settings
from footbridge.store.credentials import SMART
from footbridge.store.letters import LetterSetting
from footbridge.store.ocean_sites import checked_number
from footbridge.store.partners import Delivery, Guide, Partner, Role
from footbridge.store.smart_servers import DEFAULT_CLIENT_ID, SmartServer
from footbridge.web.portal.admin.partner_fields import ADDRESSES, FHIR, LETTER, NETWORKS, OCEAN
from footbridge.web.portal.forms import Field, mark_unfit

OCEAN_POLL_SECONDS: Final = 10
"""Between two looks for messages of a site; a message that comes makes the next one due at once."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a filled-in form asks for."""

    partner: Partner
    setting: LetterSetting | None = None
    site: str | None = None
    server: SmartServer | None = None


def must_fit(fields: Sequence[Field], said: Mapping[str, str], network: str) -> bool:
    """Put what is wrong beside each field; whether all is well."""
    for one in fields:
        if one.of and network not in one.of.split() and said[one.name] and not one.options:
            one.error = spoken(_("This is for another kind of partner: empty it, or change the answer above."))
        elif one.name in _CHECKS and (not one.of or network in one.of.split()):
            one.error = _error(_CHECKS[one.name], said[one.name])
            one.missing = one.error or ""  # it names its field
        elif one.options and said[one.name] and said[one.name] not in dict(one.options):
            one.error = spoken(_("Select one of the answers."))
    return mark_unfit(fields)


def wanted(said: Mapping[str, str]) -> Wanted:
    """What a form without errors asks for, of a new partner."""
    network, name = said["network"], said["partner_name"]
    role = {LETTER: "recipient", OCEAN: "requester"}.get(network, said["partner_role"] or "recipient")
    is_smart = network == FHIR and bool(said["smart_url"])
    made = Partner(
        name=name,
        network=network,
        role=cast("Role", role),
        title=said["title"] or name,
        base_url=address_in(said, network),
        credential=SMART if is_smart else None,
        delivery=cast("Delivery", said["delivery"] or "transaction") if network == FHIR else "transaction",
        guide=cast("Guide", said["guide"] or "3.0.0") if network == FHIR else "3.0.0",
        custodian=network != OCEAN and said["custodian"] == "yes",
        poll_seconds=OCEAN_POLL_SECONDS if network == OCEAN else settings().poll_seconds,
    )
    server = SmartServer(said["smart_url"].rstrip("/"), said["smart_client"] or DEFAULT_CLIENT_ID)
    return Wanted(
        made,
        setting_in(said, None) if network == LETTER else None,
        said["site"] if network == OCEAN else None,
        server if is_smart else None,
    )


def address_in(said: Mapping[str, str], network: str) -> str:
    """The address that the form gives a partner of this network, as its entry has it."""
    text = said.get(ADDRESSES.get(network, ""), "")
    return _way(text) if network == LETTER else text


def setting_in(said: Mapping[str, str], code: str | None) -> LetterSetting:
    """How a service gets its letters; the code stays."""
    language: Any = said["letter_language"] or None
    return LetterSetting(language, code, said["letter_attach"] == "yes")


def _way(text: str) -> str:
    """The address of a letter partner: an address of e-mail may be typed as people write it."""
    return f"{MAIL}{text}" if "@" in text and ":" not in text and not text.startswith("/") else text


def _error(check: Callable[[str], object], text: str) -> str | None:
    try:
        check(text)
    except ConfigurationError as error:
        return spoken(str(error))
    return None


def _must_be_name(text: str) -> None:
    if not _NAME.fullmatch(text):
        raise ConfigurationError(_("Enter a short name of small letters, digits and hyphens, such as food-bank."))


def _must_be_server(text: str) -> None:
    if not text:
        raise ConfigurationError(_("Enter the address of the server. It starts with https://."))
    checked_base(text, allow_http=settings().allow_http, what=_("The address"))


def _must_be_endpoint(text: str) -> None:
    if text:
        checked_base(text, allow_http=settings().allow_http, what=_("The address"))


def _must_be_way(text: str) -> None:
    if not text:
        raise ConfigurationError(_("Enter an e-mail address, or the whole path of a folder."))
    way = way_of(_way(text))
    if isinstance(way, Folder) and way.problem() is not None:
        raise ConfigurationError(_("The server has no such folder that it can write to. Make it there first."))


def _must_be_seconds(text: str) -> None:
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise ConfigurationError(_("Seconds between two polls: enter a whole number, 1 or more."))


def _must_be_network(text: str) -> None:
    if text not in NETWORKS:
        raise ConfigurationError(_("Select how it works with us."))


_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "partner_name": _must_be_name,
    "network": _must_be_network,
    "base_url": _must_be_server,
    "ocean_url": _must_be_server,
    "letter_to": _must_be_way,
    "site": checked_number,
    "smart_url": _must_be_endpoint,
    "poll_seconds": _must_be_seconds,
}
