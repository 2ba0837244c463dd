"""Reads FHIR NPM packages: archives, unpacked folders, the standard cache, and the packages that ship inside.

https://confluence.hl7.org/display/FHIR/NPM+Package+Specification; a package is named ``ID#VERSION``.

    >>> from footbridge.validation.packages import find_package
    >>> find_package("hl7.fhir.us.core#7.0.0").name
    'hl7.fhir.us.core'
"""

from footbridge.validation.packages.archive import opened as open_package
from footbridge.validation.packages.coordinates import Coordinates
from footbridge.validation.packages.embedded import EmbeddedPackage, embedded_packages
from footbridge.validation.packages.errors import PackageError, PackageNotFound
from footbridge.validation.packages.find import find_package
from footbridge.validation.packages.install import Installed, PackageSource, install, installed
from footbridge.validation.packages.loose import LoosePackage
from footbridge.validation.packages.package import Entry, Package

__all__ = [
    "Coordinates",
    "EmbeddedPackage",
    "Entry",
    "Installed",
    "LoosePackage",
    "Package",
    "PackageError",
    "PackageNotFound",
    "PackageSource",
    "embedded_packages",
    "find_package",
    "install",
    "installed",
    "open_package",
]
