"""A listing of an Ocean site: what a referral to it means, and where it goes.

Ocean's directory has listings; each has a reference (``id-referral-target-reference``) and maybe an External Service ID
that the receiving site sets. A message names the one that it is for. What we do with it is the user's to say: kind of
prescription, jurisdiction, basis of consent, categories, form, service, partner and language.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from footbridge.data import read_json
from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.parties import Target

Kind = Literal["signpost", "warm-connection", "navigator"]
Jurisdiction = Literal["us", "ca"]
Basis = Literal["express-in-form", "implied", "none"]

MEMBERS: Final = (
    "target", "external", "kind", "jurisdiction", "consent", "categories", "forms", "service", "partner", "language",
)  # fmt: skip
CONSENT_MEMBERS: Final = ("basis", "linkId", "accepted")
SERVICE_MEMBERS: Final = ("directoryId", "organization", "description", "language", "code", "partner")
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class ConsentSetting:
    """How the client's consent is known for a listing.

    Attributes:
        basis: ``express-in-form``: a field of the form says so; ``implied``: the user answers for it; ``none``.
        link_id: of the form's field; None: the field that the form's mapping names.
        accepted: answers that mean yes, compared without capitals; empty: those of ``mappings/ocean/consent.json``.
    """

    basis: Basis = "none"
    link_id: str | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing.

    Attributes:
        target: value of ``id-referral-target-reference``; None when only the External Service ID is known.
        external: External Service ID, our routing key; None where the site sets none.
        kind: of the prescriptions.
        jurisdiction: whose rules hold, ``ca`` or ``us``.
        consent: how it is known.
        categories: SDOH categories that a referral to this listing is about; may be empty.
        forms: names of the form mappings to use for a form that has none under its own name.
        service: member ``service`` of the prescription (directoryId, or description and organization); may be None.
        partner: name of one of our partners; None: the tenant's route decides.
        language: BCP 47, of the free text.
    """

    target: str | None
    external: str | None = None
    kind: Kind = "warm-connection"
    jurisdiction: Jurisdiction = "ca"
    consent: ConsentSetting = field(default_factory=ConsentSetting)
    categories: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    service: Mapping[str, Any] | None = None
    partner: str | None = None
    language: str = "en"

    @classmethod
    def decode(cls, raw: Any) -> "Listing":  # noqa: ANN401 - any JSON
        """A listing from its JSON form; every member but target or external may be left out.

        ``consent`` is ``{"basis": ..., "linkId": ..., "accepted": [...]}``, or just the basis.

        Raises:
            ConfigurationError: a member is wrong; says which, and what is allowed.
        """
        row = _object(raw, "listing", MEMBERS)
        target, external = _word(row, "target"), _word(row, "external")
        if target is None and external is None:
            raise ConfigurationError(
                _("A listing needs 'target' (its reference in Ocean) or 'external' (its External Service ID).")
            )
        language = _word(row, "language") or "en"
        if not LANGUAGE.fullmatch(language):
            raise ConfigurationError(_("'language' of a listing must be a language tag, such as en-CA."))
        return cls(
            target=target,
            external=external,
            kind=_choice(row, "kind", get_args(Kind), "warm-connection"),
            jurisdiction=_choice(row, "jurisdiction", get_args(Jurisdiction), "ca"),
            consent=_consent(row.get("consent")),
            categories=_categories(row),
            forms=_words(row, "forms"),
            service=_service(row),
            partner=_word(row, "partner"),
            language=language,
        )

    def encode(self) -> dict[str, Any]:
        """The JSON form, as ``decode`` takes it; members without a value are left out."""
        consent: dict[str, Any] = {"basis": self.consent.basis}
        if self.consent.link_id:
            consent["linkId"] = self.consent.link_id
        if self.consent.accepted:
            consent["accepted"] = list(self.consent.accepted)
        whole: dict[str, Any] = {
            "target": self.target,
            "external": self.external,
            "kind": self.kind,
            "jurisdiction": self.jurisdiction,
            "consent": consent,
            "categories": list(self.categories),
            "forms": list(self.forms),
            "service": dict(self.service) if self.service is not None else None,
            "partner": self.partner,
            "language": self.language,
        }
        return {name: value for name, value in whole.items() if value not in (None, [])}

    def is_of(self, target: Target) -> bool:
        """Whether identifiers are those of this listing: one that is the same is enough."""
        by_key = self.external is not None and self.external == target.external
        return by_key or (self.target is not None and self.target == target.reference)


def listing_for(message: OceanMessage, listings: Iterable[Listing]) -> Listing | None:
    """The listing that a message is for: by External Service ID first, then by reference; None where none fits."""
    rows, asked = tuple(listings), message.target
    by_key = (row for row in rows if row.external is not None and row.external == asked.external)
    by_reference = (row for row in rows if row.target is not None and row.target == asked.reference)
    return next(by_key, None) or next(by_reference, None)


def _object(raw: Any, place: str, members: tuple[str, ...]) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
    if not isinstance(raw, Mapping):
        raise ConfigurationError(_("'{place}' must be a JSON object.", place=place))
    for name in raw:
        if name not in members:
            allowed = ", ".join(members)
            raise ConfigurationError(
                _("'{name}' is not a member of '{place}'; allowed: {allowed}.", name=name, place=place, allowed=allowed)
            )
    return raw


def _word(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise ConfigurationError(
            _("'{name}' of a listing must be a text of 1 to {longest} characters.", name=name, longest=LONGEST)
        )
    return value.strip()


def _words(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise ConfigurationError(_("'{name}' of a listing must be a list of texts.", name=name))
    return tuple(dict.fromkeys(item.strip() for item in value))


def _choice(row: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> Any:  # noqa: ANN401 - a Literal
    value = row.get(name)
    if value is None:
        return default
    if value not in allowed:
        raise ConfigurationError(
            _("'{name}' of a listing must be one of {allowed}.", name=name, allowed=", ".join(allowed))
        )
    return value


def _consent(raw: Any) -> ConsentSetting:  # noqa: ANN401 - any JSON
    if raw is None:
        return ConsentSetting()
    row = _object({"basis": raw} if isinstance(raw, str) else raw, "consent", CONSENT_MEMBERS)
    basis = _choice(row, "basis", get_args(Basis), "none")
    link_id, accepted = _word(row, "linkId"), _words(row, "accepted")
    if basis != "express-in-form" and (link_id or accepted):
        raise ConfigurationError(_("'linkId' and 'accepted' of a listing's consent need the basis 'express-in-form'."))
    return ConsentSetting(basis, link_id, accepted)


def _categories(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = _words(row, "categories")
    known = [item["code"] for item in read_json("terminology", "categories.json")["categories"]]
    for code in found:
        if code not in known:
            raise ConfigurationError(
                _("'{code}' is not an SDOH category; the codes are {known}.", code=code, known=", ".join(known))
            )
    return found


def _service(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    raw = row.get("service")
    if raw is None:
        return None
    found = dict(_object(raw, "service", SERVICE_MEMBERS))
    if not found:
        raise ConfigurationError(_("'service' of a listing is empty; leave it out, or name a service."))
    return found
