"""The Bundle while it is being made: ids, claims, narrative, origins, warnings.

Ids are uuid5 over tenant, type and a seed, so that the same prescription gives the same Bundle byte for byte
and a repeat matches what it made before (``ifNoneExist`` by our identifier).
"""

import functools
import hashlib
import itertools
import uuid
from collections.abc import Iterable
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import language_of_tag
from footbridge.mapping import narrative
from footbridge.mapping.elements import identifiers as identifier_list
from footbridge.mapping.results import Mapped, MappingContext, Resource
from footbridge.mapping.sensitivity import labelled, security_labels
from footbridge.mapping.terms import label
from footbridge.model.issues import Issue, Severity
from footbridge.model.prescription import Identifier, Prescription
from footbridge.uris import own_uri

UNDETERMINED = "und"


@functools.cache
def _claims() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "claims.json")
    return table


def claimed_profile(claim: str) -> str:
    """The canonical URL behind a key of ``mappings/claims.json``."""
    return str(_claims()["claims"][claim]["profile"])


@functools.cache
def own_namespace() -> bytes:
    """The namespace of the ids that we make: a UUID as 16 bytes."""
    return uuid.uuid5(uuid.NAMESPACE_URL, own_uri("")).bytes


def name_uuid(namespace: bytes, name: str) -> str:
    """A version 5 UUID as text (RFC 9562 section 5.5); a fraction of what uuid.uuid5 takes."""
    digest = bytearray(hashlib.sha1(namespace + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@functools.cache
def own_identifier_system() -> str:
    """The system of the identifiers that we give to resources."""
    return own_uri("NamingSystem/resource")


class Draft:
    """One Bundle in the making."""

    def __init__(self, prescription: Prescription, context: MappingContext) -> None:
        self.prescription = prescription
        self.context = context
        self.jurisdiction = prescription.jurisdiction or context.jurisdiction
        self.language = prescription.language
        self.roles: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self.warnings: list[Issue] = []
        self.withheld: list[str] = []
        self._entries: list[Resource] = []
        self._namespace = own_namespace()
        self._own = f"{prescription.identifier.system}\x1f{prescription.identifier.value}"
        self._identifier_system = own_identifier_system()
        self._security = security_labels(prescription)

    @property
    def hides_contact(self) -> bool:
        """Whether telecom and address of the client stay here."""
        return self.context.withhold_unsafe_contact and not self.prescription.client.safe_to_contact

    def speech(self, texts: str | None = None) -> str:
        """The language of a narrative: the one that is wanted, else that of its resource's texts.

        ``texts`` is their own language, where they have one; it stays where it is a kind of the wanted one (``fr-CA``).
        """
        own, wanted = texts or self.language, self.context.narrative
        return own if wanted is None or language_of_tag(own) == wanted else wanted

    def prose(self, words: str | None, texts: str | None = None) -> str | None:
        """Words of a person for a line of a narrative, marked where that is in another language."""
        if words is None or self.context.narrative is None:
            return words
        return narrative.Prose(words, texts or self.language)

    def place(self, role: str, resource_type: str, seed: str | None = None) -> str:
        """Fix the fullUrl of a role before its resource is made.

        Args:
            role: e.g. ``goal/0``.
            resource_type: FHIR type.
            seed: what makes the thing the same across prescriptions, e.g. an organization's identifier;
                None for what belongs to this prescription alone.
        """
        url = self._url(resource_type, seed) if seed else self._own_url(role, resource_type)
        if url in self.roles.values():
            url = self._url(resource_type, f"{seed}\x1f{role}")
        self.roles[role] = url
        return url

    def _own_url(self, role: str, resource_type: str) -> str:
        """Of what belongs to this prescription alone: the id that it has already, else a new one that nothing has."""
        kind, _, known = self.context.records.get(role, "").partition("/")
        if kind == resource_type:
            return f"urn:uuid:{known}"
        seeds = itertools.chain([role], (f"{role}\x1f{number}" for number in itertools.count(1)))
        urls = (self._url(resource_type, f"{self._own}\x1f{seed}") for seed in seeds)
        return next(url for url in urls if url[9:] not in self.context.taken)

    def _url(self, resource_type: str, seed: str) -> str:
        name = f"{self.context.scope}\x1f{resource_type}\x1f{seed}"
        return f"urn:uuid:{name_uuid(self._namespace, name)}"

    def ref(self, role: str) -> Resource:
        """A Reference to the resource of a role that was placed."""
        return {"reference": self.roles[role]}

    def has(self, role: str) -> bool:
        """Whether the role was placed."""
        return role in self.roles

    def put(  # noqa: PLR0913 - each names one part of an entry
        self,
        role: str,
        body: Resource,
        *,
        origin: str,
        claim: str | None,
        lines: Iterable[narrative.Line],
        language: str | None = None,
        identifiers: Iterable[Identifier] = (),
        unclaimed: str | None = None,
        title: str | None = None,
    ) -> None:
        """Add the entry of a role.

        Args:
            role: a role that was placed.
            body: resourceType and elements; meta, language, text and identifier are added here.
            origin: JSON Pointer of the part that it comes from.
            claim: key of ``mappings/claims.json``.
            lines: narrative, by label.
            language: of its free text when that has one of its own.
            identifiers: the caller's, which follow ours.
            unclaimed: key of a reason why the profile is not claimed.
            title: label of the narrative's heading; the type's own when None.
        """
        url = self.roles[role]
        kind = body.pop("resourceType")
        spoken = language or self.language
        resource: Resource = {"resourceType": kind}
        meta = body.pop("meta", {}) | self._claim(claim, unclaimed, origin)
        if self._security and labelled(kind):
            meta["security"] = self._security
        if meta:
            resource["meta"] = meta
        if spoken != UNDETERMINED:
            resource["language"] = spoken
        speech = self.speech(language)
        resource["text"] = narrative.generated(label(title or kind, speech), lines, speech)
        own = {"system": self._identifier_system, "value": url[9:]}
        resource["identifier"] = identifier_list(own, identifiers)
        resource.update(body)
        self.origins[url] = origin
        condition = f"identifier={self._identifier_system}|{url[9:]}"
        request = {"method": "POST", "url": kind, "ifNoneExist": condition}
        self._entries.append({"fullUrl": url, "resource": resource, "request": request})

    def _claim(self, claim: str | None, unclaimed: str | None, origin: str) -> Resource:
        table = _claims()
        entry = table["claims"][claim] if claim else None
        if entry and not unclaimed:
            if entry["of"] == "sdohcc" or self.jurisdiction == "us":
                return {"profile": [entry["profile"]]}
            unclaimed = "us-core-realm"
        self.warn(
            "no-claim",
            table["reasons"][unclaimed],
            origin,
            severity="information",
            profile=entry["profile"] if entry else None,
        )
        return {}

    def warn(
        self, rule: str, message: str, pointer: str, *, severity: Severity = "warning", profile: str | None = None
    ) -> None:
        """Note something that a person should know; ``pointer`` is into the prescription."""
        self.warnings.append(
            Issue(
                rule=f"mapping.{rule}",
                severity=severity,
                code="informational" if severity == "information" else "business-rule",
                message=message,
                pointer=pointer,
                profile=profile,
            )
        )

    def finish(self) -> Mapped:
        """The Bundle with all that goes with it."""
        bundle: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": self._entries}
        warnings, withheld = tuple(self.warnings), tuple(self.withheld)
        return Mapped(bundle, warnings, withheld, self.roles, self.origins, self.prescription, self.context)
