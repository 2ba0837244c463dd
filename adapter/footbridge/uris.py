"""URIs of our own: one base, of ``mappings/uris.json`` or of the setting ``uri_base``, with a name after it."""

import functools
import os
import sys
from typing import Final

from footbridge.data import read_json

_SETTING: Final = "FOOTBRIDGE_URI_BASE"


@functools.cache
def _base_from_data() -> str:
    return str(read_json("mappings", "uris.json")["base"])


def own_uri(name: str) -> str:
    """A URI of our own: ``own_uri("CodeSystem/prescription")`` gives ``urn:footbridge:CodeSystem/prescription``."""
    if "footbridge.settings" not in sys.modules and _SETTING not in map(str.upper, os.environ):
        return _base_from_data() + name  # settings would say the same, and take long to import
    from footbridge.settings import settings  # noqa: PLC0415 - as above

    return (settings().uri_base or _base_from_data()) + name
