"""Every setting, in one table: name, default, meaning. Environment variables start with FOOTBRIDGE_."""

import functools
import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.setting_values import BaseUrl, DatabaseUrl, Issuer, Language, Networks, SmtpUrl, UriBase


def _default_database() -> str:
    return f"sqlite:///{Path(platformdirs.user_data_dir('footbridge', appauthor=False)) / 'footbridge.sqlite3'}"


class Settings(BaseSettings):
    """Settings of one process; ``footbridge config show`` prints them, secrets hidden."""

    model_config = SettingsConfigDict(env_prefix="FOOTBRIDGE_", frozen=True, extra="ignore")

    database_url: DatabaseUrl = Field(
        default_factory=lambda: SecretStr(_default_database()),
        description="SQLAlchemy URL: sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    tenant: str | None = Field(
        default=None, description="Tenant that a command is about when none is named; optional if there is only one."
    )
    uri_base: UriBase | None = Field(
        default=None, description="Base of our own URIs; the default is in mappings/uris.json."
    )
    host: str = Field(default="127.0.0.1", description="Address that `footbridge serve` listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that `footbridge serve` listens on.")
    public_url: BaseUrl | None = Field(
        default=None,
        description="URL at which clients reach the API through a proxy, such as https://care.example/footbridge; its "
        "path is put before the addresses in Location and Link. Unset: the header X-Forwarded-Prefix, where it comes.",
    )
    header_seconds: float = Field(
        default=10.0, gt=0, le=600, description="Seconds that a client may take to send request line and headers."
    )
    body_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Seconds that a client may take to send the body after them."
    )
    database_wait_seconds: float = Field(
        default=8.0,
        gt=0,
        le=60,
        description="Seconds that one request may wait for the database in all; then it is answered with 503 and "
        "Retry-After. A worker waits longer.",
    )
    poll_seconds: int = Field(
        default=900,
        ge=1,
        description="Seconds between two polls of a partner; SDOHCC §task-12 asks for 900 or more.",
    )
    max_body_bytes: int = Field(
        default=1_000_000, ge=1_000, description="Largest request body that the API reads, in bytes."
    )
    ocean_message_bytes: int = Field(
        default=10_000_000,
        ge=1_000,
        description="Largest message of an Ocean site that is stored, in bytes; a larger one is answered 413, so that "
        "Ocean tries it again and writes to the site's administrator.",
    )
    ocean_raw_days: int = Field(
        default=30,
        ge=1,
        description="Days after the end of a referral after which the messages and documents of Ocean that are about "
        "it are deleted; of a message about no referral, days after it was received.",
    )
    ocean_need_confidence: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="How sure a need that was found in an Ocean referral must be, from 0 to 1; below it a person "
        "confirms the needs before anything is sent.",
    )
    ocean_forms: Path | None = Field(
        default=None,
        description="Folder with mappings of your own Ocean forms, a JSON file a form; they go before those that come "
        "with Footbridge.",
    )
    validate_seconds: float = Field(
        default=5.0, gt=0, description="Processor time that one $validate may take, in seconds; then it is stopped."
    )
    validate_at_once: int = Field(
        default=2,
        ge=1,
        description="How many $validate run at once in a process; another one waits 2 seconds, then it is "
        "answered 503.",
    )
    partner_timeout_seconds: float = Field(
        default=30.0, gt=0, description="Timeout of one request to a partner, in seconds."
    )
    allow_http: bool = Field(
        default=False,
        description="Allow plain http:// for partners other than localhost; for a closed network only, "
        "since health data is then sent unencrypted.",
    )
    allow_tokenless: bool = Field(
        default=False,
        description="Serve hosted partners that cannot send a token under a secret base URL of their own, from the "
        "addresses that each was set to. A URL is easier to leak than a token.",
    )
    trusted_proxies: Networks | None = Field(
        default=None,
        description="Networks of your reverse proxies, separated by commas, such as 10.0.0.0/24: only what these say "
        "in X-Forwarded-For counts as the address of a client.",
    )
    response_days: int = Field(
        default=14,
        validation_alias=AliasChoices("FOOTBRIDGE_RESPONSE_DAYS", "FOOTBRIDGE_ANSWER_DAYS"),
        ge=1,
        description="Days that a service has to respond to a referral; after that the referral waits for a person, "
        "marked `overdue`. 14 is what Ontario's CPSO policy Transitions in Care gives consultants. The former name "
        "FOOTBRIDGE_ANSWER_DAYS is accepted.",
    )
    reply_link_days: int = Field(
        default=90,
        ge=1,
        le=730,
        description="Days after which the link in a letter no longer works; a service that has accepted uses the same "
        "link to say what was done.",
    )
    disclosure_days: int = Field(
        default=90,
        ge=0,
        description="Days after the end of a referral during which a service may still read what it was sent, in its "
        "compartment or over the API; then only its own records and a Task without client data stay there, and the "
        "API shows that it was asked and when that ended.",
    )
    directory_verified_days: int | None = Field(
        default=365,
        ge=1,
        description="Days since a service of the directory was verified last, by its source or by one of your users, "
        "after which a referral to it waits until somebody confirms that it is still offered. A record without such a "
        "day is not asked about.",
    )
    retention_days: int = Field(
        default=90,
        validation_alias=AliasChoices("FOOTBRIDGE_RETENTION_DAYS", "FOOTBRIDGE_KEEP_DAYS"),
        ge=30,
        description="Days after which sent and received messages are purged; pending and abandoned messages, the "
        "timeline and the resources are not (see `footbridge tenant set --retention-days`). The former name "
        "FOOTBRIDGE_KEEP_DAYS is accepted.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Token with which `/metrics` shows the numbers of all tenants, 16 characters or more; unset: only "
        "an admin's token does, and those of its tenant.",
    )
    lang: Language | None = Field(
        default=None,
        description="Language of what commands print, en or fr; `--lang` goes before; unset: that of the locale. The "
        "API answers in the language of Accept-Language.",
    )
    smtp_url: SmtpUrl | None = Field(
        default=None,
        description="Server by which the portal sends sign-in links: smtp://USER:PASSWORD@HOST:587 (with STARTTLS), "
        "smtps://USER:PASSWORD@HOST:465, or smtp://localhost:25 without TLS. Unset: links are printed, and stored as "
        "files in FOOTBRIDGE_MAIL_FOLDER; for development.",
    )
    mail_from: str = Field(
        default="footbridge@localhost", description="Sender's address of the e-mails that the portal sends."
    )
    mail_folder: Path | None = Field(
        default=None,
        description="Folder in which e-mails are stored as files when FOOTBRIDGE_SMTP_URL is unset; unset: mail in the "
        "platform's data folder.",
    )
    upload_bytes: int = Field(
        default=20_000_000,
        ge=1_000,
        le=50_000_000,
        description="Largest file of a directory that can be sent in the portal, in bytes. A larger one is imported "
        "by URL, or with `footbridge directory import`.",
    )
    upload_folder: Path | None = Field(
        default=None,
        description="Folder in which such a file is stored until its import has ended; processes on several hosts "
        "share it. Unset: uploads in the platform's data folder.",
    )
    portal_idle_minutes: int = Field(
        default=30, ge=1, le=1440, description="Minutes without a request after which a session in the portal ends."
    )
    portal_session_hours: int = Field(
        default=12, ge=1, le=168, description="Hours after which a session in the portal ends in any case."
    )
    portal_links: bool = Field(
        default=True,
        description="Whether links by e-mail sign people in to the portal, beside FOOTBRIDGE_OIDC_ISSUER; without an "
        "issuer they always do.",
    )
    oidc_issuer: Issuer | None = Field(
        default=None,
        description="Issuer at which people sign in to the portal by OpenID Connect, such as "
        "https://login.example/realms/care; FOOTBRIDGE_PUBLIC_URL/portal/sign-in/openid/back is the redirect URI to "
        "register there. Unset: links by e-mail only.",
    )
    oidc_client_id: str | None = Field(
        default=None,
        validate_default=True,
        description="Client id that the issuer gave Footbridge; needed with FOOTBRIDGE_OIDC_ISSUER.",
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None,
        description="Client secret that the issuer gave, or file:PATH of the file that holds it; unset: Footbridge is "
        "a public client there, with PKCE only.",
    )
    oidc_claim: str = Field(
        default="email",
        min_length=1,
        max_length=100,
        description="Claim of the issuer that holds the e-mail address of the user; `email` counts only where "
        "`email_verified` is true. Another one must be one that people cannot change themselves.",
    )
    package_registry: str | None = Field(
        default=None,
        description="Base URL of the FHIR package registry for `footbridge packages install`; unset: none is used.",
    )
    cache_folder: Path | None = Field(
        default=None,
        description="Folder for what may be deleted at any time, such as the answers of `footbridge validate --tx`; "
        "unset: the platform's cache folder.",
    )
    crosswalk: Path | None = Field(
        default=None,
        description="Your own crosswalk from 211 codes to SDOH categories for the directory: a FHIR ConceptMap, or a "
        "CSV file with the columns code and category. Its rows replace ours by code; unset: ours holds.",
    )
    key_folder: Path | None = Field(
        default=None,
        description="Folder for the private keys with which Footbridge logs on at partners; every process must have "
        "it. Unset: they are in the database.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="Format of the log; auto: JSON, or console on a terminal."
    )

    @property
    def own_url(self) -> str:
        """Where people and partners reach us, without a slash at its end: ``public_url``, else where we listen."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @field_validator("oidc_client_id")
    @classmethod
    def _issuer_knows_us(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("is needed with FOOTBRIDGE_OIDC_ISSUER")
        return value


@functools.cache
def settings() -> Settings:
    """The settings of this process, read once; ``settings.cache_clear()`` reads them anew.

    Raises ConfigurationError naming each variable that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [(_given(str(one["loc"][0])), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
        listed = "; ".join(f"{variable}: {message}" for variable, message in wrong)
        raise ConfigurationError(_("Invalid setting. {listed}.", listed=listed)) from error


def variables(name: str) -> tuple[str, ...]:
    """The environment variables of a setting: the one that documents name, then former names that are accepted."""
    alias = Settings.model_fields[name].validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else (f"FOOTBRIDGE_{name.upper()}",)


def _given(location: str) -> str:
    """The variable that a wrong value came from; ``location`` is the setting's name or one of its variables."""
    named = (variables(name) for name in Settings.model_fields if location in {name, *variables(name)})
    names = next(named, (location,))
    environment = {variable.upper() for variable in os.environ}
    return next((name for name in names if name in environment), names[0])
