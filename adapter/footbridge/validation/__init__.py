"""Says whether resources conform. One door: ``Validator().validate(resource, profiles)`` yields Issues."""

from footbridge.validation.validator import Validator

__all__ = ["Validator"]
