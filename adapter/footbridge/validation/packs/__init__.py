"""Rules beyond the profiles: what the standard lets pass and a careful reader would not. They only warn.

``guide-intent``         resources of the SDOH Clinical Care guide that meet its profiles and break its text
``terminology-hygiene``  codes that cannot be right: check digits, editions, retired codes, codes of another category

Each rule is one file of ``profiles/packs/NAME/``; ``guide_intent`` and ``terminology_hygiene`` run them. Both packs
are on; ``Options(packs=...)`` and ``footbridge validate --without NAME`` switch them.
"""

PACKS = ("guide-intent", "terminology-hygiene")
"""Every pack by name."""
