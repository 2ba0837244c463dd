"""What the value of a setting must look like, beyond its type; ``settings`` has the table.

Each function returns the value as it is, or raises ValueError that says what it must be.
"""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from footbridge.i18n import language_of_tag


def _in_a_plain_file(value: SecretStr) -> SecretStr:
    if re.match(r"sqlite[^:]*:/*file:", value.get_secret_value(), re.IGNORECASE):
        raise ValueError("file: URIs of SQLite are not supported; write sqlite:///PATH, without uri=true")
    if re.fullmatch(r"sqlite[^:]*:/*(:memory:)?(\?.*)?", value.get_secret_value(), re.IGNORECASE):
        raise ValueError(
            "a SQLite database in memory is not supported, because it is lost with the command; write sqlite:///PATH"
        )
    return value


def _networks(value: str) -> str:
    for one in filter(None, (part.strip() for part in value.split(","))):
        ipaddress.ip_network(one, strict=False)
    return value


def _names_a_server(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"smtps?://([^\s/@]+@)?[^\s/?#@]+/?", value.get_secret_value()):
        raise ValueError("must be smtp:// or smtps://, with a host")
    return value


def _is_a_base(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@\\]+(/[A-Za-z0-9._~-]+)*/?", value):
        raise ValueError("must be http:// or https://, a host, and a path of letters, digits and . _ ~ -")
    return value


def _is_a_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?", value):
        raise ValueError("must be https://, a host and a path, without query")
    return value


def _is_ours(value: str) -> str:
    if language_of_tag(value) is None:
        raise ValueError("must be en or fr")
    return value


def _ends_with_a_separator(value: str) -> str:
    if not value.endswith((":", "/")):
        raise ValueError("must end with ':' or '/'")
    return value


DatabaseUrl = Annotated[SecretStr, AfterValidator(_in_a_plain_file)]
Networks = Annotated[str, AfterValidator(_networks)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_names_a_server)]
BaseUrl = Annotated[str, AfterValidator(_is_a_base)]
Issuer = Annotated[str, AfterValidator(_is_a_url)]
Language = Annotated[str, AfterValidator(_is_ours)]
UriBase = Annotated[str, AfterValidator(_ends_with_a_separator)]
