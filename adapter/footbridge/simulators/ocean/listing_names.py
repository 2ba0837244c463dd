"""The reference of a listing, as Ocean makes it: a slug with underscores and eight digits."""

import random
import re
import unicodedata


def listing_reference(title: str, chance: random.Random) -> str:
    """Such as ``link_worker_program49721437`` for a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "_".join(re.findall(r"[a-z0-9]+", plain)) or "listing"
    return f"{slug}{chance.randrange(10**7, 10**8)}"
