"""FHIR package registries: fetches package archives over HTTP, when a person asks for one."""

from footbridge.partners.package_registry.client import RegistryClient

__all__ = ["RegistryClient"]
