"""AIRS XML with a canary in each element and attribute that its table names (``mappings/directory/airs.json``)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from support.canaries import Canaries

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "mappings" / "directory" / "airs.json").read_text("utf-8")
)
KINDS = {"organization": "Agency", "location": "Site", "service": "SiteService"}
OTHER = {
    "organization": {"Name": "AgencyName", "AgencyDescription": "Description"},
    "location": {"Name": "Title", "SiteDescription": "Description"},
    "service": {"Name": "Title"},
}
OWN_CHILDREN = ("phone", "link", "email", "contact", "address", "alternate_name", "position")
"""What may be marked confidential by itself."""


def element(canaries: Canaries, kind: str, name: str, mark: str = "", inside: str = "") -> str:
    """An element with a canary in each place of it; ``mark``: attributes, ``inside``: elements that it gets too."""
    how, *_ = TABLE["objects"][kind]["elements"][name]
    content = _CONTENT.get(how, _text)(canaries, f"{kind}/{name}")
    return f"<{name}{mark}>{content}{inside}</{name}>"


def elements(kind: str) -> Iterator[tuple[str, str]]:
    """Name of each element of a kind, and how it is read."""
    for name, (how, *_) in TABLE["objects"][kind]["elements"].items():
        if how != "none":
            yield name, how


def attributes(canaries: Canaries, kind: str) -> str:
    return "".join(
        f" {name}={quoteattr(canaries.word(f'{kind}/@{name}'))}"
        for name, (how, *_) in TABLE["objects"][kind]["attributes"].items()
        if how not in {"deleted_on", "not_always"}
    )


def record(
    canaries: Canaries, kind: str, key: str, inside: str = "", mark: str = "", *, name: str | None = None
) -> str:
    """A record with every element; a service has a name of its own."""
    skipped = {"Name", *OTHER[kind].values()} if name else set(OTHER[kind].values())
    body = "".join(element(canaries, kind, one) for one, _ in elements(kind) if one not in skipped)
    named = f"<Name>{name}</Name>" if name else ""
    return f"<{KINDS[kind]}{attributes(canaries, kind)}{mark}><Key>{key}</Key>{named}{body}{inside}</{KINDS[kind]}>"


def _text(canaries: Canaries, about: str) -> str:
    return canaries.text(about)


def _of(canaries: Canaries, about: str, names: dict[str, str]) -> str:
    values = []
    for name, member in names.items():
        give: Callable[[str], str] = {
            "number": canaries.phone, "address_1": canaries.street, "postal_code": canaries.postal,
        }.get(member, canaries.word)  # fmt: skip
        if name not in {"Phone", "ZipCode", "Country", "State", "CountryPrefix", "Extension"}:
            values.append(f"<{name}>{give(f'{about}/{name}')}</{name}>")
    return "".join(values)


def _phone(canaries: Canaries, about: str) -> str:
    return _of(canaries, about, TABLE["phone"])


def _contact(canaries: Canaries, about: str) -> str:
    own = _of(canaries, about, TABLE["contact"])
    mails = f"<Email><Address>{canaries.mail(f'{about}/Email')}</Address><Note>{canaries.text(f'{about}/Note')}</Note></Email>"
    return f"{own}{mails}<Phone>{_phone(canaries, f'{about}/Phone')}</Phone>"


_CONTENT: dict[str, Callable[[Canaries, str], str]] = {
    "phone": _phone,
    "contact": _contact,
    "address": lambda c, about: _of(c, about, TABLE["address"]),
    "alternate_name": lambda c, about: f"<Name>{c.text(about)}</Name><Description>{c.text(about)}</Description>",
    "link": lambda c, about: f"<Address>{c.link(about)}</Address><Note>{c.text(about)}</Note>",
    "email": lambda c, about: f"<Address>{c.mail(about)}</Address><Note>{c.text(about)}</Note>",
    "license": lambda c, about: f"<License>{c.text(about)}</License><LicensedBy>{c.text(about)}</LicensedBy>",
    "funding": lambda c, about: f"<Source>{c.text(about)}</Source>",
    "no_address": lambda c, about: (
        f"<Description>{c.text(about)}</Description><Explanation>{c.text(about)}</Explanation>"
    ),
    "position": lambda c, about: (
        f"<Latitude>{c.position(about)}</Latitude><Longitude>-81.0</Longitude><Description>{c.text(about)}</Description>"
    ),
    "hours": lambda c, about: f"<Monday><From>9:00</From><To>17:00</To></Monday><Notes>{c.text(about)}</Notes>",
    "open_hours": lambda c, about: f"<dayOpen>{c.word(about)}</dayOpen>",
    "special_hours": lambda c, about: f"<Description>{c.text(about)}</Description>",
    "seasonal": lambda c, about: f"<Description>{c.text(about)}</Description>",
    "languages": lambda c, about: f"<Name>{c.word(about)}</Name><Notes>{c.text(about)}</Notes>",
    "resource_info": lambda c, about: (
        f"<Contact>{_contact(c, about)}</Contact><ResourceSpecialist>{c.text(about)}</ResourceSpecialist>"
    ),
    "area": lambda c, about: _of(c, about, TABLE["area"]) + f"<Description>{c.text(about)}</Description>",
    "taxonomy": lambda c, about: f"<Code>BD-1800</Code><TaxonomyTerm>{c.word(about)}</TaxonomyTerm>",
    "document": lambda c, about: f"<Title>{c.text(about)}</Title><Description>{c.text(about)}</Description>",
    "step": lambda c, about: f"<Title>{c.text(about)}</Title><Description>{c.text(about)}</Description>",
    "age": lambda c, about: f"<Gender>{c.word(about)}</Gender>",
    "not_always": lambda c, about: "",
}
