"""Footbridge carries a social prescription from the medical record to help in the community, and back."""

__version__ = "0.1.0.dev0"
