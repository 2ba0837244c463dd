"""What can go wrong with packages; each text says how to mend it."""

import os

from footbridge.errors import ConfigurationError
from footbridge.i18n import _


class PackageError(ConfigurationError):
    """A package cannot be used: its archive, its index or a definition in it is not what FHIR says."""


class PackageNotFound(PackageError):  # noqa: N818 - reads as the state that it names
    """No such package here; the text says how to get it."""

    def __init__(self, wanted: str, *, known: tuple[str, ...] = ()) -> None:
        self.wanted = wanted
        others = _(" Here are: {known}.", known=", ".join(known)) if known else ""
        super().__init__(
            _(
                "The package {wanted} is not here. {how_to_get} That command takes a .tgz FILE or a URL too.{others}",
                wanted=wanted,
                how_to_get=how_to_get(wanted),
                others=others,
            )
        )


def how_to_get(wanted: str) -> str:
    """A sentence that says how to get a package, and what must be set for that where it is not."""
    where = "" if _has_registry() else _(", once FOOTBRIDGE_PACKAGE_REGISTRY names a registry to fetch it from")
    return _("Get it by `footbridge packages install {wanted}`{where}.", wanted=wanted, where=where)


def _has_registry() -> bool:
    if "FOOTBRIDGE_PACKAGE_REGISTRY" not in map(str.upper, os.environ):
        return False  # the settings would say the same, and take long to import
    from footbridge.settings import settings  # noqa: PLC0415 - as above

    return bool(settings().package_registry)
