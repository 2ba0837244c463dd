"""Every setting, in one table: name, default, meaning. Environment variables start with FOOTBRIDGE_."""

import functools
import os
import re
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from footbridge.errors import ConfigurationError


def _default_database() -> str:
    return f"sqlite:///{Path(platformdirs.user_data_dir('footbridge', appauthor=False)) / 'footbridge.sqlite3'}"


class Settings(BaseSettings):
    """Settings of one process; ``footbridge config show`` prints them, secrets hidden."""

    model_config = SettingsConfigDict(env_prefix="FOOTBRIDGE_", frozen=True, extra="ignore")

    database_url: SecretStr = Field(
        default_factory=lambda: SecretStr(_default_database()),
        description="SQLAlchemy URL: sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    uri_base: str | None = Field(
        default=None, description="Base of our own URIs; the default is in mappings/uris.json."
    )
    host: str = Field(default="127.0.0.1", description="Address that `footbridge serve` listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that `footbridge serve` listens on.")
    poll_seconds: int = Field(
        default=900,
        ge=1,
        description="Seconds between two polls of a partner; SDOHCC §task-12 asks for 900 or more.",
    )
    max_body_bytes: int = Field(
        default=1_000_000, ge=1_000, description="Largest request body that the API reads, in bytes."
    )
    partner_timeout_seconds: float = Field(
        default=30.0, gt=0, description="Timeout of one request to a partner, in seconds."
    )
    allow_http: bool = Field(
        default=False,
        description="Allow plain http:// for partners other than localhost; for a closed network only, "
        "since health data is then sent unencrypted.",
    )
    response_days: int = Field(
        default=14,
        validation_alias=AliasChoices("FOOTBRIDGE_RESPONSE_DAYS", "FOOTBRIDGE_ANSWER_DAYS"),
        ge=1,
        description="Days that a service has to respond to a referral; after that the referral waits for a person, "
        "marked `overdue`. 14 is what Ontario's CPSO policy Transitions in Care gives consultants. The former name "
        "FOOTBRIDGE_ANSWER_DAYS is accepted.",
    )
    disclosure_days: int = Field(
        default=90,
        ge=0,
        description="Days after the end of a referral during which a hosted service may still read what it "
        "was sent; then only its own records and a Task without client data stay in its compartment.",
    )
    retention_days: int = Field(
        default=90,
        validation_alias=AliasChoices("FOOTBRIDGE_RETENTION_DAYS", "FOOTBRIDGE_KEEP_DAYS"),
        ge=30,
        description="Days after which sent and received messages are purged; pending and abandoned messages, the "
        "timeline and the resources are never purged. The former name FOOTBRIDGE_KEEP_DAYS is accepted.",
    )
    package_registry: str | None = Field(
        default=None,
        description="Base URL of the FHIR package registry for `footbridge packages install`; unset: none is used.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="Format of the log; auto: JSON, or console on a terminal."
    )

    @field_validator("database_url")
    @classmethod
    def _in_a_plain_file(cls, value: SecretStr) -> SecretStr:
        if re.match(r"sqlite[^:]*:/*file:", value.get_secret_value(), re.IGNORECASE):
            raise ValueError("file: URIs of SQLite are not supported; write sqlite:///PATH, without uri=true")
        if re.fullmatch(r"sqlite[^:]*:/*(:memory:)?(\?.*)?", value.get_secret_value(), re.IGNORECASE):
            raise ValueError(
                "a SQLite database in memory is not supported, because it is lost with the command; write sqlite:///PATH"
            )
        return value

    @field_validator("uri_base")
    @classmethod
    def _base_ends_with_a_separator(cls, value: str | None) -> str | None:
        if value is not None and not value.endswith((":", "/")):
            raise ValueError("must end with ':' or '/'")
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
        raise ConfigurationError(f"Invalid setting. {listed}.") from error


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
