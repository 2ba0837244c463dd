"""Rules beyond the profiles: what the standard lets pass and a careful reader would not. They only warn.

``guide-intent``         resources of the SDOH Clinical Care guide that meet its profiles and break its text
``terminology-hygiene``  codes that cannot be right: check digits, editions, retired codes, codes of another category

Each rule is one file of ``profiles/packs/NAME/``; ``guide_intent`` and ``terminology_hygiene`` run them. Both packs
are on; ``Options(packs=...)`` and ``footbridge validate --without NAME`` switch them.
"""

from footbridge.validation.core.pack import Pack
from footbridge.validation.packs import guide_intent, terminology_hygiene

OURS: tuple[Pack, ...] = (guide_intent.PACK, terminology_hygiene.PACK)
"""Every pack that we bring."""
