"""The fields of a partner's form, by network: for a new one, and for one that is there.

A field counts for some networks only; where another one is chosen, a style sheet hides it while it is empty.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from footbridge.i18n import _, spoken
from footbridge.model.prescription.rules_of_consent import bases_of_requesters
from footbridge.partners.letter.ways import MAIL
from footbridge.partners.networks import UNPOLLED
from footbridge.store.letters import LetterSetting
from footbridge.store.partners import Partner
from footbridge.store.tenants import Jurisdiction
from footbridge.web.portal import words
from footbridge.web.portal.admin.forms_of import field
from footbridge.web.portal.forms import Field

FHIR, HOSTED, LETTER, OCEAN = "fhir", "hosted", "letter", "ocean"
NETWORKS: Final = (HOSTED, FHIR, LETTER, OCEAN)
ROLE_IS_OPEN: Final = (HOSTED, FHIR)
"""Networks whose partners are services or requesters; a letter goes to a service, and Ocean is a requester."""
ADDRESSES: Final[Mapping[str, str]] = {FHIR: "base_url", LETTER: "letter_to", OCEAN: "ocean_url"}
"""The field of the address, by network."""


def fields_of_new() -> list[Field]:
    """The empty form for a new partner of any network."""
    networks = [(name, words.network(name)) for name in NETWORKS]
    roles = [
        ("recipient", spoken(_("Recipient: a service that takes referrals"))),
        ("requester", spoken(_("Requester: a system that prescriptions come from"))),
    ]
    is_open = " ".join(ROLE_IS_OPEN)
    return [
        field("title", "line", spoken(_("Name of the organization"))),
        field("partner_name", "line", spoken(_("Short name: small letters, digits, hyphens"))),
        field("network", "choice", spoken(_("How does it work with us?")), networks, HOSTED),
        field("partner_role", "select", spoken(_("Role")), roles, "recipient", of=is_open),
        _address(FHIR),
        _address(LETTER),
        *_of_letters(LetterSetting()),
        _address(OCEAN),
        _site(""),
        *_of_server("transaction", "3.0.0", with_all=True),
        _smart_url(""),
        _smart_client(""),
        _custodian(is_one=False),
    ]


def fields_of(
    partner: Partner, setting: LetterSetting, site: str, organizations: Sequence[str], jurisdiction: Jurisdiction
) -> list[Field]:
    """The form of a partner that is there, with what it is now."""
    found = [field("title", "line", spoken(_("Name of the organization")), value=partner.title)]
    found += _known_address(partner)
    if partner.network == LETTER:
        found += _of_letters(setting)
    if partner.network == OCEAN:
        found.append(_site(site))
    if partner.network == FHIR and partner.delivery != "task-only":
        found += _of_server(partner.delivery, partner.guide, with_all=False)
    if partner.network == HOSTED:
        found += _of_hosted(partner, jurisdiction)
    if partner.network not in UNPOLLED:
        seconds = str(partner.poll_seconds)
        found.append(field("poll_seconds", "line", spoken(_("Seconds between two polls")), value=seconds))
    if partner.role == "recipient":
        found.append(_organizations(organizations))
    if partner.network != OCEAN:
        found.append(_custodian(is_one=partner.custodian))
    for one in found:
        one.of = ""
    return found


def _address(network: str, value: str = "") -> Field:
    labels = {
        FHIR: _("Address of its FHIR server"),
        LETTER: _("Its e-mail address, or the folder that a fax gateway watches"),
        OCEAN: _("Address of Ocean"),
    }
    hints = {
        FHIR: _("It starts with https://, such as https://hub.example/fhir."),
        LETTER: _("Such as office@kitchen.example, or the whole path of a folder on the server. The e-mail holds no "
                  "word about the person, only a link."),
        OCEAN: _("It starts with https://, as the Ocean administrator gives it."),
    }  # fmt: skip
    label, hint = spoken(labels[network]), spoken(hints[network])
    return field(ADDRESSES[network], "line", label, value=value, hint=hint, of=network)


def _known_address(partner: Partner) -> list[Field]:
    if partner.network not in ADDRESSES or (partner.network != LETTER and partner.credential is not None):
        return []
    found = _address(partner.network, partner.base_url.removeprefix(MAIL))
    if partner.network != LETTER:
        found.label, found.hint = spoken(_("New address of the same server")), ""
    return [found]


def _of_letters(setting: LetterSetting) -> list[Field]:
    languages = [("en", "English"), ("fr", "Français")]
    attach = spoken(_("Send the letter itself with the e-mail, as a PDF"))
    warning = spoken(_("Health data then leave by e-mail, which others may read on the way. Ask your privacy officer "
                       "first."))  # fmt: skip
    label = spoken(_("Language of its letters (empty: that of each prescription)"))
    return [
        field("letter_language", "select", label, languages, setting.language or "", of=LETTER),
        field("letter_attach", "select", attach, _yes_no(), "yes" if setting.attach else "no", hint=warning, of=LETTER),
    ]


def _site(number: str) -> Field:
    hint = spoken(_("As Ocean shows it, such as 1234."))
    return field("site", "line", spoken(_("Number of the site")), value=number, hint=hint, of=OCEAN)


def _of_server(delivery: str, guide: str, *, with_all: bool) -> list[Field]:
    ways = [
        ("transaction", spoken(_("All at once (a transaction Bundle)"))),
        ("resources", spoken(_("One resource after the other"))),
        ("task-only", spoken(_("Only the Task; it reads the rest here, with a token"))),
    ]
    guides = [("3.0.0", "SDOHCC 3.0.0"), ("2.3.0", "SDOHCC 2.3.0")]
    shown = ways if with_all else ways[:2]
    return [
        field("delivery", "select", spoken(_("What is sent to its server")), shown, delivery, of=FHIR),
        field("guide", "select", spoken(_("Version of the guide")), guides, guide, of=FHIR),
    ]


def _smart_url(value: str) -> Field:
    hint = spoken(_("Where its server lets programs in by SMART Backend Services: we sign in there with our own keys. "
                    "Empty: it asks for no token."))  # fmt: skip
    return field("smart_url", "line", spoken(_("Its token endpoint")), value=value, hint=hint, of=FHIR)


def _smart_client(value: str) -> Field:
    label = spoken(_("What it registered us as (client id; empty: footbridge)"))
    return field("smart_client", "line", label, value=value, of=FHIR)


def _of_hosted(partner: Partner, jurisdiction: Jurisdiction) -> list[Field]:
    how = [
        ("compatible", spoken(_("It is stored, and the history says so"))),
        ("strict", spoken(_("It is refused"))),
    ]
    found = [field("conformance", "select", spoken(_("What breaks a profile of the guide")), how, partner.conformance)]
    if partner.role == "requester":
        bases = [("none", spoken(_("Its prescriptions wait for a person")))]
        bases += [(code, words.word(code)) for code in bases_of_requesters(jurisdiction)]
        label = spoken(_("Which consent it holds where it sends none"))
        found.append(field("consent_basis", "select", label, bases, partner.consent_basis or "none"))
    return found


def _organizations(names: Sequence[str]) -> Field:
    hint = spoken(_("As source:id, such as north-211:4710; several with blanks between them. A service of theirs that "
                    "is chosen in the directory is then asked here."))  # fmt: skip
    label = spoken(_("Organizations of the directory for which it takes referrals"))
    return field("organizations", "line", label, value=" ".join(names), hint=hint)


def _custodian(*, is_one: bool) -> Field:
    label = spoken(_("Health information custodian, who may get health card numbers"))
    of = f"{HOSTED} {FHIR} {LETTER}"
    return field("custodian", "select", label, _yes_no(), "yes" if is_one else "no", of=of)


def _yes_no() -> list[tuple[str, str]]:
    return [(code, words.word(code)) for code in ("no", "yes")]
